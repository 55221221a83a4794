"""Which periods are to be published: those that ended long enough ago, parts before what they are parts of."""

import datetime
from collections.abc import Iterator

from django.db.models import Min

from partners.hours import LONDON, add_working_days
from partners.limits import days_off
from partners.models import Partnership
from referrals.models import FigureAct, Publication
from referrals.periods import Kind, Period, containing
from referrals.publishing.ledger import everything


def first_day() -> datetime.date | None:
    """Return the local day of the first referral that counts; None when there is none yet."""
    referrals, _ = everything()
    first: datetime.datetime | None = referrals.aggregate(first=Min("submitted_at"))["first"]
    return first.astimezone(LONDON).date() if first else None


def closed(today: datetime.date) -> list[Period]:
    """Return every period that has ended before the local date `today`, from the first referral on, in the order in
    which they are published."""
    first = first_day()
    if first is None:
        return []
    found = [period for kind in Kind for period in _from(containing(kind, first), today)]
    return sorted(found, key=lambda period: (period.ends, list(Kind).index(period.kind)))


def due(today: datetime.date, *, grace: bool = True) -> Iterator[Period]:
    """Give, one after the other, the periods that are to be published on the local date `today`.

    Not those that are held, nor those of which a part is not published; whoever asks publishes each before the next.
    Without `grace` nobody is given time to look at them first.
    """
    days, off, periods = Partnership.current().figures_after_days, days_off(), closed(today)
    published = set(Publication.objects.of_partnership().values_list("kind", "starts"))
    for period in periods:
        ready = not grace or published_on(period, days, off) <= today
        if ready and (period.kind, period.starts) not in published and may_be_published(period, periods):
            yield period


def published_on(period: Period, days: int, off: frozenset[datetime.date]) -> datetime.date:
    """Return the local date on which `period` is published: so many working `days` after its last day."""
    return add_working_days(period.ends, days, off)


def may_be_published(period: Period, periods: list[Period]) -> bool:
    """Return whether `period` is neither published nor held, all its parts are, and nothing that it is a part of is.

    What became a part later, because an earlier log was carried over, comes with a correction of the whole.
    """
    parts = [part for part in period.parts() if part in periods]
    wholes = [one for one in periods if period in one.parts()]
    return (
        not is_published(period)
        and not is_held(period)
        and all(is_published(part) for part in parts)
        and not any(is_published(whole) for whole in wholes)
    )


def is_published(period: Period) -> bool:
    """Return whether there is a publication of `period`."""
    return Publication.objects.of(period).exists()


def is_held(period: Period) -> bool:
    """Return whether a coordinator holds `period` back."""
    newest = last_hold(period)
    return newest is not None and newest.act == FigureAct.Act.HELD


def last_hold(period: Period) -> FigureAct | None:
    """Return the newest act of holding `period` back or releasing it."""
    acts = FigureAct.objects.filter(kind=period.kind, starts=period.starts)
    return acts.filter(act__in=[FigureAct.Act.HELD, FigureAct.Act.RELEASED]).order_by("-pk").first()


def _from(period: Period, today: datetime.date) -> Iterator[Period]:
    while period.ends < today:
        yield period
        period = period.next()
