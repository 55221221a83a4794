"""What happened in one month, counted by grouping statements: some fifteen, whatever the number of referrals.

A referral is counted in the month in which it was submitted; a hand-over in that in which it was offered; a closing, a
decline, a step in that in which it happened. A request that no organisation could take is one for one pathway, in the
month in which an organisation first declined it for want of something, and which none has accepted when it is counted.
"""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from referrals.codes import NOT_KNOWN
from referrals.handover_states import HandOverStatus
from referrals.models import HandOver, Referral
from referrals.periods import Kind, Period
from referrals.statistics.categories import EXPLOITATION_GROUPS, NOT_SAID, SETTING_GROUPS, SEVERAL, WANTING
from referrals.statistics.counts import (
    CROSS,
    DECLINE_REASON,
    DISTRICT_BY_EXPLOITATION,
    EXPLOITATION_BY_AGE_GROUP,
    GAP,
    OUTCOME,
    PATHWAY,
    SETTING,
    Counts,
)
from referrals.statistics.targets import Targets
from referrals.statistics.timings import OF_ORGANISATIONS, splits
from referrals.statuses import Status

#: Under None for the partnership, and by the id of each organisation that had a part in it.
Counted = dict[int | None, Counts]

EXPLOITATION = Case(
    When(exploitation=[], then=Value(NOT_SAID)),
    *(
        When(exploitation__contained_by=list(boxes), then=Value(code))
        for code, (_, boxes) in EXPLOITATION_GROUPS.items()
    ),
    default=Value(SEVERAL),
    output_field=CharField(),
)
SETTING_GROUP = Case(
    *(When(setting__in=settings, then=Value(code)) for code, (_, settings) in SETTING_GROUPS.items()),
    default=Value(NOT_KNOWN),
    output_field=CharField(),
)


class Tally:
    """Counts as they come in: for the partnership always, for an organisation where one is named."""

    def __init__(self) -> None:
        self.tables: dict[int | None, dict[str, Counter[str]]] = {None: {}}
        self.timings: dict[int | None, dict[str, tuple[int, int]]] = {None: {}}

    def add(self, table: str, code: str, count: int, whose: int | None = None) -> None:
        """Add to a cell of a table."""
        for place in {None, whose}:
            self.tables.setdefault(place, {}).setdefault(table, Counter())[code] += count

    def time(self, step: str, within: int, late: int, whose: int | None = None) -> None:
        """Add to how many took a step in time, and how many late."""
        for place in {None, whose}:
            before = self.timings.setdefault(place, {}).get(step, (0, 0))
            self.timings[place][step] = (before[0] + within, before[1] + late)

    def counted(self) -> Counted:
        """Return all that came in."""
        return {
            whose: Counts(
                {key: dict(cells) for key, cells in self.tables.get(whose, {}).items()}, self.timings.get(whose, {})
            )
            for whose in self.tables.keys() | self.timings.keys()
        }


def count_month(
    month: Period, referrals: QuerySet[Referral], hand_overs: QuerySet[HandOver], targets: Targets
) -> Counted:
    """Return the counts of `month`, of the partnership and of each organisation that referred or received anything.

    `referrals` are those that count at all, `hand_overs` theirs. Raises ValueError for a longer period: that is the sum
    of its months.
    """
    if month.kind is not Kind.MONTH:
        raise ValueError(f"{month.slug} is no month")
    tally = Tally()
    _count_referrals(tally, month, referrals)
    _count_hand_overs(tally, month, hand_overs)
    for step, by_whose in splits(month, referrals, hand_overs, targets).items():
        for whose, (within, late) in by_whose.items():
            tally.time(step, within, late, whose if step in OF_ORGANISATIONS else None)
    return tally.counted()


def _count_referrals(tally: Tally, month: Period, referrals: QuerySet[Referral]) -> None:
    starts, ends = month.bounds()
    submitted = referrals.filter(submitted_at__gte=starts, submitted_at__lt=ends)
    submitted = submitted.annotate(kind=EXPLOITATION, group=SETTING_GROUP, place=Coalesce("district__code", Value("")))
    for whose, kind, age_group, count in _grouped(submitted, "organisation", "kind", "age_group"):
        tally.add(EXPLOITATION_BY_AGE_GROUP, f"{kind}{CROSS}{age_group}", count, whose)
    for place, kind, count in _grouped(submitted, "place", "kind"):
        tally.add(DISTRICT_BY_EXPLOITATION, f"{place}{CROSS}{kind}", count)
    for group, count in _grouped(submitted, "group"):
        tally.add(SETTING, group, count)
    closed = referrals.filter(status=Status.CLOSED, closed_at__gte=starts, closed_at__lt=ends)
    for whose, outcome, count in _grouped(closed, "organisation", "outcome"):
        tally.add(OUTCOME, outcome, count, whose)


def _count_hand_overs(tally: Tally, month: Period, hand_overs: QuerySet[HandOver]) -> None:
    starts, ends = month.bounds()
    offered = hand_overs.filter(offered_at__gte=starts, offered_at__lt=ends)
    for whose, pathway, count in _grouped(offered, "organisation", "pathway"):
        tally.add(PATHWAY, pathway, count, whose)
    declined = hand_overs.filter(status=HandOverStatus.DECLINED)
    for reason, count in _grouped(declined.filter(ended_at__gte=starts, ended_at__lt=ends), "decline_reason"):
        tally.add(DECLINE_REASON, reason, count)
    wanting = declined.filter(decline_reason__in=WANTING)
    for pathway, count in _grouped(_gaps(wanting, hand_overs, month), "pathway"):
        tally.add(GAP, pathway, count)


def _gaps(wanting: QuerySet[HandOver], hand_overs: QuerySet[HandOver], month: Period) -> QuerySet[HandOver]:
    """One hand-over for each request that no organisation could take: the first that was declined for want."""
    starts, ends = month.bounds()
    same = Q(referral=OuterRef("referral"), pathway=OuterRef("pathway"))
    ended = [HandOverStatus.DECLINED, HandOverStatus.REVOKED]
    taken = hand_overs.filter(same, accepted_at__isnull=False).exclude(status__in=ended)
    earlier = Q(ended_at__lt=OuterRef("ended_at")) | Q(ended_at=OuterRef("ended_at"), pk__lt=OuterRef("pk"))
    in_month = wanting.filter(ended_at__gte=starts, ended_at__lt=ends)
    return in_month.filter(~Exists(taken), ~Exists(wanting.filter(same, earlier)))


def _grouped(rows: QuerySet, *names: str) -> Iterable[tuple]:
    return rows.values_list(*names).annotate(n=Count("pk")).order_by()
