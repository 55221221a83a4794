"""The queue: whose move is it, and by when. The order is fixed: immediate danger, then the oldest due."""

import re

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone

from partners.access import record_access
from partners.admin.base import RoleTableAdmin
from partners.cover import here_for
from partners.limits import days_off
from partners.models import AccessRecord
from partners.roles import Permission
from referrals.admin import actions, amend_page, case, chosen, columns, saved
from referrals.admin.filters import FILTERS
from referrals.admin.keyset import QueueList
from referrals.models import HandOver, Referral

REFERENCE = re.compile(r"^([a-z0-9]{3})[\s-]*([a-z0-9]{3})[\s-]*([a-z0-9]{3})$", re.IGNORECASE)


def as_reference(text: str) -> str:
    """Return what somebody typed as a reference is written: 'k7p4tx 9wm' gives 'K7P-4TX-9WM'."""
    found = REFERENCE.match(text.strip())
    return "-".join(found.groups()).upper() if found else text.strip()


@admin.register(Referral)
class ReferralAdmin(RoleTableAdmin):
    """The list of referrals; its pages are in `case.py`, what is done on them in `actions.py`."""

    view_permission = Permission.TRIAGE
    list_display = ["reference", "about", "from_whom", "ways", "state", "urgency"]
    list_display_links = ["reference"]
    list_select_related = ["organisation", "district", "owner"]
    list_filter = FILTERS
    sortable_by = ()
    empty_value_display = ""
    search_fields = ["reference"]

    def get_urls(self):
        """Return the addresses of the queue and the case: no adding, no deleting, no history of Django's own."""
        guarded = self.admin_site.admin_view
        return [
            path("", guarded(self.changelist_view), name="referrals_referral_changelist"),
            path("chosen/assign/", guarded(chosen.assign_chosen), name="referrals_referral_chosen"),
            path("filters/", guarded(saved.manage), name="referrals_savedfilter"),
            path("filters/<uuid:saved_id>/remove/", guarded(saved.remove), name="referrals_savedfilter_remove"),
            path("<uuid:referral_id>/change/", guarded(case.show), name="referrals_referral_change"),
            path("<uuid:referral_id>/open/", guarded(case.open_sealed), name="referrals_referral_open"),
            path("<uuid:referral_id>/<slug:act>/", guarded(actions.act), name="referrals_referral_act"),
            path("<uuid:referral_id>/<slug:act>/<uuid:part_id>/", guarded(actions.act), name="referrals_referral_part"),
            path(
                "<uuid:referral_id>/amend/<slug:step>/", guarded(amend_page.amend_page), name="referrals_referral_amend"
            ),
        ]

    def get_queryset(self, request: HttpRequest):
        """Return what the reader may see, in no order yet."""
        asked = HandOver.objects.visible_to(request.user).open().select_related("organisation").order_by("due_at")
        rows = Referral.objects.visible_to(request.user).with_cover(here_for(request.user, timezone.now()))
        return rows.prefetch_related(Prefetch("hand_overs", queryset=asked, to_attr="asked"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse every filter that the list does not offer: a typed one could ask what no page shows, or break it."""
        return lookup in {one.parameter_name for one in FILTERS}

    def get_changelist(self, request: HttpRequest, **kwargs):
        """Return the list that is found by places instead of page numbers."""
        return QueueList

    def get_search_results(self, request, queryset, search_term):
        """Find by reference, however it is typed, or by how it begins."""
        if not search_term:
            return queryset, False
        return queryset.filter(reference__startswith=as_reference(search_term).upper()), False

    def get_list_display(self, request: HttpRequest):
        """Return the columns; those that say 'you' know who reads."""
        now, reader, off = timezone.now(), request.user, days_off()
        here = here_for(reader, now)

        @admin.display(description="due")
        def due(referral):
            return columns.due(referral, now, off)

        @admin.display(description="whose move")
        def move(referral):
            return columns.whose_move(referral, reader, here, referral.asked)

        @admin.display(description="owner")
        def owner_name(referral):
            return columns.owner(referral, reader, here)

        return ["pick", *self.list_display, move, due, owner_name]

    def changelist_view(self, request: HttpRequest, extra_context=None):
        """Show the queue, and record that somebody looked."""
        if not self.has_view_permission(request):
            return super().changelist_view(request)
        record_access(by=request.user, action=AccessRecord.Action.LIST, object_kind="referral")
        more = {"title": "Referrals", "saved": saved.on_offer(request), "bulk": chosen.BULK}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    @admin.display(description="tick")
    def pick(self, referral):
        """The box that is ticked to do something with several."""
        return chosen.tick_box(referral)

    @admin.display(description="about")
    def about(self, referral):
        """What it is about, in coded facts."""
        return columns.about(referral)

    @admin.display(description="organisation")
    def from_whom(self, referral):
        """Who referred."""
        return referral.organisation.short_name or referral.organisation.name

    @admin.display(description="pathway")
    def ways(self, referral):
        """The recommended pathways."""
        return columns.pathway_tags(referral)

    @admin.display(description="status")
    def state(self, referral):
        """Where it stands."""
        return columns.status_tag(referral)

    @admin.display(description="priority")
    def urgency(self, referral):
        """How urgent the referrer said it is."""
        return columns.priority_tag(referral)
