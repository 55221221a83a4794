"""The filters of the queue that the operational page points at: for how long, what waits, and with whom."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from partners.hours import LONDON
from partners.limits import days_off
from partners.models import Organisation
from referrals.admin.filtering import SelectFilter, names_on_offer
from referrals.admin.waiting import BANDS, HANDED, WAITING, with_hand_over
from referrals.models import HandOver

HANDED_TO = "with"


class OpenForFilter(SelectFilter):
    """By how many working days have gone by since it came in."""

    title, parameter_name, default_label = "Age in working days", "days", "Any age"

    def lookups(self, request, model_admin):
        """Return the bands."""
        return [(band.key, band.label) for band in BANDS]

    def queryset(self, request, queryset):
        """Return the referrals of one band."""
        band = next((band for band in BANDS if band.key == self.value()), None)
        if band is None:
            return queryset
        return queryset.filter(band.came_in(timezone.now().astimezone(LONDON).date(), days_off()))


class WaitsFilter(SelectFilter):
    """By what somebody may have to run after."""

    title, parameter_name, default_label = "What waits", "waits", "Anything"

    def __init__(self, request, params, model, model_admin) -> None:
        """Read which organisation is meant before its own filter takes it away: the two speak of one hand-over."""
        given = params.get(HANDED_TO) or [""]
        offered = {pk for pk, _ in names_on_offer(request, Organisation)}
        self.organisation = given[-1] if given[-1] in offered else None
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        """Return what can wait."""
        return [(key, one.label) for key, one in [*HANDED.items(), *WAITING.items()]]

    def queryset(self, request, queryset):
        """Return the referrals of which that is true."""
        now, value = timezone.now(), self.value()
        if value in HANDED:
            return with_hand_over(queryset, value, now, self.organisation)
        return WAITING[value].rows(queryset, now) if value else queryset


class HandedToFilter(SelectFilter):
    """By the organisation that was asked to help."""

    title, parameter_name, default_label = "Handed to", HANDED_TO, "Any or none"

    def lookups(self, request, model_admin):
        """Return every organisation: one that has ended may still hold a hand-over."""
        return names_on_offer(request, Organisation)

    def queryset(self, request, queryset):
        """Return the referrals with a hand-over to it."""
        if not self.value():
            return queryset
        return queryset.filter(Exists(HandOver.objects.filter(referral=OuterRef("pk"), organisation=self.value())))
