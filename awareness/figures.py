"""Published figures as series that know what may be said of them. Pure: no database, no request.

Days are local dates, both ends counted. The sources of this county count over six months and over five, over calendar
years and over financial ones, and in words such as "nearly" (facts, 5.5): a line through such points would show a trend
that nobody measured. A `Series` draws a line only where its points are alike, and says why where they are not.
"""

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

NEXT_DAY = datetime.timedelta(days=1)  # from the last day of a period to the first of the next
FEWEST_FOR_A_LINE = 3  # a line through two points is drawn by whoever chose the two


class Qualifier(StrEnum):
    """How exactly a source gives a number."""

    EXACTLY = "exactly"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    NEARLY = "nearly"
    ABOUT = "about"


QUALIFIER_LABELS = {
    Qualifier.EXACTLY: "exactly",
    Qualifier.MORE_THAN: "more than",
    Qualifier.AT_LEAST: "at least",
    Qualifier.NEARLY: "nearly",
    Qualifier.ABOUT: "about",
}


class PeriodKind(StrEnum):
    """What sort of stretch a figure counts over."""

    MOMENT = "moment"  # one day: how many there were then
    OPEN = "open"  # up to a day, from nobody says when
    MONTH = "month"
    QUARTER = "quarter"  # of the calendar year
    CALENDAR_YEAR = "calendar year"
    FINANCIAL_YEAR = "financial year"
    OTHER = "other"


class NotComparable(Exception):
    """Raised when points that are not alike are asked for as one line. `reasons` are for people."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(self.reasons))


def months_between(starts: datetime.date, ends: datetime.date) -> Fraction:
    """Return how many months lie from `starts` to `ends`, both counted: whole ones, and parts by the days of theirs.

    March to August is 6, 1 to 14 February 2019 is a half. Raises ValueError when it ends before it starts.
    """
    if ends < starts:
        raise ValueError(f"A period cannot end ({ends}) before it starts ({starts}).")
    first, last = (day.year * 12 + day.month - 1 for day in (starts, ends))
    whole = Fraction(last - first + 1)
    before = Fraction(starts.day - 1, _days_in(starts))
    after = Fraction(_days_in(ends) - ends.day, _days_in(ends))
    return whole - before - after


def per_month(value: int, starts: datetime.date, ends: datetime.date) -> float:
    """Return `value` as a rate a month, so that unequal periods can stand side by side. Raises ValueError."""
    return float(value / months_between(starts, ends))


def kind_of(starts: datetime.date | None, ends: datetime.date) -> PeriodKind:
    """Return what sort of period it is."""
    if starts is None:
        return PeriodKind.OPEN
    if starts == ends:
        return PeriodKind.MOMENT
    if not _whole_months(starts, ends):
        return PeriodKind.OTHER
    named = {
        1: PeriodKind.MONTH,
        3: PeriodKind.QUARTER if starts.month % 3 == 1 else PeriodKind.OTHER,
        12: {1: PeriodKind.CALENDAR_YEAR, 4: PeriodKind.FINANCIAL_YEAR}.get(starts.month, PeriodKind.OTHER),
    }
    return named.get(int(months_between(starts, ends)), PeriodKind.OTHER)


def label_of(starts: datetime.date | None, ends: datetime.date) -> str:
    """Return the period in words: "2017", "2018/19, April to March", "March to August 2017", "to July 2018"."""
    kind = kind_of(starts, ends)
    if starts is None:
        return f"to {ends:%B %Y}" if ends.day == _days_in(ends) else f"to {ends:%-d %B %Y}"
    if kind is PeriodKind.CALENDAR_YEAR:
        return f"{ends:%Y}"
    if kind is PeriodKind.FINANCIAL_YEAR:
        return f"{starts:%Y}/{ends:%y}, April to March"
    if kind is PeriodKind.MOMENT:
        return f"{ends:%-d %B %Y}"
    if kind is PeriodKind.MONTH:
        return f"{ends:%B %Y}"
    day = "%B" if _whole_months(starts, ends) else "%-d %B"
    if starts.year != ends.year:
        return f"{starts:{day} %Y} to {ends:{day} %Y}"
    if (starts.month, starts.year) == (ends.month, ends.year):
        return f"{starts.day} to {ends:%-d %B %Y}"
    return f"{starts:{day}} to {ends:{day} %Y}"


def _days_in(day: datetime.date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _whole_months(starts: datetime.date, ends: datetime.date) -> bool:
    return starts.day == 1 and ends.day == _days_in(ends)


@dataclass(frozen=True)
class Point:
    """One figure. `starts` is None for "up to"; `words` stand for the days where the source gives none."""

    starts: datetime.date | None
    ends: datetime.date
    value: int
    qualifier: Qualifier = Qualifier.EXACTLY
    source: str = ""
    caveat: str = ""
    words: str = ""

    @property
    def kind(self) -> PeriodKind:
        """What sort of period it counts over."""
        return kind_of(self.starts, self.ends)

    @property
    def label(self) -> str:
        """Its period in words."""
        return self.words or label_of(self.starts, self.ends)

    @property
    def text(self) -> str:
        """Its value in words: "more than 500", "13,000"."""
        return " ".join(filter(None, [self.how_exact, f"{self.value:,}"]))

    @property
    def how_exact(self) -> str:
        """The qualifier in words; nothing for an exact number."""
        return "" if self.qualifier is Qualifier.EXACTLY else QUALIFIER_LABELS[self.qualifier]

    @property
    def months(self) -> Fraction | None:
        """How many months it counts over; None for a moment and for "up to", which have no rate."""
        if self.starts is None or self.starts == self.ends:
            return None
        return months_between(self.starts, self.ends)

    @property
    def per_month(self) -> float | None:
        """The value as a rate a month; None where there is none."""
        months = self.months
        return None if months is None else float(self.value / months)


@dataclass(frozen=True)
class Series:
    """The figures of one measure in the order of their days. `counts` says which way of counting (two series with the
    same one count alike); `disputed` are the notes on what does not agree in it."""

    name: str
    unit: str
    counts: str
    points: tuple[Point, ...]
    disputed: tuple[str, ...] = ()

    @property
    def unequal(self) -> bool:
        """Whether its periods are of different lengths, so that only rates can be compared."""
        return len({point.months for point in self.points if point.months is not None}) > 1

    @property
    def can_be_a_line(self) -> bool:
        """Whether its points are alike enough to be joined."""
        return not self.why_no_line()

    def why_no_line(self) -> tuple[str, ...]:
        """Return why its points must not be joined by a line, in sentences; empty when they may be."""
        points = self.points
        kinds = {point.kind for point in points}
        years = {PeriodKind.CALENDAR_YEAR, PeriodKind.FINANCIAL_YEAR} <= kinds
        reasons = {
            "There are fewer than three figures.": len(points) < FEWEST_FOR_A_LINE,
            "Calendar years and financial years are mixed.": years,
            "The periods are not of one length.": self.unequal,
            "The periods are not of one kind.": len(kinds) > 1 and not self.unequal and not years,
            "A figure has no first day.": PeriodKind.OPEN in kinds,
            "They come from more than one source.": len({point.source for point in points}) > 1,
            "Not every figure is exact.": any(point.qualifier is not Qualifier.EXACTLY for point in points),
            "A figure has a caveat of its own.": any(point.caveat or point.words for point in points),
            "The periods overlap, or some are missing between them.": not _follow_on(points),
            "The sources do not agree about this count.": bool(self.disputed),
        }
        return tuple(reason for reason, holds in reasons.items() if holds)

    def line(self) -> tuple[tuple[str, int], ...]:
        """Return `(period, value)` for a line. Raises NotComparable where a line would say what nobody measured."""
        if reasons := self.why_no_line():
            raise NotComparable(reasons)
        return tuple((point.label, point.value) for point in self.points)

    def bars(self) -> tuple[tuple[str, float], ...]:
        """Return `(period, rate a month)`, for bars that stand apart; figures without a rate are left out."""
        return tuple((point.label, rate) for point in self.points if (rate := point.per_month) is not None)

    @property
    def note(self) -> str:
        """What stands beside bars instead of a line; nothing where a line is allowed."""
        reasons = self.why_no_line()
        if not reasons or len(self.points) < 2:
            return ""
        rates = " The rate a month is the fairer comparison." if self.unequal else ""
        return f"These figures are not joined by a line: {_as_clauses(reasons)}.{rates}"


def why_not_together(*series: Series) -> tuple[str, ...]:
    """Return why these series must not be joined into one line, in sentences; empty when they may be."""
    points = tuple(sorted((point for one in series for point in one.points), key=lambda point: point.ends))
    first = series[0]
    disputed = tuple(note for one in series for note in one.disputed)
    joined = Series(first.name, first.unit, first.counts, points, disputed)
    different = ("They do not count the same thing.",) if len({one.counts for one in series}) > 1 else ()
    return different + joined.why_no_line()


def _as_clauses(reasons: Sequence[str]) -> str:
    return "; ".join(reason[0].lower() + reason[1:].rstrip(".") for reason in reasons)


def _follow_on(points: Sequence[Point]) -> bool:
    """Whether each period starts on the day after the one before; moments and "up to" have no such order."""
    pairs = [(one, next_) for one, next_ in pairwise(points) if one.months and next_.months]
    return all(next_.starts is not None and next_.starts - one.ends == NEXT_DAY for one, next_ in pairs)
