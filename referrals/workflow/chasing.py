"""Chasing an organisation that does not answer: its second contact, then the coordinator, then a number to ring."""

import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.limits import current_limits
from partners.lines import next_open
from partners.models import User
from partners.roles import Permission
from referrals.models import HandOver
from referrals.models.handover import RING_THEM
from referrals.notifications import tell
from referrals.statuses import Move, Priority
from referrals.workflow.handovers import facts_of, locked_hand_over, settle
from referrals.workflow.moves import Refused, note_event, require

#: The clock of each step, counted from the offer.
STEPS = ("chase_second_contact", "chase_coordinator", "chase_ring")


@transaction.atomic
def chase(*, hand_over_id: UUID, now: datetime.datetime) -> bool:
    """Take the next step against a silent organisation at the aware datetime `now`. The system's own move.

    Returns False when somebody there has acted meanwhile, or the step is not due yet.
    """
    referral, hand_over = locked_hand_over(hand_over_id, by=None)
    silent = hand_over.is_open and hand_over.acknowledged_at is None
    if not silent or hand_over.chase_at is None or hand_over.chase_at > now:
        return False
    hand_over.chased += 1
    hand_over.chase_at = _next_step(hand_over, now)
    hand_over.save(update_fields=["chased", "chase_at"])
    event = note_event(referral, Move.HAND_OVER_CHASED, by=None, facts=facts_of(hand_over, step=str(hand_over.chased)))
    tell(referral, event, hand_over)
    settle(referral, by=None)
    return True


def _next_step(hand_over: HandOver, now: datetime.datetime) -> datetime.datetime | None:
    if hand_over.chased >= RING_THEM:
        return None
    urgent = hand_over.referral.priority == Priority.IMMEDIATE
    offered = hand_over.offered_at
    starts = offered if urgent else next_open(hand_over.organisation, offered) or offered
    return max(current_limits().due(f"{STEPS[hand_over.chased]}{'_immediate' if urgent else ''}", starts), now)


@transaction.atomic
def record_ringing(*, hand_over_id: UUID, reached: bool, by: User) -> HandOver:
    """Record that a coordinator rang the organisation. Reached: it knows, and the chasing is over.

    Raises Refused for a hand-over that has ended.
    """
    require(by, Permission.TRIAGE)
    referral, hand_over = locked_hand_over(hand_over_id, by=by)
    if not hand_over.is_open:
        raise Refused("This hand-over has ended: there is nobody to ring about it any more", "reached")
    facts = facts_of(hand_over, reached="yes" if reached else "no")
    note_event(referral, Move.HAND_OVER_RUNG, by=by, facts=facts)
    if reached:
        hand_over.acknowledged_at, hand_over.chase_at = timezone.now(), None
        hand_over.save(update_fields=["acknowledged_at", "chase_at"])
    settle(referral, by=by, coordinator_acted=True)
    return hand_over
