"""The rules of disclosure control: from which number on a count is shown, and what is never crossed.

There is no single legal threshold (facts, 6). What is set here follows the practice listed there: counts under five are
hidden by default as education and justice statistics do, under ten as an option (health and research outputs); a
percentage wants a base of ten or more; the rounding base is five, as hospital statistics use it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """What referrals are counted by. Each is a coded column that names nobody."""

    MONTH = "month"
    PATHWAY = "pathway"
    EXPLOITATION = "exploitation"
    AGE_GROUP = "age_group"
    DISTRICT = "district"
    SETTING = "setting"
    OUTCOME = "outcome"
    ORGANISATION = "organisation"
    NATIONALITY = "nationality"


#: Never crossed with anything: with a second fact they say who it is (facts, 6, rule 6).
SENSITIVE = frozenset({Dimension.NATIONALITY})
#: Each names a place or people closely; two of them together find a household or a workplace.
FINE = frozenset({Dimension.DISTRICT, Dimension.SETTING, Dimension.ORGANISATION})
MOST_DIMENSIONS = 2


class CrossingRefused(ValueError):
    """Raised for a table that must not be made, whatever its counts are."""


@dataclass(frozen=True)
class Rule:
    """How counts are protected. `hide_below`: counts from 1 to one less are hidden, and some zeros with them.

    `base` is what counts are rounded to where hiding would empty a table; `percent_base` the smallest base of a
    percentage. Raises ValueError for numbers that protect nothing.
    """

    hide_below: int = 5
    base: int = 5
    percent_base: int = 10

    def __post_init__(self) -> None:
        if not 3 <= self.hide_below <= min(self.base, self.percent_base):
            raise ValueError("A threshold is 3 or more; rounding and percentages want a base that is no smaller")

    def width(self, *, zeros: bool) -> int:
        """How far apart the least and the greatest value of a hidden count must be: as far as of all that is hidden.

        `zeros`: a zero is hidden there as well. Where it would be shown, a hidden count is known to be 1 at least.
        """
        return self.hide_below - 1 if zeros else self.hide_below - 2

    def hides(self, count: int, *, zeros: bool) -> bool:
        """Return whether a count is too small to show; `zeros`: so is zero, where it says something of somebody."""
        return 0 < count < self.hide_below or (zeros and count == 0)


#: The option for a county that wants more (facts, 6, rule 2).
STANDARD, STRICT = Rule(), Rule(hide_below=10, base=10, percent_base=20)


def check_crossing(*dimensions: Dimension) -> None:
    """Raise CrossingRefused for a table of more than two dimensions, or of two that together find somebody."""
    asked = set(dimensions)
    if len(asked) != len(dimensions) or not 1 <= len(asked) <= MOST_DIMENSIONS:
        raise CrossingRefused(f"A table has one or {MOST_DIMENSIONS} different dimensions")
    if len(asked) > 1 and asked & SENSITIVE:
        raise CrossingRefused("Nationality is shown by itself, for the whole county and a whole year")
    if len(asked & FINE) > 1:
        raise CrossingRefused("Place, setting and organisation are not crossed: together they find a house or a team")


def percentage(part: int | None, base: int | None, rule: Rule = STANDARD) -> int | None:
    """Return the whole percentage of two counts that are shown.

    None when one of them is hidden, the base is too small, or the part or the rest of it is: with the base beside it,
    a percentage is a count.
    """
    if part is None or base is None or base < rule.percent_base or not 0 <= part <= base:
        return None
    if any(rule.hides(count, zeros=False) for count in (part, base - part)):
        return None
    return round(100 * part / base)
