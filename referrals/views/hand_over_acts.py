"""Accept, decline, ask, report: each is one page with one form. Who comes second is told who was first."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from partners.access import requires
from partners.formfields import lower_first
from partners.models import User
from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.forms.handover import ACTS, Act, HandOverForm
from referrals.handover_states import HandOverMove, HandOverMoveNotAllowed, possible_hand_over_moves
from referrals.limited_views import LIMITED_VIEWS
from referrals.models import HandOver, Note
from referrals.pathways import Pathway
from referrals.statuses import Move
from referrals.views import hand_over_words as words
from referrals.views.hand_over import to_case

#: The event that tells that an act was done.
EVENTS = {
    HandOverMove.ACCEPT: Move.HAND_OVER_ACCEPTED,
    HandOverMove.DECLINE: Move.HAND_OVER_DECLINED,
    HandOverMove.ASK: Move.HAND_OVER_QUESTION,
    HandOverMove.COMPLETE: Move.HAND_OVER_COMPLETED,
}


@requires(Permission.WRITE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_act(request: HttpRequest, hand_over_id: UUID, act: str) -> HttpResponse:
    """Show the page of one act, or do it."""
    if request.user.may(Permission.TRIAGE):
        return to_case(request.user, hand_over_id)
    what = ACTS[act]
    rows = HandOver.objects.visible_to(request.user).select_related("referral__district", "organisation", "responder")
    hand_over = get_object_or_404(rows, pk=hand_over_id)
    if request.method == "POST":
        return _attempt(request, what, hand_over)
    if what.move not in possible_hand_over_moves(hand_over.status):
        return redirect("hand_over", hand_over.pk)
    return _page(request, what, hand_over, what.form(initial={"version": hand_over.version}, hand_over=hand_over))


def _attempt(request: HttpRequest, what: Act, hand_over: HandOver) -> HttpResponse:
    form = what.form(request.POST, hand_over=hand_over)
    if not form.is_valid():
        return _page(request, what, hand_over, form)
    try:
        what.run(hand_over, request.user, form.cleaned_data)
    except workflow.TakenMeanwhile as late:
        return _taken(request, what, late.hand_over, form)
    except HandOverMoveNotAllowed:
        return _taken(request, what, hand_over, form)
    except workflow.Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.text)
        return _page(request, what, hand_over, form)
    except (HandOver.DoesNotExist, workflow.NotAllowed):
        raise Http404 from None
    messages.success(request, what.done)
    return redirect("inbox") if what.move is HandOverMove.DECLINE else redirect("hand_over", hand_over.pk)


def _taken(request: HttpRequest, what: Act, hand_over: HandOver, form: HandOverForm) -> HttpResponse:
    """Say who was faster, with everything that was typed still in the form and the new version in it.

    The second of two clicks of the same person is no race: it was done.
    """
    if _done_already(what, hand_over, form, request.user):
        return redirect("hand_over", hand_over.pk)
    typed = request.POST.copy()
    typed["version"] = str(hand_over.version)
    again = what.form(typed, hand_over=hand_over)
    happened = words.what_happened(hand_over, request.user)
    return _page(request, what, hand_over, again, status=409, happened=happened)


def _done_already(what: Act, hand_over: HandOver, form: HandOverForm, by: User) -> bool:
    event = words.newest_event(hand_over)
    if event is None or event.by_id != by.pk or event.move != EVENTS[what.move]:
        return False
    return not form.typed or form.typed == _last_words(hand_over, by)


def _last_words(hand_over: HandOver, by: User) -> str:
    last = hand_over.notes.exclude(kind=Note.Kind.OVERRIDE).filter(by=by).last()
    try:
        return last.take_out()["text"] if last else ""
    except CannotOpen:  # what cannot be compared counts as another text, and is shown again
        return ""


def _page(
    request: HttpRequest, what: Act, hand_over: HandOver, form: HandOverForm, status: int = 200, happened: str = ""
) -> HttpResponse:
    seen = HandOver.objects.seen_by(request.user).filter(pk=hand_over.pk).exists()
    context = {
        "act": what,
        "hand_over": hand_over,
        "referral": hand_over.referral,
        "form": form,
        "asked": words.asked_of(hand_over),
        "facts": words.coded_facts(hand_over.referral) if seen else [],
        "explains": _explains(what, hand_over, request.user),
        "possible": what.move in possible_hand_over_moves(hand_over.status),
        "seen": seen,
        "happened": happened,
    }
    return render(request, "referrals/hand_over_act.html", context, status=status)


def _explains(what: Act, hand_over: HandOver, user: User) -> list[str]:
    """Return what will happen, before it does; for accepting also what the organisation then sees."""
    if what.move is not HandOverMove.ACCEPT:
        return [what.explains]
    pathway = Pathway(hand_over.pathway)
    sees = f"What you can see then: {lower_first(LIMITED_VIEWS[pathway].why)}"
    if pathway not in (Pathway.NRM, Pathway.DUTY_TO_NOTIFY):
        return [what.explains, sees]
    named = hand_over.responder
    if named is None or named == user:
        return [what.explains, sees, "You become the named first responder: the answer sheet is yours to fill in."]
    return [
        what.explains,
        sees,
        f"{named.get_full_name()} is the named first responder, and fills in the answer sheet.",
    ]
