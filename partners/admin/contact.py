"""The partnership's card, and the days it is closed."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse

from partners.admin.base import RoleTableAdmin
from partners.limit_words import OF_THE_PARTNERSHIP
from partners.models import ClosedDay, Partnership
from partners.roles import Permission


@admin.register(Partnership)
class PartnershipAdmin(RoleTableAdmin):
    """The one row that says whose system this is."""

    menu_group, menu_name = "Settings", "The partnership"
    menu_text = "Its name, mailbox and colours, and the clocks: how soon a referral is read and answered."
    view_permission = change_permission = Permission.MANAGE_PARTNERS
    fieldsets = [
        (None, {"fields": ["name", "service_name", "county", "mailbox", "phone"]}),
        (
            "Colours",
            {"fields": ["brand_colour", "brand_tint"], "description": "Six digits after a #, in small letters."},
        ),
        (
            "Clocks",
            {
                "fields": [
                    "triage_hours_immediate",
                    "triage_days_standard",
                    "answer_days",
                    "feedback_days",
                    "unopened_minutes_immediate",
                    "unopened_minutes",
                    "draft_days",
                    "recap_months",
                ],
                "description": "A new time counts for what happens from now on.",
            },
        ),
        (
            "Figures",
            {
                "fields": ["figures_after_days", "figures_hide_below"],
                "description": "What is published already stays as it is.",
            },
        ),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Return the field; a clock says what it measures."""
        if db_field.name in OF_THE_PARTNERSHIP:
            kwargs["help_text"] = OF_THE_PARTNERSHIP[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def changelist_view(self, request, extra_context=None):
        """Go straight to the one row; the first visit makes it."""
        if not Partnership.objects.exists():
            Partnership().save()
        return redirect(reverse("admin:partners_partnership_change", args=[1]))


@admin.register(ClosedDay)
class ClosedDayAdmin(RoleTableAdmin):
    """Days on which the partnership, or one line, is closed."""

    menu_group = "Settings"
    menu_text = "Days off beside the bank holidays, for one line or for everybody. Deadlines skip them."
    view_permission = add_permission = change_permission = delete_permission = Permission.MANAGE_PARTNERS
    list_display = ["day", "whose", "reason"]
    list_select_related = ["line"]
    ordering = ["-day"]

    @admin.display(description="closed")
    def whose(self, closed) -> str:
        """Which line is closed, or that all are."""
        return closed.line.name if closed.line else "Everybody"
