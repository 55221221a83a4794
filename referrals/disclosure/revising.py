"""A correction: figures of a period that was published already are published again, with a reason.

Whoever kept the old version has both. What did not change stays as it was printed, what was hidden stays hidden, and
what changed by a small number is hidden: the difference of two versions is a count too, of those who were added.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from referrals.disclosure.cells import Key
from referrals.disclosure.known import Known
from referrals.disclosure.rules import STANDARD, Rule


@dataclass(frozen=True)
class Correction:
    """What `protect` is told of a new version: its `published` (together with what other periods say), `keep_hidden`.

    `unchanged`: give them as `again`, so that the new version prints them too.
    """

    published: Mapping[Key, Known]
    keep_hidden: frozenset[Key]

    @property
    def unchanged(self) -> frozenset[Key]:
        """What is printed as before."""
        return frozenset(self.published)


def correction(before: Mapping[Key, Known], counts: Mapping[Key, int], rule: Rule = STANDARD) -> Correction:
    """Return how a new version with `counts` is published after one that said `before`, both of the same keys.

    What was shown and still holds is published: give the new version the method of the old one, and what was rounded
    is rounded again. What was hidden, and what was shown exactly and differs by a small number, is kept hidden.
    """
    shared = {key: one for key, one in before.items() if key in counts}
    same = {key: one for key, one in shared.items() if one.most is not None and one.holds(counts[key])}
    hidden = {key for key, one in shared.items() if one.most is None}
    exact = {key: one.least for key, one in shared.items() if one.exact}
    little = {key for key, count in exact.items() if rule.hides(abs(counts[key] - count), zeros=False)}
    return Correction(same, frozenset(little | hidden))
