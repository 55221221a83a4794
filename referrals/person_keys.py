"""What two referrals may have in common when they are about one person: normalised values, from the sealed answers.

Pure. The values name the person: they are never stored or shown. `referrals/person_index.py` turns each into a blind
key. A name alone gives nothing: a value needs two names, or a name and a date of birth (security, 4.3).
"""

import datetime
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from anyascii import anyascii
from jellyfish import metaphone

from referrals.identifiers import TAIL, plain

MOST_WORDS = 4  # of a name: what is longer gives no more pairs, so that the number of keys is bounded
SHORTEST_PHONE, LONGEST_PHONE = 7, 15  # digits; 15 is the most of E.164
SHORTEST_REFERENCE = 6  # digits of a Home Office reference
SHORTEST_SOUND = 2  # signs: what is left of "Li" and "Lou" is an L, and says nothing

NAMES = (
    ("given_names", "family_name", "known_as"),
    ("pv-name-first-name", "pv-name-last-name", "pv-name-nickname"),
)
BIRTHS = ("date_of_birth", "pv-dob")
PHONES = ("phone_number", "text_number", "someone_phone", "pv-phone-number-yes", "pv-phone-number-alternative")
EMAILS = ("email_address", "someone_email", "pv-contact-details-email-input")
REFERENCES = ("home_office_reference", "pv-ho-reference-type")

_NO_NAME = {
    *("the", "and", "or", "aka", "also", "not", "no", "known", "unknown", "none", "name", "nil", "tbc"),
    *("mr", "mrs", "ms", "miss", "dr"),
}
#: What stands in very many names. It counts only where nothing else is there: Van can be all of a name.
_PARTICLES = {
    *("al", "el", "ul", "ur", "bin", "ibn", "bint", "abu", "de", "da", "do", "dos", "das", "del", "della", "di", "du"),
    *("la", "le", "van", "von", "der", "den", "ter", "thi", "mac", "st"),
}


class KeyKind(StrEnum):
    """What a value is made of."""

    REFERENCE = "reference"
    NAME_BORN = "name_born"
    SOUND_BORN = "sound_born"
    PHONE = "phone"
    EMAIL = "email"
    ONE_NAME_BORN = "one_name_born"
    NAME = "name"
    SOUND = "sound"


#: Why two referrals are shown side by side, strongest first. The value itself is never said.
REASONS: dict[KeyKind, str] = {
    KeyKind.REFERENCE: "Same Home Office reference",
    KeyKind.NAME_BORN: "Same name and same date of birth",
    KeyKind.SOUND_BORN: "Names sound alike and same date of birth",
    KeyKind.PHONE: "Same phone number",
    KeyKind.EMAIL: "Same e-mail address",
    KeyKind.ONE_NAME_BORN: "One of the names is the same, and the date of birth",
    KeyKind.NAME: "Same name",
    KeyKind.SOUND: "Names sound alike",
}

#: What goes without saying beside a stronger reason.
IMPLIED: dict[KeyKind, frozenset[KeyKind]] = {
    KeyKind.NAME_BORN: frozenset({KeyKind.SOUND_BORN, KeyKind.ONE_NAME_BORN, KeyKind.NAME, KeyKind.SOUND}),
    KeyKind.SOUND_BORN: frozenset({KeyKind.ONE_NAME_BORN, KeyKind.SOUND}),
    KeyKind.NAME: frozenset({KeyKind.SOUND}),
}


@dataclass(frozen=True)
class Person:
    """What is known of one person. `names` are triples of given names, family name and other names, as written."""

    names: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    born: frozenset[datetime.date] = field(default=frozenset(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)


def person_of(secret: Mapping[str, Mapping], nrm: Mapping | None = None) -> Person:
    """Return the person of a case: `secret` is `{step: {field: value}}`, `nrm` what an NrmCase has sealed.

    What the first responder wrote otherwise than the referrer counts beside it: either may be how others write it.
    """
    kept = nrm or {}
    asked = {"nrm": {**kept.get("given", {}), "home_office_reference": kept.get("home_office_reference", "")}}
    answers = [given for given in [*secret.values(), *asked.values()] if isinstance(given, Mapping)]

    def said(names: Iterable[str]) -> Iterator[str]:
        for given, name in itertools.product(answers, names):
            if isinstance(value := given.get(name), str) and value.strip():
                yield value

    return Person(
        names=tuple(tuple(" ".join(said([part])) for part in parts) for parts in NAMES),  # type: ignore[misc]
        born=frozenset(day for text in said(BIRTHS) if (day := _day(text))),
        phones=tuple(said(PHONES)),
        emails=tuple(said(EMAILS)),
        references=tuple(said(REFERENCES)),
    )


def values_of(person: Person) -> frozenset[tuple[KeyKind, str]]:
    """Return the values by which other referrals about `person` are found, each with its kind."""
    pairs = {pair for names in person.names for pair in _pairs(*names)}
    words = {word for names in person.names for part in names for word in romanised(part)}
    found = {(KeyKind.NAME, " ".join(pair)) for pair in pairs}
    found |= {(KeyKind.SOUND, sound) for pair in pairs for sound in _sounds(pair)}
    for born in person.born:
        with_day = {KeyKind.NAME: KeyKind.NAME_BORN, KeyKind.SOUND: KeyKind.SOUND_BORN}
        found |= {(with_day[kind], f"{value} {born}") for kind, value in found if kind in with_day}
        found |= {(KeyKind.ONE_NAME_BORN, f"{word} {born}") for word in words if not _is_stopgap(born)}
    found |= {(KeyKind.PHONE, tail) for text in person.phones for tail in phone_tails(text)}
    found |= {(KeyKind.EMAIL, email) for text in person.emails if (email := _email(text))}
    found |= {(KeyKind.REFERENCE, number) for text in person.references for number in _references(text)}
    return frozenset(found)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        return None


def _is_stopgap(born: datetime.date) -> bool:
    """1 January is what papers say when nobody knows the day."""
    return (born.month, born.day) == (1, 1)


def romanised(text: str) -> list[str]:
    """Return the words of a name in plain Latin letters, in any script, without what is no name ("not known").

    A sign of a script without spaces between words (Chinese, Korean) is a word of its own.
    """
    whole = unicodedata.normalize("NFC", plain(re.sub("['’ʼ`]", "", text)))
    latin = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", anyascii(whole))
    words = [re.sub(r"[^a-z0-9]", "", word.casefold()) for word in latin.split()]
    known = list(dict.fromkeys(word for word in words if len(word) > 1 and word not in _NO_NAME))
    return [word for word in known if word not in _PARTICLES][:MOST_WORDS] or known[:MOST_WORDS]


def _pairs(given: str, family: str, known_as: str) -> set[tuple[str, str]]:
    """Each given name with each family name, whichever way round; so with a nickname too.

    Everything in one field is taken in every combination: nobody can say which word is which.
    """
    first, last = romanised(given), romanised(family)
    others = [romanised(other) for other in re.split(r"[,;/]| or ", known_as)][:MOST_WORDS]
    found = [pair for called in (first, *others) for pair in itertools.product(called, last)]
    for alone in (first if not last else [], last if not first else [], *others):
        found += itertools.combinations(alone, 2)
    return {(one, two) if one < two else (two, one) for one, two in found if one != two}


def _sounds(pair: tuple[str, str]) -> Iterator[str]:
    """How two names sound, in two ways: as English hears them, and by their consonants in any language."""
    for mark, sound in (("m", metaphone), ("s", skeleton)):
        one, two = sorted(sound(word) for word in pair)
        if min(len(one), len(two)) >= SHORTEST_SOUND:
            yield f"{mark} {one} {two}"


#: Letters that languages write for one another, the longer first. Vowels go afterwards, save at the beginning.
_ALIKE = (
    (r"sch|tch|sh|sz|ch|cz|zh|ts|tz|[zc](?=[eiy])", "s"),
    (r"ph", "f"), (r"th", "t"), (r"dh", "d"), (r"kh|ck|[cq]", "k"), (r"gh", "g"), (r"x", "ks"),
    (r"w", "v"), (r"z", "s"), (r"j", "y"), (r"(.)\1+", r"\1"),
    (r"^[eiy]+", "i"), (r"^[ou]+", "u"), (r"h$", ""),
    (r"(?<=.)[aeiouy]+", ""),
)  # fmt: skip


def skeleton(word: str) -> str:
    """Return the consonants of a romanised name, spelling of sounds evened out, with the vowel it begins with.

    It is how names meet that came through another alphabet: Mohammed, Muhammad and the Arabic letters are "mhmd".
    """
    for written, heard in _ALIKE:
        word = re.sub(written, heard, word)
    return word


def phone_tails(text: str) -> list[str]:
    """Return the last nine digits of each number in `text`, as people write it, whatever stands before them.

    So a number meets itself with 0, 0044, +44 (0) or another country's code; shorter ones are no numbers of a person.
    """
    wholes = [run if len(_digits(run)) <= LONGEST_PHONE else run.split() for run in _runs(text)]
    numbers = [_digits(number) for whole in wholes for number in ([whole] if isinstance(whole, str) else whole)]
    fitting = [number[-TAIL:] for number in numbers if SHORTEST_PHONE <= len(number) <= LONGEST_PHONE]
    return [tail for tail in fitting if _says_something(tail)]


def _runs(text: str) -> list[str]:
    """The parts of `text` between words and signs that stand between two numbers."""
    return re.split(r"[/,;&+\n]|[^\W\d_]+", text)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _says_something(digits: str) -> bool:
    return len(set(digits)) > 2 and digits not in "01234567890123456789"


def _email(text: str) -> str:
    email = unicodedata.normalize("NFKC", text).strip().casefold()
    return email if "@" in email else ""


def _references(text: str) -> list[str]:
    """The digits of each number: "NRM 2026-004217" is also written NRM2026004217."""
    numbers = map(_digits, _runs(text))
    return [number for number in numbers if len(number) >= SHORTEST_REFERENCE and _says_something(number)]
