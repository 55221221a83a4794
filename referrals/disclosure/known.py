"""What a reader knows of a count from the page alone, before doing any sums."""

from collections.abc import Mapping
from typing import NamedTuple

from referrals.disclosure.cells import Cells, Key


class Known(NamedTuple):
    """The least and the most that a count can be for somebody who has read the page; `most` None: no bound."""

    least: int
    most: int | None

    @property
    def exact(self) -> bool:
        """Whether it is no secret."""
        return self.least == self.most

    def holds(self, count: int) -> bool:
        """Return whether a count agrees with it."""
        return self.least <= count and (self.most is None or count <= self.most)

    def also(self, other: "Known") -> "Known":
        """Return what somebody knows who has read both."""
        most = [one for one in (self.most, other.most) if one is not None]
        return Known(max(self.least, other.least), min(most) if most else None)


#: Of a count that is printed nowhere.
NOTHING = Known(0, None)


def printed(count: int) -> Known:
    """Of a count that is shown."""
    return Known(count, count)


def hidden(*, zeros: bool) -> Known:
    """Of a count that is hidden; `zeros`: a zero would be hidden in its place too, else it is none."""
    return Known(0 if zeros else 1, None)


def rounded(shown: int, base: int) -> Known:
    """Of a count that is shown as a multiple of `base`, less than `base` away from it."""
    return Known(max(0, shown - base + 1), shown + base - 1)


def before(cells: Cells, published: Mapping[Key, Known]) -> dict[Key, Known]:
    """Return what is known of the cells that cannot change any more: published, zero by nature, or never printed.

    What is missing is new. Raises ValueError when what was published is not true of the counts.
    """
    known = {key: printed(0) for key in cells.structural}
    known |= {key: NOTHING for key in cells.keys if key in cells.derived}
    known |= {key: Known(*published[key]) for key in cells.keys if key in published and key not in cells.structural}
    for key, one in known.items():
        if not one.holds(cells.counts[key]):
            raise ValueError(f"{key} was published as {one.least} to {one.most}, and that is not what it is now")
    return with_what_follows(cells, known)


def with_what_follows(cells: Cells, known: dict[Key, Known]) -> dict[Key, Known]:
    """Return `known`, and each count that is left alone in a sum of exact ones: anybody can work it out."""
    known, more = dict(known), True
    while more:
        more = False
        for one in cells.sums:
            open_ = [key for key in one.members if not (key in known and known[key].exact)]
            if len(open_) == 1:
                known[open_[0]] = printed(cells.counts[open_[0]])
                more = True
    return known
