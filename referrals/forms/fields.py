"""The kinds of field the intake is made of, with errors in plain words. Nothing is required unless it says so."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from partners.formfields import PlainTextField, SplitDateField, named_error

Choices = list[tuple[str, str]]

SHORT, LINE, STORY = 200, 1_000, 15_000  # characters; 15,000 is the Home Office form's own limit (facts, 2.0)

FORGED = "Choose from the answers on this page"


def one_of(label: str, choices: Choices, *, required: str = "", **options: Any) -> forms.ChoiceField:
    """One answer out of a few. `required` is the error when it is left out; without it, it may be left out."""
    errors = {"required": required or FORGED, "invalid_choice": FORGED}
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        required=bool(required),
        error_messages=errors,
        **options,
    )


def any_of(label: str, choices: Choices, **options: Any) -> forms.MultipleChoiceField:
    """Any number of answers, none of them included."""
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": FORGED, "invalid_list": FORGED},
        **options,
    )


def line(label: str, *, longest: int = SHORT, attrs: dict[str, str] | None = None, **options: Any) -> PlainTextField:
    """One line of text. The browser offers nothing from the professional's own life unless `attrs` say so."""
    quiet = {"autocomplete": "off", "spellcheck": "false"}
    return PlainTextField(
        label=label, max_length=longest, required=False, widget=forms.TextInput(quiet | (attrs or {})), **options
    )


def phone(label: str, *, autocomplete: str = "off", **options: Any) -> PlainTextField:
    """A phone number as people write it, with a word beside it if need be."""
    return line(label, longest=60, attrs={"autocomplete": autocomplete, "inputmode": "tel"}, **options)


def text(label: str, *, longest: int = LINE, rows: int = 4, **options: Any) -> PlainTextField:
    """Several lines of text. `rows` is the height of the box."""
    widget = forms.Textarea({"autocomplete": "off", "rows": rows})
    return PlainTextField(label=label, max_length=longest, required=False, widget=widget, **options)


def day(label: str, **options: Any) -> SplitDateField:
    """A day that lies in the past, or today."""
    return SplitDateField(label=label, required=False, future=False, **options)


class CountLine(PlainTextField):
    """A whole number between `least` and `most`, kept as its digits."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def clean(self, value: Any) -> str:
        """Return the number in its plainest digits, "" for none; refuse what is no number or out of bounds."""
        text = super().clean(value)
        if not text:
            return ""
        if not (text.isascii() and text.isdigit() and self.least <= int(text) <= self.most):
            raise named_error(self, f"must be a number from {self.least} to {self.most}", "invalid")
        return str(int(text))


def count(label: str, *, least: int, most: int, **options: Any) -> CountLine:
    """How many."""
    widget = forms.TextInput({"autocomplete": "off", "inputmode": "numeric"})
    return CountLine(label=label, max_length=6, required=False, least=least, most=most, widget=widget, **options)


class EmailLine(PlainTextField):
    """An e-mail address, kept as typed once it looks like one."""

    def validate(self, value: str) -> None:
        """Refuse what is no address."""
        super().validate(value)
        try:
            if value:
                validate_email(value)
        except ValidationError:
            raise named_error(self, "must be an e-mail address, like name@example.org", "invalid") from None


def email(label: str, *, autocomplete: str = "off", **options: Any) -> EmailLine:
    """An e-mail address."""
    attrs = {"autocomplete": autocomplete, "inputmode": "email", "spellcheck": "false"}
    return EmailLine(label=label, max_length=254, required=False, widget=forms.TextInput(attrs), **options)
