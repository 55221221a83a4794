"""Somebody who wants to know what is hidden: reads what is printed, knows the rules, and has a solver of their own.

Where the engine looks for witnesses with a mixed-integer solver, this one asks a linear programme for the least and the
greatest value of every cell at once, and on tiny tables tries every table of whole numbers there is.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, kron
from scipy.sparse import eye_array as eye

from referrals.disclosure.cells import Cells
from referrals.disclosure.protecting import Method, Protected

MUCH = 10_000


@dataclass
class Reader:
    """What somebody has read so far, in order: the bounds of each cell, straight from the print."""

    cells: Cells
    bounds: dict
    seen: frozenset = frozenset()

    @classmethod
    def of(cls, cells: Cells) -> "Reader":
        return cls(cells, {key: (0, 0 if key in cells.structural else MUCH) for key in cells.counts})

    def reads(self, printed: Protected, kept: Iterable = (), derived: Iterable = ()) -> "Reader":
        """Read a publication: a number is one, a rounded one is a span, and a "c" is no zero where zeros are shown.

        `kept`: what was hidden in an earlier version; `derived`: what can be worked out with it and is printed nowhere.
        """
        bounds = dict(self.bounds)
        for key, count in printed.shown.items():
            if key in self.cells.structural:
                continue
            if count is None:
                zero_hidden = key in self.cells.crossed or key in printed.veiled or key in kept
                seen = (0 if zero_hidden or printed.method is Method.ROUNDING else 1, MUCH)
            elif printed.method is Method.ROUNDING:
                seen = (max(0, count - printed.rule.base + 1), count + printed.rule.base - 1)
            else:
                seen = (count, count)
            bounds[key] = (max(bounds[key][0], seen[0]), min(bounds[key][1], seen[1]))
        return Reader(self.cells, bounds, self.seen | printed.shown.keys() | frozenset(derived))

    def finds(self, targets: Iterable | None = None) -> dict:
        """The least and the greatest value of every cell, by one linear programme made of two for each."""
        keys = list(self.bounds)
        targets = [key for key in (keys if targets is None else targets) if self.bounds[key][0] != self.bounds[key][1]]
        if not targets:
            return {}
        place = {key: number for number, key in enumerate(keys)}
        cells = [(row, place[key], sign) for row, one in enumerate(self.cells.sums)
                 for key, sign in [(one.total, -1.0), *((part, 1.0) for part in one.parts)]]  # fmt: skip
        copies, size = 2 * len(targets), len(keys)
        aim = np.zeros(copies * size)
        for number, key in enumerate(targets):
            aim[2 * number * size + place[key]] = 1
            aim[(2 * number + 1) * size + place[key]] = -1
        equal = {}
        if cells:
            rows, columns, values = zip(*cells, strict=True)
            sums = coo_array((values, (rows, columns)), shape=(len(self.cells.sums), size))
            equal = {"A_eq": kron(eye(copies), sums, format="csr"), "b_eq": np.zeros(copies * len(self.cells.sums))}
        answer = linprog(aim, bounds=np.tile(np.array([self.bounds[key] for key in keys]), (copies, 1)), **equal)
        assert answer.status == 0, answer.message
        ends = answer.x.reshape(copies, size)
        return {
            key: (ends[2 * number, place[key]], ends[2 * number + 1, place[key]]) for number, key in enumerate(targets)
        }

    def tries_everything(self, most: int) -> dict:
        """The same in whole numbers, by trying all tables with no count over `most`."""
        free = [key for key, (low, high) in self.bounds.items() if low != high]
        totals = {one.total: one for one in self.cells.sums}
        inner = [key for key in free if key not in totals]
        found = {key: [math.inf, -math.inf] for key in free}
        spans = [range(self.bounds[key][0], min(most, self.bounds[key][1]) + 1) for key in inner]
        for values in itertools.product(*spans):
            table = {key: low for key, (low, high) in self.bounds.items() if low == high} | dict(
                zip(inner, values, strict=True)
            )
            if self._completed(table, totals):
                for key in free:
                    found[key] = [min(found[key][0], table[key]), max(found[key][1], table[key])]
        return {key: tuple(ends) for key, ends in found.items()}

    def _completed(self, table: dict, totals: Mapping) -> bool:
        for key in totals:
            self._value(key, table, totals)
        return all(table[one.total] == sum(table[part] for part in one.parts) for one in self.cells.sums) and all(
            low <= table[key] <= high for key, (low, high) in self.bounds.items()
        )

    def _value(self, key, table: dict, totals: Mapping) -> int:
        if key not in table:
            table[key] = sum(self._value(part, table, totals) for part in totals[key].parts)
        return table[key]


def promised(cells: Cells, printed: Protected, key, bounds: Mapping) -> tuple[int, int, int] | None:
    """What the docs promise of a cell (least, most, width), written again here: None when it is no secret."""
    count, threshold = cells.counts[key], printed.rule.hide_below
    low, high = bounds[key]
    if low == high:
        return None
    if high < MUCH:
        return count, count, min(threshold - 1, high - low)
    zero_secret = (key in cells.crossed and not said(cells, key, bounds)) if key in cells.derived else low == 0
    if 0 < count < threshold or (count == 0 and zero_secret):
        return 0 if zero_secret else 1, threshold - 1, 0
    if key in cells.derived:
        return None
    return count, count, threshold - 1 if zero_secret else threshold - 2


def said(cells: Cells, key, bounds: Mapping) -> bool:
    return any(
        key in one.parts and (bounds[one.total] == (0, 0) or said(cells, one.total, bounds))
        for one in cells.sums
        if cells.counts[one.total] == 0
    )


def broken_promises(before: Reader, after: Reader, printed: Protected, *, everything: int = 0) -> list:
    """Attack, and return each cell of which less is open than is promised, or than was open before where that is less.

    `everything`: try all tables of whole numbers up to this count instead of asking a linear programme.
    """
    cells = after.cells
    wanted = {key: promised(cells, printed, key, after.bounds) for key in after.seen}
    targets = [key for key, one in wanted.items() if one]
    found = after.tries_everything(everything) if everything else after.finds(targets)
    faults = [(key, wanted[key], found[key]) for key in targets if not _kept(wanted[key], *found[key])]
    if not faults:
        return []
    old = before.finds([key for key, _, _ in faults])
    return [
        (key, need, ends) for key, need, ends in faults
        if not _kept((max(need[0], math.ceil(old[key][0] - 1e-6)), min(need[1], math.floor(old[key][1] + 1e-6)),
                      min(need[2], math.floor(old[key][1] - old[key][0] + 1e-6))), *ends)
    ]  # fmt: skip


def _kept(need: tuple[int, int, int], low: float, high: float) -> bool:
    least, most, width = need
    return low <= least + 1e-6 and high >= most - 1e-6 and high - low >= width - 1e-6
