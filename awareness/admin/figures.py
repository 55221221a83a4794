"""Published figures: sources, what is counted, the figures themselves, and notes on what does not agree."""

from django.contrib import admin
from django.db import models
from django.forms import CheckboxSelectMultiple

from awareness.models import Figure, Inconsistency, Measure, Source
from partners.admin.base import RoleTableAdmin
from partners.roles import Permission

GROUP = "Figures and campaigns"


class FiguresAdmin(RoleTableAdmin):
    """A page about what others have published, for whoever keeps the settings."""

    menu_group = GROUP
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS


@admin.register(Source)
class SourceAdmin(FiguresAdmin):
    """Where figures were read. A source stays: figures stand on it."""

    menu_text = "Where published figures were read, who published them and what is wrong with them."
    when_empty = "No source has been entered yet."
    list_display = ["short_name", "title", "publisher", "published"]
    search_fields = ["short_name", "title", "publisher"]
    search_help_text = "Name, title or publisher"
    prepopulated_fields = {"slug": ["short_name"]}

    @admin.display(description="published", ordering="published_on")
    def published(self, source: Source) -> str:
        """When it was published, in words."""
        return source.when


@admin.register(Measure)
class MeasureAdmin(FiguresAdmin):
    """What is counted, in which unit, by whom."""

    menu_name, menu_text = "What is counted", "Each way of counting: what, in which unit, by whom, and its caveat."
    when_empty = "Nothing is counted yet."
    list_display = ["name", "area", "unit", "part_of"]
    list_filter = ["area"]
    list_select_related = ["part_of"]
    search_fields = ["name", "counts"]
    search_help_text = "Name, or what is counted"
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "area", "unit", "counts", "counted_by", "caveat", "position"]}),
        (
            "A part of another measure",
            {
                "fields": ["part_of", "part_name"],
                "description": "Leave both empty unless it counts a part of what another measure counts.",
            },
        ),
    ]


@admin.register(Figure)
class FigureAdmin(FiguresAdmin):
    """The figures. One that was typed by mistake can be removed; the history keeps what it was."""

    menu_name, menu_text = "Published figures", "What others have published: value, days, how exact, source and caveat."
    delete_permission = Permission.MANAGE_PARTNERS
    when_empty = "No figure has been entered yet."
    list_display = ["measure", "period", "shown", "source"]
    list_filter = ["measure__area", "source", "qualifier"]
    list_select_related = ["measure", "source"]
    search_fields = ["measure__name", "source__short_name", "caveat"]
    search_help_text = "What is counted, source or caveat"
    ordering = ["measure__position", "measure", "-ends_on", "-starts_on"]
    fieldsets = [
        (None, {"fields": ["measure", "source"]}),
        ("Period", {"fields": ["starts_on", "ends_on", "period_words"]}),
        (
            "Value",
            {
                "fields": ["value", "qualifier", "caveat"],
                "description": "Figures of the Home Office’s tables are put in by a command and put right by it again: "
                "do not change them here.",
            },
        ),
    ]

    @admin.display(description="period", ordering="ends_on")
    def period(self, figure: Figure) -> str:
        """The period in words."""
        return figure.point().label

    @admin.display(description="value", ordering="value")
    def shown(self, figure: Figure) -> str:
        """The value with its qualifier and unit."""
        return f"{figure.point().text} {figure.measure.unit}"


@admin.register(Inconsistency)
class InconsistencyAdmin(FiguresAdmin):
    """What does not agree, shown with every measure that it names."""

    menu_text = "Sources that contradict each other or themselves. Each note stands beside the figures it is about."
    delete_permission = Permission.MANAGE_PARTNERS
    when_empty = "There is no note yet."
    formfield_overrides = {models.ManyToManyField: {"widget": CheckboxSelectMultiple}}
    fields = ["text", "measures", "slug"]
