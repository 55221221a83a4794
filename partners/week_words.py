"""A week of opening hours as people type it ("Monday to Friday 9 to 17") and as it is said back. Pure; times local."""

import datetime
import re
from collections.abc import Iterable
from itertools import pairwise

from partners.hours import Stretch

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LIKE = "Write it like “Monday to Friday 9:00 to 17:00”, each on a line of its own."
#: Midnight at the end of a day: a stretch ends on the day it starts.
LAST_MINUTE = datetime.time(23, 59)
_TO = r"\s*(?:-|–|to|until)\s*"
_TIME = r"(?:\d{1,2}(?:[:.]\d{2})?\s*(?:am|pm)?|noon|midday|midnight)"
_LINE = re.compile(rf"(?P<days>[a-z][a-z\s,&–-]*?):?\s*(?:from\s+)?(?P<opens>{_TIME}){_TO}(?P<closes>{_TIME})\.?")
_GROUPS = {"every day": range(7), "daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}


class WeekError(ValueError):
    """Raised with words for people when a week cannot be read."""


def week_of(text: str) -> list[Stretch]:
    """Return the stretches in `text`, a line or a piece before a semicolon each; none for nothing.

    Raises WeekError for what cannot be read, closes before it opens, or overlaps.
    """
    found: list[Stretch] = []
    for piece in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        found += _stretches(piece)
    found.sort(key=lambda stretch: (stretch.weekday, stretch.opens))
    for one, other in pairwise(found):
        if one.weekday == other.weekday and other.opens < one.closes:
            raise WeekError(f"On {DAYS[one.weekday]} {_times(one)} and {_times(other)} overlap. Make them one.")
    return found


def in_words(stretches: Iterable[Stretch]) -> list[str]:
    """Return a week in words, days with the same times together: "Monday to Friday 09:00 to 17:00"."""
    by_day = dict.fromkeys(range(7), "")
    for stretch in sorted(stretches, key=lambda stretch: (stretch.weekday, stretch.opens)):
        by_day[stretch.weekday] += (" and " if by_day[stretch.weekday] else "") + _times(stretch)
    said: list[str] = []
    day = 0
    while day < 7:
        last = day
        while last < 6 and by_day[last + 1] == by_day[day]:
            last += 1
        if by_day[day]:
            said.append(f"{DAYS[day]}{f' to {DAYS[last]}' if last > day else ''} {by_day[day]}")
        day = last + 1
    return said


def as_typed(stretches: Iterable[Stretch]) -> str:
    """Return a week as `week_of` reads it again."""
    return "\n".join(
        f"{line.split(' and ')[0]}" if " and " not in line else _several(line) for line in in_words(stretches)
    )


def _several(line: str) -> str:
    first, *others = line.split(" and ")
    days = re.sub(r" \d\d:\d\d to \d\d:\d\d$", "", first)
    return "\n".join([first, *(f"{days} {times}" for times in others)])


def _times(stretch: Stretch) -> str:
    return f"{stretch.opens:%H:%M} to {stretch.closes:%H:%M}"


def _stretches(piece: str) -> list[Stretch]:
    found = _LINE.fullmatch(" ".join(piece.lower().split()))
    if not found:
        raise WeekError(f"“{piece}” cannot be read. {LIKE}")
    opens, closes = _time(found["opens"], piece), _time(found["closes"], piece, ends=True)
    if closes <= opens:
        raise WeekError(f"“{piece}” closes before it opens. What is after midnight belongs on a line of the next day.")
    return [Stretch(day, opens, closes) for day in _days(found["days"].strip(), piece)]


def _days(text: str, piece: str) -> list[int]:
    if text in _GROUPS:
        return list(_GROUPS[text])
    days: list[int] = []
    for part in re.split(r"\s*(?:,|&|\band\b)\s*", text):
        ends = [_day(word, piece) for word in re.split(r"\s*(?:-|–|\bto\b)\s*", part)]
        if len(ends) > 2 or ends[-1] < ends[0]:
            raise WeekError(f"“{piece}” runs backwards: start the week on Monday.")
        days += range(ends[0], ends[-1] + 1)
    return days


def _day(word: str, piece: str) -> int:
    for number, day in enumerate(DAYS):
        if len(word) >= 3 and (day.lower().startswith(word.rstrip("s")) or word == f"{day.lower()}s"):
            return number
    raise WeekError(f"“{word}” in “{piece}” is no day of the week. {LIKE}")


def _time(text: str, piece: str, *, ends: bool = False) -> datetime.time:
    if text in {"noon", "midday"}:
        return datetime.time(12)
    if text == "midnight" or (ends and text in {"24", "24:00", "24.00"}):
        return LAST_MINUTE if ends else datetime.time(0)
    hour, minute, half = re.fullmatch(r"(\d+)(?:[:.](\d+))?\s*(am|pm)?", text).groups()
    number = int(hour) % 12 + 12 * (half == "pm") if half and 1 <= int(hour) <= 12 else int(hour)
    try:
        return datetime.time(number, int(minute or 0))
    except ValueError:
        raise WeekError(f"“{text.strip()}” in “{piece}” is no time of day.") from None
