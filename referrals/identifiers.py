"""Does a text name the person? Used before text leaves the sealed part of a case.

Pure. It looks for what the case itself holds, in the ways people write it, and for anything that looks like an e-mail
address, a phone number, a postcode or an official number. It is a net, not a proof. It cannot find: a name or nickname
nobody recorded, a misspelt or transliterated name, initials, a name of two letters in small letters, a date in words
("the twenty-seventh"), an age, a year alone, a house or town the case does not hold, and what points to one person
only in its sum (job, nationality, injury).
"""

import datetime
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

NAME_FIELDS = ("given_names", "family_name", "known_as", "someone_name")
NUMBER_FIELDS = ("phone_number", "text_number", "someone_phone")
EMAIL_FIELDS = ("email_address", "someone_email")
ADDRESS_FIELDS = ("post_address", "address", "postcode", "found_address")
TEXT_FIELDS = (*EMAIL_FIELDS, *ADDRESS_FIELDS)
SHORTEST_NAME = 3
INSIDE = 5  # letters from which a name is looked for inside a longer word too
TAIL = 9  # digits by which a phone is known, whatever stands before them
LOCAL = 6  # digits of a number without its area code


class Kind(StrEnum):
    """What a hit gives away."""

    NAME = "name"
    DATE_OF_BIRTH = "date_of_birth"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    PLACE = "place"
    NUMBER = "number"


@dataclass(frozen=True)
class Hit:
    """`words` of a text, from `start` to `end`, that may identify somebody.

    `where` is the answer of the case they were found by ("person.family_name"), or "pattern" when they only look like
    such a thing. `whole` is False when it is a part of that answer (month and year, a town, a name inside a word).
    """

    start: int
    end: int
    words: str = field(repr=False)
    kind: Kind
    where: str
    whole: bool = True


#: Letters that no decomposition turns into the plain letter people type instead.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)


@lru_cache(maxsize=2048)
def _folded(char: str) -> str:
    """Return `char` without case and accents: letters and digits, a space, or "-" for any other sign."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(_sign(c) for c in decomposed.translate(_PLAIN_LETTERS))


def _sign(char: str) -> str:
    if (category := unicodedata.category(char))[0] == "M" or category == "Cf":
        return ""  # accents, soft hyphens, zero-width joiners
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return char if char.isalnum() else " " if char.isspace() else "-"


def plain(text: str) -> str:
    """Return `text` without case, accents and punctuation, so that two spellings of a name meet."""
    return " ".join("".join(map(_folded, text)).replace("-", " ").split())


# The patterns below are for a folded text: letters, digits, " " and "-".
_BEFORE, _AFTER = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # no letter there; a digit may be
_GAP, _GAPS = "[- ]*", "[- ]+"
_NO_NAME = {"the", "and", "aka", "also", "not", "known", "unknown", "none"}


@dataclass(frozen=True)
class _Pattern:
    regex: str
    kind: Kind
    where: str
    whole: bool = True
    capital: bool = False  # counts only when it is written with a capital letter


def _name(value: str, where: str) -> Iterator[_Pattern]:
    words = [word for word in plain(value).split() if word not in _NO_NAME]
    chunks = [plain(chunk).replace(" ", "") for chunk in value.split()]
    joined = ["".join(words)] if len(words) > 1 else []
    telling = [chunk for chunk in chunks if chunk not in _NO_NAME]
    for word in dict.fromkeys([*words, *telling, *joined]):
        yield from _name_word(word, where)


def _name_word(word: str, where: str) -> Iterator[_Pattern]:
    letters, whole = "-*".join(map(re.escape, word)), len(word) >= SHORTEST_NAME
    if word.upper() == word.lower():  # a script without capitals, and often without spaces
        yield _Pattern(letters, Kind.NAME, where, whole)
    elif whole:
        possessive = "(?:-?s)?" if len(word) > SHORTEST_NAME else ""
        yield _Pattern(f"{_BEFORE}{letters}(?={possessive}{_AFTER})", Kind.NAME, where)
    elif len(word) > 1:
        yield _Pattern(f"{_BEFORE}{letters}{_AFTER}", Kind.NAME, where, whole=False, capital=True)
    if len(word) >= INSIDE:
        yield _Pattern(letters, Kind.NAME, where, whole=False)


def _date_of_birth(value: str, where: str) -> Iterator[_Pattern]:
    try:
        born = datetime.date.fromisoformat(value)
    except ValueError:
        return
    d, m = f"0?{born.day}", f"0?{born.month}"
    day, month = f"{d}(?:st|nd|rd|th)?", f"{born:%B}".casefold()
    named = f"{_BEFORE}(?:{month}|{month[:3]}{'t?' if born.month == 9 else ''}){_AFTER}"
    year, y = f"{born.year}", f"(?:{born.year}|{born:%y})"
    full = [
        f"{day}{_GAP}(?:of )?{named}{_GAP}{y}",
        f"{named}{_GAP}{day}{_GAPS}{y}",
        *(_GAPS.join(order) for order in ([d, m, y], [m, d, y], [y, m, d])),
        f"{born:%d%m}{y}",
        f"{y}{born:%m%d}",
    ]
    part = [
        f"{day}{_GAP}(?:of )?{named}",
        f"{named}{_GAP}{day}",
        f"{named}{_GAP}{year}",
        f"{named}{_GAPS}{born:%y}",
        f"{m}[- ]{year}",
        f"(?<=born)[a-z -]{{1,12}}{year}",
    ]
    for forms, whole in ((full, True), (part, False)):
        yield from (_Pattern(rf"(?<!\d){form}(?!\d)", Kind.DATE_OF_BIRTH, where, whole) for form in forms)


def _phone(value: str, where: str) -> Iterator[_Pattern]:
    for said in re.split(r"[/,;&]", value):
        for found in re.findall(r"\d(?:[- ]*\d){5,}", "".join(map(_folded, said))):
            digits = re.sub(r"^(?:00)?(?:44)?0?", "", re.sub(r"\D", "", found))
            head, tail = r"\D{0,5}".join(digits[:-TAIL]), r"\D{0,5}".join(digits[-TAIL:])
            before = rf"(?:{head}\D{{0,5}})?" if head else ""
            yield _Pattern(rf"(?:-?(?:00)?44[- ]*)?(?:-?0[- ]*)?{before}{tail}", Kind.PHONE, where)
            yield _Pattern(rf"(?<!\d){_GAP.join(digits[-LOCAL:])}(?!\d)", Kind.PHONE, where, whole=False)


def _email(value: str, where: str) -> Iterator[_Pattern]:
    yield _Pattern(rf"\b{_GAP.join(plain(value).split())}\b", Kind.EMAIL, where)


_POSTCODE = r"\b([a-z]{1,2}\d[a-z\d]?)[- ]*(\d[a-z]{2})\b"
_STREETS = {
    "street": "st", "road": "rd", "avenue": "ave?", "lane": "ln", "drive": "dr", "close": "cl", "court": "ct",
    "crescent": "cres", "place": "pl", "square": "sq", "gardens": "gdns", "terrace": "terr?", "way": "wy", "walk": "wk",
    "grove": "gr", "hill": "hl", "house": "hse", "lodge": "ldg", "row": "row", "mews": "mews", "rise": "rise",
}  # fmt: skip
_STREET_ENDINGS = {*_STREETS, "st", "rd", "ave", "av", "ln", "dr", "cres", "gdns"}


def _words(words: list[str], gap: str = _GAPS) -> str:
    last = next((f"(?:{k}|{v})" for k, v in _STREETS.items() if re.fullmatch(f"{k}|{v}", words[-1])), words[-1])
    return rf"\b{gap.join([*words[:-1], last])}\b"


def _address(value: str, where: str) -> Iterator[_Pattern]:
    if len(plain(value)) >= 4:
        yield _Pattern(_words(plain(value).split()), Kind.ADDRESS, where)
    rest = []
    for line in re.split(r"[,;\r\n]", value):
        folded = "".join(map(_folded, line))
        for out, inward in re.findall(_POSTCODE, folded):
            yield _Pattern(rf"\b{out}{_GAP}{inward}\b", Kind.ADDRESS, where)
            yield _Pattern(rf"\b{out}\b", Kind.PLACE, where, whole=False)
        rest.append(re.sub(_POSTCODE, " ", folded).replace("-", " ").split())
    for number, words in enumerate(filter(None, rest)):
        yield from _part_of_address(words, where, first=number == 0)


def _part_of_address(words: list[str], where: str, *, first: bool) -> Iterator[_Pattern]:
    """A line of an address: the street or house with and without its number, and the town that follows it."""
    numbers = [i for i, word in enumerate(words) if any(c.isdigit() for c in word)]
    after = words[numbers[-1] + 1 :] if numbers else words
    end = next((i for i, word in enumerate(after) if i and word in _STREET_ENDINGS), None)
    street, town = (after[: end + 1], after[end + 1 :]) if end else ([], [])
    alone = first and len(words) == 1 and not numbers  # one word is rather a town than a house
    is_place = not street and not numbers and (alone or not first)
    for part, kind in ((words, Kind.PLACE if is_place else Kind.ADDRESS), (street, Kind.ADDRESS), (town, Kind.PLACE)):
        if len(" ".join(part)) >= 4:
            yield _Pattern(_words(part), kind, where, whole=False)


def _place(value: str, where: str) -> Iterator[_Pattern]:
    if value not in ("outside", "not_known") and plain(value):
        yield _Pattern(_words(plain(value).split()), Kind.PLACE, where, whole=False)


def _number(value: str, where: str) -> Iterator[_Pattern]:
    for token in plain(value).split():
        if len(token) >= 4 and any(c.isdigit() for c in token):
            yield _Pattern(rf"(?<![^\W_]){_GAP.join(token)}(?![^\W_])", Kind.NUMBER, where, whole=False)


#: Which answers tell what. The names with dashes are those of the Home Office form.
_READERS = {
    **dict.fromkeys([*NAME_FIELDS, "pv-name-first-name", "pv-name-last-name", "pv-name-nickname"], _name),
    **dict.fromkeys(["someone-else-first-name", "someone-else-last-name"], _name),
    **dict.fromkeys(["date_of_birth", "pv-dob"], _date_of_birth),
    **dict.fromkeys([*NUMBER_FIELDS, "pv-phone-number-yes", "pv-phone-number-alternative"], _phone),
    **dict.fromkeys([*EMAIL_FIELDS, "pv-contact-details-email-input", "someone-else-email-input"], _email),
    **dict.fromkeys([*ADDRESS_FIELDS, "pv-contact-details-street", "pv-contact-details-postcode"], _address),
    **dict.fromkeys(["someone-else-street", "someone-else-postcode"], _address),
    **dict.fromkeys(["district", "pv-contact-details-town", "someone-else-town"], _place),
    **dict.fromkeys(["police_reference", "pv-ho-reference-type"], _number),
}

#: Whoever it belongs to, it belongs to somebody.
_ANYBODYS = [
    _Pattern(regex, kind, "pattern", whole=False)
    for regex, kind in [
        (_POSTCODE, Kind.ADDRESS),
        (r"(?:(?<!\d)0|-44[- ]*(?:-?0[- ]*)?)\d(?:[- ]*\d){8,9}(?!\d)", Kind.PHONE),
        (r"\b[a-z]{2}[- ]*\d{2}[- ]*\d{2}[- ]*\d{2}[- ]*[a-d]\b", Kind.NUMBER),  # national insurance
        (r"\b[a-z]{1,2}-?\d{6,8}\b", Kind.NUMBER),  # Home Office
    ]
]
_ANY_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}\.\w+")


class Net:
    """What the sealed answers `blobs` know, ready to be looked for in many texts."""

    def __init__(self, *blobs: dict) -> None:
        known = [
            pattern
            for answers, fields in itertools.product(blobs, _READERS)
            for step, given in answers.items()
            if isinstance(value := given.get(fields), str) and value
            for pattern in _READERS[fields](value, f"{step}.{fields}")
        ]
        self._patterns = [(re.compile(p.regex), p) for p in dict.fromkeys([*known, *_ANYBODYS])]

    def found(self, text: str) -> Iterator[Hit]:
        """Give every hit in `text`, in no order; they may overlap."""
        folded = [_folded(char) for char in text]
        at = [i for i, signs in enumerate(folded) for _ in signs]
        joined = "".join(folded)
        for regex, pattern in self._patterns:
            for match in regex.finditer(joined):
                if match.end() == match.start():
                    continue
                start, end = at[match.start()], at[match.end() - 1] + 1
                if not (pattern.capital and text[start].islower()):
                    yield Hit(start, end, text[start:end], pattern.kind, pattern.where, pattern.whole)
        for match in _ANY_EMAIL.finditer(text):
            yield Hit(match.start(), match.end(), match.group(), Kind.EMAIL, "pattern", whole=False)

    def hits(self, text: str) -> list[Hit]:
        """Return the hits in `text` from its start to its end; what overlaps is one hit, called after the longest."""
        merged: list[Hit] = []
        for hit in sorted(self.found(text), key=lambda h: (h.start, -h.end, not h.whole)):
            overlaps = merged and hit.start < merged[-1].end
            merged.append(_merged(text, merged.pop(), hit) if overlaps else hit)
        return merged


def _merged(text: str, one: Hit, other: Hit) -> Hit:
    known = max(one, other, key=lambda hit: (hit.where != "pattern", hit.end - hit.start))
    end = max(one.end, other.end)
    return Hit(one.start, end, text[one.start : end], known.kind, known.where, one.whole or other.whole)


def hits(text: str, *blobs: dict) -> list[Hit]:
    """Return what in `text` may identify the person of the sealed answers `blobs`, or somebody near them."""
    return Net(*blobs).hits(text)


def identifiers_in(text: str, *blobs: dict) -> list[str]:
    """Return the words of `text` that stand in the sealed answers `blobs` as a name, date of birth, phone or address.

    Each blob is `{step: {field: value}}`. Only whole ones count, not a town or a month: what is found is refused. The
    list is empty when nothing was found.
    """
    found = (hit for hit in Net(*blobs).found(text) if hit.whole and hit.kind not in (Kind.PLACE, Kind.NUMBER))
    ordered = sorted(found, key=lambda hit: hit.start)
    return list(dict.fromkeys(plain(hit.words) if hit.kind is Kind.NAME else hit.words for hit in ordered))
