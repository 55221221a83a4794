"""Figures as they are published: protected, and all that a page, a chart, a CSV or a PDF ever gets to see.

Pure. What is hidden is None here already: whoever draws a table cannot give away what was never handed to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

#: Raised by one when what is stored changes its shape; old publications keep the number they were written with.
FORMAT = 1
#: What stands for a hidden count in a table and in a CSV (GSS: confidential).
HIDDEN_SIGN = "c"

Count = int | None


class Scope(StrEnum):
    """Whose referrals are counted."""

    PARTNERSHIP = "partnership"
    ORGANISATION = "organisation"


class Band(StrEnum):
    """About how many there are in a period that is still open."""

    UNDER_5 = "under_5"
    TO_9 = "5_to_9"
    TO_19 = "10_to_19"
    TO_49 = "20_to_49"
    FROM_50 = "from_50"

    @property
    def label(self) -> str:
        """The band in words."""
        return BAND_WORDS[self]


BAND_WORDS = {
    Band.UNDER_5: "fewer than 5",
    Band.TO_9: "5 to 9",
    Band.TO_19: "10 to 19",
    Band.TO_49: "20 to 49",
    Band.FROM_50: "50 or more",
}
_BANDS_END_AT = {Band.UNDER_5: 4, Band.TO_9: 9, Band.TO_19: 19, Band.TO_49: 49}


def band_of(count: int) -> Band:
    """Return the band in which `count` lies."""
    return next((band for band, most in _BANDS_END_AT.items() if count <= most), Band.FROM_50)


class Counted(StrEnum):
    """What one of a table is; its plural words are in `COUNTED_WORDS`."""

    REFERRAL = "referral"
    CLOSED = "closed"
    HAND_OVER = "hand_over"
    DECLINED = "declined"
    GAP = "gap"


COUNTED_WORDS = {
    Counted.REFERRAL: "referrals",
    Counted.CLOSED: "closed referrals",
    Counted.HAND_OVER: "hand-overs",
    Counted.DECLINED: "hand-overs that were declined",
    Counted.GAP: "requests that no organisation could take",
}


@dataclass(frozen=True)
class Category:
    """A row or a column: the stable code and the words."""

    code: str
    label: str


@dataclass(frozen=True)
class Table:
    """Counts by one dimension, or by two. `key` is its name in addresses: "district", "exploitation_by_age_group".

    `cells` has a tuple for each row; with one dimension a tuple of one, and no totals but `total`. A count is None
    where it is hidden. `rounded_to` is 0, or what every count was rounded to instead of hiding any. `width`: for all
    that can be worked out, each hidden count has values at least that far apart. `zeros_hidden`: among what is hidden
    may be zeros; without it a zero is shown, so that a hidden count is one at least. (Crossed tables always hide them.)
    """

    key: str
    counted: Counted
    dimensions: tuple[str, ...]
    rows: tuple[Category, ...]
    columns: tuple[Category, ...]
    cells: tuple[tuple[Count, ...], ...]
    row_totals: tuple[Count, ...]
    column_totals: tuple[Count, ...]
    total: Count
    rounded_to: int
    width: int
    zeros_hidden: bool = False

    def counts(self) -> Iterator[Count]:
        """Every count that it shows or hides, its totals too."""
        for row in self.cells:
            yield from row
        yield from self.row_totals
        yield from self.column_totals
        yield self.total

    @property
    def hidden(self) -> int:
        """How many of its counts are hidden."""
        return sum(count is None for count in self.counts())

    def one_way(self) -> dict[str, Count]:
        """Return the counts by the code of their row. Raises ValueError for a table of two dimensions."""
        if self.columns:
            raise ValueError(f"{self.key} has two dimensions")
        return {category.code: row[0] for category, row in zip(self.rows, self.cells, strict=True)}


@dataclass(frozen=True)
class Timing:
    """How long one step took, for those that took it in the period.

    `key` names the step ("acknowledge", "triage", "accept", "feedback"). `base` is how many there were, of them
    `within` the `target` (in words: "one working day") and `late`; `median_minutes` the middle one, in minutes of real
    time. None where hidden; a base under the rule's smallest hides all of it.
    """

    key: str
    target: str
    base: Count
    within: Count
    late: Count
    median_minutes: int | None


@dataclass(frozen=True)
class Figures:
    """Everything that is published of one period, for the partnership or for one organisation.

    `hide_below` and `percent_base` are those of the rule that was in force: no percentage of a smaller base is shown.
    """

    period: str
    scope: Scope
    hide_below: int
    percent_base: int
    tables: tuple[Table, ...]
    timings: tuple[Timing, ...]

    def table(self, key: str) -> Table | None:
        """Return the table called `key`; None when this period has none."""
        return next((table for table in self.tables if table.key == key), None)

    def timing(self, key: str) -> Timing | None:
        """Return the timing called `key`; None when this period has none."""
        return next((timing for timing in self.timings if timing.key == key), None)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data for a JSON column."""
        return {"format": FORMAT, **asdict(self)}


def from_json(data: Mapping[str, Any]) -> Figures:
    """Return what `Figures.as_json` wrote. Raises ValueError for another format."""
    if data.get("format") != FORMAT:
        raise ValueError(f"Figures of format {data.get('format')}; this reads {FORMAT}")
    return Figures(
        period=data["period"],
        scope=Scope(data["scope"]),
        hide_below=data["hide_below"],
        percent_base=data["percent_base"],
        tables=tuple(_table(one) for one in data["tables"]),
        timings=tuple(Timing(**one) for one in data["timings"]),
    )


def _table(data: Mapping[str, Any]) -> Table:
    lists = ("dimensions", "row_totals", "column_totals")
    return Table(
        **{
            **data,
            **{name: tuple(data[name]) for name in lists},
            "counted": Counted(data["counted"]),
            "rows": tuple(Category(**one) for one in data["rows"]),
            "columns": tuple(Category(**one) for one in data["columns"]),
            "cells": tuple(tuple(row) for row in data["cells"]),
        }
    )
