"""Tables that give each other away: months and their quarter, an organisation and the partnership."""

from collections.abc import Sequence
from typing import Any

from referrals.disclosure.cells import Cells, Key, Sum, together

#: The scope of what is left of the partnership when one organisation is taken out.
OTHERS = "others"


def at(cells: Cells, *where: str) -> Cells:
    """Return the table with `where` (a period, a scope) before each key: `(*where, key)`."""

    def moved(keys: Any) -> frozenset[Key]:
        return frozenset((*where, key) for key in keys)

    sums = tuple(Sum((*where, one.total), tuple((*where, part) for part in one.parts)) for one in cells.sums)
    counts = {(*where, key): count for key, count in cells.counts.items()}
    return Cells(counts, sums, moved(cells.structural), moved(cells.crossed), moved(cells.derived))


def over_time(whole: Cells, *parts: Cells) -> tuple[Sum, ...]:
    """Return the sums that say: each cell of `whole` is the sum of the same cell in `parts` (a quarter, its months).

    All have been put in their places (`at`), the period first: the keys differ in their first element only. Of what a
    part does not count there is no sum. No parts, no sums.
    """
    in_parts = [{key[1:]: key for key in part.counts} for part in parts]
    rest = [key for key in whole.counts if parts and all(key[1:] in one for one in in_parts)]
    return tuple(Sum(key, tuple(one[key[1:]] for one in in_parts)) for key in rest)


def with_others(everybody: Cells, own: Cells, others: Sequence[str]) -> Cells:
    """Return the partnership's cells, an organisation's own, and what is left: `everybody` is `own` and the others.

    Whoever reads both takes one from the other. What is left is printed nowhere and protected all the same; its keys
    begin with `others` (the period, and `OTHERS` with the organisation's reference) in the place of what the keys of
    `own` begin with. Raises ValueError when an organisation has more than all have.
    """
    depth = len(others)
    whole = {key[depth:]: key for key in everybody.counts}
    shared = [key for key in own.counts if key[depth:] in whole]
    left = {key: (*others, *key[depth:]) for key in shared}
    counts = {left[key]: everybody.counts[whole[key[depth:]]] - own.counts[key] for key in shared}
    structural = frozenset(left[key] for key in shared if whole[key[depth:]] in everybody.structural)
    crossed = frozenset(left[key] for key in shared if key in own.crossed)
    rest = Cells(counts, (), structural, crossed, frozenset(counts))
    links = [Sum(whole[key[depth:]], (key, left[key])) for key in shared]
    return together(everybody, own, rest, sums=links)
