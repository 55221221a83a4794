"""Is it open, when does it open next, and how long is a working day.

Pure: no ORM, no clock. Aware datetimes go in and come out in Europe/London; working days are England's (facts, 8.1).
"""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
LOOK_AHEAD_DAYS = 21
WORK_STARTS, WORK_ENDS = datetime.time(9), datetime.time(17)


@dataclass(frozen=True)
class Stretch:
    """One stretch of a weekday (Monday is 0) in local time."""

    weekday: int
    opens: datetime.time
    closes: datetime.time


@lru_cache(maxsize=1)
def _england() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")


def is_bank_holiday(day: datetime.date) -> bool:
    """Return whether `day` is a bank holiday in England."""
    return day in _england()


def is_working_day(day: datetime.date, closed_days: Collection[datetime.date] = ()) -> bool:
    """Return whether `day` is Monday to Friday, no bank holiday in England and none of `closed_days`."""
    return day.weekday() < 5 and not is_bank_holiday(day) and day not in closed_days


def add_working_days(start: datetime.date, days: int, closed_days: Collection[datetime.date] = ()) -> datetime.date:
    """Return the working day that is `days` after `start`; `start` is day 0 (facts, 8.1).

    Raises ValueError when `days` is negative.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    day = start
    while days:
        day += datetime.timedelta(days=1)
        days -= is_working_day(day, closed_days)
    return day


def working_days_before(day: datetime.date, days: int, closed_days: Collection[datetime.date] = ()) -> datetime.date:
    """Return the first day from which, counted as day 0, no more than `days` working days have gone by until `day`.

    Raises ValueError when `days` is negative.
    """
    if days < 0:
        raise ValueError("days must not be negative")
    first = day
    while days or not is_working_day(first, closed_days):
        days -= is_working_day(first, closed_days)
        first -= datetime.timedelta(days=1)
    return first


def end_of_working_day(
    moment: datetime.datetime, days: int, closed_days: Collection[datetime.date] = ()
) -> datetime.datetime:
    """Return 17:00 London time on the working day that is `days` after the local date of `moment`."""
    day = add_working_days(moment.astimezone(LONDON).date(), days, closed_days)
    return datetime.datetime.combine(day, WORK_ENDS, LONDON)


def end_of_day(moment: datetime.datetime, days: int) -> datetime.datetime:
    """Return the last second, London time, of the calendar day that is `days` after the local date of `moment`."""
    day = moment.astimezone(LONDON).date() + datetime.timedelta(days=days)
    return datetime.datetime.combine(day, datetime.time(23, 59, 59), LONDON)


def add_minutes(moment: datetime.datetime, minutes: int) -> datetime.datetime:
    """Return the aware datetime `minutes` after `moment` by a stop-watch, in London time: a clock change adds none."""
    return (moment.astimezone(datetime.UTC) + datetime.timedelta(minutes=minutes)).astimezone(LONDON)


def add_working_minutes(
    moment: datetime.datetime, minutes: int, closed_days: Collection[datetime.date] = ()
) -> datetime.datetime:
    """Return when `minutes` of working time have gone by since the aware datetime `moment`, in London time.

    Working time is 09:00 to 17:00 on working days; outside it the count stands still until the next morning at 09:00.
    Raises ValueError when `minutes` is negative.
    """
    if minutes < 0:
        raise ValueError("minutes must not be negative")
    left = datetime.timedelta(minutes=minutes)
    start = _next_working_time(moment.astimezone(LONDON), closed_days)
    while (room := datetime.datetime.combine(start.date(), WORK_ENDS, LONDON) - start) < left:
        left -= room
        start = _next_working_time(start + room, closed_days)
    return start + left


def working_minutes(
    start: datetime.datetime, end: datetime.datetime, closed_days: Collection[datetime.date] = ()
) -> int:
    """Return how many whole minutes of working time lie between two aware datetimes; none when `end` is not later."""
    at, until, total = _next_working_time(start.astimezone(LONDON), closed_days), end.astimezone(LONDON), 0
    while at < until:
        evening = datetime.datetime.combine(at.date(), WORK_ENDS, LONDON)
        total += int((min(evening, until) - at).total_seconds()) // 60
        at = _next_working_time(evening, closed_days)
    return total


def _next_working_time(local: datetime.datetime, closed_days: Collection[datetime.date]) -> datetime.datetime:
    """Return `local` when it is working time, else the next morning at which work starts. The clocks change at night,
    so within one working day the wall clock is a stop-watch."""
    if is_working_day(local.date(), closed_days) and local.time() < WORK_ENDS:
        return max(local, datetime.datetime.combine(local.date(), WORK_STARTS, LONDON))
    return datetime.datetime.combine(add_working_days(local.date(), 1, closed_days), WORK_STARTS, LONDON)


def is_open(moment: datetime.datetime, hours: Sequence[Stretch], closed_days: Collection[datetime.date] = ()) -> bool:
    """Return whether a line with these `hours` answers at the aware datetime `moment`. Bank holidays are closed."""
    local = moment.astimezone(LONDON)
    if local.date() in closed_days or is_bank_holiday(local.date()):
        return False
    now = local.time()
    return any(s.weekday == local.weekday() and s.opens <= now < s.closes for s in hours)


def next_opening(
    moment: datetime.datetime, hours: Sequence[Stretch], closed_days: Collection[datetime.date] = ()
) -> datetime.datetime | None:
    """Return when a closed line opens next (London time), or None when it does not within three weeks."""
    local = moment.astimezone(LONDON)
    for ahead in range(LOOK_AHEAD_DAYS):
        day = local.date() + datetime.timedelta(days=ahead)
        if day in closed_days or is_bank_holiday(day):
            continue
        openings = sorted(s.opens for s in hours if s.weekday == day.weekday())
        for opens in openings:
            start = datetime.datetime.combine(day, opens, LONDON)
            if start > local:
                return start
    return None


def when(moment: datetime.datetime, now: datetime.datetime) -> str:
    """Say `moment` in plain words as seen from `now`: 'today at 17:00', 'tomorrow at 08:00', 'Monday at 08:00',
    'Monday 30 November at 08:00'. Both are aware datetimes."""
    local, today = moment.astimezone(LONDON), now.astimezone(LONDON).date()
    days = (local.date() - today).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return f"today at {clock}"
    if days == 1:
        return f"tomorrow at {clock}"
    if 1 < days < 7:
        return f"{local:%A} at {clock}"
    return f"{local:%A} {local.day} {local:%B} at {clock}"


def closing_time(moment: datetime.datetime, hours: Sequence[Stretch]) -> datetime.time | None:
    """Return when a line that is open at `moment` closes (London time), or None when it is not open."""
    local = moment.astimezone(LONDON)
    now = local.time()
    ends = [s.closes for s in hours if s.weekday == local.weekday() and s.opens <= now < s.closes]
    return max(ends, default=None)
