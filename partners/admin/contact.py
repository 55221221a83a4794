"""The partnership's card, its support lines, and the days they are closed."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse

from partners.admin.base import RoleTableAdmin, RoleTableInline
from partners.admin.organisations import InForceFilter, in_force_words
from partners.limit_words import OF_THE_PARTNERSHIP
from partners.models import ClosedDay, OpeningHours, Partnership, SupportLine
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
                ],
                "description": "A new time counts for what happens from now on.",
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


class OpeningHoursInline(RoleTableInline):
    """When a line answers."""

    model = OpeningHours
    view_permission = add_permission = change_permission = delete_permission = Permission.MANAGE_PARTNERS


class ClosedDayInline(RoleTableInline):
    """Days on which a line does not answer, beside the bank holidays."""

    model = ClosedDay
    view_permission = add_permission = change_permission = delete_permission = Permission.MANAGE_PARTNERS


@admin.register(SupportLine)
class SupportLineAdmin(RoleTableAdmin):
    """The numbers people can ring."""

    menu_group, menu_text = "Settings", "The numbers people can ring, and when each is answered."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    list_display = ["name", "purpose", "phone", "hours", "public", "position", "state"]
    list_filter = [InForceFilter, "purpose", "public"]
    prepopulated_fields = {"slug": ["name"]}
    labels = {"slug": "Name in web addresses"}
    inlines = [OpeningHoursInline, ClosedDayInline]
    parts = ("hours", "closed_days")
    fieldsets = [
        (None, {"fields": ["name", "slug", "purpose", "organisation", "phone", "website", "note"]}),
        ("Where it is shown", {"fields": ["public", "position"]}),
        (
            "When",
            {
                "fields": ["always_open", "starts_on", "ends_on"],
                "description": "A line that is not always open is closed on bank holidays.",
            },
        ),
    ]

    def get_queryset(self, request):
        """Return the lines with their hours."""
        return super().get_queryset(request).prefetch_related("hours")

    def get_prepopulated_fields(self, request, obj=None):
        """Return the short name that is made from the name: for a new line only."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request, obj=None):
        """Return what pages refer to."""
        return ["slug"] if obj else []

    @admin.display(description="answers")
    def hours(self, line) -> str:
        """When it answers, in short."""
        if line.always_open:
            return "Always"
        return ", ".join(str(stretch) for stretch in line.hours.all()) or "No hours given"

    @admin.display(description="in force")
    def state(self, line) -> str:
        """Whether it exists today."""
        return in_force_words(line)


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
