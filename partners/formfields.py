"""Form fields for what people type: a date in three parts, and text that is kept as typed.

Both give errors in the wording of the GOV.UK Design System and name the answer they are about, so that a
message makes sense in the summary at the top of the page, away from its field.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

PARTS = ("day", "month", "year")
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]  # written out, or by their first three letters or more
EARLIEST = date(1900, 1, 1)

Bound = date | Callable[[], date] | None


def called(field: forms.Field) -> str:
    """How a message calls an answer at the start of a sentence: the field's `subject`, else its label.

    A label that is a question is quoted, because nothing else can follow it in a sentence.
    """
    name = getattr(field, "subject", "") or str(field.label or "")
    return f"Your answer to “{name}”" if name.endswith("?") else name or "This answer"


def named_error(field: forms.Field, ending: str, code: str, **params: Any) -> ValidationError:
    """The error "<subject> <ending>". The words go in as a parameter: a "%" in a label is no placeholder."""
    return ValidationError("%(message)s", code=code, params={"message": f"{called(field)} {ending}", **params})


def required_error(field: forms.Field) -> ValidationError:
    """The field's own message for an empty answer when it was given one, else "Enter <subject>"."""
    own = field.error_messages.get("required")
    generic = forms.Field.default_error_messages["required"]
    return ValidationError(own if own != generic else f"Enter {lower_first(called(field))}", code="required")


class DateParts(forms.MultiWidget):
    """Three text boxes (day, month, year), posted as `<name>_day`, `<name>_month` and `<name>_year`.

    Takes `autocomplete="bday"` where the date is the user's own birthday, and nothing otherwise: a browser must not
    offer the professional's birthday for the person they refer.
    """

    use_fieldset = True

    def __init__(self, autocomplete: str = "off") -> None:
        widths = {"day": "2", "month": "2", "year": "4"}
        super().__init__(
            {
                part: forms.TextInput(
                    {
                        "inputmode": "numeric",
                        "autocomplete": f"{autocomplete}-{part}" if autocomplete != "off" else "off",
                        "data-width": widths[part],
                    }
                )
                for part in PARTS
            }
        )

    def decompress(self, value: date | None) -> list[Any]:
        """The three parts of a stored date."""
        return [value.day, value.month, value.year] if value else [None, None, None]


class SplitDateField(forms.Field):
    """A date typed as day, month and year; cleans to a `date`, or None when it is not required and all three are empty.

    Takes, besides the arguments of every field:

    - `subject`: how messages call it at the start of a sentence, for instance "Date of birth" (default: the label);
    - `earliest`, `latest`: a date, or a function that gives one at the time of validation;
    - `future`: False refuses dates after today (today in London);
    - `autocomplete`: see `DateParts`.

    Errors carry `params["parts"]`, the parts at fault, so that only those are outlined. A month may be a number or an
    English name. What was typed is shown again after an error.
    """

    widget = DateParts

    def __init__(
        self,
        *,
        subject: str = "",
        earliest: Bound = EARLIEST,
        latest: Bound = None,
        future: bool = True,
        autocomplete: str = "off",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("widget", DateParts(autocomplete))
        super().__init__(**kwargs)
        self.subject, self.earliest, self.latest, self.future = subject, earliest, latest, future

    def clean(self, value: Sequence[Any] | date | None) -> date | None:
        """The date, or ValidationError with the code required, incomplete, invalid, too_early, too_late or future."""
        if isinstance(value, date):
            typed = [str(value.day), str(value.month), str(value.year)]
        else:
            typed = [str(part or "").strip() for part in (value or ("", "", ""))]
        missing = [part for part, text in zip(PARTS, typed, strict=True) if not text]
        if len(missing) == len(PARTS):
            if self.required:
                raise required_error(self)
            return None
        if missing:
            raise self._error(f"must include a {' and '.join(missing)}", "incomplete", missing)
        found = self._real_date(*typed)
        self._check_bounds(found)
        return found

    def has_changed(self, initial: date | None, data: Sequence[Any] | None) -> bool:
        """True when what was sent is another date than `initial`, or no date."""
        try:
            return (initial or None) != self._date_or_none(data)
        except ValidationError:
            return True

    def _date_or_none(self, data: Sequence[Any] | None) -> date | None:
        # As `clean`, but nothing typed is None even where an answer is required.
        return self.clean(data) if any(str(part or "").strip() for part in data or ()) else None

    def _error(self, ending: str, code: str, at_fault: Sequence[str]) -> ValidationError:
        return named_error(self, ending, code, parts=tuple(at_fault))

    def _real_date(self, day_text: str, month_text: str, year_text: str) -> date:
        day, month, year = _number(day_text, 2), _month(month_text), _number(year_text, 4)
        wrong = [part for part, number in zip(PARTS, (day, month, year), strict=True) if number is None]
        if not wrong and len(year_text) != 4:
            raise self._error("must have a year of 4 numbers, like 1987", "invalid", ["year"])
        if wrong:
            raise self._error("must be a real date", "invalid", wrong)
        limits = (("day", day, 31), ("month", month, 12), ("year", year, 9999))
        wrong = [part for part, number, most in limits if not 1 <= number <= most]
        try:
            return date(year, month, day)
        except ValueError:  # 31 June: which part is at fault only the person knows
            raise self._error("must be a real date", "invalid", wrong or PARTS) from None

    def _check_bounds(self, found: date) -> None:
        earliest, latest = (bound() if callable(bound) else bound for bound in (self.earliest, self.latest))
        if not self.future and found > timezone.localdate():
            raise self._error("must be today or in the past", "future", PARTS)
        if earliest and found < earliest:
            raise self._error(f"must be on or after {in_words(earliest)}", "too_early", PARTS)
        if latest and found > latest:
            raise self._error(f"must be on or before {in_words(latest)}", "too_late", PARTS)


def _number(text: str, digits: int) -> int | None:
    """The number that ASCII digits write, None for anything else. Length comes first: a megabyte is never converted."""
    return int(text) if len(text) <= digits and text.isascii() and text.isdigit() else None


def _month(text: str) -> int | None:
    name = text.lower().rstrip(".") if len(text) <= 10 else ""
    if len(name) >= 3 and (named := [n for n, month in enumerate(MONTHS, 1) if month.startswith(name)]):
        return named[0]
    return _number(text, 2)


def in_words(day: date) -> str:
    """A date as it is read aloud: 1 January 1900."""
    return f"{day.day} {day:%B %Y}"


def lower_first(words: str) -> str:
    """The words for the middle of a sentence: the first letter small, unless the second is a capital (NHS number)."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


# What editors, word processors and other systems send for "new line".
LINE_ENDS = {"\r\n": "\n", "\r": "\n", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}

REPLACEMENT = "\ufffd"  # what stands where a byte could not be read
# Control characters except new line and tab, halves of surrogate pairs, and the replacement character.
UNFIT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{REPLACEMENT}]")


class CalendarDay(forms.DateInput):
    """A date box with the browser's own calendar: for staff, not a question to the public."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PlainTextField(forms.CharField):
    """Text kept as typed: right-to-left text, combining characters and emoji are stored as they came.

    Line ends become "\\n" before anything is counted, white space at both ends goes. NUL and other control characters,
    halves of surrogate pairs and characters that arrived broken are refused with a message that says where.
    Takes, besides the arguments of a `CharField`, `subject`: how messages call the answer at the start of a sentence
    (default: the label). A text over `max_length` (in characters) is told by how much it is over, and is not cut off.
    """

    def __init__(self, *, subject: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.subject = subject
        # CharField's own validators speak of NUL and length in words of their own.
        self.validators = [
            validator
            for validator in self.validators
            if getattr(validator, "code", "") not in {"max_length", "null_characters_not_allowed"}
        ]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength`, which would cut off a pasted text; `dir="auto"` lets Arabic or Urdu read from the right."""
        return {"dir": "auto"}

    def to_python(self, value: Any) -> str:
        """The text with line ends made equal; a single-line control has its line ends made spaces."""
        text = str(value) if value is not None else ""
        for end, newline in LINE_ENDS.items():
            text = text.replace(end, newline)
        if not isinstance(self.widget, forms.Textarea):
            text = text.replace("\n", " ")
        return super().to_python(text)

    def validate(self, value: str) -> None:
        """Refuse what cannot be stored or read, and what is too long."""
        if not value and self.required:
            raise required_error(self)
        if self.max_length is not None and (excess := len(value) - self.max_length) > 0:
            ending = f"must be {self.max_length:,} characters or fewer. You have {excess:,} too many"
            raise named_error(self, ending, "max_length")
        if (found := UNFIT.search(value)) is None:
            return
        place = f"character {found.start() + 1:,}"
        if found[0] == REPLACEMENT:
            raise named_error(
                self, f"has a sign that did not arrive properly (�, {place}). Type it again", "unreadable"
            )
        raise named_error(
            self,
            f"has an invisible control character ({place}). Delete it, or type the words around it again",
            "control_character",
        )
