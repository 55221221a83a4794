"""How the queue is narrowed down. Each filter is a select of one form, so that several can be set at once."""

import datetime
from collections.abc import Iterable

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from partners.models import Area, Organisation, User
from referrals.admin.columns import PATHWAYS_SHORT
from referrals.admin.filtering import DateFilter, SelectFilter, names_on_offer
from referrals.admin.tabs import STATUS
from referrals.admin.waiting_filters import HandedToFilter, OpenForFilter, WaitsFilter
from referrals.codes import AGE_GROUPS, EXPLOITATION, EXPLOITATION_SHORT
from referrals.models import Note, Referral
from referrals.note_codes import NOTE_TAGS
from referrals.statuses import PRIORITY_LABELS, STATUS_LABELS, choices

OVERDUE, UNREAD = "overdue", "unread"
#: Where a page of the list begins: after the place in the address, or before it.
STEPS = ("after", "before")


class StatusFilter(SelectFilter):
    """By status, and two that cut across: nobody has opened it, and it is overdue."""

    title, parameter_name = "Status", STATUS

    def lookups(self, request, model_admin):
        """Return what cuts across, then each status."""
        return [(OVERDUE, "Overdue"), (UNREAD, "Unread"), *choices(STATUS_LABELS)]

    def queryset(self, request, queryset):
        """Return the referrals in that state."""
        value = self.value()
        if value == OVERDUE:
            return queryset.overdue(timezone.now())
        if value == UNREAD:
            return queryset.unread()
        return queryset.filter(status=value) if value else queryset


class PathwayFilter(SelectFilter):
    """By the pathway that the rules recommend; a referral can have several."""

    title, parameter_name = "Pathway", "pathway"

    def lookups(self, request, model_admin):
        """Return the pathways in short."""
        return [(pathway.value, words) for pathway, words in PATHWAYS_SHORT.items()]

    def queryset(self, request, queryset):
        """Return the referrals to which this pathway is recommended."""
        return queryset.filter(pathways__contains=[self.value()]) if self.value() else queryset


class PriorityFilter(SelectFilter):
    """By priority."""

    title, parameter_name = "Priority", "priority"

    def lookups(self, request, model_admin):
        """Return the priorities."""
        return choices(PRIORITY_LABELS)

    def queryset(self, request, queryset):
        """Return the referrals of one priority."""
        return queryset.filter(priority=self.value()) if self.value() else queryset


class OrganisationFilter(SelectFilter):
    """By the organisation that referred."""

    title, parameter_name = "Organisation", "organisation"

    def lookups(self, request, model_admin):
        """Return every organisation: one that has ended still has referrals."""
        return names_on_offer(request, Organisation)

    def queryset(self, request, queryset):
        """Return the referrals of one organisation."""
        return queryset.filter(organisation=self.value()) if self.value() else queryset


class DistrictFilter(SelectFilter):
    """By the district where the person was found."""

    title, parameter_name = "District", "district"

    def lookups(self, request, model_admin):
        """Return the districts, and that it is not known."""
        return [*names_on_offer(request, Area), ("none", "Not known")]

    def queryset(self, request, queryset):
        """Return the referrals of one district."""
        if self.value() == "none":
            return queryset.filter(district=None)
        return queryset.filter(district=self.value()) if self.value() else queryset


class ExploitationFilter(SelectFilter):
    """By kind of exploitation; a referral can have several."""

    title, parameter_name = "Exploitation", "exploitation"

    def lookups(self, request, model_admin):
        """Return the ten kinds in short."""
        return [(code, EXPLOITATION_SHORT[code]) for code, _ in EXPLOITATION]

    def queryset(self, request, queryset):
        """Return the referrals that name this kind."""
        return queryset.filter(exploitation__contains=[self.value()]) if self.value() else queryset


class AgeGroupFilter(SelectFilter):
    """By age group."""

    title, parameter_name = "Age", "age"

    def lookups(self, request, model_admin):
        """Return the age groups."""
        return AGE_GROUPS

    def queryset(self, request, queryset):
        """Return the referrals of one age group."""
        return queryset.filter(age_group=self.value()) if self.value() else queryset


class NotesFilter(SelectFilter):
    """By what was written down: what kind of note there is, and what coordinators said in codes that it is about."""

    title, parameter_name, default_label = "Notes", "notes", "Any or none"

    def lookups(self, request, model_admin):
        """Return the kinds, then the tags."""
        return [*Note.Kind.choices, *((f"about-{code}", f"About: {words.lower()}") for code, words in NOTE_TAGS)]

    def queryset(self, request, queryset):
        """Return the referrals with such a note."""
        return queryset.with_note(self.value()) if self.value() else queryset


class OwnerFilter(SelectFilter):
    """By the coordinator who has it."""

    title, parameter_name, default_label = "Owner", "owner", "Anybody"

    def lookups(self, request, model_admin):
        """Return oneself, nobody, and the other coordinators."""
        others = [choice for choice in names_on_offer(request, User) if choice[0] != str(request.user.pk)]
        return [("me", "Me"), ("nobody", "Nobody yet"), *others]

    def queryset(self, request, queryset):
        """Return the referrals that one coordinator has, or nobody."""
        if self.value() == "me":
            return queryset.filter(owner=request.user)
        if self.value() == "nobody":
            return queryset.filter(owner=None)
        return queryset.filter(owner=self.value()) if self.value() else queryset


class SubmittedFilter(SelectFilter):
    """By how long ago it came in."""

    title, parameter_name, default_label = "Came in", "since", "At any time"
    DAYS = {"1": "In the last 24 hours", "7": "In the last 7 days", "31": "In the last 31 days"}

    def lookups(self, request, model_admin):
        """Return the spans of time."""
        return list(self.DAYS.items())

    def queryset(self, request, queryset):
        """Return the referrals of that time."""
        if not self.value():
            return queryset
        return queryset.filter(submitted_at__gte=timezone.now() - datetime.timedelta(days=int(self.value())))


class FromFilter(DateFilter):
    """Came in on this day or later."""

    title, parameter_name = "Came in from", "from"

    def queryset(self, request, queryset):
        """Return the referrals since that day."""
        return queryset.filter(submitted_at__gte=self.starts(0)) if self.value() else queryset


class ToFilter(DateFilter):
    """Came in on this day or earlier."""

    title, parameter_name = "Came in to", "to"

    def queryset(self, request, queryset):
        """Return the referrals up to the end of that day."""
        return queryset.filter(submitted_at__lt=self.starts(1)) if self.value() else queryset


FILTERS = [
    StatusFilter,
    PriorityFilter,
    OwnerFilter,
    PathwayFilter,
    OrganisationFilter,
    DistrictFilter,
    ExploitationFilter,
    AgeGroupFilter,
    NotesFilter,
    OpenForFilter,
    WaitsFilter,
    HandedToFilter,
    SubmittedFilter,
    FromFilter,
    ToFilter,
]


def chosen_by(specs: Iterable[SelectFilter]) -> list[tuple[str, str]]:
    """Return what was chosen, as name and value, in the order of the filters; what is not on offer is left out."""
    return [(spec.parameter_name, value) for spec in specs if (value := spec.value())]


def filters_in(request: HttpRequest, chosen: QueryDict) -> list[SelectFilter]:
    """Return the filters that `chosen` says something of: those of an address that is not the request's own."""
    given = {name: chosen.getlist(name) for name in chosen}
    return [spec(request, given, Referral, None) for spec in FILTERS if chosen.get(spec.parameter_name)]
