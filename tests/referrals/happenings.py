"""Referrals of past months, many, for the tests of figures: written as rows, at moments of the test's choice."""

import datetime
import hashlib
import random
import uuid

from partners.hours import LONDON
from partners.models import Area
from referrals.codes import AGE_GROUPS, EXPLOITATION_CODES, SETTINGS
from referrals.handover_states import DeclineReason, HandOverStatus
from referrals.models import HandOver, Referral, ReferralEvent
from referrals.pathways import Pathway
from referrals.references import new_reference
from referrals.statuses import FeedbackBand, Move, NextActor, Outcome, Priority, Status, WithdrawalReason

HOUR = datetime.timedelta(hours=1)


def london(text: str) -> datetime.datetime:
    """The moment at which London's clocks showed `text`."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)


def happened(cast, at: datetime.datetime, **changes) -> Referral:
    """A referral of the officer that was submitted at `at` and closed three days later."""
    standard = {
        "reference": new_reference(),
        "submit_key": uuid.uuid4(),
        "content_hash": hashlib.sha256(at.isoformat().encode()).digest(),
        "organisation": cast.council,
        "referrer": cast.officer,
        "owner": cast.coordinator,
        "status": Status.CLOSED,
        "priority": Priority.STANDARD,
        "next_actor": NextActor.NOBODY,
        "age_group": "adult",
        "setting": "car_wash",
        "district": Area.objects.filter(code="northtown").first(),
        "exploitation": ["forced-to-work"],
        "submitted_at": at,
        "opened_at": at + HOUR / 4,
        "closed_at": at + 72 * HOUR,
        "outcome": Outcome.SUPPORTED_LOCALLY,
        "feedback_band": FeedbackBand.HELP_IN_PLACE,
    }
    return Referral.objects.create(**(standard | changes))


def event(referral: Referral, move: Move, at: datetime.datetime) -> ReferralEvent:
    """One thing that happened to it."""
    return ReferralEvent.objects.create(referral=referral, move=move, at=at, to_status=referral.status)


def asked(cast, referral: Referral, organisation, at: datetime.datetime, status=HandOverStatus.ACCEPTED, **changes):
    """A hand-over of it that was offered at `at`, and what became of it two hours later."""
    accepted = status in {HandOverStatus.ACCEPTED, HandOverStatus.COMPLETED}
    ended = status in {HandOverStatus.DECLINED, HandOverStatus.COMPLETED}
    standard = {
        "pathway": Pathway.BEACON,
        "offered_at": at,
        "offered_by": cast.coordinator,
        "due_at": None if ended else at + 48 * HOUR,
        "accepted_at": at + 2 * HOUR if accepted else None,
        "accepted_by": cast.beacon_worker if accepted else None,
        "ended_at": at + 2 * HOUR if ended else None,
        "decline_reason": DeclineReason.NO_CAPACITY if status == HandOverStatus.DECLINED else "",
        "outcome": "support_given" if status == HandOverStatus.COMPLETED else "",
    }
    made = {"referral": referral, "organisation": organisation, "status": status}
    return HandOver.objects.create(**(made | standard | changes))


def at_random(cast, count: int, first: datetime.date, last: datetime.date, seed: int = 5) -> list[Referral]:
    """So many referrals of random kinds between two days (both count), with hand-overs and events."""
    dice = random.Random(seed)
    days = (last - first).days + 1
    places = [*Area.objects.all(), None]
    made = []
    for _ in range(count):
        noon = datetime.datetime.combine(first + datetime.timedelta(days=dice.randrange(days)), datetime.time(), LONDON)
        at = noon + datetime.timedelta(minutes=dice.randrange(24 * 60))
        organisation, referrer = dice.choice([(cast.council, cast.officer), (cast.hospital, cast.nurse)])
        referral = happened(
            cast,
            at,
            organisation=organisation,
            referrer=referrer,
            priority=dice.choice(list(Priority)),
            age_group=dice.choice(AGE_GROUPS)[0],
            setting=dice.choice(SETTINGS)[0],
            district=dice.choice(places),
            exploitation=dice.sample(EXPLOITATION_CODES, dice.choice([0, 1, 1, 1, 2])),
            opened_at=at + datetime.timedelta(minutes=dice.randrange(90)),
            **dice.choice([*[_closed(at, dice) for _ in range(3)], _TAKEN_BACK]),
        )
        _follow(cast, referral, at, dice)
        made.append(referral)
    return made


def _closed(at: datetime.datetime, dice: random.Random) -> dict:
    return {"closed_at": at + dice.randrange(60) * 24 * HOUR, "outcome": dice.choice(list(Outcome))}


_TAKEN_BACK = {
    "status": Status.WITHDRAWN,
    "withdrawal_reason": WithdrawalReason.DUPLICATE,
    "closed_at": None,
    "outcome": "",
    "feedback_band": "",
}


def _follow(cast, referral: Referral, at: datetime.datetime, dice: random.Random) -> None:
    for move in (Move.START_TRIAGE, Move.REQUEST_INFORMATION, Move.CLOSE):
        if dice.random() < 0.7:
            event(referral, move, at + dice.randrange(1, dice.choice([4, 40, 15 * 24])) * HOUR)
    for organisation in dice.sample([cast.beacon, cast.constabulary], dice.randrange(3)):
        status = dice.choice([HandOverStatus.ACCEPTED, HandOverStatus.COMPLETED, HandOverStatus.DECLINED])
        reason = dice.choice(list(DeclineReason)) if status == HandOverStatus.DECLINED else ""
        offered = at + dice.randrange(20 * 24) * HOUR
        accepted = None if reason else offered + dice.randrange(1, 150) * HOUR
        more = {"pathway": dice.choice(list(Pathway)), "decline_reason": reason, "accepted_at": accepted}
        asked(cast, referral, organisation, offered, status, **more)
