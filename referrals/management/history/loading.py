"""Puts the stories of three years into the tables, a month at a time, once."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import models, transaction
from django.utils import timezone

from partners.models import Area, Organisation, Standing, User
from referrals.management.history.rows import County, rows_of, submit_key
from referrals.management.history.stories import Story, stories_of
from referrals.models import Referral
from referrals.periods import Kind, Period, containing
from referrals.person_index import index_people

YEARS = 3
#: The demonstration's own referrals (data/demo/referrals.toml) reach back so far; the history ends before them, and all
#: of it has ended by now.
DAYS_BEFORE_NOW = 33


@transaction.atomic
def load_history(people: Mapping[str, User], now: datetime.datetime) -> int:
    """Enter the stories of the three years before the aware datetime `now` that are not there yet; return how many.

    `people` are the accounts of the demo people by key.
    """
    county = _county(people, now)
    stories = [story for number, month in _months(now) for story in stories_of(month, number // 12)]
    ended = now - datetime.timedelta(days=DAYS_BEFORE_NOW)
    new = _new([story for story in stories if story.at < ended and story.closed_at < now])
    told = [rows_of(story, county) for story in new]
    _write(row for one in told for row in one.rows())
    index_people(one.referral.pk for one in told)
    return len(told)


def _months(now: datetime.datetime) -> list[tuple[int, Period]]:
    month = containing(Kind.MONTH, timezone.localdate(now))
    for _ in range(12 * YEARS):
        month = month.previous()
    found = []
    for number in range(12 * YEARS + 1):
        found.append((number, month))
        month = month.next()
    return found


def _county(people: Mapping[str, User], now: datetime.datetime) -> County:
    in_force = Standing.objects.in_force(timezone.localdate(now)).values_list("organisation", "kind")
    return County(
        people=people,
        organisations={row.slug: row for row in Organisation.objects.all()},
        districts={row.code: row for row in Area.objects.filter(kind=Area.Kind.DISTRICT)},
        standings=frozenset(in_force),
        entered_at=now,
    )


def _new(stories: list[Story]) -> list[Story]:
    keys = {submit_key(story): story for story in stories}
    known = set(Referral.objects.filter(submit_key__in=keys).values_list("submit_key", flat=True))
    return [story for key, story in keys.items() if key not in known]


def _write(rows: Iterable[models.Model]) -> None:
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    for model, found in by_model.items():
        model._default_manager.bulk_create(found)
