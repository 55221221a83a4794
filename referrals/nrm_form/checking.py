"""What a first responder typed, checked as the form will check it, with errors in plain words."""

import datetime
import re
from collections.abc import Callable
from typing import NamedTuple

from referrals.nrm_form.fields import LONGEST, Field, Kind, Value

EARLIEST = datetime.date(1900, 1, 1)
MOST_CHILDREN = 99
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_PHONE = re.compile(r"\+?[\d\s().-]{7,25}")
_LINK = re.compile(r"https?://|\bwww\.|(?<![@\w.-])[\w.-]+\.(?:com|org|net|uk|info)\b(?!@)", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d %m %Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")


class Checked(NamedTuple):
    """The answer as it is to be saved, or the words that say what is wrong with it."""

    value: Value
    error: str = ""


def check_given(asked: Field, raw: object, *, today: datetime.date | None = None) -> Checked:
    """Return the clean value of what was typed for `asked`, or an error.

    `raw` is text, or a list of codes for `Kind.CHOICES`; a date may be ISO or "27 3 1998". Nothing typed is no error:
    the sheet says what is missing. `today` bounds dates; it is the clock's day when left out.
    """
    if asked.locked:
        return Checked("", "This answer follows the case and is changed there")
    if asked.kind is Kind.CHOICES:
        return _choices(asked, raw)
    if not isinstance(raw, str):
        return Checked("", "Enter text")
    value = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not value:
        return Checked("")
    if _INVISIBLE.search(value):
        return Checked(value, "There is an invisible control character in this answer. Type it again")
    if error := _too_long(asked, value):
        return Checked(value, error)
    if asked.kind is Kind.DATE:
        return _date(value, today or datetime.datetime.now(datetime.UTC).date())
    return _CHECKS.get(asked.kind, _line)(asked, value)


def _too_long(asked: Field, value: str) -> str:
    limit = asked.limit or LONGEST
    return f"Shorten this by {len(value) - limit:,}: the form takes {limit:,} characters" if len(value) > limit else ""


def _choices(asked: Field, raw: object) -> Checked:
    chosen = [raw] if isinstance(raw, str) and raw else raw or []
    codes = [code for code, _ in asked.options]
    if not isinstance(chosen, list | tuple) or any(code not in codes for code in chosen):
        return Checked([], "Choose from the answers on this page")
    return Checked([code for code in codes if code in chosen])


def _choice(asked: Field, value: str) -> Checked:
    known = value in dict(asked.options)
    return Checked(value) if known else Checked("", "Choose from the answers on this page")


def _date(value: str, today: datetime.date) -> Checked:
    for form in _DATES:
        try:
            day = datetime.datetime.strptime(value, form).date()  # noqa: DTZ007 (a date has no zone)
        except ValueError:
            continue
        if day < EARLIEST:
            return Checked(value, "The date must be in 1900 or later")
        if day > today:
            return Checked(value, "The date must be today or in the past")
        return Checked(day.isoformat())
    return Checked(value, "Enter a real date, like 27 3 1998")


def _email(asked: Field, value: str) -> Checked:
    good = _EMAIL.fullmatch(value) and len(value) <= 254
    return Checked(value, "" if good else "Enter an e-mail address, like name@example.org")


def _phone(asked: Field, value: str) -> Checked:
    good = _PHONE.fullmatch(value) and 7 <= len(re.sub(r"\D", "", value)) <= 15
    return Checked(value, "" if good else "Enter one phone number, like 01632 960001 or +44 7700 900 982")


def _number(asked: Field, value: str) -> Checked:
    good = value.isdecimal() and 1 <= int(value[:5]) <= MOST_CHILDREN
    return Checked(str(int(value)), "") if good else Checked(value, f"Enter a whole number from 1 to {MOST_CHILDREN}")


def _line(asked: Field, value: str) -> Checked:
    if "\n" in value:
        return Checked(value, "Enter this on one line")
    return _account(asked, value)


def _account(asked: Field, value: str) -> Checked:
    if asked.no_links and _LINK.search(value):
        return Checked(value, "Take out the web address: the form does not take any here")
    return Checked(value)


_CHECKS: dict[Kind, Callable[[Field, str], Checked]] = {
    Kind.CHOICE: _choice,
    Kind.TICK: _choice,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.NUMBER: _number,
    Kind.LONG: _account,
}
