"""What each column of a county's tables means: one model form per table, so that a file is held to the same rules as
the admin."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from partners.county.opening_times import ALWAYS, parse_hours
from partners.hours import Stretch
from partners.models import (
    Agreement,
    Area,
    ClosedDay,
    Limit,
    OpeningHours,
    Organisation,
    Partnership,
    Standing,
    SupportLine,
)
from partners.models.organisations import domain_validator

#: 999, 101, 116 123; else a number that starts with 0 or +. A spreadsheet drops a leading 0 without a word.
PHONE = re.compile(r"1\d\d( ?\d{3})?|999|[0+][\d ]{6,}")


class YesNo(forms.Field):
    """`yes` or `no`; nothing means no."""

    def to_python(self, value: Any) -> bool:
        """Return the answer as a boolean. Raises ValidationError for any other word."""
        word = str(value or "no").lower()
        if word not in {"yes", "no"}:
            raise ValidationError("write yes or no")
        return word == "yes"


class Domains(forms.Field):
    """Mail domains with spaces between them."""

    def to_python(self, value: Any) -> list[str]:
        """Return the domains. Raises ValidationError naming the first that is none."""
        domains = str(value or "").split()
        for domain in domains:
            if not re.fullmatch(domain_validator.regex, domain):
                raise ValidationError(f"“{domain}” is not a domain such as example.org, in small letters, without @")
        return domains


class Times(forms.Field):
    """Opening hours (`partners/county/opening_times.py`): the word `always`, or a set of stretches."""

    def to_python(self, value: Any) -> str | frozenset[Stretch]:
        """Return `always` or the stretches. Raises ValidationError with the reason."""
        if str(value or "").strip().lower() == ALWAYS:
            return ALWAYS
        try:
            return parse_hours(value or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None


def field_for(column: models.Field, **options: Any) -> forms.Field | None:
    """Return the form field of a model field: Django's, with reasons a person at a spreadsheet can act on."""
    if isinstance(column, models.DateField):
        options |= {"input_formats": ["%Y-%m-%d"], "error_messages": {"invalid": "write a day such as 2026-11-23"}}
    if isinstance(column, models.URLField):
        options["assume_scheme"] = "https"
    if isinstance(column, models.BooleanField):
        return YesNo(required=False)
    field = column.formfield(**options)
    if isinstance(field, forms.TypedChoiceField):
        words = ", ".join(str(value) for value, _ in field.choices if value != "")
        field.error_messages["invalid_choice"] = f"“%(value)s” is not known; use one of {words}"
    if field is not None:
        field.error_messages["required"] = "must be filled in"
    return field


def known(model: type[models.Model], key: str, **options: Any) -> dict[str, Any]:
    """Return the arguments of a form field that names a row of `model` by its unique column `key`."""
    what = model._meta.verbose_name
    return {
        "queryset": model.objects.all(),
        "to_field_name": key,
        "error_messages": {
            "invalid_choice": f"there is no {what} “%(value)s”",
            "invalid_pk_value": f"there is no {what} “%(pk)s”",
            "required": "must be filled in",
        },
        **options,
    }


class RowForm(forms.ModelForm):
    """One line of a table. `key` are the columns that say which row of the database it is about, `prefetched` what is
    read with all rows at once because the form compares it."""

    key: ClassVar[tuple[str, ...]] = ("slug",)
    prefetched: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.relations():
            # The object and not its number, because a file names what it means by slug or code.
            self.initial[name] = getattr(self.instance, name) if self.instance.pk else None

    @classmethod
    def relations(cls) -> list[str]:
        """Return the columns that name one row of another table."""
        return [
            name
            for name, field in cls.base_fields.items()
            if isinstance(field, forms.ModelChoiceField) and not isinstance(field, forms.ModelMultipleChoiceField)
        ]

    def checked_phone(self, column: str) -> str:
        """Return the phone number in `column`; raise ValidationError when it is none."""
        number = self.cleaned_data[column]
        if number and not PHONE.fullmatch(number):
            raise ValidationError(
                "a phone number starts with 0 or +; write it with spaces, or the spreadsheet eats the 0"
            )
        return number


class AreaRow(RowForm):
    """areas.csv."""

    key = ("code",)

    class Meta:
        model = Area
        fields = ["code", "name", "kind", "starts_on", "ends_on", "tile_row", "tile_column"]
        formfield_callback = field_for


class _SuccessorRow(RowForm):
    """The column `successor`, filled in when every row of the table is there."""

    def clean_successor(self) -> models.Model | None:
        """Return the successor; refuse a chain that comes back to this row."""
        later = step = self.cleaned_data["successor"]
        passed = {self.instance.pk}
        while step is not None:
            if step.pk in passed:
                raise ValidationError("the successors lead back to where they began")
            passed.add(step.pk)
            step = step.successor
        return later


class AreaSuccessorRow(_SuccessorRow):
    """areas.csv, who follows whom."""

    key = ("code",)
    successor = forms.ModelChoiceField(**known(Area, "code", required=False))

    class Meta:
        model = Area
        fields = ["successor"]


class OrganisationRow(RowForm):
    """organisations.csv."""

    prefetched = ("areas",)
    areas = forms.ModelMultipleChoiceField(**known(Area, "code", required=False))
    email_domains = Domains(required=False)

    class Meta:
        model = Organisation
        fields = [
            "slug", "name", "short_name", "kind", "sector", "areas", "email_domains", "role_mailbox", "second_contact",
            "urgent_phone", "receives_referrals", "coordinates", "opens_reception_centre", "nrm_name", "starts_on",
            "ends_on",
        ]  # fmt: skip
        formfield_callback = field_for

    def clean_urgent_phone(self) -> str:
        """Return the phone number, checked."""
        return self.checked_phone("urgent_phone")


class OrganisationSuccessorRow(_SuccessorRow):
    """organisations.csv, who follows whom."""

    successor = forms.ModelChoiceField(**known(Organisation, "slug", required=False))

    class Meta:
        model = Organisation
        fields = ["successor"]


class StandingRow(RowForm):
    """standings.csv."""

    key = ("organisation", "kind", "starts_on")
    organisation = forms.ModelChoiceField(**known(Organisation, "slug"))

    class Meta:
        model = Standing
        fields = ["organisation", "kind", "starts_on", "ends_on", "source"]
        formfield_callback = field_for


class AgreementRow(RowForm):
    """agreements.csv."""

    key = ("organisation", "signed_on")
    organisation = forms.ModelChoiceField(**known(Organisation, "slug"))

    class Meta:
        model = Agreement
        fields = ["organisation", "signed_on", "review_on"]
        formfield_callback = field_for


class SupportLineRow(RowForm):
    """support_lines.csv."""

    prefetched = ("hours",)
    organisation = forms.ModelChoiceField(**known(Organisation, "slug", required=False))
    hours = Times(required=False)

    class Meta:
        model = SupportLine
        fields = [
            "slug", "name", "purpose", "organisation", "phone", "website", "note", "public", "position", "starts_on",
            "ends_on",
        ]  # fmt: skip
        formfield_callback = field_for

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        line = self.instance
        if line.pk:
            stretches = frozenset(Stretch(h.weekday, h.opens, h.closes) for h in line.hours.all())
            self.initial["hours"] = ALWAYS if line.always_open else stretches

    def clean_phone(self) -> str:
        """Return the phone number, checked."""
        return self.checked_phone("phone")

    def save(self, commit: bool = True) -> SupportLine:
        """Save the line and make its opening hours those of the file."""
        hours = self.cleaned_data["hours"]
        self.instance.always_open = hours == ALWAYS
        line = super().save(commit)
        line.hours.all().delete()
        if hours != ALWAYS:
            OpeningHours.objects.bulk_create(
                OpeningHours(line=line, weekday=h.weekday, opens=h.opens, closes=h.closes) for h in hours
            )
        return line


class ClosedDayRow(RowForm):
    """closed_days.csv."""

    key = ("line", "day")
    line = forms.ModelChoiceField(**known(SupportLine, "slug", required=False))

    class Meta:
        model = ClosedDay
        fields = ["line", "day", "reason"]
        formfield_callback = field_for


class LimitRow(RowForm):
    """clocks.csv."""

    key = ("key", "starts_on")

    class Meta:
        model = Limit
        fields = ["key", "amount", "unit", "starts_on", "ends_on", "source"]
        formfield_callback = field_for


class PartnershipRow(RowForm):
    """partnership.toml: every setting of the partnership."""

    key = ()

    class Meta:
        model = Partnership
        fields = [field.name for field in Partnership._meta.fields if field.name != "id"]
