"""Which tables a period has, for the partnership and for an organisation, with true counts. Nothing is hidden yet.

A month has its total alone: a county's month is too small to be divided. An organisation has lists of its own and no
table of two dimensions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from referrals.disclosure.cells import ALL, Cells, Key, one_way, two_way
from referrals.disclosure.rules import Dimension, check_crossing
from referrals.periods import Kind, Period
from referrals.published import Category, Counted, Scope
from referrals.statistics import counts as names
from referrals.statistics.categories import (
    AGE_GROUP,
    DECLINE_REASON,
    EXPLOITATION,
    OUTCOME,
    PATHWAY,
    SETTING,
    Districts,
)
from referrals.statistics.counts import CROSS, Counts
from referrals.statistics.timings import OF_ORGANISATIONS

TOTAL, MONTH, TARGET = "referrals", "month", "target"
#: The tables that an organisation has.
OF_AN_ORGANISATION = frozenset({TOTAL, "exploitation", "age_group", names.OUTCOME, names.PATHWAY, *OF_ORGANISATIONS})
#: The steps in their order.
STEPS = (names.ACKNOWLEDGE, names.TRIAGE, names.ACCEPT, names.FEEDBACK)
WITHIN, LATE = Category("within", "Within the target"), Category("late", "Late")


@dataclass(frozen=True)
class TrueTable:
    """A table as it was counted: by one dimension, by two, or by none (a total). What is not in `counts` is zero.

    How many took a step (`STEPS`) in time and how many late is a table too; its dimension is the target.
    """

    key: str
    counted: Counted
    dimensions: tuple[str, ...]
    rows: tuple[Category, ...]
    columns: tuple[Category, ...]
    counts: Mapping[str, int]

    @property
    def family(self) -> str:
        """Tables of one family share a total; between families there are no sums."""
        return self.key if self.is_step else self.counted.value

    @property
    def is_step(self) -> bool:
        """Whether it tells how long a step took."""
        return self.dimensions == (TARGET,)

    def cells(self) -> Cells:
        """Return it as counts and sums. Raises CrossingRefused for dimensions that must not be crossed."""
        if not self.dimensions:
            return Cells({ALL: self.counts[ALL]})
        rows, columns = [one.code for one in self.rows], [one.code for one in self.columns]
        if not columns:
            return one_way(self.dimensions[0], {row: self.counts.get(row, 0) for row in rows})
        check_crossing(*(Dimension(one) for one in self.dimensions))
        inner = {(row, column): self.counts.get(f"{row}{CROSS}{column}", 0) for row in rows for column in columns}
        return two_way((self.dimensions[0], self.dimensions[1]), rows, columns, inner)

    def cell(self, row: Category, column: Category | None = None) -> Key:
        """Return the key of a cell."""
        if column is None:
            return (self.dimensions[0], row.code)
        return ((self.dimensions[0], row.code), (self.dimensions[1], column.code))


def true_tables(period: Period, scope: Scope, counts: Counts, districts: Districts) -> list[TrueTable]:
    """Return the tables that `period` has, lists before what is made of two of them: so they are protected."""
    crossed = names.EXPLOITATION_BY_AGE_GROUP
    total = TrueTable(TOTAL, Counted.REFERRAL, (), (), (), {ALL: counts.total(crossed)})
    if period.kind is Kind.MONTH:
        return [total]
    own = [
        total,
        _list("exploitation", Counted.REFERRAL, EXPLOITATION, counts.margin(crossed, 0)),
        _list("age_group", Counted.REFERRAL, AGE_GROUP, counts.margin(crossed, 1)),
        _list(names.OUTCOME, Counted.CLOSED, OUTCOME, counts.cells(names.OUTCOME)),
        _list(names.PATHWAY, Counted.HAND_OVER, PATHWAY, counts.cells(names.PATHWAY)),
    ]
    own += [_step(key, counts) for key in STEPS if scope is Scope.PARTNERSHIP or key in OF_ORGANISATIONS]
    return own if scope is Scope.ORGANISATION else [*own, *_of_partnership(period, counts, districts)]


def _of_partnership(period: Period, counts: Counts, districts: Districts) -> list[TrueTable]:
    there = counts.renamed(names.DISTRICT_BY_EXPLOITATION, lambda cell: _now(cell, districts))
    places = districts.categories
    by_district = Counts({"there": there}).margin("there", 0)
    by_age_group = counts.cells(names.EXPLOITATION_BY_AGE_GROUP)
    of_kind = ("exploitation", "age_group")
    found = [
        _list("district", Counted.REFERRAL, places, by_district),
        _list(names.SETTING, Counted.REFERRAL, SETTING, counts.cells(names.SETTING)),
        _list(names.DECLINE_REASON, Counted.DECLINED, DECLINE_REASON, counts.cells(names.DECLINE_REASON)),
        TrueTable(names.GAP, Counted.GAP, ("pathway",), PATHWAY, (), counts.cells(names.GAP)),
        TrueTable(names.EXPLOITATION_BY_AGE_GROUP, Counted.REFERRAL, of_kind, EXPLOITATION, AGE_GROUP, by_age_group),
    ]
    if period.kind is Kind.YEAR:
        of_place = ("district", "exploitation")
        key = names.DISTRICT_BY_EXPLOITATION
        found.append(TrueTable(key, Counted.REFERRAL, of_place, places, EXPLOITATION, there))
    return found


def _step(key: str, counts: Counts) -> TrueTable:
    within, late = counts.timings.get(key, (0, 0))
    counted = Counted.HAND_OVER if key == names.ACCEPT else Counted.REFERRAL
    return TrueTable(key, counted, (TARGET,), (WITHIN, LATE), (), {WITHIN.code: within, LATE.code: late})


def _list(key: str, counted: Counted, categories: tuple[Category, ...], counts: Mapping[str, int]) -> TrueTable:
    return TrueTable(key, counted, (key,), categories, (), counts)


def _now(cell: str, districts: Districts) -> str:
    place, kind = cell.split(CROSS)
    return f"{districts.now(place)}{CROSS}{kind}"
