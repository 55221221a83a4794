"""How long the steps took that were taken in a period: how many within the target, how many late, and the median.

A step is counted in the period in which it was taken, so that months add up to quarters and none is left out that took
long. What was carried over from an earlier log has days and no hours, and is left out (ADR 0010).
"""

import datetime
from collections import Counter
from collections.abc import Callable

from django.db.models import (
    Aggregate,
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Extract, TruncDate, TruncTime
from django.db.models.lookups import GreaterThan

from partners.hours import LONDON, WORK_ENDS
from referrals.models import HandOver, Referral, ReferralEvent
from referrals.periods import Period
from referrals.statistics.counts import ACCEPT, ACKNOWLEDGE, FEEDBACK, TRIAGE
from referrals.statistics.targets import Targets
from referrals.statuses import Move, Priority

#: What tells the referrer what becomes of their referral. That triage began has a timing of its own.
TELLING = (Move.REQUEST_INFORMATION, Move.HAND_OVER, Move.HAND_OVER_ACCEPTED, Move.CLOSE, Move.WITHDRAW)
#: Steps that are told for an organisation too: its own hand-overs, and its own referrals.
OF_ORGANISATIONS = (ACCEPT, FEEDBACK)

#: In time and late, by the organisation.
Splits = dict[int, tuple[int, int]]


class Median(Aggregate):
    """The middle one of the values, or the mean of the two middle ones."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def splits(
    period: Period, referrals: QuerySet[Referral], hand_overs: QuerySet[HandOver], targets: Targets
) -> dict[str, Splits]:
    """Return how many of each step were in time and how many late, by the organisation whose it is. Six statements.

    That is who made the referral, and for "accept" who was asked.
    """
    own, steps = targets.partnership, _steps(period, referrals, hand_overs)
    urgent, other = Q(urgent=Priority.IMMEDIATE), ~Q(urgent=Priority.IMMEDIATE)
    seen, taken = steps[ACKNOWLEDGE], steps[TRIAGE]
    return {
        ACKNOWLEDGE: _sum(
            _by_stopwatch(seen.filter(urgent), own.unopened_minutes_immediate),
            _by_stopwatch(seen.filter(other), own.unopened_minutes),
        ),
        TRIAGE: _sum(
            _by_stopwatch(taken.filter(urgent), own.triage_hours_immediate * 60),
            _by_days(taken.filter(other), targets.triaged_by),
        ),
        ACCEPT: _by_days(steps[ACCEPT], targets.decided_by),
        FEEDBACK: _by_days(steps[FEEDBACK], targets.heard_by),
    }


def medians(
    period: Period, referrals: QuerySet[Referral], hand_overs: QuerySet[HandOver]
) -> dict[int | None, dict[str, float]]:
    """Return the median of each step in minutes of real time; under None for all together. Six statements."""
    found: dict[int | None, dict[str, float]] = {}
    for key, rows in _steps(period, referrals, hand_overs).items():
        middle = rows.aggregate(median=Median(_minutes()))["median"]
        if middle is not None:
            found.setdefault(None, {})[key] = middle
        if key in OF_ORGANISATIONS:
            for whose, median in rows.values_list("whose").annotate(median=Median(_minutes())).order_by():
                found.setdefault(whose, {})[key] = median
    return found


def _steps(
    period: Period, referrals: QuerySet[Referral], hand_overs: QuerySet[HandOver]
) -> dict[str, QuerySet[Referral] | QuerySet[HandOver]]:
    """The rows of each step that was taken in the period, with `began`, `ended`, `whose` and `urgent`."""
    starts, ends = period.bounds()
    mine = referrals.filter(imported_row__isnull=True).annotate(
        began=F("submitted_at"), whose=F("organisation"), urgent=F("priority")
    )
    asked = hand_overs.filter(referral__imported_row__isnull=True, accepted_at__gte=starts, accepted_at__lt=ends)
    return {
        ACKNOWLEDGE: mine.filter(opened_at__gte=starts, opened_at__lt=ends).annotate(ended=F("opened_at")),
        TRIAGE: _first_of((Move.START_TRIAGE,), mine, starts, ends),
        ACCEPT: asked.annotate(began=F("offered_at"), ended=F("accepted_at"), whose=F("organisation")),
        FEEDBACK: _first_of(TELLING, mine, starts, ends),
    }


def _first_of(
    moves: tuple[Move, ...], rows: QuerySet[Referral], starts: datetime.datetime, ends: datetime.datetime
) -> QuerySet[Referral]:
    """Those of `rows` to which the first of `moves` happened in the period; `ended` is when."""
    events = ReferralEvent.objects.filter(move__in=moves)
    within = events.filter(at__gte=starts, at__lt=ends)
    first = events.filter(referral=OuterRef("pk")).order_by("at").values("at")[:1]
    return rows.filter(pk__in=within.values("referral")).annotate(ended=Subquery(first)).filter(ended__gte=starts)


def _by_stopwatch(rows: QuerySet, minutes: int) -> Splits:
    in_time = Q(ended__lte=F("began") + datetime.timedelta(minutes=minutes))
    counted = rows.values_list("whose").annotate(within=Count("pk", filter=in_time), every=Count("pk")).order_by()
    return {whose: (within, every - within) for whose, within, every in counted}


def _by_days(rows: QuerySet, due: Callable[[datetime.date], datetime.datetime]) -> Splits:
    """Count by the days of beginning and end, and look at the calendar for each pair of days, not for each row."""
    after_hours = GreaterThan(TruncTime("ended", tzinfo=LONDON), WORK_ENDS)
    days = rows.annotate(
        began_on=TruncDate("began", tzinfo=LONDON),
        ended_on=TruncDate("ended", tzinfo=LONDON),
        after_hours=ExpressionWrapper(after_hours, output_field=BooleanField()),
    )
    groups = days.values_list("whose", "began_on", "ended_on", "after_hours").annotate(n=Count("pk")).order_by()
    found: Splits = {}
    for whose, began_on, ended_on, late_in_day, count in groups:
        in_time = _is_in_time(due(began_on), ended_on, late_in_day)
        within, late = found.get(whose, (0, 0))
        found[whose] = (within + count, late) if in_time else (within, late + count)
    return found


def _is_in_time(due: datetime.datetime, ended_on: datetime.date, after_hours: bool) -> bool:
    """A target of days ends with the work of its last day, or with that day."""
    if ended_on != due.date():
        return ended_on < due.date()
    return not after_hours or due.time() > WORK_ENDS


def _minutes() -> Extract:
    return Extract(F("ended") - F("began"), "epoch") / 60.0


def _sum(*parts: Splits) -> Splits:
    within: Counter[int] = Counter()
    late: Counter[int] = Counter()
    for part in parts:
        for whose, (in_time, not_in_time) in part.items():
            within[whose] += in_time
            late[whose] += not_in_time
    return {whose: (within[whose], late[whose]) for whose in within}
