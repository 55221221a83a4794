"""What happens to absences: record one, end it, tell who covers. The only writer of `Absence`.

Ownership does not move (ADR 0023); who has whose work is looked up in `partners/cover.py`.
"""

import datetime

from django.db import transaction
from django.utils import timezone

from partners.accounts import NotAllowed
from partners.audiences import Event, Recipient
from partners.cover import coordinators_on_duty, who_is_here
from partners.models import Absence, Kind, User
from partners.outbox import post_to
from partners.roles import Permission
from partners.standing import keep_in_post

LONGEST_DAYS = 366


class Refused(Exception):
    """Raised when an absence is against the rules. The text is for the person who tried, `field` what it is about."""

    def __init__(self, text: str, field: str):
        self.text, self.field = text, field
        super().__init__(text)


@transaction.atomic
def record_absence(*, by: User, user: User, cover: User, starts_on: datetime.date, ends_on: datetime.date) -> Absence:
    """Note that the coordinator `user` is away on the local days from `starts_on` to `ends_on`, both counted.

    From the first minute of the first day `cover` has their work; starting today, from now on, and `cover` is told at
    once. Raises NotAllowed, and Refused when a day or a person cannot be.
    """
    _require_manager(by)
    keep_in_post(user, cover)
    _check_days(starts_on, ends_on)
    _check_people(user, cover, starts_on, ends_on)
    made = Absence.objects.create(
        user=user, cover=cover, starts_on=starts_on, ends_on=ends_on, recorded_by=by, recorded_at=timezone.now()
    )
    if made.holds(timezone.localdate()):
        _tell(made, made.recorded_at)
    return made


@transaction.atomic
def end_absence(*, by: User, absence: Absence) -> Absence:
    """End an absence now, or call it off before it begins: from this moment all is as before.

    Raises NotAllowed, and Refused when it is over already.
    """
    _require_manager(by)
    absence = Absence.objects.select_for_update().get(pk=absence.pk)
    if absence.ended_at is not None or absence.ends_on < timezone.localdate():
        raise Refused("This absence is over already", "")
    absence.ended_at, absence.ended_by = timezone.now(), by
    absence.save(update_fields=["ended_at", "ended_by"])
    return absence


def tell_all_covers(now: datetime.datetime) -> int:
    """Tell every cover whose time has begun at the aware datetime `now` and who was not told; return how many absences.

    Each is locked and looked at again first, so that two rounds at once tell once.
    """
    count = 0
    while True:
        with transaction.atomic():
            absence = Absence.objects.to_tell(now).select_for_update(skip_locked=True).first()
            if absence is None:
                return count
            _tell(absence, now)
        count += 1


def _tell(absence: Absence, now: datetime.datetime) -> None:
    """Tell whoever has the work now: the cover, or who covers for them; those on duty when it is nobody."""
    has = who_is_here(now).has_the_work_of(absence.user_id)
    told = [User.objects.get(pk=has.user_id)] if has else coordinators_on_duty(now)
    post_to(Kind.COVER_BEGINS, Event(id=absence.pk), [Recipient(user=user) for user in told])
    absence.told_at = now
    absence.save(update_fields=["told_at"])


def _require_manager(by: User) -> None:
    if not by.may(Permission.MANAGE_PARTNERS):
        raise NotAllowed


def _check_days(starts_on: datetime.date, ends_on: datetime.date) -> None:
    if starts_on < timezone.localdate():
        raise Refused("The first day cannot lie in the past: what happened since then is not changed", "starts_on")
    if ends_on < starts_on:
        raise Refused("The last day must be the first day or a later one", "ends_on")
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise Refused("That is longer than a year. Check the years, or hand the work on instead", "ends_on")


def _check_people(user: User, cover: User, starts_on: datetime.date, ends_on: datetime.date) -> None:
    if user == cover:
        raise Refused("Nobody covers for themselves. Choose a colleague", "cover")
    for person, field in ((user, "user"), (cover, "cover")):
        if not person.may(Permission.TRIAGE):
            raise Refused(f"{person.get_full_name()} is no coordinator now. Choose another person", field)
    standing = Absence.objects.standing().overlapping(starts_on, ends_on)
    if other := standing.filter(user=user).first():
        raise Refused(f"{user.get_full_name()} is away {_days(other)} already. End that absence first", "starts_on")
    if other := standing.filter(user=cover).first():
        raise Refused(f"{cover.get_full_name()} is away {_days(other)}. Choose another colleague", "cover")


def _days(absence: Absence) -> str:
    return f"from {absence.starts_on:%-d %B} to {absence.ends_on:%-d %B %Y}"
