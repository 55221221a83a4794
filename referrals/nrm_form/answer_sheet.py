"""The answer sheet: every page and answer of a case's way through the form, and what is still to be done."""

import dataclasses
import datetime
from dataclasses import dataclass
from functools import cached_property

from referrals.nrm_form.accounts import notes
from referrals.nrm_form.case import Case, Sealed
from referrals.nrm_form.fields import Answers, Branch, Field, Kind, Step, Value
from referrals.nrm_form.steps import STEPS, fields_on, path_through
from referrals.nrm_form.taken import Taken, taken_from

CASE, FIRST_RESPONDER = "case", "first_responder"

UNNAMED = (
    "Once you say that they are willing to help the authorities, the form asks for their name. Record on the case that "
    "they agreed to work with the police, or answer No."
)


@dataclass(frozen=True)
class Item:
    """One answer. `copy` is what goes on the clipboard, `over` the characters beyond the limit.

    A `draft` was put together from the case and is to be checked; in a duty to notify it cannot be copied before.
    `note` is what the case says near the question.
    """

    field: Field
    value: Value = dataclasses.field(default="", repr=False)
    copy: str = dataclasses.field(default="", repr=False)
    origin: str = ""
    missing: bool = False
    over: int = 0
    draft: bool = False
    note: str = dataclasses.field(default="", repr=False)


@dataclass(frozen=True)
class Block:
    """One page of the form. `note` says what the page as a whole lacks."""

    step: Step
    items: tuple[Item, ...]
    note: str = ""

    @property
    def missing(self) -> int:
        """How many answers the page lacks."""
        return sum(item.missing for item in self.items) + bool(self.note)


@dataclass(frozen=True)
class Sheet:
    """The pages of one branch in the form's order. `problems` stand in the way of all of it."""

    branch: Branch
    blocks: tuple[Block, ...]
    problems: tuple[str, ...] = ()
    known: tuple[Sealed, ...] = dataclasses.field(default=(), repr=False)  # what free text is checked against

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every answer in order."""
        return tuple(item for block in self.blocks for item in block.items)

    @property
    def missing(self) -> int:
        """How many required answers there are none for."""
        return sum(block.missing for block in self.blocks)

    @property
    def over(self) -> int:
        """How many answers are longer than the form takes."""
        return sum(item.over > 0 for item in self.items)

    @property
    def drafts(self) -> int:
        """How many answers the first responder has not checked. Saving one unchanged confirms it."""
        return sum(item.draft for item in self.items)

    @property
    def complete(self) -> bool:
        """Whether the form can be filled in from it. A duty to notify must have no unchecked draft."""
        unchecked = self.drafts if self.branch is Branch.DUTY_TO_NOTIFY else 0
        return not (self.missing or self.over or self.problems or unchecked)


def sheet(case: Case, given: Answers) -> Sheet:
    """Return the sheet of `case` with what the first responder answered.

    An answer in `given` wins over the case, an empty one too (it was cleared); leave the key out to fall back to the
    case. Locked fields follow the case alone. Answers that no page of the way asks for are left out.
    """
    taken, beside = taken_from(case), notes(case)
    corrected = _corrections(case, given)
    answers = {key: one.value for key, one in taken.items()} | corrected
    steps = path_through(answers, case.branch, named=case.named)
    blocks = [_block(case, step, answers, taken, corrected, beside) for step in steps]
    unnamed = case.notify and answers.get("authorities-cooperation") == "yes" and not case.named
    known = (case.secret, case.location, {"case": {"district": case.district}}, {"form": _identifying(given)})
    return Sheet(case.branch, tuple(blocks), (UNNAMED,) if unnamed else (), known)


def askable(case: Case, given: Answers) -> tuple[Field, ...]:
    """Return the fields the first responder is asked, or may correct, in the form's order.

    Those of every page on the way, the ones an answer on the same page reveals included; not the locked ones.
    """
    answers = {key: one.value for key, one in taken_from(case).items()} | _corrections(case, given)
    steps = path_through(answers, case.branch, named=case.named)
    return tuple(f for step in steps for f in step.fields if not f.locked)


def copied(asked: Field, value: Value) -> str:
    """Return `value` as it is pasted or ticked in the form: words for codes, day/month/year for a date."""
    labels = dict(asked.options)
    if isinstance(value, list):
        return ", ".join(labels.get(code, code) for code in value)
    if asked.kind is Kind.DATE and value:
        return f"{datetime.date.fromisoformat(value):%d/%m/%Y}"
    return labels.get(value, value)


def _corrections(case: Case, given: Answers) -> Answers:
    fields = fields_on(case.branch)
    return {key: value for key, value in given.items() if key in fields and not fields[key].locked}


def _identifying(given: Answers) -> dict[str, Value]:
    """What was typed on pages that name the person, should the case have gone another way since."""
    keys = {f.key for step in STEPS if step.identifying or step.path.startswith("/pv-") for f in step.fields}
    return {key: value for key, value in given.items() if key in keys or key.startswith("someone-else")}


def _block(
    case: Case, step: Step, answers: Answers, taken: dict[str, Taken], given: Answers, beside: dict[str, str]
) -> Block:
    asked = [f for f in step.fields if f.shown(answers) and not (f.spare and not answers.get(f.key))]
    items = [_item(case, f, answers.get(f.key, ""), taken.get(f.key), f.key in given, beside) for f in asked]
    ticked = not step.at_least_one or any(answers.get(key) for key in step.at_least_one)
    return Block(step, tuple(items), "" if ticked else "Tick at least one of these")


def _item(case: Case, asked: Field, value: Value, taken: Taken | None, corrected: bool, beside: dict[str, str]) -> Item:
    draft = bool(taken and taken.draft and not corrected)
    by_them = corrected or asked.key.startswith("fr-")
    return Item(
        field=asked,
        value=value,
        copy="" if draft and case.notify else copied(asked, value),
        origin="" if not value else FIRST_RESPONDER if by_them else CASE,
        missing=asked.required and not value,
        over=max(0, len(value) - asked.limit) if asked.limit and isinstance(value, str) else 0,
        draft=draft,
        note=beside.get(asked.key, ""),
    )
