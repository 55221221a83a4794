"""Reports before, during and after a campaign: rates a month, how uncertain they are, what may be said of them. Pure.

Counts of independent reports vary as Poisson counts do. The interval of a rate is exact (Garwood 1936, by the
chi-squared distribution); that of a ratio of two rates is exact too, given their sum (Clopper and Pearson 1934, on the
share that falls into the campaign). Both are 95 % intervals that hold for 0, 1 and 2 too, where no rule of thumb does.

A count may be None (hidden) or rounded, because figures under disclosure control leave this system in that form only.
Then no number is worked out from them, and the words say so. Days are local dates, both ends counted.
"""

import datetime
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

# What scipy.stats' chi2 and beta call: that module takes seconds to import, in every web process.
from scipy.special import betaincinv, chdtri

from awareness.effect_words import too_coarse, words_of
from awareness.figures import NEXT_DAY, label_of, months_between

CONFIDENCE = 0.95
TAIL = (1 - CONFIDENCE) / 2
LEAST_SHARE = 1 / 40  # of a period: a day of a month is still looked at, a day of a quarter is not
MOST_PERIODS = 3  # on each side of a campaign: further away, other things have changed as well

#: A period and how many reports there were in it; None stands for a count that is hidden.
Row = tuple[datetime.date, datetime.date, int | None]


@dataclass(frozen=True)
class Rate:
    """Reports a month, and the interval in which the true rate lies with 95 % confidence."""

    per_month: float
    low: float
    high: float


@dataclass(frozen=True)
class Ratio:
    """How many times as many a month during as before, with its 95 % interval. `high` may be infinite."""

    times: float
    low: float
    high: float

    @property
    def says_nothing(self) -> bool:
        """Whether no change at all lies within the interval."""
        return self.low <= 1 <= self.high


@dataclass(frozen=True)
class Stretch:
    """Periods that follow each other, taken together. `count` is None where one of them is hidden."""

    starts: datetime.date
    ends: datetime.date
    count: int | None
    exact: bool = True

    @property
    def label(self) -> str:
        """Its days in words."""
        return label_of(self.starts, self.ends)

    @property
    def months(self) -> float:
        """How long it is."""
        return float(months_between(self.starts, self.ends))

    @property
    def rate(self) -> Rate | None:
        """Reports a month; None where the count is hidden or rounded."""
        return rate_of(self.count, self.months) if self.count is not None and self.exact else None


@dataclass(frozen=True)
class Effect:
    """What was found before, during and after. `ratio` is None where it cannot be worked out; `words` are sentences."""

    before: Stretch | None
    during: Stretch | None
    after: Stretch | None
    ratio: Ratio | None
    words: tuple[str, ...]

    @property
    def stretches(self) -> tuple[tuple[str, Stretch], ...]:
        """The three with their names, those that are there."""
        named = (("Before", self.before), ("During", self.during), ("After", self.after))
        return tuple((name, stretch) for name, stretch in named if stretch is not None)


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of the mean of a Poisson count (Garwood). Raises ValueError for less than 0."""
    if count < 0:
        raise ValueError("A count cannot be less than 0.")
    low = float(chdtri(2 * count, 1 - TAIL)) / 2 if count else 0.0
    return low, float(chdtri(2 * count + 2, TAIL)) / 2


def rate_of(count: int, months: float) -> Rate:
    """Return the rate of `count` reports in so many months. Raises ValueError for a negative count or no time."""
    if months <= 0:
        raise ValueError("A rate needs a time longer than 0.")
    low, high = poisson_interval(count)
    return Rate(count / months, low / months, high / months)


def ratio_of(before: int, months_before: float, during: int, months_during: float) -> Ratio | None:
    """Return the ratio of the two rates, during to before; None when there was no report at all.

    With none before, the ratio and the upper end are infinite; the lower end is not. Raises ValueError.
    """
    if min(before, during) < 0 or min(months_before, months_during) <= 0:
        raise ValueError("A ratio needs counts of 0 or more and times longer than 0.")
    total = before + during
    if total == 0:
        return None
    low = float(betaincinv(during, before + 1, TAIL)) if during else 0.0
    high = float(betaincinv(during + 1, before, 1 - TAIL)) if before else 1.0
    times = during / months_during / (before / months_before) if before else math.inf
    to_ratio = _odds_times(months_before / months_during)
    return Ratio(times, to_ratio(low), to_ratio(high))


def compare(
    starts: datetime.date, ends: datetime.date, rows: Iterable[Row], *, unit: str = "reports", rounded_to: int = 1
) -> Effect:
    """Return reports before, during and after a campaign from `starts` to `ends`.

    `rows` are periods of any length, in any order, that do not overlap. A period that the campaign touches counts as
    during, whole, unless the campaign is too short to be seen in it; before and after are up to three periods that
    follow on without a gap. `unit` is in the plural. `rounded_to` above 1 says that the counts are rounded to that.
    Raises ValueError for days or rows that cannot be.
    """
    if ends < starts:
        raise ValueError("A campaign cannot end before it starts.")
    ordered = _in_order(rows)
    exact = rounded_to == 1
    touched = [row for row in ordered if row[0] <= ends and row[1] >= starts]
    earlier = [row for row in ordered if row[1] < starts]
    later = [row for row in ordered if row[0] > ends]
    during = _together(touched, exact)
    if during is not None and _days(starts, ends) < LEAST_SHARE * _days(during.starts, during.ends):
        return Effect(None, None, None, None, too_coarse(during, (starts, ends)))
    before = _together(_next_to(earlier[::-1], during, backwards=True)[::-1], exact)
    after = _together(_next_to(later, during, backwards=False), exact)
    ratio = None
    if before and during and before.rate and during.rate:
        ratio = ratio_of(before.count or 0, before.months, during.count or 0, during.months)
    words = words_of(before, during, after, ratio, unit=unit, rounded_to=rounded_to, days=(starts, ends))
    return Effect(before, during, after, ratio, words)


def _days(starts: datetime.date, ends: datetime.date) -> int:
    return (ends - starts).days + 1


def _odds_times(factor: float) -> Callable[[float], float]:
    return lambda share: math.inf if share >= 1 else share / (1 - share) * factor


def _in_order(rows: Iterable[Row]) -> list[Row]:
    ordered = sorted(rows, key=lambda row: row[0])
    if any(row[1] < row[0] for row in ordered) or any(one[1] >= two[0] for one, two in pairwise(ordered)):
        raise ValueError("Periods must not overlap, nor end before they start.")
    return ordered


def _next_to(rows: Sequence[Row], during: Stretch | None, *, backwards: bool) -> list[Row]:
    """Return the first of `rows` that follow on from the campaign, away from it, without a gap."""
    if during is None:
        return []
    chain = [(during.starts, during.ends, None), *rows[:MOST_PERIODS]]
    joined = takewhile(
        lambda pair: (pair[0][0] - pair[1][1] if backwards else pair[1][0] - pair[0][1]) == NEXT_DAY, pairwise(chain)
    )
    return [pair[1] for pair in joined]


def _together(rows: Sequence[Row], exact: bool) -> Stretch | None:
    if not rows:
        return None
    counts = [row[2] for row in rows]
    known = [count for count in counts if count is not None]
    return Stretch(rows[0][0], rows[-1][1], sum(known) if len(known) == len(counts) else None, exact)
