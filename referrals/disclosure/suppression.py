"""Hiding: the small counts themselves (primary), and as few others as keep them hidden (secondary).

Which others is a problem of optimisation (Fischetti and Salazar-González 2001: complementary cell suppression). For one
cell at a time a mixed-integer programme looks for two other tables that everybody would take for the true one, in which
that cell is what it must be able to be. They may differ from the truth in hidden cells only, and what has to be hidden
for it shall cost least. One cell at a time does not find the best of all patterns, but each step is small, and what is
hidden only grows, so that a cell once safe stays safe. Last, what turned out to be hidden for nothing is shown again.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import block_array, coo_array, csr_array, diags_array

from referrals.disclosure.cells import Key
from referrals.disclosure.known import Known, printed
from referrals.disclosure.needs import Need
from referrals.disclosure.puzzle import Puzzle, solve

#: Questions to the solver that may be spent on showing again what is hidden for nothing.
SECOND_LOOKS = 60


Ease = Callable[[int], bool]


class Stuck(ArithmeticError):
    """Raised with the key of a cell that nothing that may be hidden protects."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"Nothing that could be hidden protects {key}")
        self.key = key


def hide(puzzle: Puzzle, may: Mapping[int, tuple[Known, Need | None, float]], ease: Ease) -> set[int]:
    """Hide what is needed of what `may` be hidden, until every need in the puzzle is proved; return the places.

    `may`: the place of each cell that is shown but need not be, with what a reader knows of it when it is hidden, what
    it must then be able to be, and what hiding it takes from a reader. `ease` lowers the need of a cell to what earlier
    publications leave, and says whether that is less. Raises Stuck, SolverFailed.
    """
    chosen: set[int] = set()
    while (open_ := puzzle.unproved()).size:
        # The largest first: what is hidden for it often does for the smaller ones.
        target = int(max(open_, key=lambda place: (puzzle.truth[place], -place)))
        if puzzle.prove(target):
            continue
        rest = {place: one for place, one in may.items() if place not in chosen}
        more = _cheapest(puzzle, target, rest, far=False)
        if more is None and ease(target):
            continue
        more = more or _cheapest(puzzle, target, rest, far=True) or set()
        for place in more:
            puzzle.set(place, *may[place][:2])
        chosen |= more
        if not puzzle.prove(target) and not ease(target):
            raise Stuck(puzzle.keys[target])
    return _show_again(puzzle, chosen, may)


def _show_again(puzzle: Puzzle, chosen: set[int], may: Mapping[int, tuple[Known, Need | None, float]]) -> set[int]:
    """Show those again without which every need is still proved, the dearest first."""
    budget = puzzle.solves + SECOND_LOOKS
    for place in sorted(chosen, key=lambda one: (-may[one][2], one)):
        if len(chosen) == 1 or puzzle.solves >= budget:
            break
        all_of_them = puzzle.witnesses
        puzzle.witnesses = all_of_them[all_of_them[:, place] == 0]
        puzzle.set(place, printed(int(puzzle.truth[place])), None)
        if all(puzzle.prove(int(one)) for one in puzzle.unproved()):
            chosen = chosen - {place}
        else:
            puzzle.witnesses = all_of_them
            puzzle.set(place, *may[place][:2])
    return chosen


def _cheapest(
    puzzle: Puzzle, target: int, may: Mapping[int, tuple[Known, Need | None, float]], *, far: bool
) -> set[int] | None:
    """Return what else to hide for the cell at `target`: the cheapest with which two tables are what it needs.

    `far`: the tables may go further from the truth than the target needs, in whole steps: rarely better, and slow.
    The variables are: which of `may` to hide; how far one table is from the truth; how far the other is.
    """
    size, places = len(puzzle.keys), np.array(list(may), dtype=int)
    near = int(max(puzzle.down[target], puzzle.up[target], puzzle.width[target]))
    reach = puzzle.reach if far else near
    least, most = np.maximum(puzzle.least, -reach), np.minimum(puzzle.most, reach)
    for place in places:
        least[place], most[place] = max(may[place][0].least - int(puzzle.truth[place]), -reach), reach
    low, high = most.copy(), least.copy()
    low[target] = min(most[target], -puzzle.down[target])
    high[target] = max(least[target], puzzle.up[target])
    count = len(places)
    bounds = Bounds(np.concatenate([np.zeros(count), least, high]), np.concatenate([np.ones(count), low, most]))
    puzzle.solves += 1
    aim = np.concatenate([[may[place][2] for place in places], np.zeros(2 * size)])
    kinds = np.concatenate([np.ones(count), np.full(2 * size, int(far))])
    answer = solve(aim, _constraints(puzzle, target, places, least, most), bounds, kinds)
    return None if answer is None else {int(place) for place, on in zip(places, answer, strict=False) if on > 0.5}


def _constraints(
    puzzle: Puzzle, target: int, places: np.ndarray, least: np.ndarray, most: np.ndarray
) -> list[LinearConstraint]:
    """Both tables add up; they leave the truth in hidden cells only; at the target they are far enough apart."""
    size, count, rows = len(puzzle.keys), len(places), puzzle.matrix.shape[0]
    parts: list[LinearConstraint] = []
    if rows:
        sums, empty, none = puzzle.matrix, csr_array((rows, size)), csr_array((rows, count))
        parts.append(LinearConstraint(block_array([[none, sums, empty], [none, empty, sums]]), 0, 0))
    if count:
        pick = coo_array((np.ones(count), (np.arange(count), places)), shape=(count, size))
        down, up = diags_array(-least[places].astype(float)), diags_array(-most[places].astype(float))
        inside = [[up, pick, None], [up, None, pick]]
        parts.append(LinearConstraint(block_array(inside), -np.inf, 0))
        parts.append(LinearConstraint(block_array([[down, pick, None], [down, None, pick]]), 0, np.inf))
    apart = coo_array(([-1.0, 1.0], ([0, 0], [count + target, count + size + target])), shape=(1, count + 2 * size))
    return [*parts, LinearConstraint(apart, max(puzzle.width[target], 0), np.inf)]
