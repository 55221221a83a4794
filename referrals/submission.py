"""What a finished intake form says, ready to be stored: coded facts in the open, everything else to be sealed.

Pure. `referrals/forms/answers.py` makes one from a draft's answers; `referrals/workflow/submit.py` stores it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from referrals.statuses import Priority


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
