"""What a coordinator does with a referral. Each act is one function of the workflow, one form and one page."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from partners.models import User
from partners.roles import Permission
from referrals import workflow
from referrals.admin import (
    acting,
    amending,
    attachments,
    consents,
    handing,
    handover_acts,
    linking,
    nrm,
    paper,
    sharing,
)
from referrals.admin.acting import Act
from referrals.admin.forms import AssignForm, CloseForm, DecisionForm, NoteForm, QuestionForm, WithdrawForm
from referrals.models import HandOver, Referral
from referrals.note_codes import Decision
from referrals.statuses import Move, NextActor


def _take(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.start_triage(referral_id=referral_id, by=by, version=data["version"])


def _assign(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.assign(referral_id=referral_id, to=data["to"], by=by, version=data["version"])


def _ask(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.request_information(
        referral_id=referral_id, question=data["question"], by=by, version=data["version"]
    )


def _note(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.add_note(
        referral_id=referral_id, text=data["text"], tags=data["tags"], by=by, version=data["version"]
    )


def _decide(referral_id: UUID, by: User, data: dict) -> object:
    decisions = [Decision(one) for one in data["decided"]]
    return workflow.record_decision(
        referral_id=referral_id, decisions=decisions, why=data["why"], by=by, version=data["version"]
    )


def _close(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.close(
        referral_id=referral_id, outcome=data["outcome"], band=data["band"], by=by, version=data["version"]
    )


def _withdraw(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.withdraw(referral_id=referral_id, reason=data["reason"], by=by, version=data["version"])


def _reopen(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.reopen(referral_id=referral_id, by=by, version=data["version"])


def _wait(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.wait_for_partners(referral_id=referral_id, by=by, version=data["version"])


WAIT, HAND_OVER = "wait", "hand-over"

#: In the order of the buttons. The key is the last part of the address.
ACTS: dict[str, Act] = {
    "take": Act(
        Move.START_TRIAGE,
        "Take this referral",
        "It becomes yours, and the referrer is told that a coordinator is looking at it.",
        "You have taken this referral. The referrer is told.",
        _take,
        style="primary",
    ),
    "reopen": Act(
        Move.REOPEN,
        "Reopen",
        "It goes back into triage and becomes yours. The referrer is told.",
        "You have reopened this referral. The referrer is told.",
        _reopen,
        style="primary",
    ),
    HAND_OVER: handing.HAND_OVER,
    WAIT: Act(
        Move.BACK_WITH_PARTNERS,
        "Wait for the partners",
        "You have seen what there was to see and need not do more now. It leaves your list until an organisation "
        "answers, asks or is late.",
        "It is the organisations’ move again.",
        _wait,
    ),
    "decide": Act(
        Move.DECIDE,
        "Record a decision",
        "The history tells what was decided, by whom and when; why is sealed with the notes. To act on it, hand the "
        "referral over or close it.",
        "The decision is recorded.",
        _decide,
        DecisionForm,
    ),
    "ask": Act(
        Move.REQUEST_INFORMATION,
        "Ask the referrer",
        "The referrer gets an e-mail with a link and reads the question after signing in. It is then their move.",
        "Your question is with the referrer.",
        _ask,
        QuestionForm,
    ),
    "note": Act(
        None, "Add a note", "A note changes nothing else and tells nobody.", "Your note is kept.", _note, NoteForm
    ),
    **amending.ACTS,
    "assign": Act(
        Move.ASSIGN,
        "Give to a coordinator",
        "It appears in their queue. Tell them yourself if it is urgent.",
        "The referral has a new owner.",
        _assign,
        AssignForm,
    ),
    "close": Act(
        Move.CLOSE,
        "Close",
        "Nobody has to act any more. The referrer hears the sentence that you choose.",
        "You have closed this referral. The referrer is told.",
        _close,
        CloseForm,
    ),
    "withdraw": Act(
        Move.WITHDRAW,
        "Withdraw",
        "It leaves the queue because it should not go on. The referrer is told, and every organisation that has it "
        "loses sight of it at once.",
        "You have withdrawn this referral. The referrer is told.",
        _withdraw,
        WithdrawForm,
        style="warning",
    ),
    **handover_acts.ACTS,
    **consents.ACTS,
    **nrm.ACTS,
    **sharing.ACTS,
    **attachments.ACTS,
    **linking.ACTS,
    **paper.ACTS,
}


def available(referral: Referral, hand_overs: list[HandOver]) -> list[tuple[str, Act]]:
    """Return the acts of the row of buttons that the transition table allows now, as `(slug, act)`, in their order."""
    found = [(slug, act) for slug, act in ACTS.items() if act.on_top and act.is_possible(referral, referral)]
    waits = referral.next_actor == NextActor.COORDINATOR and any(one.is_open for one in hand_overs)
    return [(slug, act) for slug, act in found if slug != WAIT or waits]


def act(request: HttpRequest, referral_id: UUID, act: str, part_id: UUID | None = None) -> HttpResponse:
    """Show the page of one act, or do it. `part_id` is that of the hand-over or exclusion it is done to, if any."""
    what = ACTS.get(act)
    referral = subject = None
    if what and request.user.may(Permission.TRIAGE):
        rows = Referral.objects.visible_to(request.user).select_related("organisation", "district", "owner", "referrer")
        referral = rows.filter(pk=referral_id).first()
        subject = what.find(referral, request.user, part_id) if referral else None
    if what is None or referral is None or subject is None:
        raise Http404
    if what.view is not None:
        return what.view(request, what, referral)
    step = acting.attempt if request.method == "POST" else acting.ask
    return step(request, what, referral, subject)
