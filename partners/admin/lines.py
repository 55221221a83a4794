"""The numbers people can ring: a week of hours typed in words, the phone checked, previewed as the public sees it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.admin.base import RoleTableAdmin, RoleTableInline
from partners.admin.organisations import InForceFilter, in_force_words
from partners.admin.previewing import PreviewForm, Previews
from partners.hours import Stretch
from partners.lines import card_of
from partners.models import ClosedDay, OpeningHours, SupportLine
from partners.phones import check_phone
from partners.roles import Permission
from partners.week_words import WeekError, as_typed, in_words, week_of


class ClosedDayInline(RoleTableInline):
    """Days on which a line does not answer, beside the bank holidays."""

    model = ClosedDay
    view_permission = add_permission = change_permission = delete_permission = Permission.MANAGE_PARTNERS


def stretches_of(line: SupportLine) -> list[Stretch]:
    """Return the opening hours of a saved line; none for one that is not saved yet."""
    return [Stretch(row.weekday, row.opens, row.closes) for row in line.hours.all()] if line.pk else []


class LineForm(PreviewForm):
    """A line with its week of hours in one box: five rows with ten times are typed wrong by anybody."""

    week = forms.CharField(
        label="Opening hours",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 5, "cols": 40}),
        help_text="A line for each, such as “Monday to Friday 9:00 to 17:00”. Two stretches on a day are two lines. "
        "Leave it empty when the hours are not known.",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("week", as_typed(stretches_of(self.instance)))
        for name in {"phone"} & set(self.fields):
            self.fields[name].validators.append(check_phone)

    def clean_week(self) -> list[Stretch]:
        """Return the stretches."""
        try:
            return week_of(self.cleaned_data["week"])
        except WeekError as error:
            raise ValidationError(str(error), code="week") from error

    def clean(self) -> dict:
        """Want either hours or "always"."""
        cleaned = super().clean()
        if cleaned.get("always_open") and cleaned.get("week"):
            self.add_error("week", "A line that is always open has no hours. Empty this, or untick “Always open”.")
        return cleaned


@admin.register(SupportLine)
class SupportLineAdmin(Previews, RoleTableAdmin):
    """The numbers people can ring."""

    menu_group, menu_text = "Settings", "The numbers people can ring, and when each is answered."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    form = LineForm
    preview_template = "admin/partners/line_preview.html"
    list_display = ["name", "purpose", "phone", "hours", "public", "position", "state"]
    list_filter = [InForceFilter, "purpose", "public"]
    prepopulated_fields = {"slug": ["name"]}
    labels = {"slug": "Name in web addresses"}
    inlines = [ClosedDayInline]
    parts = ("hours", "closed_days")
    fieldsets = [
        (None, {"fields": ["name", "slug", "purpose", "organisation", "phone", "website", "note"]}),
        (
            "When it answers",
            {
                "fields": ["always_open", "week"],
                "description": "A line that is not always open is closed on bank holidays and on the days below.",
            },
        ),
        ("Where it is shown", {"fields": ["public", "position"]}),
        ("When it exists", {"fields": ["starts_on", "ends_on"]}),
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

    def save_related(self, request, form, formsets, change):
        """Save the week with the rest, so that the history has it."""
        _set_hours(form.instance, form.cleaned_data["week"])
        super().save_related(request, form, formsets, change)

    def preview(self, row, form) -> dict[str, Any]:
        """Return the line as the public sees it at this moment, and its week in words."""
        stretches = form.cleaned_data["week"] if form.is_bound else stretches_of(row)
        return {"cards": [card_of(row, stretches, timezone.now())], "line": row, "week": in_words(stretches)}

    @admin.display(description="answers")
    def hours(self, line) -> str:
        """When it answers, in short."""
        if line.always_open:
            return "Always"
        return ", ".join(in_words(stretches_of(line))) or "No hours given"

    @admin.display(description="in force")
    def state(self, line) -> str:
        """Whether it exists today."""
        return in_force_words(line)


def _set_hours(line: SupportLine, stretches: list[Stretch]) -> None:
    if set(stretches_of(SupportLine.objects.get(pk=line.pk))) == set(stretches):
        return
    line.hours.all().delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(line=line, weekday=one.weekday, opens=one.opens, closes=one.closes) for one in stretches
    )
