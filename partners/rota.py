"""The duty rota as people read it: who is on duty on each day of two weeks, and when nobody is."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from partners.cover import WhoIsHere, here_on
from partners.hours import LONDON, WORK_ENDS, WORK_STARTS, is_working_day
from partners.limits import days_off
from partners.models import Duty

WEEKS = 2
DAY = datetime.timedelta(days=1)
Span = tuple[datetime.datetime, datetime.datetime]


@dataclass(frozen=True)
class Turn:
    """One shift on one day: who, from when until when (London), and what is to be known about it."""

    duty: Duty
    hours: str
    name: str
    remark: str
    counts: bool  # somebody is on duty through it
    is_on: bool
    is_over: bool


@dataclass
class RotaDay:
    """One day: its turns in order, and the hours in which nobody is on duty, in words."""

    day: datetime.date
    is_today: bool
    is_past: bool
    turns: list[Turn] = field(default_factory=list)
    gap: str = ""  # empty: somebody is on duty all day
    is_empty: bool = False  # nobody at all
    in_working_hours: bool = False  # a part of the gap lies between 09:00 and 17:00 of a working day


def week_of(day: datetime.date) -> datetime.date:
    """Return the Monday of the week in which the local date `day` lies."""
    return day - datetime.timedelta(days=day.weekday())


def rota(now: datetime.datetime) -> list[RotaDay]:
    """Return the days of this week and the next, as seen at the aware datetime `now`. Four queries."""
    today = now.astimezone(LONDON).date()
    days = [week_of(today) + n * DAY for n in range(7 * WEEKS)]
    start, end = _span(days[0])[0], _span(days[-1])[1]
    shifts = list(
        Duty.objects.filter(starts_at__lt=end, ends_at__gt=start).select_related("user").order_by("starts_at")
    )
    here, off = here_on(days), days_off()
    return [_day(day, shifts, here[day], off, now) for day in days]


def _day(day: datetime.date, shifts: list[Duty], here: WhoIsHere, off, now: datetime.datetime) -> RotaDay:
    today = now.astimezone(LONDON).date()
    made = RotaDay(day, is_today=day == today, is_past=day < today)
    first, last = _span(day)
    covered = []
    for duty in shifts:
        if duty.starts_at < last and duty.ends_at > first:
            made.turns.append(_turn(duty, first, last, here, now))
            if here.has_the_work_of(duty.user_id):
                covered.append((max(duty.starts_at, first), min(duty.ends_at, last)))
    gaps = _gaps(first, last, covered)
    made.is_empty = gaps == [(first, last)]
    made.gap = _gap_words(day, gaps, last)
    working = is_working_day(day, off)
    made.in_working_hours = working and any(_is_at_work(day, gap) for gap in gaps)
    return made


def _turn(
    duty: Duty, first: datetime.datetime, last: datetime.datetime, here: WhoIsHere, now: datetime.datetime
) -> Turn:
    known, has = here.known(duty.user_id), here.has_the_work_of(duty.user_id)
    if known is None:
        remark = "cannot work here on that day: counts for nobody"
    elif known.until is None:
        remark = ""
    else:
        remark = f"away, {has.name} covers" if has else "away, and nobody covers"
    return Turn(
        duty=duty,
        hours=f"{_clock(max(duty.starts_at, first), last)} to {_clock(min(duty.ends_at, last), last)}",
        name=duty.user.get_full_name(),
        remark=remark,
        counts=has is not None,
        is_on=duty.starts_at <= now < duty.ends_at and first <= now < last,
        is_over=duty.ends_at <= now,
    )


def _span(day: datetime.date) -> Span:
    """The local day as two moments; a day on which the clocks change has 23 or 25 hours."""
    start = datetime.datetime.combine(day, datetime.time(), LONDON)
    return start, datetime.datetime.combine(day + DAY, datetime.time(), LONDON)


def _gaps(first: datetime.datetime, last: datetime.datetime, covered: list[Span]) -> list[Span]:
    """What of the time from `first` to `last` none of `covered` (in order of their beginnings) holds."""
    found, at = [], first
    for starts, ends in covered:
        if starts > at:
            found.append((at, starts))
        at = max(at, ends)
    return [*found, (at, last)] if at < last else found


def _is_at_work(day: datetime.date, gap: Span) -> bool:
    opens, closes = (datetime.datetime.combine(day, clock, LONDON) for clock in (WORK_STARTS, WORK_ENDS))
    return gap[0] < closes and gap[1] > opens


def _gap_words(day: datetime.date, gaps: list[Span], last: datetime.datetime) -> str:
    if not gaps:
        return ""
    if len(gaps) == 1 and gaps[0][1] == last and gaps[0][0] == _span(day)[0]:
        return f"Nobody is on duty on {long_day(day)}"
    spans = [f"{_clock(starts, last)} to {_clock(ends, last)}" for starts, ends in gaps]
    return f"Nobody is on duty from {' and from '.join(spans)}"


def _clock(moment: datetime.datetime, last: datetime.datetime) -> str:
    return "24:00" if moment == last else f"{moment.astimezone(LONDON):%H:%M}"


def stretches_without_anybody(days: Sequence[RotaDay]) -> list[str]:
    """Say on which of `days` (in order) nobody is on duty: 'on Sunday 6 December', or from which day to which."""
    found: list[list[datetime.date]] = []
    for day in (one.day for one in days if one.is_empty and not one.is_past):
        if found and found[-1][-1] + DAY == day:
            found[-1].append(day)
        else:
            found.append([day])
    return [
        f"from {long_day(run[0])} to {long_day(run[-1])}" if len(run) > 1 else f"on {long_day(run[0])}" for run in found
    ]


def long_day(day: datetime.date) -> str:
    """Say a day: 'Saturday 28 November'."""
    return f"{day:%A} {day.day} {day:%B}"
