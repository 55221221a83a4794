"""A table as it may be shown: protected, attacked, and only then given out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from referrals.disclosure.cells import Cells, Key
from referrals.disclosure.known import NOTHING, Known, before
from referrals.disclosure.known import rounded as known_from_rounded
from referrals.disclosure.pieces import Outcome, pieces, settle
from referrals.disclosure.proof import ProtectionFailed, check
from referrals.disclosure.puzzle import SolverFailed
from referrals.disclosure.rounding import CannotRound, rounded
from referrals.disclosure.rules import STANDARD, Rule
from referrals.disclosure.suppression import Stuck

#: A table that hides more than this share of what it could say is better rounded.
MOST_HIDDEN = 0.6

T = TypeVar("T")

__all__ = ["Method", "Protected", "ProtectionFailed", "protect"]


class Method(StrEnum):
    """How a table is protected. Withholding: where nothing else is safe or the solver fails, nothing new is shown."""

    HIDING = "hiding"
    ROUNDING = "rounding"
    WITHHOLDING = "withholding"


@dataclass(frozen=True)
class Protected:
    """A table as it may be shown. `shown` has None where a count is hidden; what is only derived is not in it.

    `known`: what a reader of this and of all that was published before knows of each count; hand it back as `published`
    when the next table is protected. `small` are the counts that were too small, `beside` those hidden for their sake:
    no page may tell which is which. `veiled`: lists in which zeros are hidden too, which the page says.
    `width`: for all that anybody can work out, every secret count has values at least that far apart. `short`: counts
    of which earlier publications allow less than the rule promises; this one adds nothing.
    """

    method: Method
    shown: Mapping[Key, int | None]
    known: Mapping[Key, Known]
    small: frozenset[Key]
    beside: frozenset[Key]
    veiled: frozenset[Key]
    short: frozenset[Key]
    width: int
    rule: Rule
    solves: int

    def says(self, key: Key) -> str:
        """Return a cell as text: '12', '15' when rounded, or 'c' for one that is hidden (GSS: confidential)."""
        count = self.shown[key]
        return "c" if count is None else str(count)


@dataclass(frozen=True)
class _Task:
    cells: Cells
    rule: Rule
    known: Mapping[Key, Known]
    kept: frozenset[Key]
    printed: frozenset[Key]


def protect(
    cells: Cells,
    rule: Rule = STANDARD,
    *,
    published: Mapping[Key, Known] | None = None,
    keep_hidden: Collection[Key] = (),
    again: Collection[Key] = (),
    method: Method | None = None,
) -> Protected:
    """Return the table as it may be shown, hidden or rounded: as `method` says, else whichever leaves more to read.

    `published`: what readers know already of cells that cannot change any more (`Protected.known` of earlier tables),
    linked with the new ones by the sums of `cells`; only what is in neither `published` nor `cells.derived` is decided
    here. `keep_hidden`: cells to hide whatever their count is now, since an earlier version hid them. `again`: cells of
    `published` that this table prints too (the margins of a table of two facts): as they were, or rounded with it.
    Raises ProtectionFailed when a promise is not proved all the same; CannotRound; ValueError for contradictions.
    """
    fixed = before(cells, published or {})
    ours = cells.counts.keys() - set(published or {}) - cells.derived
    task = _Task(cells, rule, fixed, frozenset(ours & set(keep_hidden)), frozenset(ours | set(again)))
    if method is Method.ROUNDING:
        return _round(task)
    answer = _hide(task)
    if method is None and _empties(task, answer):
        try:
            return _round(task)
        except (CannotRound, ProtectionFailed):
            return answer
    return answer


def _hide(task: _Task) -> Protected:
    outcomes = [settle(piece) for piece in pieces(task.cells, task.known, task.kept, task.rule)]
    known = dict(task.known) | _merged(one.known for one in outcomes)
    shown = {key: _count(task, key, known[key]) for key in task.cells.keys if key in task.printed}
    nothing_new = bool(outcomes) and all(one.withheld for one in outcomes)
    return _given_out(task, Method.WITHHOLDING if nothing_new else Method.HIDING, shown, known, outcomes)


def _count(task: _Task, key: Key, known: Known) -> int | None:
    """Return what is printed: a small count stays hidden even where older figures have given it away."""
    count = task.cells.counts[key]
    secret = key in task.kept or (task.rule.hides(count, zeros=False) and key not in task.cells.structural)
    return None if secret or not known.exact else count


def _round(task: _Task) -> Protected:
    cells, base = task.cells, task.rule.base
    keys = task.printed - task.kept
    shown: dict[Key, int | None] = dict.fromkeys(task.kept)
    shown |= rounded(cells, base, keys)
    after = {key: task.known.get(key, NOTHING) for key in cells.keys}
    after |= {key: after[key].also(known_from_rounded(shown[key] or 0, base)) for key in keys}
    try:
        outcomes = [settle(one, after) for one in pieces(cells, task.known, task.kept, task.rule)]
    except (Stuck, SolverFailed) as failure:
        raise CannotRound(str(failure)) from failure
    return _given_out(task, Method.ROUNDING, shown, after, outcomes)


def _given_out(
    task: _Task, method: Method, shown: Mapping[Key, int | None], known: dict[Key, Known], outcomes: list[Outcome]
) -> Protected:
    """Return the table when every promise is proved once more. Raises ProtectionFailed."""
    short = _merged(one.short for one in outcomes)
    witnesses = [witness for one in outcomes for witness in one.witnesses]
    width = check(task.cells, task.known, known, witnesses, task.rule, short)
    hidden = frozenset(key for key, count in shown.items() if count is None)
    small = frozenset(key for key in hidden if task.rule.hides(task.cells.counts[key], zeros=known[key].least == 0))
    return Protected(
        method,
        shown,
        known,
        small,
        hidden - small,
        frozenset().union(*(one.veiled for one in outcomes)),
        frozenset(short),
        task.rule.width(zeros=False) if width is None else width,
        task.rule,
        sum(one.solves for one in outcomes),
    )


def _merged(some: Iterable[Mapping[Key, T]]) -> dict[Key, T]:
    return {key: value for one in some for key, value in one.items()}


def _empties(task: _Task, answer: Protected) -> bool:
    """Return whether hiding leaves too little of what could be said, totals and what must stay hidden apart."""
    totals = {one.total for one in task.cells.sums if any(part in answer.shown for part in one.parts)}
    silent = totals | task.cells.structural | task.kept
    telling = [key for key in answer.shown if key not in silent]
    hidden = sum(answer.shown[key] is None for key in telling)
    return bool(telling) and hidden > MOST_HIDDEN * len(telling)
