"""The last look before anything is given out: is every promise proved, in whole numbers, from what is shown alone?

It takes no word of those who did the hiding: what a reader knows, what is promised and whether the witnesses agree with
every sum is worked out again from the counts.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from referrals.disclosure.cells import Cells, Key
from referrals.disclosure.known import NOTHING, Known
from referrals.disclosure.needs import need_of, plain_zeros
from referrals.disclosure.rules import Rule


class ProtectionFailed(ArithmeticError):
    """Raised instead of showing a table in which an attacker could find out a cell."""


def check(
    cells: Cells,
    before: Mapping[Key, Known],
    after: Mapping[Key, Known],
    witnesses: Iterable[Mapping[Key, int]],
    rule: Rule,
    short: Mapping[Key, tuple[int, int]],
) -> int | None:
    """Return how far apart the values are, at least, that each secret count can have; None when there is no secret.

    `before` and `after`: what a reader knows of the cells without and with this publication; `witnesses`: tables, as
    distances from the truth; `short`: how far from it a count can be by what was published before, where that is less
    than is promised. Raises ProtectionFailed.
    """
    tables = _tables(cells, after, witnesses)
    low, high = tables.min(axis=0), tables.max(axis=0)
    exact = {key: one for key, one in after.items() if one.exact or key in cells.derived}
    plain = plain_zeros(cells, exact, cells.counts)
    untouched = _untouched(cells, before, after)
    widths = []
    for place, key in enumerate(cells.keys):
        zeros = key in cells.crossed and key not in plain
        need = need_of(cells.counts[key], after[key], rule, derived=key in cells.derived, zeros=zeros)
        if need is None or key in untouched:
            continue
        need = need.within(*short[key]) if key in short else need
        if -low[place] < need.down or high[place] < need.up or high[place] - low[place] < need.width:
            raise ProtectionFailed(f"Nothing proves that {key} cannot be worked out")
        widths.append(int(high[place] - low[place]))
    return min(widths, default=None)


def _untouched(cells: Cells, before: Mapping[Key, Known], after: Mapping[Key, Known]) -> set[Key]:
    """Return the cells to which the publication adds nothing: neither they nor any that hangs together with them."""
    open_ = {key for key in cells.keys if not (key in before and before[key].exact)}
    rest = {key for key in open_ if after[key] == before.get(key, NOTHING)}
    more = True
    while more:
        touched = {key for one in cells.sums if (set(one.members) & open_) - rest for key in one.members}
        more = bool(rest & touched)
        rest -= touched
    return rest


def _tables(cells: Cells, known: Mapping[Key, Known], witnesses: Iterable[Mapping[Key, int]]) -> np.ndarray:
    rows = [np.zeros(len(cells.keys), dtype=np.int64)]
    for witness in witnesses:
        row = np.zeros(len(cells.keys), dtype=np.int64)
        for key, value in witness.items():
            row[cells.places[key]] = value
        rows.append(row)
    tables = np.array(rows)
    least = np.array([known[key].least for key in cells.keys])
    most = np.array([np.iinfo(np.int64).max if known[key].most is None else known[key].most for key in cells.keys])
    values = tables + cells.truth
    if np.any(cells.equations @ tables.T) or np.any(values < least) or np.any(values > most):
        raise ProtectionFailed("A witness does not agree with what is shown")
    return tables
