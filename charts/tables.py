"""The table beside a chart, and the same as CSV: one text for both, so that neither says more than the other."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class GridRow:
    """A line of a table: its heading and its cells, as they are read."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table as it is read. `headings` are those of the cells, `corner` the one above the labels of the rows.

    `foot` is the line of totals; the first `words` columns hold words and no numbers.
    templates/components/figures_table.html draws it.
    """

    caption: str
    corner: str
    headings: tuple[str, ...]
    rows: tuple[GridRow, ...]
    foot: GridRow | None = None
    words: int = 0

    def lines(self) -> Iterable[tuple[str, ...]]:
        """Return every line of it with its label first, the headings before and the totals after."""
        yield (self.corner, *self.headings)
        for row in (*self.rows, *([self.foot] if self.foot else [])):
            yield (row.label, *row.cells)


def harmless(text: str) -> str:
    """Return `text` as a spreadsheet program will not calculate it, without signs that XML cannot hold."""
    shown = "".join(sign for sign in text if sign.isprintable() or sign in "\t\r\n")
    return f"'{shown}" if shown.lstrip(" \xa0").startswith(FORMULA_SIGNS) else shown


def as_csv(grid: Grid, above: Sequence[tuple[str, str]]) -> bytes:
    """Return the table as CSV: UTF-8 with the mark by which Excel knows it.

    `above` are lines that say what it is, each a word and its value ("Source", "Waymark"); an empty line follows them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([harmless(word), harmless(value)] for word, value in above)
    writer.writerow([])
    writer.writerows([harmless(cell) for cell in line] for line in grid.lines())
    return text.getvalue().encode("utf-8-sig")
