"""The admin's forms as a browser posts them back."""

from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.test import Client


def address(model: Model | type[Model], *parts: object) -> str:
    """The address of a page of the admin: `address(Organisation, 3, "change")`."""
    return "/".join(["", "admin", model._meta.app_label, model._meta.model_name, *map(str, parts), ""])


def form_of(response: HttpResponse) -> dict[str, Any]:
    """What a browser would post back from a change form that nobody touched."""
    data = {}
    forms = [
        response.context["adminform"].form,
        *(f for fs in response.context["inline_admin_formsets"] for f in fs.formset),
    ]
    forms += [fs.formset.management_form for fs in response.context["inline_admin_formsets"]]
    for form in forms:
        for bound in form:
            value = bound.value()
            if hasattr(bound.field.widget, "decompress") and not isinstance(value, list):
                parts = bound.field.widget.decompress(value)
                data |= {
                    f"{bound.html_name}_{number}": widget.format_value(part) or ""
                    for number, (widget, part) in enumerate(zip(bound.field.widget.widgets, parts, strict=True))
                }
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data


def save(client: Client, row: Model, **changes: Any) -> None:
    """Change some fields of `row` on its page and save; the page must take it."""
    page = address(row, row.pk, "change")
    response = client.post(page, form_of(client.get(page)) | changes)
    assert response.status_code == 302, response.context["errors"]
