"""A clock or threshold is changed from a day on: the row in force gets its last day, a new one begins. No row that was
ever in force is rewritten, so that a clock that ran by it can be explained later."""

import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from partners.configuration import picture_of, record_change
from partners.models import COUNTED_TO_THE_MINUTE, Limit, LimitKey, Unit, User

LABELS = {"key": "What for", "amount": "How many", "unit": "Counted in"}
IN_DAYS = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)
IN_MINUTES = (Unit.MINUTES, Unit.WORKING_MINUTES)
#: The most that makes sense: a slip of the key ("5000 days") must not stop the reminders of a county.
MOST = {**dict.fromkeys(IN_DAYS, 730), **dict.fromkeys(IN_MINUTES, 20_160), Unit.PEOPLE: 1000}


class LimitRefused(ValueError):
    """Raised with words for people when a change is not possible."""


def units_for(key: LimitKey) -> tuple[Unit, ...]:
    """Return what `key` can be counted in."""
    if key == LimitKey.RECEPTION_CENTRE:
        return (Unit.PEOPLE,)
    return IN_DAYS + IN_MINUTES if key in COUNTED_TO_THE_MINUTE else IN_DAYS


@transaction.atomic
def change_limit(*, key: LimitKey, amount: int, unit: Unit, starts_on: datetime.date, source: str, by: User) -> Limit:
    """Set `key` to `amount` in `unit` from the local date `starts_on` until the next change that is planned.

    Raises LimitRefused for a day that has begun (unless nothing holds today), one on which a change is planned already,
    a unit that does not fit, and an amount that makes no sense.
    """
    rows = _rows(key)
    today = timezone.localdate()
    nothing_today = not any(row.is_in_force(today) for row in rows)
    if starts_on < today or (starts_on == today and not nothing_today):
        raise LimitRefused("Choose a day from tomorrow on: what holds today may already be counted by.")
    if any(row.starts_on == starts_on for row in rows):
        raise LimitRefused("A change from that day is planned already. Take that one back first.")
    if unit not in units_for(key):
        raise LimitRefused("This cannot be counted in that.")
    if not 1 <= amount <= MOST[unit]:
        raise LimitRefused(f"Enter a number from 1 to {MOST[unit]:,}.")
    later = min((row.starts_on for row in rows if row.starts_on > starts_on), default=None)
    before = next((row for row in rows if row.is_in_force(starts_on)), None)
    if before:
        _end(before, starts_on - datetime.timedelta(days=1), by)
    ends_on = later - datetime.timedelta(days=1) if later else None
    made = Limit.objects.create(key=key, amount=amount, unit=unit, starts_on=starts_on, ends_on=ends_on, source=source)
    record_change(by=by, row=made, before={}, after=picture_of(made, LABELS))
    return made


@transaction.atomic
def take_back(*, limit_id: int, by: User) -> None:
    """Take back a change that has not begun: the row before it goes on in its place.

    Raises LimitRefused when it has begun, or is gone.
    """
    row = Limit.objects.select_for_update().filter(pk=limit_id).first()
    if row is None or row.starts_on <= timezone.localdate():
        raise LimitRefused("That change is gone or has begun. Plan another one instead.")
    eve = row.starts_on - datetime.timedelta(days=1)
    before = _rows(LimitKey(row.key)).filter(ends_on=eve).first()
    record_change(by=by, row=row, before=picture_of(row, LABELS), after={})
    row.delete()
    if before:
        _end(before, row.ends_on, by)


def _rows(key: LimitKey) -> QuerySet[Limit]:
    return Limit.objects.select_for_update().filter(key=key).order_by("starts_on")


def _end(row: Limit, ends_on: datetime.date | None, by: User) -> None:
    was = picture_of(row, LABELS)
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])
    record_change(by=by, row=row, before=was, after=picture_of(row, LABELS))
