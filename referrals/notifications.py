"""One verb a message: what is posted when something happens to a referral (design, principle 6).

Each is called inside the transaction of its event. A message carries the reference and a link, nothing else.
"""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from partners.audiences import Recipient
from partners.models import Contact, Kind, User
from partners.outbox import Event, post, post_to
from referrals.models import Exclusion, HandOver, NrmCase, Operation, Referral, ReferralEvent
from referrals.models.handover import COORDINATOR_TOLD, RING_THEM, SECOND_CONTACT
from referrals.nrm_stages import STAGE_BANDS
from referrals.statuses import Move, Priority

#: Which messages an event owes. `reconcile` reads it too, so that a forgotten message is found and sent.
OWED: dict[Move, tuple[Kind, ...]] = {
    Move.SUBMIT: (Kind.REFERRAL_SUBMITTED, Kind.RECEIPT),
    Move.START_TRIAGE: (Kind.TRIAGE_STARTED,),
    Move.ASSIGN: (Kind.REFERRAL_ASSIGNED,),
    Move.AMEND: (),
    Move.REQUEST_INFORMATION: (Kind.INFORMATION_REQUESTED,),
    Move.ANSWER_INFORMATION: (Kind.INFORMATION_ANSWERED,),
    Move.HAND_OVER: (Kind.HAND_OVER_OFFERED, Kind.PASSED_ON),
    Move.HAND_OVER_ACCEPTED: (Kind.HAND_OVER_ACCEPTED, Kind.PARTNER_ACCEPTED),
    Move.HAND_OVER_NAMED: (Kind.HAND_OVER_OFFERED,),
    Move.HAND_OVER_AMENDED: (Kind.REFERRAL_AMENDED,),
    Move.HAND_OVER_DECLINED: (Kind.HAND_OVER_DECLINED,),
    Move.HAND_OVER_QUESTION: (Kind.HAND_OVER_QUESTION,),
    Move.HAND_OVER_ANSWERED: (Kind.HAND_OVER_ANSWERED,),
    Move.HAND_OVER_COMPLETED: (Kind.HAND_OVER_COMPLETED,),
    Move.HAND_OVER_REVOKED: (Kind.HAND_OVER_REVOKED,),
    Move.HAND_OVER_CHASED: (Kind.HAND_OVER_CHASED,),
    Move.RECORD_CONSENT: (Kind.CONSENT_CHANGED,),
    Move.NRM_STAGE: (Kind.NRM_STEP,),
    Move.NRM_CLOCK: (Kind.NRM_CLOCK,),
    Move.ATTACH: (Kind.ATTACHMENT_ADDED,),
    Move.JOIN_OPERATION: (),
    Move.CLOSE: (Kind.REFERRAL_CLOSED,),
    Move.REOPEN: (Kind.REFERRAL_REOPENED,),
    Move.WITHDRAW: (Kind.REFERRAL_WITHDRAWN,),
    Move.ESCALATE: (Kind.REFERRAL_UNOPENED,),
}

#: Events that tell an organisation, or of it, after its hand-over has ended.
ENDED = (Move.HAND_OVER_REVOKED, Move.HAND_OVER_DECLINED, Move.HAND_OVER_COMPLETED)

#: Each step of the chasing has a message of its own.
CHASED = {
    SECOND_CONTACT: Kind.HAND_OVER_CHASED,
    COORDINATOR_TOLD: Kind.HAND_OVER_UNANSWERED,
    RING_THEM: Kind.HAND_OVER_RING,
}


def kinds_owed(referral: Referral, event: ReferralEvent) -> tuple[Kind, ...]:
    """Return the messages that `event` of this referral owes, by what it is and by its coded facts."""
    move, facts = Move(event.move), event.facts
    if facts.get("quiet"):
        return ()  # carried over from a log: old news rings no bell (ADR 0017)
    # As it was sent: an amendment that changes the priority rings for itself, and not for the submit as well.
    if move is Move.SUBMIT and facts.get("priority", referral.priority) == Priority.IMMEDIATE:
        return (Kind.REFERRAL_IMMEDIATE, Kind.RECEIPT)
    if move is Move.AMEND and facts.get("priority") == Priority.IMMEDIATE:
        return (Kind.REFERRAL_IMMEDIATE,)
    if move is Move.HAND_OVER_CHASED:
        return (CHASED[int(facts["step"])],)
    if move is Move.ASSIGN and facts["to"] == event.by_id:
        return ()  # who takes a case knows it
    if move is Move.ATTACH and "from_referrer" not in facts:
        return ()  # a coordinator added it
    if move is Move.HAND_OVER_REVOKED and "silent" in facts:
        return ()  # an organisation that must not know is not told that it knows no longer
    if move is Move.NRM_STAGE and facts["stage"] in STAGE_BANDS:
        return (Kind.NRM_STEP, Kind.NRM_PROGRESS)
    if move is Move.JOIN_OPERATION and "reception_centre" in facts:
        return (Kind.RECEPTION_CENTRE,)
    return OWED.get(move, ())


def event_for(referral: Referral, event: ReferralEvent, hand_over: HandOver | None = None) -> Event:
    """Return what the outbox may know of an event: ids, the reference, and who is concerned."""
    if "reception_centre" in event.facts:  # it tells of the operation, not of the person who made up the number
        return Event(id=event.id, reference=referral.operation.reference)
    if "lot" in event.facts:  # given together: one message for all of them, about none of them (ADR 0021)
        reference = f"{event.facts['given']} referrals"
        return Event(id=UUID(event.facts["lot"]), reference=reference, owner=referral.owner)
    concerned = hand_over or _hand_over_of(event)
    # What has ended is not offered again by a round that looks for forgotten messages.
    receiver = concerned if concerned and _still_hears(concerned, event) else None
    case = None if concerned else _nrm_case(event)
    return Event(
        id=event.id,
        referral_id=referral.id,
        reference=referral.reference,
        owner=referral.owner,
        referrer=referral.referrer if referral.referrer_is_there else None,
        organisation=receiver.organisation if receiver else case and case.organisation,
        responder=_responder(event, hand_over) if concerned else case and case.first_responder,
        excluded=_kept_from(referral, event),
    )


def _still_hears(hand_over: HandOver, event: ReferralEvent) -> bool:
    if event.move == Move.HAND_OVER_AMENDED:
        return hand_over.is_seen  # the named first responder has the answer sheet also after reporting
    return hand_over.is_open or event.move in ENDED


def _responder(event: ReferralEvent, hand_over: HandOver | None) -> User | None:
    """Who had the hand-over when it happened: whoever was named, or accepted it, later was not to be told."""
    if hand_over is not None:
        return hand_over.responder  # it happens now
    return User.objects.filter(pk=event.facts.get("responder")).first()


def _kept_from(referral: Referral, event: ReferralEvent) -> frozenset[int]:
    """The organisations that must not know now, or must not when it happened: lifting tells nobody of old news."""
    then = Q(lifted_at__isnull=True) | Q(lifted_at__gt=event.at)
    return frozenset(Exclusion.objects.filter(then, referral=referral).values_list("organisation", flat=True))


def _hand_over_of(event: ReferralEvent) -> HandOver | None:
    if "hand_over" not in event.facts:
        return None
    return HandOver.objects.select_related("organisation", "responder").get(pk=event.facts["hand_over"])


def told_of_nrm(case: NrmCase) -> dict[str, int]:
    """Return what an event of the NRM keeps of whom it tells: its first responder, while they have the case."""
    return {"first_responder": case.first_responder_id} if NrmCase.objects.held().filter(pk=case.pk).exists() else {}


def _nrm_case(event: ReferralEvent) -> NrmCase | None:
    """The NRM case that an event is about, while the first responder whom it told still has it."""
    if "first_responder" not in event.facts:
        return None
    rows = NrmCase.objects.held().select_related("first_responder", "organisation")
    return rows.filter(pk=event.referral_id, first_responder=event.facts["first_responder"]).first()


def tell_of_expected(operation: Operation) -> int:
    """Post that so many people are expected in an operation that a reception centre is needed, once.

    Nobody may have been logged yet, so it hangs on the operation and not on an event of a referral.
    """
    return post(Kind.RECEPTION_CENTRE, Event(id=operation.id, reference=operation.reference))


def tell(referral: Referral, event: ReferralEvent, hand_over: HandOver | None = None) -> int:
    """Post every message that `event` owes; return how many rows there are."""
    kinds = kinds_owed(referral, event)
    if not kinds:
        return 0
    told = event_for(referral, event, hand_over)
    return sum(post(kind, told) for kind in kinds) + _receipt_by_mailbox(referral, event, told)


def _receipt_by_mailbox(referral: Referral, event: ReferralEvent, told: Event) -> int:
    """Post the receipt of a sheet of paper to the organisation, when who met the person has no account to get it."""
    organisation = referral.organisation
    if "filled_on" not in event.facts or told.referrer is not None or organisation.pk in told.excluded:
        return 0
    if not (organisation.role_mailbox and organisation.is_in_force(timezone.localdate())):
        return 0
    return post_to(Kind.RECEIPT, told, [Recipient(organisation=organisation, contact=Contact.MAILBOX)])
