"""The links of public texts: which are broken, since when, and in which texts they stand."""

from django.contrib import admin
from django.utils import timezone

from awareness.models import Link
from partners.admin.base import ReadOnlyAdmin
from partners.roles import Permission

BROKEN = "broken"


class BrokenFilter(admin.SimpleListFilter):
    """Whether it leads anywhere."""

    title, parameter_name = "state", "state"

    def lookups(self, request, model_admin):
        """Return the one choice."""
        return [(BROKEN, "Broken")]

    def queryset(self, request, queryset):
        """Return the broken ones."""
        return queryset.broken() if self.value() == BROKEN else queryset


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    """What the last round found. A link is mended in its text."""

    menu_group, menu_name = "Public pages", "Links"
    menu_text = "Whether the links of public texts still lead somewhere, and since when one does not."
    view_permission = Permission.MANAGE_PARTNERS
    when_empty = "No public text links anywhere yet, or no round has been made."
    list_display = ["url", "trouble_words", "since", "last_ok", "in_texts"]
    list_filter = [BrokenFilter, "trouble"]
    list_display_links = None
    search_fields = ["url"]
    search_help_text = "Part of an address"
    sortable_by = ()

    def get_queryset(self, request):
        """Return the links with their texts."""
        return super().get_queryset(request).prefetch_related("texts__latest")

    @admin.display(description="what is wrong")
    def trouble_words(self, link) -> str:
        """What the last answer means."""
        if not link.checked_at:
            return "Not asked for yet"
        return (
            f"{link.get_trouble_display()}{f' ({link.status})' if link.status else ''}" if link.trouble else "In order"
        )

    @admin.display(description="since")
    def since(self, link) -> str:
        """Since when it does not lead anywhere."""
        return f"{timezone.localtime(link.broken_since):%-d %B %Y}" if link.broken_since else ""

    @admin.display(description="last in order")
    def last_ok(self, link) -> str:
        """When it was last in order."""
        return f"{timezone.localtime(link.ok_at):%-d %B %Y}" if link.ok_at else ""

    @admin.display(description="in")
    def in_texts(self, link) -> str:
        """The texts that it stands in."""
        return ", ".join(text.latest.title for text in link.texts.all())
