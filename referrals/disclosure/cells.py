"""Tables as those see them who try to undo them: cells that are counted, and sums that everybody knows to hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

#: Hashable; of cells that are linked with those of other periods, a tuple.
Key = Any
#: What stands for "all of them" in the key of a margin.
ALL = "all"


@dataclass(frozen=True)
class Sum:
    """`total` is the sum of `parts`, in the truth and therefore for whoever does sums."""

    total: Key
    parts: tuple[Key, ...]

    @property
    def members(self) -> tuple[Key, ...]:
        """The total and its parts."""
        return (self.total, *self.parts)


@dataclass(frozen=True)
class Cells:
    """Counts by key, and the sums between them.

    `structural`: cells that are zero by nature. `crossed`: cells of two facts, where a zero too says something of
    somebody ("no child there is in the NRM"). `derived`: cells that nobody prints but anybody can work out ("all the
    others"). Several tables are one set of cells: what they share stands in it once, so that no table gives away what
    another hides. Raises ValueError for what does not add up.
    """

    counts: Mapping[Key, int]
    sums: tuple[Sum, ...] = ()
    structural: frozenset[Key] = frozenset()
    crossed: frozenset[Key] = frozenset()
    derived: frozenset[Key] = frozenset()

    def __post_init__(self) -> None:
        for key, count in self.counts.items():
            if count < 0 or (key in self.structural and count):
                raise ValueError(f"{key}: {count} is no count, or stands where nothing can be")
        for one in self.sums:
            if self.counts[one.total] != sum(self.counts[part] for part in one.parts):
                raise ValueError(f"{one.total} is not the sum of its parts")

    @cached_property
    def keys(self) -> list[Key]:
        """The keys in a fixed order."""
        return list(self.counts)

    @cached_property
    def places(self) -> dict[Key, int]:
        """Where each key stands in `keys`."""
        return {key: number for number, key in enumerate(self.counts)}

    @cached_property
    def truth(self) -> np.ndarray:
        """The counts in the order of `keys`."""
        return np.array([self.counts[key] for key in self.keys], dtype=np.int64)

    @cached_property
    def equations(self) -> csr_array:
        """The sums as a matrix: a row each, 1 for a part and -1 for the total; times the counts it is nothing."""
        return matrix(self.sums, self.places)


def matrix(sums: Sequence[Sum], places: Mapping[Key, int]) -> csr_array:
    """Return the sums as a matrix over the cells that have a place; what has none is left out."""
    rows, columns, values = [], [], []
    for number, one in enumerate(sums):
        for key, value in [(one.total, -1), *((part, 1) for part in one.parts)]:
            if key in places:
                rows.append(number)
                columns.append(places[key])
                values.append(value)
    return csr_array((values, (rows, columns)), shape=(len(sums), len(places)), dtype=np.int64)


def one_way(name: str, counts: Mapping[str, int], structural: Collection[str] = ()) -> Cells:
    """Return the cells of a list of counts with their total; the keys are `(name, value)` and `ALL`."""
    cells = {(name, value): count for value, count in counts.items()}
    total = sum(counts.values())
    nothing = frozenset((name, value) for value in structural)
    return Cells({**cells, ALL: total}, (Sum(ALL, tuple(cells)),), nothing)


def two_way(
    names: tuple[str, str],
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Mapping[tuple[str, str], int],
    structural: Collection[tuple[str, str]] = (),
) -> Cells:
    """Return the cells of a table with its margins. What is not in `counts` is zero.

    The keys are `((row name, row), (column name, column))`; a margin's is that of a list of counts, so that `together`
    finds it there again.
    """
    down, across = names
    inner = {((down, row), (across, column)): counts.get((row, column), 0) for row in rows for column in columns}
    of_row = {(down, row): [((down, row), (across, column)) for column in columns] for row in rows}
    of_column = {(across, column): [((down, row), (across, column)) for row in rows] for column in columns}
    margins = {key: sum(inner[part] for part in parts) for key, parts in (of_row | of_column).items()}
    total = sum(inner.values())
    sums = [Sum(key, tuple(parts)) for key, parts in (of_row | of_column).items()]
    sums += [Sum(ALL, tuple(of_row)), Sum(ALL, tuple(of_column))]
    nothing = frozenset(((down, row), (across, column)) for row, column in structural)
    return Cells({**inner, **margins, ALL: total}, tuple(sums), nothing, frozenset(inner))


def together(*tables: Cells, sums: Iterable[Sum] = ()) -> Cells:
    """Return several tables as one: cells of the same key are the same cell. `sums` link them further.

    A cell that one of them prints is no derived one. Raises ValueError where they differ.
    """
    counts: dict[Key, int] = {}
    for table in tables:
        for key, count in table.counts.items():
            if counts.setdefault(key, count) != count:
                raise ValueError(f"{key} is {counts[key]} in one table and {count} in another")
    all_sums = dict.fromkeys(one for table in tables for one in table.sums) | dict.fromkeys(sums)
    printed = {key for table in tables for key in table.counts if key not in table.derived}
    return Cells(
        counts,
        tuple(all_sums),
        frozenset().union(*(table.structural for table in tables)),
        frozenset().union(*(table.crossed for table in tables)),
        frozenset(counts) - printed,
    )
