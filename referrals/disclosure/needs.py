"""What is promised for a hidden count: which values it must be able to have, for all that anybody can work out.

- A count that is too small: every value that the rule hides in its place (1 to 4; 0 to 4 where a zero is hidden too).
- A count hidden for the sake of another: values at least as far apart as those (3; 4 where a zero is hidden too).
- A rounded count: values at least as far apart as 0 and the greatest that the rule hides (4).
- A count that nobody prints but anybody can work out: the same as for one too small, when it is.

What earlier publications say by themselves cannot be taken back: where they allow less than this, what is promised is
that nothing is added to it (`Need.within`).
"""

from collections.abc import Collection
from typing import NamedTuple

from referrals.disclosure.cells import Cells, Key
from referrals.disclosure.known import Known
from referrals.disclosure.rules import Rule


class Need(NamedTuple):
    """How far below and above the truth a count must be able to be, and how far apart its two ends."""

    down: int
    up: int
    width: int

    def within(self, least: int, most: int) -> "Need":
        """Return what is left of it when the count can be no further from the truth than `least` (negative), `most`."""
        return Need(min(self.down, -least), min(self.up, most), min(self.width, most - least))


def need_of(count: int, known: Known, rule: Rule, *, derived: bool = False, zeros: bool = False) -> Need | None:
    """Return what is promised of `count` to whom the page says `known`; None when it is no secret.

    `derived`: nobody prints it; `zeros`, of such a count: zero would be a secret.
    """
    if known.exact:
        return None
    if known.most is not None:
        return Need(0, 0, min(rule.width(zeros=True), known.most - known.least))
    zeros = zeros if derived else known.least == 0
    if rule.hides(count, zeros=zeros):
        return Need(count - (0 if zeros else 1), rule.hide_below - 1 - count, 0)
    return None if derived else Need(0, 0, rule.width(zeros=zeros))


def plain_zeros(cells: Cells, known: dict[Key, Known], zeros_hidden: Collection[Key]) -> set[Key]:
    """Return the zeros that are no secret: shown, known already, or said by a total that is one of them.

    `zeros_hidden`: the cells that would be hidden as a zero.
    """
    plain = {key for key, one in known.items() if one == (0, 0)}
    plain |= {key for key in cells.keys if key not in known and key not in zeros_hidden and cells.counts[key] == 0}
    more = True
    while more:
        said = {part for one in cells.sums if one.total in plain for part in one.parts}
        # A published "c" stays a secret: then it is the total that cannot be shown.
        said = {key for key in said - plain if key not in known or key in cells.derived}
        plain |= said
        more = bool(said)
    return plain
