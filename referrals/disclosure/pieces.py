"""A set of tables falls into pieces that say nothing of each other; each is protected by itself.

What is known exactly connects nothing: two lists that share a total that everybody knows are two pieces.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse.csgraph import connected_components

from referrals.disclosure.cells import Cells, Key, Sum
from referrals.disclosure.known import NOTHING, Known, hidden, printed
from referrals.disclosure.needs import Need, need_of, plain_zeros
from referrals.disclosure.puzzle import REACH, Puzzle, SolverFailed
from referrals.disclosure.rules import Rule
from referrals.disclosure.suppression import Stuck, hide

#: How much dearer it is to hide a total than a cell, and a total of totals: people read totals first.
TOTAL_COSTS = (1, 20, 100)


@dataclass(frozen=True)
class Piece:
    """Cells that hang together by sums, without those that are known exactly.

    `known`: what of them is published, or never printed. `kept`: what has to be hidden whatever its count.
    """

    cells: Cells
    known: dict[Key, Known]
    kept: frozenset[Key]
    rule: Rule

    @property
    def new(self) -> list[Key]:
        """What may still be shown or hidden."""
        return [key for key in self.cells.keys if key not in self.known]


@dataclass
class Outcome:
    """What was decided for a piece: what a reader knows of its new cells, and the witnesses that prove it safe.

    `veiled`: lists in which zeros are hidden too. `short`: how far from the truth a cell can be by what was published
    earlier, where that is less than is promised. `withheld`: nothing new is shown in it, so that nothing is added.
    """

    known: dict[Key, Known]
    witnesses: list[dict[Key, int]] = field(default_factory=list)
    veiled: frozenset[Key] = frozenset()
    short: dict[Key, tuple[int, int]] = field(default_factory=dict)
    withheld: bool = False
    solves: int = 0


def pieces(cells: Cells, known: Mapping[Key, Known], kept: frozenset[Key], rule: Rule) -> Iterator[Piece]:
    """Cut `cells` where everything is known, and give the pieces that have a new cell in them."""
    unknown = [key for key in cells.keys if not (key in known and known[key].exact)]
    places = {key: number for number, key in enumerate(unknown)}
    sums = [one for one in (_without(one, places) for one in cells.sums) if one]
    pairs = [(places[one[0]], places[key]) for _, one in sums for key in one[1:]]
    ends = np.array(pairs, dtype=int).reshape(-1, 2)
    graph = np.zeros((len(unknown), len(unknown)), dtype=bool)
    graph[ends[:, 0], ends[:, 1]] = True
    number, labels = connected_components(graph, directed=False)
    keys: list[list[Key]] = [[] for _ in range(number)]
    for key, label in zip(unknown, labels, strict=True):
        keys[label].append(key)
    of_piece: list[list[Sum]] = [[] for _ in range(number)]
    for one, members in sums:
        of_piece[labels[places[members[0]]]].append(one)
    for some, rules in zip(keys, of_piece, strict=True):
        if any(key not in known for key in some):
            yield _piece(cells, some, rules, known, kept, rule)


def _without(one: Sum, places: Mapping[Key, int]) -> tuple[Sum, list[Key]] | None:
    members = [key for key in one.members if key in places]
    return (one, members) if members else None


def _piece(
    cells: Cells, keys: list[Key], sums: list[Sum], known: Mapping[Key, Known], kept: frozenset[Key], rule: Rule
) -> Piece:
    """A piece keeps the known cells of its sums, so that they add up; they are no part of the puzzle."""
    all_of_them = dict.fromkeys(keys) | dict.fromkeys(key for one in sums for key in one.members)
    counts = {key: cells.counts[key] for key in all_of_them}
    some = frozenset(counts)
    inner = Cells(counts, tuple(sums), cells.structural & some, cells.crossed & some, cells.derived & some)
    return Piece(inner, {key: known[key] for key in counts if key in known}, kept & some, rule)


def settle(piece: Piece, after: Mapping[Key, Known] | None = None) -> Outcome:
    """Decide what of a piece is shown: as much as keeps every promise.

    `after`: it is decided already that readers will know this (the table is rounded); then it is only proved. Raises
    Stuck, SolverFailed in that case; in the other there is always an answer.

    Hiding is tried with zeros shown in lists; where that is not enough (a total is published already, and the hidden
    counts below it are one at least), zeros are hidden too, first in the lists concerned, then in all of the piece.
    What is left then is to show nothing new at all: that adds nothing to what anybody can work out.
    """
    attempt = Attempt(piece, frozenset(), after)
    while True:
        try:
            return attempt.outcome()
        except Stuck as stuck:
            wider = _wider(piece, attempt.veiled, stuck.key)
            if after is not None:
                raise
            if wider == attempt.veiled:
                return withheld(piece, attempt.puzzle.solves)
            attempt = Attempt(piece, wider, earlier=attempt)
        except SolverFailed:
            if after is not None:
                raise
            return withheld(piece, attempt.puzzle.solves)


def withheld(piece: Piece, solves: int = 0) -> Outcome:
    """Hide all that is new, zeros too."""
    return Outcome(dict.fromkeys(piece.new, NOTHING), veiled=frozenset(piece.new), withheld=True, solves=solves)


def _wider(piece: Piece, veiled: frozenset[Key], key: Key) -> frozenset[Key]:
    """Return the next larger set of cells whose zeros are hidden: the lists around `key`, then everything."""
    new = frozenset(piece.new)
    around = {member for one in piece.cells.sums if key in one.members for member in one.members}
    lists = {part for one in piece.cells.sums if around & set(one.parts) for part in one.parts}
    wider = veiled | ((lists | around) & new)
    return new if wider == veiled else wider


class Attempt:
    """A piece as a puzzle, with zeros hidden in the cells `veiled`.

    `after`: what readers will know, where that is decided already. `earlier`: an attempt with less veiled, whose
    witnesses serve again.
    """

    def __init__(
        self,
        piece: Piece,
        veiled: frozenset[Key],
        after: Mapping[Key, Known] | None = None,
        earlier: "Attempt | None" = None,
    ) -> None:
        self.piece, self.veiled, self.after = piece, veiled, after
        self.short: dict[Key, tuple[int, int]] = earlier.short if earlier else {}
        self.zeros_hidden = piece.cells.crossed | veiled | piece.kept
        self.plain = plain_zeros(piece.cells, piece.known, self.zeros_hidden)
        open_ = self._counts()
        self.puzzle = Puzzle(open_, piece.cells.sums, REACH * piece.rule.hide_below)
        self.known = {key: self._at_first(key) for key in open_}
        for key, one in self.known.items():
            self.puzzle.set(self.puzzle.places[key], one, self.need(key, one))
        if earlier:
            self.puzzle.take(earlier.puzzle)

    def outcome(self) -> Outcome:
        """Hide what is needed. Raises Stuck, SolverFailed."""
        may = {}
        for key, one in self.known.items():
            if self.after is None and key not in self.piece.known and one.exact and one.least:
                when_hidden = hidden(zeros=key in self.zeros_hidden)
                may[self.puzzle.places[key]] = (when_hidden, self.need(key, when_hidden), self._cost(key))
        for place in hide(self.puzzle, may, self._ease):
            self.known[self.puzzle.keys[place]] = may[place][0]
        new = {key: self.known[key] for key in self.piece.new}
        witnesses = [self._as_table(row) for row in self.puzzle.witnesses]
        veiled = frozenset(key for key in self.veiled if new[key].least == 0 and not new[key].exact)
        return Outcome(new, witnesses, veiled, self.short, solves=self.puzzle.solves)

    def _ease(self, place: int) -> bool:
        """Lower the need of a cell to what is left by what is published already; return whether that is less."""
        key = self.puzzle.keys[place]
        need = Need(*(int(one[place]) for one in (self.puzzle.down, self.puzzle.up, self.puzzle.width)))
        blank = Puzzle(self._counts(), self.piece.cells.sums, self.puzzle.reach)
        for other, one in enumerate(blank.keys):
            blank.set(other, self.piece.known.get(one, NOTHING), need if other == place else None)
        ends = blank.ends(place)
        self.puzzle.solves += blank.solves
        less = need.within(*ends)
        if less == need:
            return False
        self.short[key] = ends
        self.puzzle.down[place], self.puzzle.up[place], self.puzzle.width[place] = less
        return True

    def need(self, key: Key, known: Known) -> Need | None:
        """Return what is promised of a cell when a reader knows so much of it."""
        derived, counts = key in self.piece.cells.derived, self.piece.cells.counts
        zeros = key in self.piece.cells.crossed and key not in self.plain
        need = need_of(counts[key], known, self.piece.rule, derived=derived, zeros=zeros)
        return need.within(*self.short[key]) if need and key in self.short else need

    def _counts(self) -> dict[Key, int]:
        """The cells of the puzzle: those that nobody knows exactly."""
        known = self.piece.known
        return {key: n for key, n in self.piece.cells.counts.items() if not (key in known and known[key].exact)}

    def _at_first(self, key: Key) -> Known:
        """Return what a reader knows when only that is hidden which is too small, or has to stay hidden."""
        if self.after is not None:
            return self.after[key]
        if key in self.piece.known:
            return self.piece.known[key]
        count, zeros = self.piece.cells.counts[key], key in self.zeros_hidden
        secret = self.piece.rule.hides(count, zeros=zeros) and key not in self.plain
        return hidden(zeros=zeros) if secret or key in self.piece.kept else printed(count)

    def _cost(self, key: Key) -> float:
        """What hiding a cell takes from a reader: more for more people, and most for a total."""
        rank = min(_rank(self.piece, key), len(TOTAL_COSTS) - 1)
        return TOTAL_COSTS[rank] * float(1 + np.log1p(self.piece.cells.counts[key]))

    def _as_table(self, row: np.ndarray) -> dict[Key, int]:
        return {self.puzzle.keys[place]: int(row[place]) for place in np.flatnonzero(row)}


def _rank(piece: Piece, key: Key) -> int:
    """0 for a cell, 1 for a total of cells of this publication, 2 for a total of such totals."""
    parts = [part for one in piece.cells.sums if one.total == key for part in one.parts if part not in piece.known]
    return 1 + max(_rank(piece, part) for part in parts) if parts else 0
