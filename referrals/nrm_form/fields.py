"""What a step and a field of the Home Office form are, and who goes which way through it.

Keys are the form's own; labels and hints are the project's words (facts, section 2; form of April 2026).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Value = str | list[str]
Answers = dict[str, Value]
Options = tuple[tuple[str, str], ...]

LONGEST = 15_000  # characters of an answer, unless the form says less (facts, 2.0)
UNKNOWN = "Unknown"  # an entry of the form's lists of towns, regions, countries and nationalities


class Branch(StrEnum):
    """The three ways through the form. The first two make an NRM referral."""

    ADULT_NRM = "adult_nrm"
    CHILD_NRM = "child_nrm"
    DUTY_TO_NOTIFY = "duty_to_notify"


BRANCH_LABELS = {
    Branch.ADULT_NRM: "NRM referral of an adult",
    Branch.CHILD_NRM: "NRM referral of a child, or of somebody who may be one",
    Branch.DUTY_TO_NOTIFY: "Duty to notify, without a name",
}
ALL = frozenset(Branch)
ADULTS = frozenset({Branch.ADULT_NRM, Branch.DUTY_TO_NOTIFY})
NRM = frozenset({Branch.ADULT_NRM, Branch.CHILD_NRM})
ADULT_NRM = frozenset({Branch.ADULT_NRM})
CHILD_NRM = frozenset({Branch.CHILD_NRM})
NOTIFY = frozenset({Branch.DUTY_TO_NOTIFY})


def branch_of(age_group: str, consent_nrm: str) -> Branch:
    """Return the way a case goes: a child, or perhaps one, is always referred; an adult only when they agree."""
    if age_group in ("child", "unsure"):
        return Branch.CHILD_NRM
    return Branch.ADULT_NRM if consent_nrm == "given" else Branch.DUTY_TO_NOTIFY


class Kind(StrEnum):
    """Which control asks for it."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"  # stored as YYYY-MM-DD
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    TICK = "tick"  # "yes" or ""
    PLACE = "place"  # an entry of the form's list of towns, regions or countries
    LISTED = "listed"  # an entry of another list of the form: councils, nationalities, police forces


Condition = Callable[[Answers], bool]


def always(answers: Answers) -> bool:
    """Ask on every path."""
    return True


@dataclass(frozen=True)
class When:
    """Ask when the answer to `key` is, or has among it, one of `values`. A page can draw it as a reveal."""

    key: str
    values: tuple[str, ...]

    def __call__(self, answers: Answers) -> bool:
        """Return whether `answers` say so."""
        given = answers.get(self.key, "")
        return any(value in ([given] if isinstance(given, str) else given) for value in self.values)


def when(key: str, *values: str) -> When:
    """Return the condition that `key` was answered with one of `values`."""
    return When(key, values)


@dataclass(frozen=True)
class Field:
    """One question. `locked` is answered by the case alone; `spare` is left off the sheet while it is empty."""

    key: str
    label: str
    kind: Kind
    options: Options = ()
    required: bool = True
    limit: int | None = None
    hint: str = ""
    shown: Condition = always
    locked: bool = False
    spare: bool = False
    no_links: bool = False


@dataclass(frozen=True)
class Step:
    """One page of the form. `identifying` pages are part of a duty to notify only with recorded consent.

    Of the ticks `at_least_one` one must be set.
    """

    path: str
    title: str
    fields: tuple[Field, ...]
    branches: frozenset[Branch] = ALL
    when: Condition = always
    identifying: bool = False
    at_least_one: tuple[str, ...] = ()

    def shown(self, answers: Answers, branch: Branch) -> bool:
        """Return whether the way of `branch` with `answers` goes through this page."""
        return branch in self.branches and self.when(answers)


YES_NO: Options = (("yes", "Yes"), ("no", "No"))
YES_NO_UNSURE: Options = (*YES_NO, ("not-sure", "Not sure"))
EMAIL_POST: Options = (("email", "E-mail"), ("post", "Letter"))
NOT_KNOWN_HINT = "If it is not known, write so and say why. Do not ask them again for this form."


def text(key: str, label: str, **options: object) -> Field:
    """One line."""
    return Field(key, label, Kind.TEXT, **({"limit": LONGEST} | options))  # type: ignore[arg-type]


def long(key: str, label: str, **options: object) -> Field:
    """An account of any length up to the form's limit."""
    return Field(key, label, Kind.LONG, **({"limit": LONGEST} | options))  # type: ignore[arg-type]


def choice(key: str, label: str, choices: Options = YES_NO, **options: object) -> Field:
    """One answer out of a few."""
    return Field(key, label, Kind.CHOICE, choices, **options)  # type: ignore[arg-type]


def tick(key: str, label: str, **options: object) -> Field:
    """A box to tick."""
    return Field(key, label, Kind.TICK, (("yes", "Yes"),), **options)  # type: ignore[arg-type]


def place(key: str, label: str, **options: object) -> Field:
    """An entry of the form's lists of places."""
    return Field(key, label, Kind.PLACE, **({"hint": f"As the form lists it, or {UNKNOWN}"} | options))  # type: ignore[arg-type]


def listed(key: str, label: str, **options: object) -> Field:
    """An entry of another list that the form keeps."""
    return Field(key, label, Kind.LISTED, **({"hint": "As the form lists it"} | options))  # type: ignore[arg-type]
