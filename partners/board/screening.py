"""What must not stand on the message board, or only after a second look: a net, not a proof (ADR 0018).

Refused is what nearly always belongs to one person and never to a pattern. Asked about is what may well belong to a
place, a vehicle or a colleague. Other apps add what they know of open cases: the setting BOARD_CHECKS names functions
that take the text and whoever asks, so that this app imports none.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from partners.access import record_access
from partners.models import AccessRecord, Partnership, SupportLine, User

CHECKS_AN_HOUR = 30  # by one person: a check says whether a name stands in a referral
#: Days that are longer ago than this may be somebody's date of birth; nearer ones are rather when something was seen.
LONG_AGO = datetime.timedelta(days=366)


class Kind(StrEnum):
    """What was found."""

    REFERENCE = "reference"
    PHONE = "phone"
    EMAIL = "email"
    NUMBER = "number"
    BIRTH = "birth"
    NAME = "name"
    DATE = "date"
    POSTCODE = "postcode"
    VEHICLE = "vehicle"


#: What may stand there after a second look. The others are refused.
ASKED = (Kind.NAME, Kind.DATE, Kind.POSTCODE, Kind.VEHICLE)

#: What the writer is told: after the words that were found, and what to do about it.
SAYS = {
    Kind.REFERENCE: "is the reference of a referral. Leave it out: a post is about a pattern, not about one case",
    Kind.PHONE: "is a phone number. Only the phone lines in this service may stand in a post",
    Kind.EMAIL: "is an e-mail address. Only the partnership’s own mailbox may stand in a post",
    Kind.NUMBER: "looks like an official number of one person. Leave it out",
    Kind.BIRTH: "is a date of birth. Leave it out",
    Kind.NAME: "looks like the name of somebody in a referral",
    Kind.DATE: "may be a date of birth",
    Kind.POSTCODE: "is a full postcode, which may lead to one home",
    Kind.VEHICLE: "looks like the registration of a vehicle, which leads to one keeper",
}

#: What the writer confirms for each kind that is asked about.
CONFIRMS = {
    Kind.NAME: "None of these words name somebody in a referral, or anybody connected with one",
    Kind.DATE: "None of these dates is somebody’s date of birth",
    Kind.POSTCODE: "None of these postcodes is where a person in a referral lives, works or was found",
    Kind.VEHICLE: "No person in a referral can be traced through these vehicles",
}


class TooManyChecks(Exception):
    """Raised when somebody has had too many texts checked within the hour. The text is for them."""

    text = f"You can have {CHECKS_AN_HOUR} texts checked an hour. What you typed is still here: try again later"


@dataclass(frozen=True)
class Finding:
    """Words of a text that may not stand there (`refused`), or only after a second look."""

    kind: Kind
    words: str

    @property
    def refused(self) -> bool:
        """Whether it cannot stand there at all."""
        return self.kind not in ASKED

    def __str__(self):
        return f"“{self.words}” {SAYS[self.kind]}"


@transaction.atomic
def screen(text: str, *, by: User) -> list[Finding]:
    """Return what in `text` may not stand on the board, or only after a second look; each of the words once.

    That `by` had a text checked is on the access log, never its words. Raises TooManyChecks.
    """
    since = timezone.now() - datetime.timedelta(hours=1)
    mine = AccessRecord.objects.filter(user=by, action=AccessRecord.Action.CHECK_TEXT, at__gte=since)
    if mine.count() >= CHECKS_AN_HOUR:
        raise TooManyChecks(TooManyChecks.text)
    record_access(by=by, action=AccessRecord.Action.CHECK_TEXT, object_kind="board")
    seen = readable(text)
    found = [*_patterns(seen), *(hit for path in settings.BOARD_CHECKS for hit in import_string(path)(seen, by))]
    order = list(Kind)
    return sorted(dict.fromkeys(found), key=lambda finding: order.index(finding.kind))


def readable(text: str) -> str:
    """Return `text` as it is read: signs of other widths as the usual ones, without signs that cannot be seen."""
    usual = unicodedata.normalize("NFKC", text)
    return "".join(_digit(sign) for sign in usual if unicodedata.category(sign) != "Cf")


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAY, _MONTH = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?", rf"(?P<n>{_MONTHS})[a-z]*\.?"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?<!\d[/.\-])(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>(?:19|20)?\d\d)(?!\d|[/.\-]\d)",
        r"(?<!\d)(?P<d>\d{1,2})[ ](?P<m>\d{1,2})[ ](?P<y>(?:19|20)\d\d)(?!\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)[/.\-](?P<m>\d{1,2})[/.\-](?P<d>\d{1,2})(?!\d)",
        rf"(?<!\d){_DAY}[ ]+(?:of[ ]+)?{_MONTH},?[ ]+(?P<y>(?:19|20)?\d\d)(?!\d)",
        rf"\b{_MONTH}[ ]+{_DAY},?[ ]+(?P<y>(?:19|20)\d\d)(?!\d)",
    )
]
_BIRTH = re.compile(r"\b(?:born|birth|birthday|d\.?\s?o\.?\s?b)\b[^\n]{0,20}$", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>(),;:]{1,64}@[^\s@<>(),;:]{1,255}\.\w{2,}")
_PHONE = re.compile(r"(?<![\d.])(?:\+\s?\d{1,3}|00\s?\d{1,3}|\(?0)[\s().\-/]{0,3}\d(?:[\s().\-/]{0,3}\d){7,10}(?!\d)")
_OTHERS = [
    (Kind.NUMBER, re.compile(r"\b[a-z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[a-d]\b", re.IGNORECASE)),  # insurance
    (Kind.NUMBER, re.compile(r"\b[a-z]{1,3}-?\d{6,10}\b", re.IGNORECASE)),  # Home Office, passports
    (Kind.NUMBER, re.compile(r"(?<![\d+])\d{9,10}(?!\d)")),  # passports, NHS
    (Kind.NUMBER, re.compile(r"(?<!\d)\d{3}[ -]\d{3}[ -]\d{4}(?!\d)")),  # NHS
    (Kind.POSTCODE, re.compile(r"\b[a-z]{1,2}\d[a-z\d]?[ ]{0,2}\d[a-z]{2}\b", re.IGNORECASE)),
    (Kind.VEHICLE, re.compile(r"\b[a-z]{2}\d{2}[ -]?[a-z]{3}\b", re.IGNORECASE)),
]


def _patterns(text: str) -> Iterator[Finding]:
    """What looks like itself. Dates are blanked first: a date with its hour would be read as a phone number too."""
    yield from _dates(text)
    rest = _without_dates(text)
    yield from _emails(rest)
    yield from _phones(rest)
    for kind, pattern in _OTHERS:
        yield from (Finding(kind, match.group()) for match in pattern.finditer(rest) if not _PHONE.match(match.group()))


def _dates(text: str) -> Iterator[Finding]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            day = _day(match)
            if day and _BIRTH.search(text[max(0, match.start() - 40) : match.start()]):
                yield Finding(Kind.BIRTH, match.group())
            elif day and timezone.localdate() - day > LONG_AGO:
                yield Finding(Kind.DATE, match.group())


def _without_dates(text: str) -> str:
    for pattern in _DATES:
        text = pattern.sub(lambda match: " … " if _day(match) else match.group(), text)
    return text


def _day(match: re.Match) -> datetime.date | None:
    """The day that a match writes, None when there is no such day. A year of two digits is not in the future."""
    parts = match.groupdict()
    month = _MONTHS.split("|").index(parts["n"].lower()) + 1 if parts.get("n") else int(parts["m"])
    year = int(parts["y"])
    if year < 100:
        year += 2000 if year <= timezone.localdate().year % 100 else 1900
    try:
        return datetime.date(year, month, int(parts["d"]))
    except ValueError:
        return None


def _emails(text: str) -> Iterator[Finding]:
    own = Partnership.current().mailbox.casefold()
    for match in _EMAIL.finditer(text):
        words = match.group().strip(".'\"")
        if words.casefold() != own:
            yield Finding(Kind.EMAIL, words)


def _phones(text: str) -> Iterator[Finding]:
    found = [match.group().strip() for match in _PHONE.finditer(text)]
    if not found:
        return
    lines = SupportLine.objects.in_force(timezone.localdate()).values_list("phone", flat=True)
    known = {_number(phone) for phone in [*lines, Partnership.current().phone]}
    yield from (Finding(Kind.PHONE, words) for words in found if _number(words) not in known)


def _number(phone: str) -> str:
    """A British number without what stands before it: 0, +44 and 0044 are one number."""
    digits = re.sub(r"\D", "", phone)
    return re.sub(r"^(?:00)?44|^0", "", digits).lstrip("0")
