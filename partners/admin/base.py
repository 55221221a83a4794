"""What every page of the admin has in common: the role table decides, and nothing that is a record is deleted."""

from functools import partial
from typing import ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.forms.utils import to_current_timezone
from django.http import HttpRequest

from partners.admin.recording import RecordsChanges
from partners.models import User
from partners.roles import Permission


class PersonChoiceField(forms.ModelChoiceField):
    """A choice of accounts by name and address: an account as such says only its number (`User.__str__`)."""

    def label_from_instance(self, obj: User) -> str:
        """Return the words for one account."""
        return f"{obj.full_name} ({obj.email})" if obj.full_name else obj.email


class AsksTheTable:
    """Answers Django's four questions from the role table. A permission that is not named is not given.

    `delete_permission` is only for rows that are settings (an opening time, a wording). Records end; they stay.
    """

    view_permission: ClassVar[Permission | None] = None
    add_permission: ClassVar[Permission | None] = None
    change_permission: ClassVar[Permission | None] = None
    delete_permission: ClassVar[Permission | None] = None

    @staticmethod
    def _has(request: HttpRequest, permission: Permission | None) -> bool:
        return permission is not None and request.user.is_authenticated and request.user.may(permission)

    def has_view_permission(self, request, obj=None) -> bool:
        """Whether the person may look."""
        return self._has(request, self.view_permission)

    def has_add_permission(self, request, obj=None) -> bool:
        """Whether the person may add a row."""
        return self._has(request, self.add_permission)

    def has_change_permission(self, request, obj=None) -> bool:
        """Whether the person may change a row."""
        return self._has(request, self.change_permission)

    def has_delete_permission(self, request, obj=None) -> bool:
        """Whether the person may remove a row."""
        return self._has(request, self.delete_permission)


def day_box(label: str) -> forms.DateInput:
    """Return a box for a day with the browser's own calendar: Django's needs a script, and no keyboard reaches it."""
    return forms.DateInput({"type": "date", "aria-label": label} if label else {"type": "date"}, format="%Y-%m-%d")


def time_box(label: str) -> forms.TimeInput:
    """Return a box for a time of day, to the minute."""
    return forms.TimeInput({"type": "time", "aria-label": label} if label else {"type": "time"}, format="%H:%M")


class DayAndTime(forms.MultiWidget):
    """A day and a time of day, each in the browser's own box. Gives what `SplitDateTimeField` reads."""

    def __init__(self) -> None:
        super().__init__([day_box("Day"), time_box("Time")])

    def decompress(self, value):
        """Return the two parts of an aware datetime, in local time."""
        local = to_current_timezone(value) if value else None
        return [local.date(), local.time()] if local else [None, None]


_BOXES = {
    models.DateField: partial(day_box, ""),
    models.TimeField: partial(time_box, ""),
    models.DateTimeField: DayAndTime,
}


class WithoutPopups:
    """Form fields without the icons that open other pages in a window of their own."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Return the field; a choice among accounts gets names for labels."""
        if getattr(db_field, "related_model", None) is User and not db_field.many_to_many:
            kwargs.setdefault("form_class", PersonChoiceField)
            kwargs.setdefault("queryset", self.people_to_choose(request))
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        widget = _BOXES.get(type(db_field))
        if widget is not None and not db_field.choices:
            kwargs["widget"] = widget()
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def people_to_choose(self, request: HttpRequest):
        """Return the accounts that a field offers: those that may sign in."""
        return User.objects.filter(is_active=True).order_by("full_name", "email")


class RoleTableAdmin(AsksTheTable, WithoutPopups, RecordsChanges, admin.ModelAdmin):
    """A list and a form whose permissions come from the role table."""

    menu_group = ""  # one of `partners.adminsite.MENU_GROUPS`; empty: not on the index
    menu_name = ""
    menu_text = ""
    when_empty = "There is nothing here yet."
    labels: ClassVar[dict[str, str]] = {}  # words for fields whose name in the model is not plain enough
    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    save_on_top = False
    view_on_site = False

    def get_urls(self):
        """Return Django's addresses without those of what nobody may do here, and without its old redirect."""
        given = {"add": self.add_permission, "delete": self.delete_permission}
        label = self.opts.model_name
        gone = {f"{self.opts.app_label}_{label}_{act}" for act, permission in given.items() if permission is None}
        return [pattern for pattern in super().get_urls() if pattern.name is not None and pattern.name not in gone]

    def changelist_view(self, request, extra_context=None):
        """Show the list under the name it has on the index."""
        return super().changelist_view(request, {"title": self.plural, **(extra_context or {})})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the form with one button that saves, and a way back to the list."""
        words = {"plural": self.plural, "show_save_and_add_another": False, "show_save_and_continue": False}
        return super().changeform_view(request, object_id, form_url, {**words, **(extra_context or {})})

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Return the form with the plain words for its fields."""
        return super().get_form(request, obj, change=change, **{"labels": self.labels, **kwargs})

    @property
    def plural(self) -> str:
        """What the rows are called together."""
        name = str(self.opts.verbose_name_plural)
        return self.menu_name or name[:1].upper() + name[1:]

    def has_module_permission(self, request) -> bool:
        """Whether the person sees that this page exists."""
        return self.has_view_permission(request)

    def get_actions(self, request) -> dict:
        """Return none: what is done to many rows at once is done by mistake to many rows at once."""
        return {}


class RoleTableInline(AsksTheTable, WithoutPopups, admin.StackedInline):
    """Rows of another model on a form, with permissions from the role table. Stacked: each box has a label, and a phone
    has room for it."""

    extra = 1  # one empty row, so that a row can be added without a script
    show_change_link = False


class ReadOnlyAdmin(RoleTableAdmin):
    """A list and a page that only show."""

    records_changes = False

    def get_readonly_fields(self, request, obj=None):
        """Return every field."""
        return self.fields or [field.name for field in self.model._meta.fields]
