"""The clocks and thresholds: what holds today, what held before, and how one is changed."""

from django.contrib import admin
from django.utils import timezone

from partners.admin.base import RoleTableAdmin
from partners.admin.organisations import InForceFilter, in_force_words
from partners.models import Limit
from partners.roles import Permission


@admin.register(Limit)
class LimitAdmin(RoleTableAdmin):
    """How long something may take, and from how many people on something happens. History is kept: none is removed."""

    menu_group = "Settings"
    menu_text = "How long each step may take, and the number for a reception centre. Each holds from a day on."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    list_display = ["key", "amount", "unit", "state", "source"]
    list_filter = [InForceFilter, "unit"]
    sortable_by = ()
    ordering = ["key", "-starts_on"]
    fieldsets = [
        (None, {"fields": ["key", "amount", "unit", "source"]}),
        (
            "When",
            {
                "fields": ["starts_on", "ends_on"],
                "description": "To change one: give the present row its last day, then add a new row that starts on "
                "the day after. The old row stays, so that a clock that ran then can still be explained.",
            },
        ),
    ]

    def get_readonly_fields(self, request, obj=None):
        """Return what does not change once clocks ran by it: then only the last day and the source do."""
        has_begun = obj is not None and obj.starts_on <= timezone.localdate()
        return ["key", "amount", "unit", "starts_on"] if has_begun else []

    def get_changeform_initial_data(self, request):
        """Leave the first day of a new row empty: the model's own default is the partnership's first month."""
        return {"starts_on": None, **super().get_changeform_initial_data(request)}

    @admin.display(description="in force")
    def state(self, limit) -> str:
        """Whether it holds today."""
        return in_force_words(limit)
