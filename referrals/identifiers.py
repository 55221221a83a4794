"""Does a text name the person? Used before text leaves the sealed part of a case.

Pure. It looks for what the case itself holds (names, dates of birth, phones, addresses), so it can miss a nickname
nobody recorded; it is a net, not a proof.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator

NAME_FIELDS = ("given_names", "family_name", "known_as", "someone_name")
NUMBER_FIELDS = ("phone_number", "text_number", "someone_phone")
TEXT_FIELDS = ("email_address", "post_address", "address", "postcode", "found_address", "someone_email")
SHORTEST_NAME = 3


def plain(text: str) -> str:
    """Return `text` without case, accents and punctuation, so that two spellings of a name meet."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.split())


def _values(answers: dict, fields: Iterable[str]) -> Iterator[str]:
    for step in answers.values():
        for name in fields:
            if isinstance(value := step.get(name), str) and value:
                yield value


def _dates(answers: dict) -> Iterator[str]:
    for value in _values(answers, ["date_of_birth"]):
        try:
            day = datetime.date.fromisoformat(value)
        except ValueError:
            continue
        yield f"{day.day} {day.month} {day.year}"
        yield f"{day:%d %m %Y}"
        yield f"{day:%Y %m %d}"
        yield f"{day:%d %m %y}"
        yield f"{day.day} {day:%B} {day.year}".casefold()


def identifiers_in(text: str, *blobs: dict) -> list[str]:
    """Return the words of `text` that stand in the sealed answers `blobs` as a name, date of birth, phone or address.

    Each blob is `{step: {field: value}}`. The list is empty when nothing was found.
    """
    words, found = plain(text), []
    padded, digits = f" {words} ", re.sub(r"\D", "", text)
    for answers in blobs:
        for name in _values(answers, NAME_FIELDS):
            found += [w for w in plain(name).split() if len(w) >= SHORTEST_NAME and f" {w} " in padded]
        found += [value for value in _dates(answers) if f" {plain(value)} " in padded]
        for number in _values(answers, NUMBER_FIELDS):
            tail = re.sub(r"\D", "", number)[-9:]
            if len(tail) >= 6 and tail in digits:
                found.append(number)
        found += [v for v in _values(answers, TEXT_FIELDS) if len(plain(v)) >= 4 and f" {plain(v)} " in padded]
    return list(dict.fromkeys(found))
