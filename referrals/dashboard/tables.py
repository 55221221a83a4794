"""Published tables as they are read: the partnership's beside the reader's own organisation's."""

from collections.abc import Sequence

from charts.tables import Grid, GridRow
from referrals.dashboard.words import CORNERS, NO_COLUMN, SUBJECTS, label_of, long, number, percent
from referrals.published import Figures, Table, Timing

PARTNERSHIP, OWN = "Partnership", "Your organisation"
#: Where a column of the organisation's own counts something else than its referrals.
OWN_HEADINGS = {"pathway": "Asked of your organisation"}
#: The steps, in the order in which they are taken.
STEPS = {
    "acknowledge": "Opened by a coordinator",
    "triage": "Triage began",
    "accept": "Accepted by an organisation",
    "feedback": "Referrer heard what becomes of it",
}
TIMING_HEADINGS = ("Target", "How many", "Within target", "Later", "Share within target", "Half took at most")


def one_way(table: Table, own: Table | None = None, period: str = "", *, heading: str = PARTNERSHIP) -> Grid:
    """Return a table of one dimension; with `own`, the organisation's counts stand beside the partnership's."""
    counts = own.one_way() if own else {}
    rows = []
    for category, (count,) in zip(table.rows, table.cells, strict=True):
        beside = (number(counts[category.code]) if category.code in counts else NO_COLUMN,) if own else ()
        rows.append(GridRow(label_of(table, category.code, category.label), (number(count), *beside)))
    foot = GridRow("All", (number(table.total), *((number(own.total),) if own else ())))
    headings = (heading, *((OWN_HEADINGS.get(table.key, OWN),) if own else ()))
    return Grid(_caption(table.key, period), CORNERS[table.key], headings, tuple(rows), foot)


def two_way(table: Table, period: str = "") -> Grid:
    """Return a table of two dimensions with its totals."""
    rows = tuple(
        GridRow(row.label, (*(number(count) for count in cells), number(total)))
        for row, cells, total in zip(table.rows, table.cells, table.row_totals, strict=True)
    )
    foot = GridRow("All", (*(number(count) for count in table.column_totals), number(table.total)))
    headings = (*(column.label for column in table.columns), "All")
    return Grid(_caption(table.key, period), CORNERS[table.dimensions[0]], headings, rows, foot)


def timings(figures: Figures, period: str = "") -> Grid:
    """Return the times that the steps took."""
    rows = tuple(_timing(one, figures.percent_base) for one in in_order(figures.timings))
    return Grid(_caption("timings", period), "Step", TIMING_HEADINGS, rows, words=1)


def in_order(found: Sequence[Timing]) -> list[Timing]:
    """Return the timings that we have words for, in the order of the steps."""
    by_key = {one.key: one for one in found}
    return [by_key[key] for key in STEPS if key in by_key]


def _timing(one: Timing, percent_base: int) -> GridRow:
    within = percent(one.within, one.base, percent_base) or ("c" if one.within is None else "too few")
    median = NO_COLUMN if one.base == 0 else long(one.median_minutes)
    share = NO_COLUMN if one.base == 0 else within
    return GridRow(STEPS[one.key], (one.target, number(one.base), number(one.within), number(one.late), share, median))


def _caption(key: str, period: str) -> str:
    return f"{SUBJECTS[key]}, {period}" if period else SUBJECTS[key]
