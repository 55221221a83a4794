"""The true counts of a period as they are stored: small, additive, and nothing of one referral in them. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

#: Between the two codes of a cell of two dimensions. No code has it.
CROSS = "|"

EXPLOITATION_BY_AGE_GROUP, DISTRICT_BY_EXPLOITATION = "exploitation_by_age_group", "district_by_exploitation"
SETTING, PATHWAY, OUTCOME, DECLINE_REASON, GAP = "setting", "pathway", "outcome", "decline_reason", "gap"
ACKNOWLEDGE, TRIAGE, ACCEPT, FEEDBACK = "acknowledge", "triage", "accept", "feedback"


@dataclass(frozen=True)
class Counts:
    """What was counted, by the key of a table and the code of a cell; what is not in it is zero.

    A cell of two dimensions is called "row|column". `timings` has how many were within the target and how many late;
    `medians` are in minutes of real time and do not add up.
    """

    tables: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    timings: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    medians: Mapping[str, float] = field(default_factory=dict)

    @property
    def has_anything(self) -> bool:
        """Whether anything was counted at all."""
        return any(map(self.total, self.tables)) or any(map(sum, self.timings.values()))

    def cells(self, table: str) -> Mapping[str, int]:
        """Return the counts of a table by the code of the cell."""
        return self.tables.get(table, {})

    def total(self, table: str) -> int:
        """Return how many the table has in all."""
        return sum(self.cells(table).values())

    def margin(self, table: str, place: int) -> dict[str, int]:
        """Return the sums of a table of two dimensions by the first (`place` 0) or the second (1) of them."""
        found: Counter[str] = Counter()
        for code, count in self.cells(table).items():
            found[code.split(CROSS)[place]] += count
        return dict(found)

    def renamed(self, table: str, name: Callable[[str], str]) -> dict[str, int]:
        """Return the counts of a table with every cell called by `name`; what gets the same name is added."""
        found: Counter[str] = Counter()
        for code, count in self.cells(table).items():
            found[name(code)] += count
        return dict(found)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data for a JSON column."""
        return {"tables": self.tables, "timings": self.timings, "medians": self.medians}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote."""
        timings = {key: (within, late) for key, (within, late) in data["timings"].items()}
        return cls(data["tables"], timings, data["medians"])


def added(parts: Iterable[Counts]) -> Counts:
    """Return the sum of several periods that do not overlap. Medians are left out: they do not add up."""
    tables: dict[str, Counter[str]] = {}
    timings: dict[str, tuple[int, int]] = {}
    for part in parts:
        for key, cells in part.tables.items():
            tables.setdefault(key, Counter()).update(cells)
        for key, (within, late) in part.timings.items():
            before = timings.get(key, (0, 0))
            timings[key] = (before[0] + within, before[1] + late)
    return Counts({key: dict(cells) for key, cells in tables.items()}, timings)
