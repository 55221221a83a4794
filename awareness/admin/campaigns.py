"""Campaigns: what was done, when, for whom, and which published figures stand beside it."""

from django.contrib import admin
from django.db import models
from django.forms import CheckboxSelectMultiple

from awareness.models import Campaign
from partners.admin.base import RoleTableAdmin
from partners.roles import Permission


@admin.register(Campaign)
class CampaignAdmin(RoleTableAdmin):
    """What the partnership did to be known. Kept for good: the past is compared with what comes."""

    menu_group, menu_text = "Figures and campaigns", "What was done, for whom, from which day to which."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    when_empty = "No campaign has been entered yet."
    list_display = ["title", "theme", "audience", "starts_on", "ends_on"]
    search_fields = ["title", "theme", "audience"]
    search_help_text = "Title, theme or audience"
    prepopulated_fields = {"slug": ["title"]}
    formfield_overrides = {models.ManyToManyField: {"widget": CheckboxSelectMultiple}}
    fieldsets = [
        (None, {"fields": ["title", "slug", "theme", "audience", "summary"]}),
        ("When", {"fields": ["starts_on", "ends_on", "dates_note"]}),
        (
            "Reports before, during and after",
            {
                "fields": ["measures"],
                "description": "The page of campaigns compares these. That reports rose after a campaign does not show "
                "that the campaign did it.",
            },
        ),
    ]
