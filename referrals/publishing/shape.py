"""Protected tables in the shape in which they are stored and read (`referrals/published.py`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from referrals.disclosure.cells import ALL, Cells, Key
from referrals.disclosure.protecting import Method, Protected
from referrals.disclosure.rules import Rule
from referrals.periods import Period
from referrals.published import Category, Count, Counted, Table, Timing
from referrals.publishing.tables import LATE, MONTH, TARGET, WITHIN, TrueTable

HOUR, DAY = 60, 24 * 60


@dataclass(frozen=True)
class Printed:
    """A true table with what may be shown of it, by the key of the cell."""

    table: TrueTable
    shown: Mapping[Key, Count]
    rounded_to: int
    width: int
    zeros_hidden: bool

    @classmethod
    def of(cls, table: TrueTable, done: Protected, depth: int) -> "Printed":
        """Take it out of what was protected: `depth` is how much stands before the keys there."""
        shown = {key[depth:][0]: count for key, count in done.shown.items() if isinstance(key, tuple)}
        hidden = {key for key, count in done.shown.items() if count is None}
        rounded_to = done.rule.base if done.method is Method.ROUNDING else 0
        zeros_hidden = bool(table.columns) or bool(hidden & done.veiled)
        return cls(table, shown, rounded_to, done.width, zeros_hidden)

    @classmethod
    def of_nothing(cls, table: TrueTable, cells: Cells, rule: Rule) -> "Printed":
        """Show nothing of a table, not its total either, because it is too small."""
        return cls(table, dict.fromkeys(cells.counts), 0, rule.width(zeros=True), zeros_hidden=True)

    def as_table(self) -> Table:
        """Return it as it is published."""
        table = self.table
        columns: Sequence[Category | None] = table.columns or ([None] if table.rows else [])
        return Table(
            key=table.key,
            counted=table.counted,
            dimensions=table.dimensions,
            rows=table.rows,
            columns=table.columns,
            cells=tuple(tuple(self.shown[table.cell(row, one)] for one in columns) for row in table.rows),
            row_totals=tuple(self.shown[table.dimensions[0], row.code] for row in table.rows if table.columns),
            column_totals=tuple(self.shown[table.dimensions[1], one.code] for one in table.columns),
            total=self.shown[ALL],
            rounded_to=self.rounded_to,
            width=self.width,
            zeros_hidden=self.zeros_hidden,
        )

    def as_timing(self, target: str, median: float | None, rule: Rule) -> Timing:
        """Return a step as it is published: nothing of it where too few took it for a percentage or a median."""
        base = self.shown[ALL]
        enough = base is not None and base >= rule.percent_base
        within, late = (self.shown[TARGET, one.code] if enough else None for one in (WITHIN, LATE))
        minutes = rounded_minutes(median) if enough and median is not None else None
        return Timing(self.table.key, target, base if enough else None, within, late, minutes)


def by_month(total: Printed, months: Iterable[tuple[Period, Count]]) -> Table:
    """Return the total of a period with those of its months, which are published already."""
    rows, counts = [], []
    for month, count in months:
        rows.append(Category(month.slug, month.label))
        counts.append((count,))
    return Table(
        key=MONTH,
        counted=Counted.REFERRAL,
        dimensions=(MONTH,),
        rows=tuple(rows),
        columns=(),
        cells=tuple(counts),
        row_totals=(),
        column_totals=(),
        total=total.shown[ALL],
        rounded_to=0,
        width=total.width,
        zeros_hidden=total.zeros_hidden,
    )


def rounded_minutes(median: float) -> int:
    """Return a median as finely as it means anything: to 5 minutes, from 2 hours on to one, from 2 days on to 12."""
    step = 5 if median < 2 * HOUR else HOUR if median < 2 * DAY else DAY // 2
    return round(median / step) * step
