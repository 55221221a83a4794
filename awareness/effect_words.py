"""What may be said of reports before, during and after a campaign, to somebody who is no statistician. Pure."""

import datetime
import math
from collections.abc import Callable
from typing import Protocol

CAUTION = (
    "That reports rise with a campaign does not show that the campaign did it: a police operation, the news or the "
    "time of year can do the same."
)
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
DAYS_A_MONTH = 30.4375  # on average
SMALL = 100  # reports in all, below which chance is the first thing to think of


class StretchLike(Protocol):
    """Part of `awareness.effect.Stretch`."""

    count: int | None

    @property
    def label(self) -> str:
        """Its days in words."""

    @property
    def months(self) -> float:
        """How long it is."""


class RatioLike(Protocol):
    """Part of `awareness.effect.Ratio`."""

    times: float
    low: float
    high: float

    @property
    def says_nothing(self) -> bool:
        """Whether no change at all lies within the interval."""


def words_of(
    before: StretchLike | None,
    during: StretchLike | None,
    after: StretchLike | None,
    ratio: RatioLike | None,
    *,
    unit: str,
    rounded_to: int,
    days: tuple[datetime.date, datetime.date],
) -> tuple[str, ...]:
    """Return the sentences for what was found, the caution about causes always among them (see `effect.compare`)."""
    if during is None:
        return (f"There are no {unit} for the days of this campaign.",)
    said = [_blurred(during, days)]
    if before is None:
        said.append(f"There are no {unit} for before it, so nothing can be compared.")
    elif any(one is not None and one.count is None for one in (before, during)):
        said.append(
            "Some of these figures are hidden, so that nobody can be recognised. No rate is worked out from them."
        )
    elif rounded_to > 1:
        said.append(
            f"These figures are rounded to {rounded_to}, so that nobody can be recognised. "
            "No rate is worked out from them."
        )
    else:
        said += _compared(before, during, ratio, unit)
    said += [_afterwards(after, unit, rounded_to), CAUTION]
    return tuple(filter(None, said))


def too_coarse(during: StretchLike, days: tuple[datetime.date, datetime.date]) -> tuple[str, ...]:
    """Return what is said of a campaign that lies somewhere in a far longer period."""
    return (f"{_lasted(days)}; the figures are of {during.label} as a whole. They cannot show what it did.",)


def times_in_words(times: float) -> str:
    """Return "seven times as many", "twice as many", "half as many", "as many", "2.3 times as many"."""
    whole = round(times)
    if math.isclose(times, 0.5):
        return "half as many"
    if whole and math.isclose(times, whole):
        words = {1: "as many", 2: "twice as many"}
        return words.get(whole, f"{_number(whole)} times as many")
    return f"{_about(times)} times as many"


def _compared(before: StretchLike, during: StretchLike, ratio: RatioLike | None, unit: str) -> list[str]:
    if ratio is None:
        return [f"There were no {unit} in {during.label}, and none in {before.label}: nothing can be said."]
    equal = before.months == during.months
    first = f"{_count(during, unit, equal)} in {during.label} after {_count(before, '', equal)} in {before.label}"
    if not before.count:
        return [f"{first}.", f"How many times as many cannot be said, because there were none before. {_chance(ratio)}"]
    a_month = "" if equal else " a month"
    if not during.count:
        return [f"{first}.", _range(ratio, before, during)]
    return [f"{first}: {times_in_words(ratio.times)}{a_month}.", _range(ratio, before, during)]


def _range(ratio: RatioLike, before: StretchLike, during: StretchLike) -> str:
    span = f"anything from about {_about(ratio.low, math.floor)} to about {_about(ratio.high, math.ceil)} times"
    if ratio.says_nothing:
        return f"That is too few to say whether anything changed: the true rate could be {span} the old one."
    small = (before.count or 0) + (during.count or 0) < SMALL
    why = "With numbers this small" if small else "Allowing for chance"
    way = "rise" if ratio.low > 1 else "change"
    return f"{why} the true {way} could be {span}."


def _chance(ratio: RatioLike) -> str:
    if ratio.says_nothing:
        return "It is too few to say whether anything changed."
    return f"The true rate is at least about {_about(ratio.low, math.floor)} times the old one."


def _blurred(during: StretchLike, days: tuple[datetime.date, datetime.date]) -> str:
    """Say that a campaign of days is looked at through longer periods."""
    length = (days[1] - days[0]).days + 1
    if during.months * DAYS_A_MONTH <= 2 * length:
        return ""
    seen = f"the figures are of {during.label} as a whole, so most of it is not the campaign"
    return f"{_lasted(days)}; {seen}."


def _lasted(days: tuple[datetime.date, datetime.date]) -> str:
    length = (days[1] - days[0]).days + 1
    return f"The campaign lasted {'one day' if length == 1 else f'{_number(length)} days'}"


def _afterwards(after: StretchLike | None, unit: str, rounded_to: int) -> str:
    if after is None:
        return f"There are no {unit} for after it, so it cannot be said whether any change lasted."
    if after.count is None:
        return f"What came after, in {after.label}, is hidden."
    rate = "" if rounded_to > 1 or after.months == 1 else f", {after.count / after.months:.1f} a month"
    return f"After it, in {after.label}, there were {f'{after.count:,}' if after.count else 'none'}{rate}."


def _count(stretch: StretchLike, unit: str, equal: bool) -> str:
    count = stretch.count or 0
    one = unit[:-1] if unit.endswith("s") and count == 1 else unit
    number = f"{count:,}" if count else ("No" if unit else "none")
    rate = "" if equal else f" ({count / stretch.months:.1f} a month)"
    return " ".join(filter(None, [number, one])) + rate


def _number(whole: int) -> str:
    return NUMBERS[whole] if whole < len(NUMBERS) else f"{whole:,}"


def _about(value: float, to_whole: Callable[[float], int] = round) -> str:
    """A number as exactly as it deserves. The ends of an interval are rounded outwards, so that it stays as wide."""
    if math.isinf(value):
        return "any number of"
    places = 0 if value >= 10 or value == 0 else 1 if value >= 0.1 else 2
    return f"{to_whole(value * 10**places) / 10**places:,.{places}f}"
