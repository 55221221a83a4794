"""What hangs together, as a reader sees it who lays everything that was published side by side.

A quarter and its months, a year and its quarters, an organisation and what is left of the partnership without it: what
one hides, none of the others may give away.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from referrals.disclosure.cells import Cells, Key, Sum
from referrals.disclosure.known import NOTHING, Known
from referrals.disclosure.linking import at
from referrals.disclosure.protecting import Method, Protected, protect
from referrals.disclosure.rules import Rule

#: A period's slug, and whose figures: what stands before the key of a cell.
Place = tuple[str, str]


@dataclass
class Web:
    """Cells of one family in many publications with the sums between them, and what a reader knows of each."""

    rule: Rule
    counts: dict[Key, int] = field(default_factory=dict)
    sums: dict[Sum, None] = field(default_factory=dict)
    crossed: set[Key] = field(default_factory=set)
    derived: set[Key] = field(default_factory=set)
    known: dict[Key, Known] = field(default_factory=dict)

    def copy(self) -> Self:
        """Return one to which more can be added."""
        return replace(
            self,
            counts=dict(self.counts),
            sums=dict(self.sums),
            crossed=set(self.crossed),
            derived=set(self.derived),
            known=dict(self.known),
        )

    def add(self, place: Place, cells: Cells, known: Mapping[Key, Known] | None = None) -> None:
        """Put a table in its place; `known` where it is published. Without it, `protect` decides what is shown."""
        there = at(cells, *place)
        self.counts |= there.counts
        self.sums |= dict.fromkeys(there.sums)
        self.crossed |= there.crossed
        if known is not None:
            self.known |= {(*place, key): known[key] for key in cells.counts if key in known}

    def add_up(
        self, whole: Place, cells: Cells, parts: Iterable[tuple[Place, Cells]], now: Callable[[Key], Key]
    ) -> None:
        """Say that each cell of a table is the sum of those of its parts that `now` calls by its name.

        Only what does add up is said: somebody may have changed meanwhile which district became of which.
        """
        found: dict[Key, list[Key]] = {key: [] for key in cells.counts}
        for place, part in parts:
            for key in part.counts:
                found.setdefault(now(key), []).append((*place, key))
        for key, members in found.items():
            if members and sum(self.counts[one] for one in members) == cells.counts.get(key):
                self.sums[Sum((*whole, key), tuple(members))] = None

    def take_out(self, everybody: Place, own: Place, others: Place, cells: Cells) -> None:
        """Say that `everybody` is `own` and the others: nobody prints these, anybody can work them out."""
        for key, count in cells.counts.items():
            if (*everybody, key) in self.counts:
                rest = (*others, key)
                self.counts[rest] = self.counts[*everybody, key] - count
                self.derived.add(rest)
                self.sums[Sum((*everybody, key), ((*own, key), rest))] = None

    def known_at(self, place: Place) -> dict[Key, Known]:
        """Return what a reader knows of the cells at `place`, without the place."""
        return {key: self.known[*place, key] for (*there, key) in self.known if tuple(there) == place}

    def withhold(self, place: Place, cells: Cells) -> None:
        """Show nothing of a table: that adds nothing to what anybody can work out."""
        self.known |= {(*place, key): NOTHING for key in cells.counts if (*place, key) not in self.known}

    def protect(
        self, place: Place, *, again: Collection[Key], keep_hidden: Collection[Key], method: Method | None
    ) -> Protected:
        """Decide what is shown of all that has been added without saying what is known, and remember it.

        `again`: cells at `place` that are published and printed in this table too. `keep_hidden`: those that an earlier
        version hid. Raises what `disclosure.protecting.protect` raises.
        """
        cells = Cells(
            self.counts,
            tuple(self.sums),
            structural=self._said_to_be_nothing(),
            crossed=frozenset(self.crossed),
            derived=frozenset(self.derived),
        )
        protected = protect(
            cells,
            self.rule,
            published=self.known,
            keep_hidden=[(*place, key) for key in keep_hidden],
            again=[(*place, key) for key in again],
            method=method,
        )
        self.known |= {key: one for key, one in protected.known.items() if key not in self.derived}
        return protected

    def _said_to_be_nothing(self) -> frozenset[Key]:
        """What is below a total that was published as zero: everybody knows that it is none, and it is no secret."""
        empty = [one for one in self.sums if self.known.get(one.total) == (0, 0)]
        return frozenset(part for one in empty for part in one.parts) - self.derived - self.known.keys()


def known_as_json(known: Mapping[str, Mapping[Key, Known]]) -> dict[str, list]:
    """Return what a reader knows of the cells of each family, as plain data for a JSON column."""
    return {family: [[key, *one] for key, one in cells.items()] for family, cells in known.items()}


def known_from_json(data: Mapping[str, list]) -> dict[str, dict[Key, Known]]:
    """Return what `known_as_json` wrote."""
    return {family: {_tuples(key): Known(least, most) for key, least, most in cells} for family, cells in data.items()}


def _tuples(key: Any) -> Key:
    return tuple(_tuples(one) for one in key) if isinstance(key, list) else key
