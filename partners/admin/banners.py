"""Notices on top of the pages: written, previewed, scheduled, taken down."""

from django import forms
from django.contrib import admin
from django.utils import timezone

from partners.admin.base import RoleTableAdmin
from partners.admin.previewing import Previews
from partners.banners import notice_of
from partners.models import Banner
from partners.roles import Permission

TAKE_DOWN = "_take_down"


@admin.register(Banner)
class BannerAdmin(Previews, RoleTableAdmin):
    """What stands on top of the pages, now, before and later. None is deleted."""

    menu_group = "Settings"
    menu_text = "A notice on top of the pages, such as planned maintenance. It starts and ends by itself."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    when_empty = "No banner has been written yet."
    change_form_template = "admin/partners/banner_form.html"
    preview_template = "admin/partners/banner_preview.html"
    save_words = "Put it on the pages"
    list_display = ["text", "tone", "place", "starts_at", "ends_at", "state"]
    sortable_by = ()
    labels = {"text": "What it says", "tone": "Kind", "place": "Where", "starts_at": "From", "ends_at": "Until"}
    fieldsets = [
        (
            None,
            {
                "fields": ["text", "tone", "place"],
                "description": "Plain text, one or two sentences. Never about a person or a case: pages that anybody "
                "can open may show it.",
            },
        ),
        (
            "When",
            {
                "fields": ["starts_at", "ends_at"],
                "description": "It starts and ends by itself. Without an end it stays until you take it down.",
            },
        ),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Return the field; the text gets room to be seen as a whole."""
        if db_field.name == "text":
            kwargs["widget"] = forms.Textarea({"rows": 3, "cols": 60})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request):
        """Let a new one start with this minute."""
        this_minute = timezone.localtime().replace(second=0, microsecond=0)
        return {"starts_at": this_minute, **super().get_changeform_initial_data(request)}

    def save_model(self, request, obj, form, change):
        """Save with who wrote it last; taking it down ends it now, or before it ever began."""
        obj.by = request.user
        if TAKE_DOWN in form.data:
            obj.ends_at = max(timezone.now(), obj.starts_at)
        super().save_model(request, obj, form, change)

    def preview(self, row, form):
        """Return the banner as the pages show it, and when."""
        return {"banners": [notice_of(row)], "banner": row}

    @admin.display(description="shown")
    def state(self, banner) -> str:
        """Whether the pages show it."""
        return state_in_words(banner)


def state_in_words(banner: Banner) -> str:
    """Say whether the pages show `banner` now."""
    now = timezone.now()
    if banner.ends_at and banner.ends_at <= max(now, banner.starts_at):
        return "Ended"
    return "Shown now" if banner.starts_at <= now else "Scheduled"
