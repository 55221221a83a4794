"""What a receiving organisation does with a hand-over. Whoever acts first stops the chasing."""

import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.limits import current_limits
from partners.models import AccessRecord, User
from partners.outbox import acknowledge, acknowledge_organisation
from partners.roles import Permission
from partners.standing import keep_in_post
from referrals.disclose import record_view
from referrals.handover_states import DeclineReason, HandOverMove, HandOverOutcome, HandOverStatus
from referrals.models import HandOver, Note
from referrals.notifications import tell
from referrals.pathways import FIRST_RESPONDER_PATHWAYS, Pathway
from referrals.statuses import Move, Priority
from referrals.workflow.handovers import (
    TakenMeanwhile,
    cancel_messages,
    facts_of,
    has_first_responder,
    locked_hand_over,
    may_have,
    require_receiver,
    settle,
    step,
)
from referrals.workflow.moves import Refused, note_event, require
from referrals.workflow.notes import refuse_names, write_note
from referrals.workflow.nrm import begin_nrm


@transaction.atomic
def open_hand_over(*, hand_over_id: UUID, by: User) -> HandOver:
    """Record that somebody in the receiving organisation opened a hand-over; the first opening stops the chasing.

    Raises HandOver.DoesNotExist, NotAllowed.
    """
    referral, hand_over = locked_hand_over(hand_over_id, by=by)
    require_receiver(hand_over, by)
    record_view(referral, by=by, action=AccessRecord.Action.OPEN_HAND_OVER)
    acknowledge(by, referral.pk)
    if hand_over.status == HandOverStatus.OFFERED:
        step(hand_over, HandOverMove.OPEN, by=by, due_at=_time_to_decide(hand_over), **_acted(hand_over))
        settle(referral, by=by)
    return hand_over


@transaction.atomic
def accept(*, hand_over_id: UUID, by: User, version: int, at: datetime.datetime | None = None) -> HandOver:
    """Take it on, in the name of the organisation. The referrer and the coordinator are told.

    For the NRM and a Duty to Notify, `by` is the named first responder from now on, unless the coordinator named
    somebody. Raises TakenMeanwhile when a colleague was faster, Refused when another first responder was,
    HandOverMoveNotAllowed, NotAllowed.
    """
    keep_in_post(by)
    referral, hand_over = _receivers(hand_over_id, by)
    if hand_over.status == HandOverStatus.ACCEPTED or version != hand_over.version:
        raise TakenMeanwhile(hand_over)
    now, sends = at or timezone.now(), hand_over.pathway in FIRST_RESPONDER_PATHWAYS
    if sends and has_first_responder(referral):
        raise Refused("Another first responder has taken this on. Ask the coordinator what is needed of you")
    event = step(
        hand_over,
        HandOverMove.ACCEPT,
        by=by,
        at=at,
        accepted_at=now,
        accepted_by=by,
        responder=hand_over.responder if may_have(hand_over.responder, hand_over.organisation) else by,
        due_at=current_limits().due("first_responder_send" if sends else "hand_over_report", now),
        **_acted(hand_over, now),
    )
    if sends:
        begin_nrm(referral, hand_over)
    tell(referral, event, hand_over)
    settle(referral, by=by, at=at)
    return hand_over


@transaction.atomic
def name_responder(*, hand_over_id: UUID, responder: User, by: User) -> HandOver:
    """Say who in the receiving organisation has it from now on; for the NRM, who is the named first responder.

    A coordinator may, and whoever works the organisation's inbox: people fall ill and leave. Raises Refused for
    somebody who does not work there, NotAllowed.
    """
    keep_in_post(responder)
    referral, hand_over = locked_hand_over(hand_over_id, by=by)
    if not by.may(Permission.TRIAGE):
        require_receiver(hand_over, by)
    if not may_have(responder, hand_over.organisation):
        raise Refused(f"Choose somebody who works for {hand_over.organisation}", "responder")
    if not hand_over.is_open:
        raise Refused("This hand-over has ended", "responder")
    hand_over.responder, hand_over.version = responder, hand_over.version + 1
    hand_over.save(update_fields=["responder", "version"])
    if hand_over.accepted_at and hand_over.pathway in FIRST_RESPONDER_PATHWAYS:
        begin_nrm(referral, hand_over, accepted=False)
    event = note_event(referral, Move.HAND_OVER_NAMED, by=by, facts=facts_of(hand_over, to=responder.pk))
    tell(referral, event, hand_over)
    return hand_over


@transaction.atomic
def decline(
    *,
    hand_over_id: UUID,
    reason: DeclineReason,
    by: User,
    version: int,
    text: str = "",
    at: datetime.datetime | None = None,
) -> HandOver:
    """Say no, with a reason: the organisation loses sight of the case, the coordinator is told and acts."""
    referral, hand_over = _receivers(hand_over_id, by, version)
    event = step(
        hand_over,
        HandOverMove.DECLINE,
        by=by,
        at=at,
        facts={"reason": str(reason)},
        decline_reason=reason,
        **_acted(hand_over, at),
    )
    cancel_messages(hand_over)
    if text:
        write_note(referral, Note.Kind.PARTNER_REPORT, text, by, at, hand_over)
    tell(referral, event, hand_over)
    settle(referral, by=by, at=at)
    return hand_over


@transaction.atomic
def ask_coordinator(*, hand_over_id: UUID, question: str, by: User, version: int) -> HandOver:
    """Ask the coordinator for more information; it is then the coordinator's move. The question is sealed."""
    referral, hand_over = _receivers(hand_over_id, by, version)
    due = current_limits().due("hand_over_answer", timezone.now())
    event = step(hand_over, HandOverMove.ASK, by=by, due_at=due, **_acted(hand_over))
    write_note(referral, Note.Kind.PARTNER_QUESTION, question, by, hand_over=hand_over)
    tell(referral, event, hand_over)
    settle(referral, by=by)
    return hand_over


@transaction.atomic
def answer_partner(*, hand_over_id: UUID, answer: str, by: User, version: int | None = None) -> HandOver:
    """Answer a receiving organisation's question.

    Raises NamesThePerson before it has accepted: until then it sees no names.
    """
    require(by, Permission.TRIAGE)
    referral, hand_over = locked_hand_over(hand_over_id, by=by, version=version)
    if hand_over.accepted_at is None or hand_over.pathway == Pathway.DUTY_TO_NOTIFY:
        refuse_names(answer, referral)
    clock = "hand_over_report" if hand_over.accepted_at else "hand_over_decide"
    event = step(hand_over, HandOverMove.ANSWER, by=by, due_at=current_limits().due(clock, timezone.now()))
    write_note(referral, Note.Kind.PARTNER_ANSWER, answer, by, hand_over=hand_over)
    tell(referral, event, hand_over)
    settle(referral, by=by, coordinator_acted=True)
    return hand_over


@transaction.atomic
def complete(
    *,
    hand_over_id: UUID,
    outcome: HandOverOutcome,
    by: User,
    version: int,
    text: str = "",
    at: datetime.datetime | None = None,
) -> HandOver:
    """Report what came of it; the coordinator is told and decides what is next."""
    referral, hand_over = _receivers(hand_over_id, by, version)
    event = step(hand_over, HandOverMove.COMPLETE, by=by, at=at, facts={"outcome": str(outcome)}, outcome=outcome)
    if text:
        write_note(referral, Note.Kind.PARTNER_REPORT, text, by, at, hand_over)
    tell(referral, event, hand_over)
    settle(referral, by=by, at=at)
    return hand_over


def _time_to_decide(hand_over: HandOver) -> datetime.datetime:
    """Reading it in time gives time to decide, save where the clock runs from the offer (danger, first responders)."""
    if hand_over.referral.priority == Priority.IMMEDIATE or hand_over.pathway in FIRST_RESPONDER_PATHWAYS:
        return hand_over.due_at
    return max(hand_over.due_at, current_limits().due("hand_over_decide", hand_over.offered_at))


def _receivers(hand_over_id: UUID, by: User, version: int | None = None):
    referral, hand_over = locked_hand_over(hand_over_id, by=by, version=version)
    require_receiver(hand_over, by)
    return referral, hand_over


def _acted(hand_over: HandOver, at: datetime.datetime | None = None) -> dict[str, object]:
    """The columns that say that the organisation has acted: nobody chases it any more."""
    acknowledge_organisation(hand_over.organisation, hand_over.referral_id)
    return {"acknowledged_at": hand_over.acknowledged_at or at or timezone.now(), "chase_at": None}
