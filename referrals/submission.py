"""What a finished intake form says, ready to be stored: coded facts in the open, everything else to be sealed.

Pure. `referrals/forms/answers.py` makes one from a draft's answers; `referrals/workflow/submit.py` stores it.
"""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from referrals.statuses import Priority

#: `{step: {field: value}}`.
Answers = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class ConsentGiven:
    """One kind of consent as the referrer recorded it. Dates are ISO strings; empty when not known."""

    kind: str
    state: str
    explained_on: str = ""
    language: str = ""
    explained_by: str = ""
    interpreter: str = ""
    privacy_notice_given: str = ""


@dataclass(frozen=True)
class Submission:
    """One referral as it was sent. `secret` and `location` are `{step: {field: value}}` and are sealed apart.

    `turns_18_on` is the ISO date of the 18th birthday of somebody under 18, when their date of birth is known; only its
    month is kept in the open. `exclude` are slugs of organisations that must not know, `exclude_reason` is why.
    """

    priority: Priority
    age_group: str
    setting: str
    district_code: str = ""
    exploitation: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    secret: dict = field(default_factory=dict)
    location: dict = field(default_factory=dict)
    consents: list[ConsentGiven] = field(default_factory=list)
    may_lack_capacity: bool = False
    exploited_as_child: bool = False
    people_met: int = 1
    turns_18_on: str = ""
    exclude: list[str] = field(default_factory=list)
    exclude_reason: str = ""

    def content_hash(self) -> bytes:
        """Return a SHA-256 of everything that was sent: the same key with other content is refused."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class FromPaper:
    """What is kept in the open of a sheet of paper that a coordinator types in.

    `filled_on` is the day on which somebody filled it in, `account` the id of the referrer's account if they have one.
    """

    filled_on: datetime.date
    account: int | None = None


@dataclass(frozen=True)
class Revision:
    """What one amendment makes of a referral: how its answers read before and after, and what is sealed from now on.

    `secret` and `location` hold besides what the form no longer asks: nothing that was told is lost. What a referral
    keeps in the open follows what differs between `before` and `after`, and nothing else.
    """

    before: Submission = field(repr=False)
    after: Submission = field(repr=False)
    secret: Answers = field(repr=False)
    location: Answers = field(repr=False)

    @cached_property
    def differs(self) -> dict[str, dict[str, Answers]]:
        """The answers that differ, `{"secret" | "location": {"old" | "new": answers}}`."""
        return {
            "secret": _differences(self.before.secret, self.after.secret),
            "location": _differences(self.before.location, self.after.location),
        }

    @property
    def questions(self) -> list[str]:
        """The questions whose answers differ, as `step.field`, each once."""
        sides = [side for blob in self.differs.values() for side in blob.values()]
        return list(dict.fromkeys(f"{step}.{name}" for side in sides for step, given in side.items() for name in given))


def _differences(before: Answers, after: Answers) -> dict[str, Answers]:
    return {"old": _without(before, after), "new": _without(after, before)}


def _without(answers: Answers, others: Answers) -> Answers:
    left = {
        step: {name: value for name, value in given.items() if others.get(step, {}).get(name) != value}
        for step, given in answers.items()
    }
    return {step: given for step, given in left.items() if given}
