"""The book of true counts: what was counted of a month stands; what was not yet counted is counted now.

A longer period is always the sum of its months in the book, so that a year is the sum of its quarters for ever,
whatever is amended or deleted later. Only its medians are counted by themselves.
"""

from dataclasses import dataclass, field

from django.db.models import Max, QuerySet

from referrals.models import HandOver, PeriodCounts, Referral
from referrals.periods import Kind, Period
from referrals.statistics.counting import Counted, count_month
from referrals.statistics.counts import DISTRICT_BY_EXPLOITATION, EXPLOITATION_BY_AGE_GROUP, SETTING, Counts, added
from referrals.statistics.targets import Targets, current_targets
from referrals.statistics.timings import medians

#: How often a month is counted until its tables agree. They do not when somebody amends a case between two statements.
TRIES = 3


class CountsDisagree(RuntimeError):
    """Raised when the tables of a month have different totals each time they are counted."""


@dataclass
class Ledger:
    """The counts of periods, from the book or counted now. `again`: months that are counted again for a correction.

    What is not in the book yet is put there by `write`, in the caller's transaction.
    """

    again: frozenset[Period] = frozenset()
    _numbers: dict[Period, int] = field(default_factory=dict)
    _fresh: dict[Period, Counted] = field(default_factory=dict)
    _stored: dict[Period, Counted] = field(default_factory=dict)
    _sums: dict[Period, Counted] = field(default_factory=dict)
    _targets: Targets | None = None

    @property
    def targets(self) -> Targets:
        """How long each step may take, as it is set now."""
        self._targets = self._targets or current_targets()
        return self._targets

    def of(self, period: Period) -> Counted:
        """Return the true counts of `period` under None, and by the id of each organisation with a part in it."""
        if period not in self._sums:
            months = [self._entry(one) for one in period.months()]
            whose = {one for month in months for one in month} | {None}
            self._sums[period] = {one: added(month[one] for month in months if one in month) for one in whose}
        return self._sums[period]

    def medians(self, period: Period) -> Counted:
        """Return the medians of a quarter or year; a month has none."""
        return {} if period.kind is Kind.MONTH else self._entry(period)

    def still_holds(self) -> bool:
        """Return whether nobody has written into the book what was read or counted here."""
        return all(_last_number(period) == number for period, number in self._numbers.items())

    def number_of(self, period: Period) -> int:
        """Return the number of the counts of `period` in the book."""
        return self._numbers[period]

    def write(self) -> None:
        """Put what is fresh into the book, each under the number after its last."""
        for period in self._fresh:
            self._numbers[period] += 1
        PeriodCounts.objects.bulk_create(
            PeriodCounts(
                kind=period.kind,
                starts=period.starts,
                organisation_id=whose,
                number=self._numbers[period],
                counts=counts.as_json(),
            )
            for period, counted in self._fresh.items()
            for whose, counts in counted.items()
        )
        self._stored |= self._fresh
        self._fresh = {}

    def _entry(self, period: Period) -> Counted:
        """What the book says of a month, or of the medians of a longer period; else what there is to be counted."""
        if period in self._stored or period in self._fresh:
            return self._stored.get(period) or self._fresh[period]
        self._numbers[period] = number = _last_number(period)
        if number and not self.again & set(period.months()):
            return self._stored.setdefault(period, _in_the_book(period, number))
        return self._fresh.setdefault(period, self._count(period))

    def _count(self, period: Period) -> Counted:
        if period.kind is not Kind.MONTH:
            none = {None: Counts()}
            return none | {whose: Counts(medians=steps) for whose, steps in medians(period, *everything()).items()}
        for _ in range(TRIES):
            counted = count_month(period, *everything(), self.targets)
            of_all = counted[None]
            totals = {of_all.total(key) for key in (EXPLOITATION_BY_AGE_GROUP, DISTRICT_BY_EXPLOITATION, SETTING)}
            if len(totals) == 1:
                return counted
        raise CountsDisagree(period.slug)


def everything() -> tuple[QuerySet[Referral], QuerySet[HandOver]]:
    """Return the referrals that count, and their hand-overs: figures are of all of them, and name none."""
    referrals = Referral.objects.counted()
    return referrals, HandOver.objects.filter(referral__in=referrals)


def _in_the_book(period: Period, number: int) -> Counted:
    rows = PeriodCounts.objects.filter(kind=period.kind, starts=period.starts, number=number)
    return {whose: Counts.from_json(counts) for whose, counts in rows.values_list("organisation_id", "counts")}


def _last_number(period: Period) -> int:
    rows = PeriodCounts.objects.filter(kind=period.kind, starts=period.starts)
    return rows.aggregate(last=Max("number"))["last"] or 0
