"""What a coordinator may have to run after, as sets: the filters of the queue find them, the operational page counts
them. Each stands here once, so that a figure and the list behind it are the same.
"""

import datetime
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.hours import LONDON, working_days_before
from partners.models import ErrorCode, Kind, Membership, Message, State
from referrals.handover_states import CHASED_TO_THE_END, OPEN_STATES, DeclineReason, HandOverStatus
from referrals.models import HandOver, Referral, ReferralEvent
from referrals.models.handover import SECOND_CONTACT
from referrals.pathways import FIRST_RESPONDER_PATHWAYS
from referrals.statuses import OPEN_STATUSES, Move, Status

#: What was declined, or closed, in so many days is lately.
LATELY = datetime.timedelta(days=28)

IS_OPEN = Q(status__in=sorted(OPEN_STATES))
FOR_FIRST_RESPONDERS = Q(pathway__in=sorted(FIRST_RESPONDER_PATHWAYS))
NO_ADDRESS = (ErrorCode.RECIPIENT, ErrorCode.NO_ADDRESS)


def _late(now: datetime.datetime) -> Q:
    return IS_OPEN & ~Q(status=HandOverStatus.MORE_INFORMATION) & Q(due_at__lt=now)


def _asked(_now: datetime.datetime) -> Q:
    return Q(status=HandOverStatus.MORE_INFORMATION)


def _asked_late(now: datetime.datetime) -> Q:
    return _asked(now) & Q(due_at__lt=now)


def _silent(_now: datetime.datetime) -> Q:
    return IS_OPEN & Q(acknowledged_at__isnull=True, chased__gte=SECOND_CONTACT)


def _to_ring(_now: datetime.datetime) -> Q:
    return IS_OPEN & Q(acknowledged_at__isnull=True, chased__gte=CHASED_TO_THE_END)


def _refused(_now: datetime.datetime) -> Q:
    """Of a hand-over: a message about its referral did not reach its organisation, because of the address."""
    there = Membership.objects.filter(
        organisation=OuterRef(OuterRef("organisation")), ended_at__isnull=True, user=OuterRef("user")
    )
    to_them = Q(organisation=OuterRef("organisation")) | Q(Exists(there))
    messages = Message.objects.undelivered().filter(to_them, last_error__in=NO_ADDRESS)
    return IS_OPEN & Q(Exists(messages.filter(referral_id=OuterRef("referral_id"))))


def _first_responder(_now: datetime.datetime) -> Q:
    return IS_OPEN & FOR_FIRST_RESPONDERS


def _first_responder_silent(_now: datetime.datetime) -> Q:
    return IS_OPEN & FOR_FIRST_RESPONDERS & Q(accepted_at__isnull=True)


def _first_responder_declined(now: datetime.datetime) -> Q:
    return FOR_FIRST_RESPONDERS & Q(status=HandOverStatus.DECLINED, ended_at__gte=now - LATELY)


def _first_responder_full(now: datetime.datetime) -> Q:
    return _first_responder_declined(now) & Q(decline_reason=DeclineReason.NO_CAPACITY)


@dataclass(frozen=True)
class Handed:
    """A set of hand-overs: how a filter calls it, and its condition at a moment."""

    label: str
    condition: Callable[[datetime.datetime], Q]


#: By the value of the filter.
HANDED: dict[str, Handed] = {
    "late": Handed("An organisation is overdue", _late),
    "asked": Handed("An organisation has a question", _asked),
    "asked-late": Handed("An organisation’s question is overdue", _asked_late),
    "silent": Handed("An organisation was reminded and is silent", _silent),
    "ring": Handed("An organisation has to be rung", _to_ring),
    "refused": Handed("An organisation’s address is refused", _refused),
    "nrm-open": Handed("A first responder has it", _first_responder),
    "nrm-waits": Handed("A first responder has not accepted yet", _first_responder_silent),
    "nrm-declined": Handed("A first responder declined lately", _first_responder_declined),
    "nrm-full": Handed("A first responder had no capacity lately", _first_responder_full),
}


def escalated(rows: QuerySet[Referral], _now: datetime.datetime) -> QuerySet[Referral]:
    """Return those that no coordinator opened in time, and that still nobody has opened."""
    return rows.unread().filter(escalated_at__isnull=False)


def without_organisation(rows: QuerySet[Referral], _now: datetime.datetime) -> QuerySet[Referral]:
    """Return those in triage that an organisation has declined while no other was asked since."""
    handed = HandOver.objects.filter(referral=OuterRef("pk"))
    declined = Exists(handed.filter(status=HandOverStatus.DECLINED))
    return rows.filter(declined, ~Exists(handed.filter(status__in=sorted(OPEN_STATES))), status=Status.IN_TRIAGE)


def untold(rows: QuerySet[Referral], now: datetime.datetime) -> QuerySet[Referral]:
    """Return those of which the referrer was to be told something and was not.

    Open ones: a message to the referrer could not be delivered, and nobody has dealt with it. Closed ones: it was
    closed lately, and no message of the closing has left nor was dealt with; those carried over from a log owe none.
    Who has left the organisation is not owed anything.
    """
    to_them = Message.objects.filter(referral_id=OuterRef("pk"), user=OuterRef("referrer"))
    undelivered = Exists(to_them.undelivered())
    told = to_them.filter(kind=Kind.REFERRAL_CLOSED).filter(
        Q(state=State.SENT, sent_at__gte=OuterRef("closed_at")) | Q(acknowledged_at__gte=OuterRef("closed_at"))
    )
    quiet = ReferralEvent.objects.filter(referral=OuterRef("pk"), move=Move.CLOSE, facts__quiet=True)
    there = Membership.objects.active().filter(user=OuterRef("referrer"), organisation=OuterRef("organisation"))
    closed = Q(status=Status.CLOSED, closed_at__gte=now - LATELY) & ~Exists(told) & ~Exists(quiet)
    return rows.filter(Exists(there)).filter(Q(status__in=sorted(OPEN_STATUSES)) & undelivered | closed)


@dataclass(frozen=True)
class Waiting:
    """A set of referrals: how a filter calls it, and those of given rows that are in it at a moment."""

    label: str
    rows: Callable[[QuerySet[Referral], datetime.datetime], QuerySet[Referral]]


#: By the value of the filter.
WAITING: dict[str, Waiting] = {
    "escalated": Waiting("Nobody opened it in time", escalated),
    "nobody": Waiting("Declined, and no organisation has it", without_organisation),
    "untold": Waiting("The referrer was not told", untold),
}


def with_hand_over(
    rows: QuerySet[Referral], key: str, now: datetime.datetime, organisation: str | None = None
) -> QuerySet[Referral]:
    """Return those with a hand-over of the set `key` of `HANDED`, to one organisation if one is given."""
    handed = HandOver.objects.filter(HANDED[key].condition(now), referral=OuterRef("pk"))
    return rows.filter(Exists(handed.filter(organisation=organisation) if organisation else handed))


@dataclass(frozen=True)
class Band:
    """An age in working days since it came in: from `first` to `last`; None: no end."""

    first: int
    last: int | None

    @property
    def key(self) -> str:
        """Its value in an address."""
        return f"{self.first}-{'' if self.last is None else self.last}"

    @property
    def label(self) -> str:
        """Its words."""
        return f"More than {self.first - 1} working days" if self.last is None else f"{self.first} to {self.last}"

    def came_in(self, today: datetime.date, closed_days: Collection[datetime.date]) -> Q:
        """Return the condition on `submitted_at`; `today` is a date in London."""
        found = Q()
        if self.last is not None:
            found &= Q(submitted_at__gte=_midnight(working_days_before(today, self.last, closed_days)))
        if self.first:
            found &= Q(submitted_at__lt=_midnight(working_days_before(today, self.first - 1, closed_days)))
        return found


BANDS = (Band(0, 5), Band(6, 10), Band(11, 20), Band(21, 45), Band(46, 90), Band(91, None))


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), LONDON)
