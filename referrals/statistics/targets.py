"""How long each step may take, so that it counts as in time: the partnership's own figures and the clocks.

The times of the partnership's row hold as they are now; a clock (`Limit`) holds as it was on the day it started.
"""

import datetime
from dataclasses import dataclass

from partners.hours import LONDON, end_of_working_day
from partners.limits import Limits, days_off
from partners.models import Limit, LimitKey, Partnership


@dataclass(frozen=True)
class Targets:
    """The targets of every step."""

    partnership: Partnership
    closed_days: frozenset[datetime.date]
    deciding: tuple[Limit, ...]

    @property
    def words(self) -> dict[str, str]:
        """Each target in words, by the key of the step."""
        own = self.partnership
        newest = max(self.deciding, key=lambda row: row.starts_on, default=None)
        return {
            "acknowledge": f"{_count(own.unopened_minutes, 'minute')}, "
            f"or {own.unopened_minutes_immediate} in immediate danger",
            "triage": f"{_count(own.triage_days_standard, 'working day')}, "
            f"or {_count(own.triage_hours_immediate, 'hour')} in immediate danger",
            "accept": newest.in_words if newest else "no target",
            "feedback": _count(own.feedback_days, "working day"),
        }

    def triaged_by(self, day: datetime.date) -> datetime.datetime:
        """Return when a referral of the local date `day`, without immediate danger, is to be taken into triage."""
        return end_of_working_day(_noon(day), self.partnership.triage_days_standard, self.closed_days)

    def heard_by(self, day: datetime.date) -> datetime.datetime:
        """Return when the referrer of a referral of the local date `day` is to have heard what becomes of it."""
        return end_of_working_day(_noon(day), self.partnership.feedback_days, self.closed_days)

    def decided_by(self, day: datetime.date) -> datetime.datetime:
        """Return when a hand-over that was offered on the local date `day` is to be accepted, by the clock of that day.

        Where no clock held on that day, there was no target and nothing is late.
        """
        row = next((one for one in self.deciding if one.is_in_force(day)), None)
        if row is None:
            return datetime.datetime.max.replace(tzinfo=datetime.UTC)
        rows = {LimitKey.HAND_OVER_DECIDE: (row.amount, row.unit)}
        return Limits(rows, self.closed_days).due(LimitKey.HAND_OVER_DECIDE, _noon(day))


def current_targets() -> Targets:
    """Return the targets as they are set now. Three queries."""
    deciding = Limit.objects.filter(key=LimitKey.HAND_OVER_DECIDE)
    return Targets(Partnership.current(), days_off(), tuple(deciding))


def _noon(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(12), LONDON)


def _count(amount: int, unit: str) -> str:
    return f"{amount} {unit}{'' if amount == 1 else 's'}"
