"""The one form, built from lists of fields; and its pieces, for a comparison page by page."""

import json
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings


def field_of(told: dict[str, Any]) -> forms.Field:
    """The plain Django field for one entry of the list: kind, label, and what limits the answer."""
    common = {"label": told["label"], "required": False}
    choices = told["choices"]
    match told["kind"]:
        case "several":
            return forms.MultipleChoiceField(**common, choices=choices, widget=forms.CheckboxSelectMultiple)
        case "radios":
            return forms.ChoiceField(**common, choices=choices, widget=forms.RadioSelect)
        case "select":
            return forms.ChoiceField(**common, choices=choices)
        case "tick":
            return forms.BooleanField(**common)
        case "number":
            return forms.IntegerField(**common)
        case "long":
            return forms.CharField(**common, max_length=told["max_length"], widget=forms.Textarea)
    return forms.CharField(**common, max_length=told["max_length"])


def form_class(fields: list[dict[str, Any]]) -> type[forms.Form]:
    """A form with these fields, in this order."""
    return type("LimitForm", (forms.Form,), {told["name"]: field_of(told) for told in fields})


PAGES: dict[str, list[dict[str, Any]]] = json.loads(Path(settings.FIELDS_FILE).read_text())
#: The whole intake as one form under "", and each of its steps as a form of its own.
FORMS = {step: form_class(fields) for step, fields in PAGES.items()}
FORMS[""] = form_class([told for fields in PAGES.values() for told in fields])
