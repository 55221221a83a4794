"""What lies before somebody who tries to undo the protection: they know every sum and rule, and have a solver.

They do not know which hidden count is a small one and which is hidden for its sake. They know that a zero is shown in a
list, so that a hidden count there is none. And they count in whole numbers, as people are counted.

A promise is proved by witnesses: other tables of whole numbers that agree with every sum and everything that is shown,
so that nobody can tell them from the true one. A solver finds them; what it finds is checked here in whole numbers, and
nothing rests on its tolerances.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from referrals.disclosure.cells import Key, Sum, matrix
from referrals.disclosure.known import Known
from referrals.disclosure.needs import Need

#: How far from the truth a witness may be, in thresholds. Looking no further is on the safe side.
REACH = 20
#: Seconds for one question to the solver; the usual one takes a hundredth. What then has no answer is withheld.
TIME_LIMIT = 20.0
OPTIMAL, INFEASIBLE = 0, 2


class SolverFailed(ArithmeticError):
    """Raised when the solver neither answers nor says that there is no answer."""


def solve(aim: np.ndarray, rules: Sequence[LinearConstraint], bounds: Bounds, whole: np.ndarray) -> np.ndarray | None:
    """Return where `aim` is least; None when nothing fits. Raises SolverFailed."""
    if np.any(bounds.lb > bounds.ub):
        return None
    if not aim.size:
        return np.zeros(0)
    answer = milp(aim, constraints=rules, bounds=bounds, integrality=whole, options={"time_limit": TIME_LIMIT})
    if answer.status == INFEASIBLE:
        return None
    if answer.status != OPTIMAL or answer.x is None:
        raise SolverFailed(f"The solver gave no answer: {answer.message}")
    return np.asarray(answer.x)


class Puzzle:
    """Some cells with the sums between them, as distances from the truth: the truth itself is all zeros.

    `known`: what a reader knows of each cell by now; `needs`: what each must be able to be, None where it is no secret.
    Both change as cells are hidden (`hide`). Cells that are known exactly are best left out.
    """

    def __init__(self, counts: dict[Key, int], sums: Sequence[Sum], reach: int) -> None:
        self.keys = list(counts)
        self.places = {key: number for number, key in enumerate(self.keys)}
        self.truth = np.array(list(counts.values()), dtype=np.int64)
        self.matrix: csr_array = matrix(sums, self.places)
        self.sums = [LinearConstraint(self.matrix, 0, 0)] if self.matrix.shape[0] else []
        self.reach = reach
        size = len(self.keys)
        self.least, self.most = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        self.down, self.up, self.width = (np.zeros(size, dtype=np.int64) for _ in range(3))
        self.witnesses = np.zeros((1, size), dtype=np.int64)
        self.solves = 0

    def set(self, place: int, known: Known, need: Need | None) -> None:
        """Say what a reader knows of the cell at `place` now, and what it must be able to be."""
        count = int(self.truth[place])
        self.least[place] = max(known.least - count, -self.reach)
        self.most[place] = self.reach if known.most is None else min(known.most - count, self.reach)
        self.down[place], self.up[place], self.width[place] = need or (0, 0, 0)

    def take(self, other: "Puzzle") -> None:
        """Take over the witnesses of the same puzzle at an earlier state, as far as they agree with this one."""
        rows = other.witnesses
        self.witnesses = rows[np.all((rows >= self.least) & (rows <= self.most), axis=1)]
        self.solves += other.solves

    def unproved(self) -> np.ndarray:
        """Return the places of what no witness proves yet."""
        low, high = self.witnesses.min(axis=0), self.witnesses.max(axis=0)
        return np.flatnonzero((-low < self.down) | (high < self.up) | (high - low < self.width))

    def prove(self, place: int) -> bool:
        """Look for witnesses that the cell at `place` can be what it must be able to be. Raises SolverFailed."""
        down, up, width = (int(one[place]) for one in (self.down, self.up, self.width))
        if not (self._reaches(place, up) and self._reaches(place, -down)):
            return False
        low, high = self._ends(place)
        if high - low >= width or self._reaches(place, low + width) or self._reaches(place, high - width):
            return True
        low, high = self.ends(place)
        return high - low >= width

    def ends(self, place: int) -> tuple[int, int]:
        """Return the least and the most that the cell can be, from the truth, as far as its need goes."""
        far = int(max(self.down[place], self.up[place], self.width[place]))
        for sign in (1, -1):
            aim = np.zeros(len(self.keys))
            aim[place] = -sign
            least, most = self.least.copy(), self.most.copy()
            least[place], most[place] = max(least[place], -far), min(most[place], far)
            self._witness(aim, least, most)
        return self._ends(place)

    def _ends(self, place: int) -> tuple[int, int]:
        column = self.witnesses[:, place]
        return int(column.min()), int(column.max())

    def _reaches(self, place: int, distance: int) -> bool:
        low, high = self._ends(place)
        if low <= distance <= high:
            return True
        aim = self._others(place)
        # Where nobody goes further than they need, one witness serves many; where that fails, anything goes.
        for least, most in (self._as_needed(), (self.least.copy(), self.most.copy())):
            if distance > 0:
                least[place], most[place] = max(least[place], distance), max(most[place], distance)
            else:
                least[place], most[place] = min(least[place], distance), min(most[place], distance)
            within = self.least[place] <= distance <= self.most[place]
            if within and self._witness(aim, least, most):
                return True
        return False

    def _as_needed(self) -> tuple[np.ndarray, np.ndarray]:
        """Return how far each cell may go from the truth when none goes further than it needs."""
        far, free = np.maximum(np.maximum(self.down, self.up), self.width), self.reach
        far = np.where(far > 0, far, free)
        return np.maximum(self.least, -far), np.minimum(self.most, far)

    def _others(self, place: int) -> np.ndarray:
        """Return an aim by which a witness for one cell serves the others too that have none yet."""
        low, high = self.witnesses.min(axis=0), self.witnesses.max(axis=0)
        apart = high - low < self.width
        up, down = (high < self.up) | apart, -low < self.down
        aim = np.where(up, -1.0, np.where(down, 1.0, 0.0))
        aim[place] = 0
        return aim

    def _witness(self, aim: np.ndarray, least: np.ndarray, most: np.ndarray) -> bool:
        """Look for the table where `aim` is least, and keep it. A corner of a table is mostly whole; if not, insist."""
        for whole in (0, 1):
            self.solves += 1
            found = solve(aim, self.sums, Bounds(least, most), np.full(len(self.keys), whole))
            if found is None:
                return False
            table = np.rint(found).astype(np.int64)
            if not (np.any(self.matrix @ table) or np.any(table < least) or np.any(table > most)):
                self.witnesses = np.vstack([self.witnesses, table])
                return True
        raise SolverFailed("The solver's answer does not add up in whole numbers")
