"""Tags and filters behind templates/govuk/ and templates/components/.

The markup is in the templates; here is only what a template cannot work out: which kind of control a widget is,
the attributes it gets, the choices with their hints and reveals, and where a link of the error summary must point.
How a form uses the pack is told in `partners/formlayout.py`.
"""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet, BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()

# The first class that fits decides, so a subclass stands before what it inherits from.
KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.MultiWidget, "parts"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file-upload"),
    (forms.PasswordInput, "password"),
)
EMERGENCY = SimpleNamespace(
    name="Police, ambulance, fire", phone="999", purpose="emergency", note="If it is not safe to speak, press 55."
)
# Kinds whose class is not named after them.
CLASSES = {"password": "govuk-input", "checkbox": "govuk-checkboxes__input"}
STANDARD_ROWS = {"10": "5"}  # Django's default height of a text area, and ours


@register.filter
def widget_kind(field: BoundField) -> str:
    """Which kind of control draws the field: "hidden", one of `KINDS`, else "input"."""
    if field.is_hidden:
        return "hidden"
    return next((kind for cls, kind in KINDS if isinstance(field.field.widget, cls)), "input")


@register.filter
def lookup(mapping: dict[str, Any] | None, key: Any) -> Any:
    """`mapping[key]` for a key that is a variable, as text; "" when there is none."""
    return (mapping or {}).get(str(key), "")


@register.filter
def tel(number: str) -> str:
    """The link that rings a phone number as people write it: "01632 960 123" gives "tel:01632960123"."""
    return "tel:" + "".join(character for character in str(number) if character in "+0123456789")


@register.filter
def texts(value: Any) -> list[Any]:
    """One text or several, as a list: how a summary shows answers of both sorts."""
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


@register.simple_tag
def phone_lines(lines: Iterable[Any] | None) -> list[Any]:
    """The lines with those for an emergency first; 999 stands there even when nobody has entered it."""
    found = sorted(lines or (), key=lambda line: line.purpose != "emergency")
    return found if found and found[0].purpose == "emergency" else [EMERGENCY, *found]


@register.filter
def character_limit(field: BoundField) -> int | None:
    """How many characters a text area takes when it has a limit to count down from, else None."""
    return getattr(field.field, "max_length", None) if widget_kind(field) == "textarea" else None


@register.simple_tag
def govuk_control(field: BoundField, question: dict[str, Any] | None = None) -> SafeString:
    """The bare control of a field, with the design system's classes beside those the widget has already.

    Every other attribute of the widget (autocomplete, inputmode, spellcheck ...) passes through untouched.
    A text area never carries `maxlength`: the browser would cut off a pasted text without a word.
    """
    question = question or {}
    kind, widget = widget_kind(field), field.field.widget
    base = CLASSES.get(kind, f"govuk-{kind}")
    classes = [base, widget.attrs.get("class", "")]
    if field.errors and kind != "checkbox":
        classes.append(f"{base}--error")
    if width := str(question.get("width", "")):
        classes.append(f"govuk-input--width-{width}" if width.isdigit() else f"govuk-!-width-{width}")
    attrs: dict[str, Any] = {}
    if kind == "password":
        classes.append("govuk-password-input__input govuk-js-password-input-input")
        attrs |= {"spellcheck": "false", "autocapitalize": "none"}
    if kind == "textarea":
        attrs |= {
            "maxlength": False,
            "rows": STANDARD_ROWS.get(str(widget.attrs.get("rows")), widget.attrs.get("rows")),
        }
        if character_limit(field) and question.get("count", True):
            classes.append("govuk-js-character-count")
            attrs["aria-describedby"] = " ".join(filter(None, [field.aria_describedby, f"{field.auto_id}-info"]))
    return field.as_widget(attrs=attrs | {"class": " ".join(filter(None, classes))})


@register.simple_tag
def choice_groups(field: BoundField, question: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The choices of radios or check boxes as [{"name": of the group or None, "options": [...]}].

    Each option carries name, type, value, label, id, selected, attributes (the rest of them), hint, revealed (HTML),
    exclusive and divider.
    """
    question = question or {}
    attrs = {"id": field.auto_id} | ({"disabled": True} if field.field.disabled else {})
    context = field.field.widget.get_context(field.html_name, field.value(), attrs)
    exclusive, divider = str(question.get("exclusive", "")), str(question.get("divider", ""))
    groups = []
    for name, options, _index in context["widget"]["optgroups"]:
        for option in options:
            value = str(option["value"])
            attributes = {key: val for key, val in option["attrs"].items() if key not in {"id", "class", "checked"}}
            option |= {
                "id": option["attrs"].get("id", ""),
                "attributes": attributes,
                "hint": lookup(question.get("hints"), value),
                "revealed": lookup(question.get("revealed"), value),
                "exclusive": bool(value) and value == exclusive,
                "divider": bool(value) and value in {exclusive, divider},
            }
        # Choices without a group come from Django one by one, each as a group without a name.
        if groups and name is None and groups[-1]["name"] is None:
            groups[-1]["options"] += options
        else:
            groups.append({"name": name, "options": list(options)})
    return groups


def _parts_at_fault(field: BoundField) -> set[str]:
    """The parts of a several-part field that its errors name (params["parts"]); empty when they name none."""
    params = (error.params for error in field.errors.as_data() if getattr(error, "params", None))
    return {part for param in params if isinstance(param, dict) for part in param.get("parts", ())}


@register.simple_tag
def parts(field: BoundField) -> list[dict[str, Any]]:
    """The controls of a several-part field (a date): name, id, label, value, attrs and whether it is at fault."""
    widget = field.field.widget
    context = widget.get_context(field.html_name, field.value(), {"id": field.auto_id})
    at_fault = _parts_at_fault(field)
    found = []
    for suffix, part in zip(widget.widgets_names, context["widget"]["subwidgets"], strict=True):
        key = suffix.strip("_")
        attrs = {name: value for name, value in part["attrs"].items() if name not in {"id", "class", "required"}}
        part |= {
            "id": part["attrs"]["id"],
            "label": key.replace("_", " ").capitalize(),
            "attributes": attrs,
            "width": attrs.pop("data-width", ""),
            "error": bool(field.errors) and (not at_fault or key in at_fault),
        }
        found.append(part)
    return found


@register.filter
def first_control_id(field: BoundField) -> str:
    """The id an error link must point at: the first choice of a group, the first part at fault of a date."""
    kind = widget_kind(field)
    if kind in {"radios", "checkboxes"}:
        options = (option for group in choice_groups(field) for option in group["options"])
        return next((option["id"] for option in options), field.auto_id)
    if kind == "parts":
        return next((part["id"] for part in parts(field) if part["error"]), f"{field.auto_id}_0")
    return field.field.widget.attrs.get("id") or field.auto_id


def _forms_of(source: Any) -> Iterable[BaseForm]:
    return source.forms if isinstance(source, BaseFormSet) else [source]


@register.simple_tag
def summary_errors(*sources: BaseForm | BaseFormSet | None) -> list[dict[str, str]]:
    """Every error of the forms in the order of their fields, as {"text", "href"}; no href where there is no control.

    Errors of the form as a whole come first; an error of a hidden field is nobody's to correct, so it has no link.
    """
    found: list[dict[str, str]] = []
    for source in filter(None, sources):
        if isinstance(source, BaseFormSet) and source.is_bound:
            found += [{"text": text, "href": ""} for text in source.non_form_errors()]
        for form in _forms_of(source):
            if not form.is_bound:
                continue
            found += [{"text": text, "href": ""} for text in form.non_field_errors()]
            for field in form:
                href = "" if field.is_hidden else f"#{first_control_id(field)}"
                found += [{"text": text, "href": href} for text in field.errors]
    return found


@register.inclusion_tag("components/error_summary.html")
def error_summary(*sources: BaseForm | BaseFormSet | None) -> dict[str, Any]:
    """The error summary of one or several forms and formsets; nothing at all when they have no error."""
    return {"errors": summary_errors(*sources)}


@register.simple_tag
def elided_pages(page: Page) -> list[int | str]:
    """The page numbers to show around `page`, with the paginator's ellipsis for those left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag
def govuk_field(field: BoundField, **question: Any) -> SafeString:
    """One field outside a crispy layout, with the options of `partners.formlayout.Question` as arguments."""
    return render_to_string("govuk/field.html", {"field": field, "asked": question})
