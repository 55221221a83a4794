"""Typing a referral in from paper: where the sheet comes from, then the ordinary pages, then what to do with the sheet.

For coordinators, with their second factor: it is entered in the name of another organisation.
"""

from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from partners.access import requires
from partners.formfields import in_words
from partners.models import Kind, Message
from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals import drafts
from referrals.forms.paper import SheetForm, initial_of, on_paper
from referrals.forms.steps import STEPS
from referrals.models import Draft, Referral
from referrals.statuses import Move
from referrals.views.guards import Stop, open_content, open_draft, remember_opening
from referrals.views.sheet_note import sheet_of

TOO_MANY = f"You have {drafts.MOST_DRAFTS} unfinished referrals. Finish or delete one before you start another"


@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def paper_start(request: HttpRequest) -> HttpResponse:
    """Ask where the sheet comes from, and start its draft; sent twice, it is one draft."""
    if request.method != "POST":
        return _show(request, SheetForm(), key=uuid4())
    form, key = SheetForm(request.POST), _key(request)
    if not form.is_valid():
        return _show(request, form, key=key)
    try:
        draft = drafts.start_from_paper(by=request.user, key=key, paper=form.sheet().as_kept(), now=timezone.now())
    except drafts.TooManyDrafts:
        form.add_error(None, TOO_MANY)
        return _show(request, form, key=key, status=409)
    except Draft.DoesNotExist:
        raise Http404 from None
    remember_opening(request, draft)
    return redirect("intake_step", draft.pk, STEPS[0].slug)


@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def paper_sheet(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Put right where the sheet of a draft comes from."""
    try:
        draft = open_draft(request, draft_id, locked=request.method == "POST")
    except Stop as stop:
        return stop.response
    except Draft.DoesNotExist:
        raise Http404 from None
    if not draft.from_paper:
        raise Http404
    try:
        content = open_content(request, draft)
    except CannotOpen:
        return render(request, "referrals/draft_unreadable.html", status=503)
    if request.method != "POST":
        return _show(request, SheetForm(initial=initial_of(sheet_of(content))), draft=draft)
    form = SheetForm(request.POST)
    if not form.is_valid():
        return _show(request, form, draft=draft)
    drafts.save_paper(draft=draft, content=content, paper=form.sheet().as_kept(), by=request.user)
    return redirect("intake_resume", draft.pk)


@requires(Permission.TRIAGE)
@require_safe
def paper_receipt(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Say under which reference the sheet was entered, who was told, and what becomes of the paper."""
    draft = get_object_or_404(Draft.objects.of(request.user), pk=draft_id, from_paper=True)
    referral = get_object_or_404(Referral.objects.visible_to(request.user), pk=draft.referral_id)
    event = referral.events.get(move=Move.SUBMIT)
    context = {
        "referral": referral,
        "days": on_paper(event.facts),
        "received": in_words(timezone.localtime(referral.submitted_at).date()),
        "told": _told(event.pk),
        "case_url": reverse("admin:referrals_referral_change", args=[referral.pk]),
    }
    return render(request, "referrals/paper_receipt.html", context)


def _told(event_id: UUID) -> str:
    """Who gets the receipt, in words; "" for nobody."""
    receipt = (
        Message.objects.filter(event_id=event_id, kind=Kind.RECEIPT).select_related("user", "organisation").first()
    )
    if receipt is None:
        return ""
    return receipt.user.get_full_name() if receipt.user else f"the shared mailbox of {receipt.organisation}"


def _key(request: HttpRequest) -> UUID:
    """The key that makes one draft of two clicks, a new one when none came."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def _show(
    request: HttpRequest, form: SheetForm, *, key: UUID | None = None, draft: Draft | None = None, status: int = 200
) -> HttpResponse:
    back = reverse("intake_resume", args=[draft.pk]) if draft else reverse("admin:referrals_referral_changelist")
    context = {"form": form, "key": key, "draft": draft, "back": back}
    return render(request, "referrals/paper_start.html", context, status=status)
