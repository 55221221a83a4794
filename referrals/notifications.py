"""One verb a message: what is posted when something happens to a referral (design, principle 6).

Each is called inside the transaction of its event. A message carries the reference and a link, nothing else.
"""

from partners.models import Kind
from partners.outbox import Event, post
from referrals.models import Referral, ReferralEvent
from referrals.statuses import Move, Priority

#: Which messages an event owes. `reconcile` reads it too, so that a forgotten message is found and sent.
OWED: dict[Move, tuple[Kind, ...]] = {
    Move.SUBMIT: (Kind.REFERRAL_SUBMITTED, Kind.RECEIPT),
    Move.START_TRIAGE: (Kind.TRIAGE_STARTED,),
    Move.REQUEST_INFORMATION: (Kind.INFORMATION_REQUESTED,),
    Move.ANSWER_INFORMATION: (Kind.INFORMATION_ANSWERED,),
    Move.CLOSE: (Kind.REFERRAL_CLOSED,),
    Move.REOPEN: (Kind.REFERRAL_REOPENED,),
    Move.WITHDRAW: (Kind.REFERRAL_WITHDRAWN,),
    Move.ESCALATE: (Kind.REFERRAL_UNOPENED,),
}


def kinds_owed(referral: Referral, move: Move) -> tuple[Kind, ...]:
    """Return the messages that `move` owes for this referral: immediate danger has a message of its own."""
    kinds = OWED.get(move, ())
    if move is Move.SUBMIT and referral.priority == Priority.IMMEDIATE:
        return (Kind.REFERRAL_IMMEDIATE, Kind.RECEIPT)
    return kinds


def event_for(referral: Referral, event: ReferralEvent) -> Event:
    """Return what the outbox may know of an event: ids, the reference, and who is concerned."""
    return Event(
        id=event.id,
        referral_id=referral.id,
        reference=referral.reference,
        owner=referral.owner,
        referrer=referral.referrer,
    )


def tell(referral: Referral, event: ReferralEvent) -> int:
    """Post every message that `event` owes; return how many rows there are."""
    told = event_for(referral, event)
    return sum(post(kind, told) for kind in kinds_owed(referral, Move(event.move)))
