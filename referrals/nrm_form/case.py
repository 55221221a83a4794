"""What the sheet knows of a case. Whoever builds one has opened the sealed parts, and recorded that."""

from dataclasses import dataclass, field
from typing import Any

from referrals.nrm_form.fields import Branch

Sealed = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class FirstResponder:
    """Who makes the report, and the e-mail address of their stand-in."""

    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    role: str = ""
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    alternative_email: str = field(default="", repr=False)


@dataclass(frozen=True)
class Case:
    """One case, as `referrals/forms` asked for it.

    `secret` and `location` are the sealed answers `{step: {field: value}}`. `consents` is the state of each kind.
    `organisation` is the first responder's, as the Home Office lists it; `district` a name; `nation` one of
    `beginning.NATIONS`, or empty.
    """

    branch: Branch
    reference: str
    age_group: str
    secret: Sealed = field(default_factory=dict, repr=False)
    location: Sealed = field(default_factory=dict, repr=False)
    exploitation: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)
    organisation: str = ""
    district: str = ""
    nation: str = ""
    first_responder: FirstResponder = FirstResponder()
    exploited_as_child: str = ""

    @property
    def named(self) -> bool:
        """Whether the person agreed to work with the police, and so may be named in a duty to notify."""
        return self.consents.get("police") == "given"

    @property
    def notify(self) -> bool:
        """Whether it is a duty to notify."""
        return self.branch is Branch.DUTY_TO_NOTIFY

    def said(self, step: str, name: str) -> str:
        """Return the answer to the intake's question `name` on its page `step`; empty when there is none."""
        value = self.secret.get(step, {}).get(name) or self.location.get(step, {}).get(name) or ""
        return value.strip() if isinstance(value, str) else ""

    def chosen(self, step: str, name: str) -> list[str]:
        """Return the answers that were ticked for `name` on the page `step`."""
        value = self.secret.get(step, {}).get(name) or []
        return value if isinstance(value, list) else []

    def safe(self, channel: str) -> bool:
        """Return whether `channel` was recorded as safe, and the person has not said otherwise since."""
        state = self.consents.get(f"contact_{channel}", "not_asked")
        return channel in self.chosen("contact", "channels") and state in ("not_asked", "given")
