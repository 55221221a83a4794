"""Rounding: where hiding would empty a table, every count is shown as a multiple of the base, and all still adds up.

Each count goes to the multiple below or above it, so that the rounded table has true sums of its own (controlled
rounding; Cox 1987). Rounded one by one, two cells of 0 and a total of 5 would give away that both were more than none.
"""

from collections.abc import Collection

import numpy as np
from scipy.optimize import Bounds, LinearConstraint

from referrals.disclosure.cells import Cells, Key, matrix
from referrals.disclosure.puzzle import SolverFailed, solve


class CannotRound(ArithmeticError):
    """Raised when no multiples add up: it does not happen in one table, but may where several share their margins."""


def rounded(cells: Cells, base: int, keys: Collection[Key] | None = None) -> dict[Key, int]:
    """Return each count as a multiple of `base`, less than `base` away from it, so that every sum holds.

    `keys`: only these, and the sums among them. Of all ways the one that is nearest to the truth. Raises CannotRound.
    """
    some = [key for key in cells.keys if keys is None or key in keys]
    places = {key: number for number, key in enumerate(some)}
    truth = np.array([cells.counts[key] for key in some], dtype=np.int64)
    below = base * (truth // base)
    above = truth - below
    sums = matrix([one for one in cells.sums if all(key in places for key in one.members)], places)
    # 1 is "up": it moves a count by base - above instead of above. A multiple stays where it is.
    rules = [LinearConstraint(base * sums, *(2 * [-(sums @ below)]))] if sums.shape[0] else []
    try:
        up = solve(base - 2.0 * above, rules, Bounds(np.zeros(len(some)), np.minimum(above, 1)), np.ones(len(some)))
    except SolverFailed as failure:
        raise CannotRound(str(failure)) from failure
    if up is None:
        raise CannotRound("The counts cannot be rounded so that every sum holds")
    values = below + base * np.rint(up).astype(np.int64)
    if np.any(sums @ values):
        raise CannotRound("The solver's answer does not add up in whole numbers")
    return dict(zip(some, map(int, values), strict=True))
