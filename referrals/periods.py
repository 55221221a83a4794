"""The periods that figures are published for: months, quarters, financial years. Pure: no clock.

Fixed periods and nothing between: whoever may choose the days can subtract two answers from each other and find one
person (facts, 6, rule 5). The days are those of Europe/London.
"""

import datetime
import re
from dataclasses import dataclass
from enum import StrEnum

from partners.hours import LONDON

#: The month in which a financial year begins.
APRIL = 4
MONTHS_OF_A_QUARTER = 3
SLUG = re.compile(r"(?P<year>\d{4})-(?:(?P<month>\d\d)|q(?P<quarter>[1-4])|(?P<next>\d\d)-year)", re.ASCII)


class Kind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


#: How many months each has.
MONTHS = {Kind.MONTH: 1, Kind.QUARTER: MONTHS_OF_A_QUARTER, Kind.YEAR: 12}
#: What each is put together from.
PART = {Kind.QUARTER: Kind.MONTH, Kind.YEAR: Kind.QUARTER}


@dataclass(frozen=True, order=True)
class Period:
    """A month, a calendar quarter, or a financial year (April to March).

    `starts` is its first day; raises ValueError where none of its kind begins.
    """

    starts: datetime.date
    kind: Kind

    def __post_init__(self) -> None:
        if self.starts != _first_day(self.kind, self.starts):
            raise ValueError(f"No {self.kind.value} begins on {self.starts}")

    @property
    def ends(self) -> datetime.date:
        """The last day of it."""
        return _months_on(self.starts, MONTHS[self.kind]) - datetime.timedelta(days=1)

    @property
    def slug(self) -> str:
        """What it is called in an address: "2026-06", "2026-q2" (calendar quarters), "2026-27-year"."""
        match self.kind:
            case Kind.MONTH:
                return f"{self.starts:%Y-%m}"
            case Kind.QUARTER:
                return f"{self.starts.year}-q{(self.starts.month - 1) // MONTHS_OF_A_QUARTER + 1}"
            case Kind.YEAR:
                return f"{self.starts.year}-{self.ends.year % 100:02}-year"

    @property
    def label(self) -> str:
        """What it is called on a page: "June 2026", "April to June 2026", "April 2025 to March 2026"."""
        if self.kind is Kind.MONTH:
            return f"{self.starts:%B %Y}"
        same_year = self.starts.year == self.ends.year
        return f"{self.starts:%B}{'' if same_year else f' {self.starts.year}'} to {self.ends:%B %Y}"

    def bounds(self) -> tuple[datetime.datetime, datetime.datetime]:
        """Return the aware moments at which it begins and at which the next one begins."""
        return _midnight(self.starts), _midnight(self.next().starts)

    def next(self) -> "Period":
        """Return the period of its kind that follows."""
        return Period(_months_on(self.starts, MONTHS[self.kind]), self.kind)

    def previous(self) -> "Period":
        """Return the period of its kind before it."""
        return Period(_months_on(self.starts, -MONTHS[self.kind]), self.kind)

    def parts(self) -> tuple["Period", ...]:
        """Return the periods it is the sum of: a quarter's months, a year's quarters; of a month none."""
        if self.kind not in PART:
            return ()
        return tuple(one for one in _from(self.starts, PART[self.kind], MONTHS[self.kind]))

    def months(self) -> tuple["Period", ...]:
        """Return its months in order."""
        return tuple(_from(self.starts, Kind.MONTH, MONTHS[self.kind]))


def containing(kind: Kind, day: datetime.date) -> Period:
    """Return the period of `kind` in which the local date `day` lies."""
    return Period(_first_day(kind, day), kind)


def from_slug(slug: str) -> Period:
    """Return the period that `slug` names. Raises ValueError."""
    if not (found := SLUG.fullmatch(slug)):
        raise ValueError(f"“{slug}” names no period")
    year = int(found["year"])
    if found["month"]:
        return Period(datetime.date(year, int(found["month"]), 1), Kind.MONTH)
    if found["quarter"]:
        month = (int(found["quarter"]) - 1) * MONTHS_OF_A_QUARTER + 1
        return Period(datetime.date(year, month, 1), Kind.QUARTER)
    if int(found["next"]) != (year + 1) % 100:
        raise ValueError(f"“{slug}” is no financial year: it ends in the year after it begins")
    return Period(datetime.date(year, APRIL, 1), Kind.YEAR)


def _from(start: datetime.date, kind: Kind, months: int) -> list[Period]:
    step = MONTHS[kind]
    return [Period(_months_on(start, after), kind) for after in range(0, months, step)]


def _first_day(kind: Kind, day: datetime.date) -> datetime.date:
    match kind:
        case Kind.MONTH:
            return day.replace(day=1)
        case Kind.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % MONTHS_OF_A_QUARTER, day=1)
        case Kind.YEAR:
            return datetime.date(day.year - (day.month < APRIL), APRIL, 1)


def _months_on(day: datetime.date, months: int) -> datetime.date:
    years, month = divmod(day.month - 1 + months, 12)
    return datetime.date(day.year + years, month + 1, 1)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, LONDON)
