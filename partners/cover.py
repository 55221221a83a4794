"""Who is here: which coordinators are away, who has their work meanwhile, and who is on duty.

Cover is looked up and nothing moves (ADR 0023): when an absence ends, all is as before.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import CharField, DateField, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from partners.models import Absence, Duty, Membership, Organisation, User
from partners.roles import Role

#: What is read of each coordinator, by the names of `Colleague`.
READ = ("user_id", "name", "organisation_id", "cover_id", "until")


@dataclass(frozen=True)
class Colleague:
    """A coordinator in force. `until` is the last day (London) of an absence; None for whoever is here."""

    user_id: int
    name: str
    organisation_id: int
    cover_id: int | None = None
    until: datetime.date | None = None


class WhoIsHere:
    """The coordinators in force at one moment, and who has the work of those who are away."""

    def __init__(self, colleagues: Iterable[Colleague]) -> None:
        self._by_id = {one.user_id: one for one in colleagues}

    @property
    def everybody(self) -> list[Colleague]:
        """All of them, away or not."""
        return list(self._by_id.values())

    @property
    def away(self) -> list[Colleague]:
        """Those who are away."""
        return [one for one in self._by_id.values() if one.until is not None]

    def known(self, user_id: int | None) -> Colleague | None:
        """Return the coordinator with this id, away or not; None for anybody else."""
        return self._by_id.get(user_id)

    def has_the_work_of(self, user_id: int | None) -> Colleague | None:
        """Return who has the work of `user_id` now: they themselves, or who covers, or who covers for that one.

        None when it is nobody: they coordinate no longer, or nobody in the chain is here.
        """
        passed: set[int] = set()
        while (found := self._by_id.get(user_id)) is not None and found.user_id not in passed:
            if found.until is None:
                return found
            passed.add(found.user_id)
            user_id = found.cover_id
        return None

    def covered_by(self, user_id: int) -> list[Colleague]:
        """Return whose work `user_id` has beside their own, by name; chains included."""
        found = [one for one in self.away if (has := self.has_the_work_of(one.user_id)) and has.user_id == user_id]
        return sorted(found, key=lambda one: one.name.casefold())

    def covers(self) -> dict[int, list[int]]:
        """Return whose work (ids) the people of each organisation have as covers, by the organisation's id."""
        found: dict[int, list[int]] = {}
        for one in self.away:
            if has := self.has_the_work_of(one.user_id):
                found.setdefault(has.organisation_id, []).append(one.user_id)
        return found

    def in_hand(self) -> list[int]:
        """Return the ids of those whose work somebody has: they are here, or somebody who is here covers."""
        return [user_id for user_id in self._by_id if self.has_the_work_of(user_id)]


def colleagues_at(moment: datetime.datetime) -> QuerySet[Membership]:
    """Return the memberships of the coordinators in force at the aware datetime `moment`, annotated with `READ`."""
    away = Absence.objects.at(moment).filter(user=OuterRef("user"))
    in_force = Organisation.objects.in_force(timezone.localdate(moment))
    return Membership.objects.in_role(Role.COORDINATOR).order_by("pk").filter(organisation__in=in_force).annotate(
        name=Coalesce(NullIf("user__full_name", Value("")), "user__email", output_field=CharField()),
        cover_id=Subquery(away.values("cover")[:1], output_field=IntegerField()),
        until=Subquery(away.values("ends_on")[:1], output_field=DateField()),
    )  # fmt: skip


def who_is_here(moment: datetime.datetime) -> WhoIsHere:
    """Return who is here at the aware datetime `moment`. One query."""
    return WhoIsHere(Colleague(**row) for row in colleagues_at(moment).values(*READ))


def here_on(days: Iterable[datetime.date]) -> dict[datetime.date, WhoIsHere]:
    """Return who is here on each of these local days, as far as is known now. Two queries for any number of days."""
    days = list(days)
    colleagues = [
        Colleague(**row | {"cover_id": None, "until": None}) for row in colleagues_at(timezone.now()).values(*READ)
    ]
    standing = list(Absence.objects.standing().overlapping(min(days), max(days)))
    found = {}
    for day in days:
        away = {row.user_id: row for row in standing if row.holds(day)}
        found[day] = WhoIsHere(_as_on(one, away.get(one.user_id)) for one in colleagues)
    return found


def _as_on(one: Colleague, absence: Absence | None) -> Colleague:
    return replace(one, cover_id=absence.cover_id, until=absence.ends_on) if absence else one


def from_json(rows: Iterable[dict[str, Any]]) -> WhoIsHere:
    """Return who is here from rows of `READ` that came with another query, with dates in ISO form."""
    return WhoIsHere(
        Colleague(**(row | {"until": row["until"] and datetime.date.fromisoformat(row["until"])})) for row in rows
    )


def here_for(reader: User, moment: datetime.datetime) -> WhoIsHere:
    """Return who is here at the aware datetime `moment`, read once a day for a `reader`, who lives for one request."""
    kept: dict[datetime.date, WhoIsHere] = reader.__dict__.setdefault("_who_is_here", {})
    day = timezone.localdate(moment)
    if day not in kept:
        kept[day] = who_is_here(moment)
    return kept[day]


def keep_for(reader: User, moment: datetime.datetime, here: WhoIsHere) -> WhoIsHere:
    """Let `here_for` give `reader` what was read already; return it."""
    reader.__dict__.setdefault("_who_is_here", {})[timezone.localdate(moment)] = here
    return here


def coordinators_on_duty(moment: datetime.datetime) -> list[User]:
    """Return the coordinators to tell at the aware datetime `moment`: those on duty, and for one who is away whoever
    covers. With nobody on duty all who are here; with nobody here, all. Never no one while there is a coordinator."""
    here = who_is_here(moment)
    on_duty = [here.has_the_work_of(pk) for pk in Duty.objects.at(moment).values_list("user", flat=True)]
    told = {one.user_id for one in on_duty if one} or {one.user_id for one in here.everybody if one.until is None}
    coordinators = Membership.objects.in_role(Role.COORDINATOR)
    if told:
        coordinators = coordinators.filter(user__in=told)
    return list(User.objects.filter(pk__in=coordinators.values("user")))
