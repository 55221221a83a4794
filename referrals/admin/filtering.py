"""What the filters of the queue are made of: a select, a date, and the names that selects offer."""

import datetime

from django.contrib import admin
from django.db.models import CharField, Model, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest

from partners.hours import LONDON
from partners.models import Area, Membership, Organisation, User
from partners.roles import Role

FIRST_YEAR, LAST_YEAR = 1970, 2200


def names_on_offer(request: HttpRequest, model: type[Model]) -> list[tuple[str, str]]:
    """Return what a filter offers of `model` as `(number, name)`: organisations, districts, or coordinators.

    All three come with one query, which is kept on the request.
    """
    if not hasattr(request, "names_on_offer"):
        coordinators = Membership.objects.in_role(Role.COORDINATOR).values("user")
        own_name = Coalesce(NullIf("full_name", Value("")), "email", output_field=CharField())
        offered = {
            Organisation: Organisation.objects.values_list("pk", "name"),
            Area: Area.objects.filter(kind=Area.Kind.DISTRICT).values_list("pk", "name"),
            User: User.objects.filter(pk__in=coordinators).values_list("pk", own_name),
        }
        rows = [query.order_by().annotate(of=Value(of.__name__)) for of, query in offered.items()]
        request.names_on_offer = sorted(rows[0].union(*rows[1:]), key=lambda row: row[1].casefold())
    return [(str(pk), name) for pk, name, of in request.names_on_offer if of == model.__name__]


class SelectFilter(admin.SimpleListFilter):
    """A filter that the template of the queue draws as a select. `default_label` is the choice of no choice."""

    default_label = "All"
    template = "admin/referrals/referral/filter.html"

    def has_output(self) -> bool:
        """Return True: a filter does not come and go with the data."""
        return True

    def value(self) -> str | None:
        """Return the choice that was made; None when it is none of those offered."""
        value = super().value()
        return value if value in {str(choice) for choice, _ in self.lookup_choices} else None

    @property
    def in_words(self) -> str:
        """The choice as people read it."""
        return dict(self.lookup_choices).get(self.value(), "")


class DateFilter(SelectFilter):
    """By the day on which it came in, in London. The template draws a date; what is none is no choice."""

    is_date = True

    def lookups(self, request, model_admin):
        """Return something, so that Django asks for the value."""
        return [("", "")]

    def value(self) -> str | None:
        """Return the date as it was given, in ISO form; None for anything else."""
        given = self.used_parameters.get(self.parameter_name) or ""
        return given if _as_date(given) else None

    @property
    def in_words(self) -> str:
        """The date as people read it."""
        return f"{_as_date(self.value()):%-d %B %Y}" if self.value() else ""

    def starts(self, days: int) -> datetime.datetime:
        """Return when, in London, the day begins that is `days` after the chosen one."""
        day = _as_date(self.value()) + datetime.timedelta(days=days)
        return datetime.datetime.combine(day, datetime.time(), LONDON)


def _as_date(text: str) -> datetime.date | None:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
