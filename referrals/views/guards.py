"""What every page of a draft goes through: it is the person's own, it can be opened, it is neither sent nor expired."""

import datetime
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from partners.access import submit_lane
from partners.give_back import give_back
from partners.middleware import to_second_factor
from partners.roles import Permission
from partners.sealing import CannotOpen
from partners.second_factor import has_second_factor
from partners.standing import standing_problem
from partners.views.errors import standing_stop
from referrals import drafts
from referrals.forms.base import StepForm
from referrals.forms.summary import page_rows
from referrals.models import Draft

OPENED_KEY, MOST_OPENED = "drafts_opened", drafts.MOST_DRAFTS


def handles_standing(view: Callable) -> Callable:
    """Let a view meet people whose account no longer stands: it saves or shows what they typed, then says so.

    Stands under `submit_lane`, which reads the mark.
    """
    view.handles_standing = True
    return view


class Stop(Exception):
    """Raised by `open_draft` when the page is not to be shown; `response` is what is answered instead."""

    def __init__(self, response: HttpResponse):
        self.response = response
        super().__init__("answered otherwise")


def draft_page(*methods: str) -> Callable:
    """Make a view of a draft: submit lane, `methods` only, 404 for a draft that is not the person's.

    The view also gets people whose account no longer stands: see `handles_standing`.
    """

    def decorate(view: Callable) -> Callable:
        @require_http_methods(methods)
        @wraps(view)
        def page(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except Stop as stop:
                return stop.response
            except Draft.DoesNotExist:
                raise Http404 from None
            except CannotOpen:
                return render(request, "referrals/draft_unreadable.html", status=503)

        return submit_lane()(handles_standing(page))

    return decorate


def has_expired(draft: Draft, now: datetime.datetime) -> bool:
    """Return whether an unsent draft has passed its day at the aware datetime `now`."""
    return draft.referral is None and draft.expires_at <= now


def closed_page(request: HttpRequest, draft: Draft, form: StepForm | None = None) -> HttpResponse | None:
    """Return what to answer instead of a page of a draft that is sent (its receipt) or expired (410); else None.

    With `form`, what was just typed on it is shown, so that it can be copied: a sent draft then answers 409.
    """
    rows = page_rows(form, form.as_typed(form.typed_in(form.data))) if form else []
    if draft.referral is not None:
        if rows:
            context = {"referral": draft.referral, "rows": rows, "receipt": receipt_url(draft)}
            return render(request, "referrals/sent_differently.html", context, status=409)
        return redirect(receipt_url(draft))
    if not has_expired(draft, timezone.now()):
        return None
    drafts.wipe(draft)
    return render(request, "referrals/draft_expired.html", {"draft": draft, "rows": rows}, status=410)


def receipt_url(draft: Draft) -> str:
    """Return the address of the receipt of a draft that was sent."""
    if draft.from_paper:
        return reverse("paper_receipt", args=[draft.pk])
    return reverse("referral_receipt", args=[draft.referral.pk])


def open_draft(request: HttpRequest, draft_id: UUID, *, locked: bool = False) -> Draft:
    """Return the person's draft that can still be changed.

    Raises Stop when their account no longer stands, the draft is sent or expired, or a sheet of paper wants the second
    step first; Draft.DoesNotExist when it is not
    theirs. `locked` keeps others from changing it until the transaction ends.
    """
    if problem := standing_problem(request.user):
        raise Stop(standing_stop(request, problem))
    draft = drafts.find(draft_id=draft_id, by=request.user, locked=locked)
    if draft.from_paper:
        _wants_a_coordinator(request)
    if instead := closed_page(request, draft):
        raise Stop(instead)
    return draft


def may_be_typed(request: HttpRequest, draft: Draft) -> None:
    """Raise Stop with what was typed, to be sent again after the second step, when `draft` is a sheet of paper and
    there was none; Draft.DoesNotExist for who is no coordinator any more."""
    if draft.from_paper and request.user.may(Permission.TRIAGE) and not has_second_factor(request):
        raise Stop(give_back(request))
    if draft.from_paper:
        _wants_a_coordinator(request)


def _wants_a_coordinator(request: HttpRequest) -> None:
    """A sheet of paper is entered in the name of another organisation: a code by e-mail is not enough for that."""
    if not request.user.may(Permission.TRIAGE):
        raise Draft.DoesNotExist
    if not has_second_factor(request):
        raise Stop(to_second_factor(request))


def open_content(request: HttpRequest, draft: Draft) -> drafts.Content:
    """Return what the draft holds, and record that it was opened if this session has not opened it before.

    Raises `partners.sealing.CannotOpen`.
    """
    content = drafts.read(draft)
    if str(draft.pk) not in request.session.get(OPENED_KEY, []):
        drafts.record_opening(draft, by=request.user)
        remember_opening(request, draft)
    return content


def remember_opening(request: HttpRequest, draft: Draft) -> None:
    """Note in the session, by its id alone, that this draft needs no further record of being opened."""
    opened = request.session.get(OPENED_KEY, [])
    request.session[OPENED_KEY] = [*(key for key in opened if key != str(draft.pk)), str(draft.pk)][-MOST_OPENED:]
