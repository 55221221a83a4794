"""What every move of a hand-over shares: lock, ask the tables, write, and say again whose move the referral is.

A referral's row is always locked before its hand-overs, so that two moves never wait for each other.
"""

import datetime
from uuid import UUID

from django.utils import timezone

from partners.hours import end_of_working_day
from partners.models import Organisation, Partnership, User
from partners.outbox import cancel_for
from partners.roles import Permission
from referrals.handover_states import HandOverMove, HandOverStatus, hand_over_after
from referrals.models import HandOver, Referral, ReferralEvent
from referrals.pathways import FIRST_RESPONDER_PATHWAYS
from referrals.statuses import Move, NextActor, Status
from referrals.workflow.moves import NotAllowed, apply, locked, note_event

#: The event of the referral that tells of each move of a hand-over.
EVENTS: dict[HandOverMove, Move] = {
    HandOverMove.OPEN: Move.HAND_OVER_OPENED,
    HandOverMove.ACCEPT: Move.HAND_OVER_ACCEPTED,
    HandOverMove.DECLINE: Move.HAND_OVER_DECLINED,
    HandOverMove.ASK: Move.HAND_OVER_QUESTION,
    HandOverMove.ANSWER: Move.HAND_OVER_ANSWERED,
    HandOverMove.COMPLETE: Move.HAND_OVER_COMPLETED,
    HandOverMove.REVOKE: Move.HAND_OVER_REVOKED,
}


class TakenMeanwhile(Exception):
    """Raised when a colleague was faster: nothing of the second person's act was done.

    `hand_over` is as it stands now.
    """

    def __init__(self, hand_over: HandOver):
        self.hand_over = hand_over
        super().__init__("Somebody in the organisation was faster.")


def locked_hand_over(hand_over_id: UUID, *, by: User | None, version: int | None = None) -> tuple[Referral, HandOver]:
    """Return the referral and the hand-over, both locked.

    `by` is None only for the system's own moves. Raises HandOver.DoesNotExist when `by` may not see it, and
    TakenMeanwhile when `version` is given and is not the row's.
    """
    rows = HandOver.objects.all() if by is None else HandOver.objects.visible_to(by)
    referral = locked(rows.values_list("referral", flat=True).get(pk=hand_over_id), by=None, version=None)
    related = ("organisation", "responder", "accepted_by")
    hand_over = rows.select_for_update(of=("self",)).select_related(*related).get(pk=hand_over_id)
    hand_over.referral = referral
    if version is not None and version != hand_over.version:
        raise TakenMeanwhile(hand_over)
    return referral, hand_over


def require_receiver(hand_over: HandOver, by: User) -> None:
    """Raise NotAllowed unless `by` acts for the receiving organisation; a coordinator does not answer in its name."""
    named = hand_over.responder_id == by.pk
    if by.organisation != hand_over.organisation or not (named or by.may(Permission.WORK_HANDOVERS)):
        raise NotAllowed("not the receiving organisation")


def may_have(person: User | None, organisation: Organisation) -> bool:
    """Return whether `person` can have a hand-over to `organisation`: works there now, and may act there."""
    return person is not None and person.organisation == organisation and person.may(Permission.WRITE_REFERRAL)


def has_first_responder(referral: Referral) -> HandOver | None:
    """Return the open hand-over through which somebody is the first responder of the referral. There is never a second:
    each would believe that the other sends the form."""
    rows = referral.hand_overs.open().filter(pathway__in=FIRST_RESPONDER_PATHWAYS, accepted_at__isnull=False)
    return rows.select_related("organisation").first()


def facts_of(hand_over: HandOver, **more: str | int) -> dict[str, object]:
    """Return what an event may say of a hand-over: ids and codes, and who had it in the organisation at that time."""
    return {
        **({"responder": hand_over.responder_id} if hand_over.responder_id else {}),
        "hand_over": str(hand_over.pk),
        "organisation": hand_over.organisation_id,
        "pathway": hand_over.pathway,
        **more,
    }


def step(
    hand_over: HandOver,
    what: HandOverMove,
    *,
    by: User | None,
    facts: dict[str, str] | None = None,
    at: datetime.datetime | None = None,
    **changes: object,
) -> ReferralEvent:
    """Make one move of a locked hand-over and write its event. Raises HandOverMoveNotAllowed."""
    to = hand_over_after(what, hand_over.status, was_accepted=hand_over.accepted_at is not None)
    hand_over.status, hand_over.version = to, hand_over.version + 1
    if to in (HandOverStatus.DECLINED, HandOverStatus.COMPLETED, HandOverStatus.REVOKED):
        changes |= {"ended_at": at or timezone.now(), "due_at": None, "chase_at": None}
    for name, value in changes.items():
        setattr(hand_over, name, value)
    hand_over.save(update_fields=["status", "version", *changes])
    told = facts_of(hand_over, **(facts or {}))
    if what is HandOverMove.OPEN:
        return note_event(hand_over.referral, EVENTS[what], by=by, facts=told, at=at)
    return apply(hand_over.referral, EVENTS[what], by=by, facts=told, at=at)


def cancel_messages(hand_over: HandOver) -> None:
    """Cancel what is on its way to an organisation about a hand-over that has ended; what else it holds stays told."""
    referral = hand_over.referral
    others = referral.hand_overs.open().filter(organisation=hand_over.organisation).exclude(pk=hand_over.pk)
    still = [str(pk) for pk in others.values_list("pk", flat=True)]
    keep = list(referral.events.filter(facts__hand_over__in=still).values_list("pk", flat=True)) if still else []
    cancel_for(referral.pk, hand_over.organisation, keep=keep)


def settle(
    referral: Referral, *, by: User | None, at: datetime.datetime | None = None, coordinator_acted: bool = False
) -> None:
    """Say again whose move a locked referral is, after something about its hand-overs or consents changed.

    A question to the referrer stands. What waits for the coordinator goes on waiting until a coordinator has acted
    (`coordinator_acted`): an organisation's news must not cover it up.
    """
    if referral.status not in (Status.WITH_PARTNERS, Status.IN_TRIAGE):
        return
    open_ones = list(referral.hand_overs.open())
    if referral.status == Status.WITH_PARTNERS and not open_ones:
        if referral.hand_overs.filter(status=HandOverStatus.COMPLETED).exists():
            give_to_coordinator(referral, at)
        else:
            apply(referral, Move.RETURN_TO_TRIAGE, by=by, at=at, **coordinators_move(at))
        return
    if any(ask.status == HandOverStatus.MORE_INFORMATION or ask.needs_ringing for ask in open_ones):
        give_to_coordinator(referral, at)
    elif open_ones and (coordinator_acted or referral.next_actor == NextActor.PARTNER):
        _set(referral, {"next_actor": NextActor.PARTNER, "due_at": min(one.due_at for one in open_ones)})


def coordinators_move(at: datetime.datetime | None = None) -> dict[str, object]:
    """Return the columns of a referral that waits for its coordinator."""
    days = Partnership.current().triage_days_standard
    return {"next_actor": NextActor.COORDINATOR, "due_at": end_of_working_day(at or timezone.now(), days)}


def give_to_coordinator(referral: Referral, at: datetime.datetime | None = None) -> None:
    """Make it the coordinator's move. If it waits already, its time stays: a second reason does not give more."""
    if referral.next_actor != NextActor.COORDINATOR:
        _set(referral, coordinators_move(at))


def _set(referral: Referral, changes: dict[str, object]) -> None:
    for name, value in changes.items():
        setattr(referral, name, value)
    referral.save(update_fields=list(changes))
