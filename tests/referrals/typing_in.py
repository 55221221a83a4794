"""Filling in a form whatever it asks: what a person could have typed, made from the fields themselves."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from partners.formfields import SplitDateField
from tests.referrals.files_sent import photo

WORDS = "Words that took long to write"


def typed_into(form: forms.Form) -> dict[str, Any]:
    """Return a value for each field that a page draws of `form`, as a browser posts it."""
    return {name: value for field in form.visible_fields() for name, value in _typed(field).items()}


def _typed(field: forms.BoundField) -> dict[str, Any]:
    asked, name = field.field, field.html_name
    if isinstance(asked, SplitDateField):
        today = timezone.localdate()
        return {f"{name}_day": today.day, f"{name}_month": today.month, f"{name}_year": today.year}
    if isinstance(asked, forms.FileField):
        return {name: SimpleUploadedFile("photo.jpg", photo(), "image/jpeg")}
    if (offered := _offered(asked)) is not None:
        chosen = offered[:1]
        several = isinstance(asked, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        return {name: chosen if several else chosen[0]} if chosen else {}
    if isinstance(asked, forms.BooleanField):
        return {name: "on"}
    return {name: WORDS} if isinstance(asked, forms.CharField) else {}


def _offered(field: forms.Field) -> list[str] | None:
    """What can be chosen, without the empty choice; None where something is typed."""
    choices = getattr(field, "choices", None)
    if choices is None:
        return None
    groups = [label if isinstance(label, list | tuple) else [(value, label)] for value, label in choices]
    return [str(value) for group in groups for value, _ in group if str(value)]
