"""The chart of each published table."""

from collections.abc import Mapping

from charts.bars import bars, columns, splits
from charts.maps import tile_map
from charts.marks import Bar, Chart, Split, Tile
from referrals.dashboard.tables import STEPS, in_order
from referrals.dashboard.words import label_of, percent, title_of
from referrals.published import Count, Figures, Table

#: Where each district stands on the map: row and column, by its code.
Places = Mapping[str, tuple[int, int]]
#: A tile has room for two lines.
ELSEWHERE = "Elsewhere or not known"
#: Bars in the order of their size, but what is not known stands last whatever it counts.
LAST = {"not_said", "not_known", "unsure", "elsewhere", "other"}
IN_THEIR_OWN_ORDER = {"month", "age_group"}


def chart_of(table: Table, places: Places) -> Chart | None:
    """Return the chart of a table of one dimension; None for one without rows, or with nothing in it."""
    if not table.rows or (table.total == 0 and not table.hidden):
        return None
    if table.key == "month":
        months = zip(table.rows, table.cells, strict=True)
        return by_month(title_of(table), [(_short(row.label), count) for row, (count,) in months])
    if table.key == "district" and _fits(table, places):
        return tile_map(table.key, title_of(table), _tiles(table, places))
    return bars(
        table.key, title_of(table), [Bar(label, count, _text(table, count)) for label, count in _ordered(table)]
    )


def by_month(title: str, months: list[tuple[str, Count]]) -> Chart:
    """Return the chart of months, each with its label ("Apr 2026") and its count."""
    return columns("month", title, [Bar(label, count) for label, count in months])


def chart_of_timings(figures: Figures) -> Chart | None:
    """Return how many of each step were within its target; None where no step was taken."""
    rows = [
        Split(
            STEPS[one.key],
            one.within,
            one.late,
            percent(one.within, one.base, figures.percent_base) or f"{one.within} of {one.base}",
        )
        for one in in_order(figures.timings)
        if one.base != 0
    ]
    if not rows:
        return None
    return splits("timings", title_of_timings(figures), rows, words=("Within the target", "Later"))


def title_of_timings(figures: Figures) -> str:
    """Return what the chart of the steps shows."""
    shares = {one.key: percent(one.within, one.base, figures.percent_base) for one in in_order(figures.timings)}
    if share := shares.get("triage"):
        return f"Triage began within its target for {share} of referrals"
    return "How many of the steps were taken within their target"


def _ordered(table: Table) -> list[tuple[str, Count]]:
    rows = [
        (row.code, label_of(table, row.code, row.label), count)
        for row, (count,) in zip(table.rows, table.cells, strict=True)
    ]
    if table.key not in IN_THEIR_OWN_ORDER:
        # Hidden ones stand together, in the order of the table: a place among the others would say how large they are.
        rows.sort(key=lambda row: (row[0] in LAST, row[2] is None, -(row[2] or 0)))
    return [(label, count) for _, label, count in rows]


def _text(table: Table, count: Count) -> str:
    return f"about {count}" if table.rounded_to and count is not None else ""


def _fits(table: Table, places: Places) -> bool:
    """Whether every district has a place of its own."""
    districts = [row.code for row in table.rows if row.code != "elsewhere"]
    taken = {places[code] for code in districts if code in places}
    return bool(districts) and len(taken) == len(districts)


def _tiles(table: Table, places: Places) -> list[Tile]:
    """The districts, and off the map those that lie in none: in its north-west corner, or below it."""
    taken = {places[row.code] for row in table.rows if row.code in places}
    off = (1, 1) if (1, 1) not in taken else (max(line for line, _ in taken) + 1, 1)
    found = []
    for row, (count,) in zip(table.rows, table.cells, strict=True):
        line, column = places.get(row.code, off)
        label = row.label if row.code in places else ELSEWHERE
        found.append(Tile(label, line, column, count, _text(table, count)))
    return found


def _short(label: str) -> str:
    """ "April 2026" as "Apr 2026"."""
    month, _, year = label.partition(" ")
    return f"{month[:3]} {year}"
