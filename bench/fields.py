"""The fields of the intake as plain data, so that the limit app asks exactly what the intake asks."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

Told = dict[str, Any]


def kind_of(field: forms.Field) -> str:
    """Which plain control asks for the same."""
    if isinstance(field, forms.MultipleChoiceField):
        return "several"
    if isinstance(field, forms.ChoiceField):
        return "radios" if isinstance(field.widget, forms.RadioSelect) else "select"
    if isinstance(field, forms.BooleanField):
        return "tick"
    return "long" if isinstance(field.widget, forms.Textarea) else "short"


def told(step: str, name: str, field: forms.Field) -> Iterable[Told]:
    """One field as data; a date in three boxes gives three numbers."""
    basis = {"label": str(field.label or name), "choices": [], "max_length": getattr(field, "max_length", None)}
    if isinstance(field.widget, forms.MultiWidget):
        for suffix in field.widget.widgets_names:
            yield basis | {"name": f"{step}-{name}{suffix}", "kind": "number"}
        return
    choices = [[str(value), str(label)] for value, label in _flat(getattr(field, "choices", ()))]
    yield basis | {"name": f"{step}-{name}", "kind": kind_of(field), "choices": choices}


def _flat(choices: Iterable[tuple[Any, Any]]) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label


def pages_of(steps: Mapping[str, forms.BaseForm]) -> dict[str, list[Told]]:
    """The fields of each step's form in their order, named `step-field`, without the hidden ones."""
    return {
        step: [
            entry
            for name, field in form.fields.items()
            if not field.widget.is_hidden
            for entry in told(step, name, field)
        ]
        for step, form in steps.items()
    }
