"""What one row of a log says, ready to be carried over, and what was wrong with it. Pure of the database."""

import datetime
import hashlib
import json
from dataclasses import dataclass, field, replace

from partners.models import Organisation
from referrals.codes import AGE_GROUPS, EXPLOITATION_SHORT, label_of
from referrals.forms.people import eighteenth_birthday
from referrals.statuses import OUTCOME_LABELS, WITHDRAWAL_LABELS, Outcome, WithdrawalReason
from referrals.submission import Submission


@dataclass(frozen=True)
class Finding:
    """Something about one cell, in plain words; `seen` is what stands there, for the person who brought the file.

    With an error nothing is carried over; a note says what was made of it.
    """

    row: int
    column: str
    text: str
    is_error: bool = True
    seen: str = field(default="", repr=False)


@dataclass(frozen=True)
class Entry:
    """One referral of a log. Days are local; `ended` is None for one that is still open."""

    row: int
    received: datetime.date
    organisation: Organisation
    submission: Submission = field(repr=False)
    reference: str = field(default="", repr=False)
    opened: datetime.date | None = None
    ended: Outcome | WithdrawalReason | None = None
    closed: datetime.date | None = None
    district: str = ""

    def content(self) -> str:
        """Return all of it but its place in the file: two rows with the same content are one referral."""
        days = [day.isoformat() if day else "" for day in (self.received, self.opened, self.closed)]
        said = [self.organisation.slug, self.reference, self.ended or "", self.submission.content_hash().hex()]
        return json.dumps([*days, *said])

    def to_submit(self, today: datetime.date) -> Submission:
        """Return what is submitted: for a child, with the 18th birthday if that is after the local date `today`."""
        born = self.submission.secret.get("person", {}).get("date_of_birth")
        if not born or self.submission.age_group == "adult" or self.ended:
            return self.submission
        birthday = eighteenth_birthday(datetime.date.fromisoformat(born))
        return replace(self.submission, turns_18_on=birthday.isoformat()) if birthday > today else self.submission

    @property
    def in_words(self) -> str:
        """What was understood, in coded facts: never a name, an account or a place."""
        kinds = [EXPLOITATION_SHORT[code] for code in self.submission.exploitation]
        facts = [
            f"{self.received:%-d %B %Y}",
            self.organisation.name,
            self.district or "district not known",
            label_of(self.submission.age_group, AGE_GROUPS),
            ", ".join(kinds) or "kind not known",
            "name kept sealed" if self._is_named else "no name",
            self._end(),
        ]
        return " · ".join(facts)

    @property
    def _is_named(self) -> bool:
        person = self.submission.secret.get("person", {})
        return any(person.get(part) for part in ("given_names", "family_name", "known_as"))

    def _end(self) -> str:
        if self.ended is None:
            return "still open"
        words = OUTCOME_LABELS[self.ended] if isinstance(self.ended, Outcome) else WITHDRAWAL_LABELS[self.ended]
        return f"{words}, {self.closed:%-d %B %Y}" if self.closed else f"{words}, day not known"


def hash_of(content: bytes) -> bytes:
    """Return the SHA-256 of a file: whoever has the file can prove that it was this one."""
    return hashlib.sha256(content).digest()
