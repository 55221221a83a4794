"""The clocks and thresholds in force, and when each runs out. The lengths are data (`Limit`); only counting is here."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.utils import timezone

from partners.hours import LONDON, add_minutes, add_working_days, add_working_minutes, end_of_day, end_of_working_day
from partners.models import ClosedDay, Limit, LimitKey, Unit


class LimitMissing(LookupError):
    """Raised when no row says how long something may take on that day: an administrator has to add one."""


class LimitUnitWrong(ValueError):
    """Raised when a limit is asked for something its unit cannot say, such as the day on which five people are due."""


@dataclass(frozen=True)
class Limits:
    """The limits of one day: amount and unit by key, and the days off that clocks skip."""

    rows: Mapping[str, tuple[int, str]]
    closed_days: frozenset[datetime.date] = frozenset()

    def amount(self, key: LimitKey) -> int:
        """Return how many `key` is set to, in its unit. Raises LimitMissing."""
        return self._row(key)[0]

    def due(self, key: LimitKey, since: datetime.datetime) -> datetime.datetime:
        """Return when the clock `key` runs out that started at the aware datetime `since`, in London time.

        Working days end at 17:00, calendar days with the day. The local day of `since` is day 0 (facts, 8.1).
        Raises LimitMissing; LimitUnitWrong for a threshold.
        """
        amount, unit = self._row(key)
        if unit == Unit.WORKING_DAYS:
            return end_of_working_day(since, amount, self.closed_days)
        if unit == Unit.CALENDAR_DAYS:
            return end_of_day(since, amount)
        if unit == Unit.WORKING_MINUTES:
            return add_working_minutes(since, amount, self.closed_days)
        if unit == Unit.MINUTES:
            return add_minutes(since, amount)
        raise LimitUnitWrong(f"The limit {key} is counted in {unit}: it is no clock.")

    def due_on(self, key: LimitKey, since: datetime.date) -> datetime.date:
        """Return the last day of the clock `key` that started on the local date `since`, which is day 0.

        Raises LimitMissing; LimitUnitWrong for a limit that is not counted in days.
        """
        amount, unit = self._row(key)
        if unit == Unit.WORKING_DAYS:
            return add_working_days(since, amount, self.closed_days)
        if unit == Unit.CALENDAR_DAYS:
            return since + datetime.timedelta(days=amount)
        raise LimitUnitWrong(f"The limit {key} is counted in {unit}, not in days.")

    def _row(self, key: LimitKey) -> tuple[int, str]:
        try:
            return self.rows[key]
        except KeyError:
            raise LimitMissing(f"No clock or threshold “{LimitKey(key).label}” is in force on that day.") from None


def current_limits(on: datetime.date | None = None) -> Limits:
    """Return the limits in force on the local date `on` (today), and the partnership's own days off. One query."""
    day = on or timezone.now().astimezone(LONDON).date()
    off = ArraySubquery(_days_off().values("day"))
    rows = list(Limit.objects.in_force(day).values_list("key", "amount", "unit", off))
    return Limits({key: (amount, unit) for key, amount, unit, _ in rows}, frozenset(rows[0][3] if rows else ()))


def days_off() -> frozenset[datetime.date]:
    """Return the partnership's own days off, which clocks skip besides bank holidays. One query."""
    return frozenset(_days_off().values_list("day", flat=True))


def _days_off() -> QuerySet[ClosedDay]:
    return ClosedDay.objects.filter(line=None).order_by()
