"""Reading one cell: dates, ages, names, and words that stand for codes. Pure; what cannot be read raises Unclear."""

import calendar
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from referrals.identifiers import plain
from referrals.spreadsheet.reading import Value
from referrals.spreadsheet.words import CLOSING_WORDS, KINDS, NOTHING, OPEN, OUTCOMES, SETTINGS

EARLIEST = datetime.date(1900, 1, 1)
OLDEST = 120
ADULT = 18

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name}
_NUMBERS = re.compile(r"(\d{1,2})\s*[./ -]\s*(\d{1,2})\s*[./ -]\s*(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_IN_WORDS = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?[\s/-]*([a-z]{3,9})\.?,?[\s/-]*(\d{4}|\d{2})"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_CLOCK = re.compile(r"[T\s,]+(?:at\s+)?\d{1,2}[:.]\d\d(?::\d\d)?(?:\.\d+)?\s*(?:am|pm)?\s*$", re.IGNORECASE)


class Unclear(ValueError):
    """Raised for a cell that cannot be understood. The text says what to do about it, and repeats nothing of it."""


def is_nothing(value: Value) -> bool:
    """Return whether a cell says that nothing is known."""
    return value is None or (isinstance(value, str) and plain(value) in NOTHING)


def words(value: Value) -> str:
    """Return a cell as text; "" when nothing is known. A whole number has no decimals, a date is as in ISO."""
    if is_nothing(value):
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value}"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def date(value: Value, epoch: datetime.date, today: datetime.date, earliest: datetime.date = EARLIEST) -> datetime.date:
    """Return the local date in a cell: day first, year first, with the month in words, or a serial number.

    Two digits of a year are of the newest year that does not lie ahead of `today`. Raises Unclear, for a date ahead
    or before `earliest` too.
    """
    found = value if isinstance(value, datetime.date) else _date(value, epoch, today)
    if found > today:
        raise Unclear("This day lies ahead. Write it as 31/12/2025")
    if found < earliest:
        raise Unclear("This day is too long ago. Write it as 31/12/2025")
    return found


def _date(value: Value, epoch: datetime.date, today: datetime.date) -> datetime.date:
    if isinstance(value, float) or _SERIAL.fullmatch(str(value).strip()):
        return _serial(float(value or 0), epoch)  # type: ignore[arg-type]
    text = _CLOCK.sub("", str(value).strip())
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(found[1], int(found[2]), found[3], today)
    if found := _NUMBERS.fullmatch(text):
        return _day(found[3], int(found[2]), found[1], today)
    if found := _IN_WORDS.fullmatch(text.casefold()):
        return _day(found[3], _month(found[2]), found[1], today)
    raise Unclear("This is not a date we can read. Write it as 31/12/2025")


def _serial(days: float, epoch: datetime.date) -> datetime.date:
    if not 366 <= days < 100_000:
        raise Unclear("This number is not a date. Write it as 31/12/2025")
    return epoch + datetime.timedelta(days=int(days))


def _month(name: str) -> int:
    full = next((m for m in calendar.month_name if m and m.casefold().startswith(name)), "")
    number = _MONTHS.get(name[:3])
    if number is None or not (full or name == "sept"):
        raise Unclear("This is not a date we can read. Write it as 31/12/2025")
    return number


def _day(year: str, month: int, day: str, today: datetime.date) -> datetime.date:
    if month > 12:
        raise Unclear("There is no such month: the day comes first. Write it as 31/12/2025")
    full = int(year)
    if len(year) == 2:
        full += today.year // 100 * 100
        full -= 100 if (full, month, int(day)) > (today.year, today.month, today.day) else 0
    try:
        return datetime.date(full, month, int(day))
    except ValueError:
        raise Unclear("There is no such day. Write it as 31/12/2025") from None


@dataclass(frozen=True)
class Name:
    """A name taken apart."""

    given: str = field(default="", repr=False)
    family: str = field(default="", repr=False)
    known_as: str = field(default="", repr=False)


LONGEST_NAME = 200
_ALIAS = re.compile(
    r"(.*?)\s*(?:[/|]|\ba\.k\.a\.?|\b(?:aka|alias|known as)\b|\((?:aka\s+)?(?=[^)]*\)\s*$))\s*:?\s*(.*)", re.IGNORECASE
)


def name(text: str) -> Name:
    """Take "Surname, First / alias" apart, and "First Surname (alias)" and "First Surname aka alias" too.

    With one word only it is the name they are known by: nobody can say which it is. Raises Unclear for a long text.
    """
    said = " ".join(text.replace("“", '"').replace("”", '"').split())
    if len(said) > LONGEST_NAME:
        raise Unclear(f"This is longer than {LONGEST_NAME} characters: is it a name?")
    alias = ""
    if plain(said) in NOTHING:
        return Name()
    if found := _ALIAS.fullmatch(said):
        said, alias = found[1].strip(), found[2].strip(' )"')
    family, comma, given = (part.strip(' "') for part in said.partition(","))
    if not comma:
        given, _, family = (part.strip(' "') for part in said.rpartition(" "))
    given, family, alias = ("" if plain(part) in NOTHING else part for part in (given, family, alias))
    if not given and not comma:
        family, alias = "", " / ".join(filter(None, [family, alias]))
    return Name(given, family, alias)


_AGE = re.compile(
    r"(?:(?:about|approx|approximately|around|circa|c|aged|age|est|early|mid|late)\s*)?"
    r"(\d{1,3})\s*s?\s*(?:y|yr|yrs|years|year|yo|y o)?(?:\s*old)?"
)
_SPAN = re.compile(r"(\d{1,2})\s*(?:to|or|-|/|\s)\s*(\d{1,2})")


def age_group(text: str, codes: Mapping[str, str]) -> str:
    """Return "adult", "child" or "unsure" for an age in figures or words. Raises Unclear."""
    folded = plain(text)
    if folded in codes:
        return codes[folded]
    if span := _SPAN.fullmatch(folded):
        groups = {_group(int(span[1])), _group(int(span[2]))}
        return groups.pop() if len(groups) == 1 else "unsure"
    if (found := _AGE.fullmatch(folded)) and int(found[1]) <= OLDEST:
        return _group(int(found[1]))
    for word in ("under 18", "u18", "child", "adult", "over 18"):
        if word in folded and not {"child", "adult"} <= set(folded.split()):
            return codes[word]
    raise Unclear("This is not an age. Write a number, “adult”, “child” or leave it empty")


def _group(years: int) -> str:
    return "adult" if years >= ADULT else "child"


def kinds(text: str, *, child: bool) -> tuple[list[str], str]:
    """Return the codes of the kinds of exploitation that `text` names, and what of it is none of them.

    Sexual exploitation of somebody under 18 is always that of a child. Raises Unclear when there is none.
    """
    found, rest = _found(text, KINDS)
    if not found:
        raise Unclear("This names no kind of exploitation we know. Write, for example, “forced labour” or “other”")
    codes = ["child-exploitation" if child and code == "prostitution" else code for code in found]
    if len(codes) > 1 and "other" in codes and " other " not in f" {plain(text)} ":
        codes.remove("other")
    return list(dict.fromkeys(codes)), rest


def setting(text: str) -> str:
    """Return the code of the setting that `text` names first, or "" for none."""
    found, _ = _found(text, SETTINGS)
    return found[0] if found else ""


_FILLERS = {
    "and",
    "or",
    "exploitation",
    "possible",
    "suspected",
    "poss",
    "susp",
    "potential",
    "modern",
    "slavery",
    "ms",
}


def _found(text: str, table: Mapping[str, str]) -> tuple[list[str], str]:
    folded, codes = f" {plain(text)} ", {}
    for word in sorted(table, key=len, reverse=True):
        if (at := folded.find(f" {word} ")) >= 0:
            codes[at] = table[word]
            folded = folded.replace(f" {word} ", " " + "\0" * len(word) + " ")
    left = [part for part in folded.replace("\0", " ").split() if part not in _FILLERS]
    return [codes[at] for at in sorted(codes)], " ".join(left)


def code(text: str, table: Mapping[str, str], what: str) -> str:
    """Return the code for a word of `table`. Raises Unclear, naming words that would do."""
    try:
        return table[plain(text)]
    except KeyError:
        usual = ", ".join(f"“{word}”" for word in list(table)[:4])
        raise Unclear(f"This is no {what} we know. Write, for example, {usual}") from None


def is_open(text: str) -> bool:
    """Return whether the words of a status say that the case is still open."""
    return OUTCOMES.get(plain(text)) == OPEN


def outcome(text: str) -> str:
    """Return an Outcome, a WithdrawalReason or "open". Raises Unclear."""
    folded = plain(text)
    for closing in CLOSING_WORDS:
        if folded.startswith(f"{closing} ") and folded.removeprefix(f"{closing} ") in OUTCOMES:
            folded = folded.removeprefix(f"{closing} ")
    if folded in CLOSING_WORDS:
        raise Unclear("This says that it is closed, not how. Write how it ended, for example “nrm” or “declined”")
    return code(folded, OUTCOMES, "outcome")
