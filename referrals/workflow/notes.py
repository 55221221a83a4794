"""Writing what is said about a case: sealed, and checked first where it will be read by somebody outside it."""

import datetime
from collections.abc import Sequence

from partners.models import User
from referrals.identifiers import identifiers_in
from referrals.models import HandOver, Note, Referral


class NamesThePerson(Exception):
    """Raised when a text that leaves the case holds what identifies the person. `words` are what was found."""

    def __init__(self, words: list[str]):
        self.words = words
        super().__init__("The text names the person.")


def refuse_names(text: str, referral: Referral) -> None:
    """Raise NamesThePerson when `text` holds a name, date of birth, phone or address of the case."""
    if words := identifiers_in(text, referral.secret.take_out(), referral.location.take_out()):
        raise NamesThePerson(words)


def write_note(
    referral: Referral,
    kind: Note.Kind,
    text: str,
    by: User,
    at: datetime.datetime | None = None,
    hand_over: HandOver | None = None,
    tags: Sequence[str] = (),
) -> Note:
    """Seal `text` as a note of the referral. `at` is for what is carried over from elsewhere."""
    note = Note(referral=referral, kind=kind, by=by, hand_over=hand_over, tags=list(tags), **({"at": at} if at else {}))
    note.put({"text": text})
    note.save(force_insert=True)
    return note
