"""What every act of a coordinator shares: what it is, its page, doing it, and saying why it could not be done."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from partners.formfields import lower_first
from partners.models import AccessRecord, User
from partners.sealing import CannotOpen
from partners.standing import keep_in_post
from referrals import workflow
from referrals.admin import columns
from referrals.admin.forms import ActForm
from referrals.admin.neighbours import came_from, kept, kept_after, list_address
from referrals.admin.timeline import timeline
from referrals.disclose import record_view
from referrals.handover_states import HandOverMove, HandOverMoveNotAllowed, possible_hand_over_moves
from referrals.models import Referral, ReferralEvent
from referrals.nrm_stages import STAGE_LABELS, NrmStage, StageNotAllowed
from referrals.statuses import Move, MoveNotAllowed, possible_moves

PAGES = "admin/referrals/referral/"

#: Does it: the id of what it is done to, who does it, and what the form holds.
Run = Callable[[Any, User, dict[str, Any]], object]
#: Finds what it is done to: the referral itself, or the part of it with that id. None where there is none.
Find = Callable[[Referral, User, UUID | None], Model | None]


def the_referral(referral: Referral, by: User, part_id: UUID | None) -> Model | None:
    """Return the referral: most acts are done to it and have no part."""
    return None if part_id else referral


def nothing_else(subject: Model) -> Iterable[UUID]:
    """Return no ids: most acts change one referral alone."""
    return ()


@dataclass(frozen=True)
class Act:
    """One thing a coordinator can do. `move` is None when the status does not matter."""

    move: Move | None
    label: str  # on the button
    explains: str  # what will happen, before it does
    done: str  # said afterwards
    run: Run
    form: Callable[..., ActForm] = ActForm
    style: str = "secondary"
    find: Find = the_referral
    step: HandOverMove | None = None  # of the hand-over that it is done to
    page: str = "action.html"
    view: Callable[..., HttpResponse] | None = None  # for an act that takes more than one page
    ties: Callable[[Any], Iterable[UUID]] = nothing_else  # the ids of other referrals that it changes too
    on_top: bool = True  # a button in the row at the top of the case; else it stands in the section it is about

    def is_possible(self, referral: Referral, subject: Model) -> bool:
        """Return whether the transition tables allow it now."""
        if self.move is not None and self.move not in possible_moves(referral.status):
            return False
        return self.step is None or self.step in possible_hand_over_moves(subject.status)


def ask(request: HttpRequest, what: Act, referral: Referral, subject: Model) -> HttpResponse:
    """Show the page of an act with an empty form."""
    initial = {"version": getattr(subject, "version", referral.version), "seen": referral.version}
    form = what.form(initial=initial, referral=referral, subject=subject)
    return page(request, what, referral, subject, form)


def attempt(request: HttpRequest, what: Act, referral: Referral, subject: Model) -> HttpResponse:
    """Do an act with what was posted, or show its page again with everything that was typed and what is wrong."""
    form = what.form(request.POST, request.FILES, referral=referral, subject=subject)
    if not form.is_valid():
        return page(request, what, referral, subject, form)
    try:
        _run(what, referral, subject, request.user, form.cleaned_data)
    except (workflow.ChangedMeanwhile, workflow.TakenMeanwhile, workflow.SheetChanged) as change:
        return _changed(request, what, change, referral, subject)
    except (MoveNotAllowed, HandOverMoveNotAllowed):
        return page(request, what, referral, subject, form, status=409)
    except ObjectDoesNotExist:
        raise Http404 from None
    except CannotOpen:
        return page(request, what, referral, subject, form, unreadable=True)
    except (workflow.Refused, workflow.NamesThePerson, workflow.NotAllowed, StageNotAllowed) as refusal:
        _say(form, refusal, referral, request.user)
        return page(request, what, referral, subject, form)
    messages.success(request, what.done)
    return redirect(reverse("admin:referrals_referral_change", args=[referral.id]) + kept_after(request, referral))


@transaction.atomic
def _run(what: Act, referral: Referral, subject: Model, by: User, data: dict[str, Any]) -> None:
    """Do the act if the case is still as it stood on the page, whatever the act itself asks: else ChangedMeanwhile."""
    # Memberships are locked before referrals (`standing.py`): who is given work here stands in the form.
    keep_in_post(by, *(one for one in data.values() if isinstance(one, User)))
    of_a_part = hasattr(subject, "version") and not isinstance(subject, Referral)
    version = data.get("seen") if of_a_part else data["version"]
    if version is not None:
        workflow.unchanged(referral.pk, by=by, version=version, besides=what.ties(subject))
    what.run(subject.pk, by, data)


def _say(form: ActForm, refusal: Exception, referral: Referral, by: User) -> None:
    """Write a refusal of the workflow at the field that it is about."""
    if isinstance(refusal, workflow.Refused):
        form.add_error(form.field_for(refusal.field), refusal.text)
    elif isinstance(refusal, StageNotAllowed):
        form.add_error(form.blamed, str(refusal))
    elif isinstance(refusal, workflow.NamesThePerson):
        words = ", ".join(f"“{word}”" for word in refusal.words)
        # It says what stands in the sealed parts, as opening them does. Written here: the workflow was rolled back.
        purpose = f"{form.called[:1].upper()}{form.called[1:]} was held back because it names the person"
        record_view(referral, by=by, action=AccessRecord.Action.OPEN_IDENTITY, purpose=purpose)
        form.add_error(
            form.named_in or form.blamed, f"Your {lower_first(form.called)} must not name the person. Take out {words}"
        )
    else:
        form.add_error(form.blamed, "Choose somebody who is a coordinator now")


def _changed(request: HttpRequest, what: Act, change: Exception, referral: Referral, subject: Model) -> HttpResponse:
    """Say what changed and by whom, with everything that was typed still in the form and the new version in it."""
    since, news = [], ""
    if isinstance(change, workflow.ChangedMeanwhile):
        since, referral = timeline(change.since, request.user), change.referral
        subject = referral if isinstance(subject, Referral) else subject
    elif isinstance(change, workflow.TakenMeanwhile):
        subject = change.hand_over
        last = ReferralEvent.objects.filter(referral=referral, facts__hand_over=str(subject.pk)).select_related("by")
        since = timeline(list(last.order_by("-at")[:1]), request.user)
        news = f"{subject.organisation}: {lower_first(subject.get_status_display())} now."
    else:
        subject = change.case
        news = f"The NRM stage is now: {lower_first(STAGE_LABELS[NrmStage(subject.stage)])}."
    typed = request.POST.copy()
    typed["version"], typed["seen"] = str(getattr(subject, "version", referral.version)), str(referral.version)
    form = what.form(typed, referral=referral, subject=subject)
    return page(request, what, referral, subject, form, status=409, changed=True, since=since, news=news)


def page(
    request: HttpRequest, what: Act, referral: Referral, subject: Model, form: ActForm, status: int = 200, **more
) -> HttpResponse:
    """Return the page of an act."""
    context = admin.site.each_context(request) | {
        "title": what.label,
        "act": what,
        "referral": referral,
        "kept": kept(request),
        "came_from": came_from(request),
        "way": {"list": list_address(request)},
        "subject": subject,
        "form": form,
        "facts": [columns.kinds_of_exploitation(referral), *columns.coded_facts(referral)],
        "status_tag": columns.status_tag(referral),
        "impossible": not what.is_possible(referral, subject),
        **form.more_for_page(request.user),
        **more,
    }
    return TemplateResponse(request, f"{PAGES}{what.page}", context, status=status)
