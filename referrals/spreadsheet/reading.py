"""Opening a file that somebody brings along: what kind it is by its content, rows of cells, and firm limits.

Pure. The name of a file is never asked. Nothing in it is calculated or followed: no formula, macro, link or entity.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MOST_BYTES = 5_000_000
MOST_ROWS = 2_000
MOST_COLUMNS = 60
LONGEST_CELL = 8_000

OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
OTHER_FILES = (b"MZ", b"%PDF", b"\x7fELF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"7z\xbc\xaf", b"\x1f\x8b")


class Unreadable(Exception):
    """Raised for a file that cannot be read as a table. The text is for the person who brought it."""

    def __init__(self, text: str):
        self.text = text
        super().__init__(text)


class FileKind(StrEnum):
    """What a file is by its content."""

    CSV = "csv"
    XLSX = "xlsx"


class Odd(StrEnum):
    """Why the value of a cell cannot be taken."""

    FORMULA = "formula"
    ERROR = "error"
    TOO_LONG = "too_long"


Value = str | float | datetime.date | None


@dataclass(frozen=True)
class Cell:
    """One cell: a text without blanks around it, a number or a local date; None when it is empty or `odd`."""

    value: Value = field(default=None, repr=False)
    odd: Odd | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return self.value is None and self.odd is None


EMPTY = Cell()


@dataclass(frozen=True)
class SheetRow:
    """One row by the number that the spreadsheet program shows beside it."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)

    @property
    def is_blank(self) -> bool:
        """Whether all its cells are empty."""
        return all(cell.is_empty for cell in self.cells)

    def cell(self, column: int) -> Cell:
        """Return the cell in a column, counted from 0; rows may be shorter than the header."""
        return self.cells[column] if column < len(self.cells) else EMPTY


@dataclass(frozen=True)
class Sheet:
    """A table as it was read. `epoch` is the day on which its serial numbers of days begin."""

    kind: FileKind
    rows: list[SheetRow] = field(repr=False)
    epoch: datetime.date = datetime.date(1899, 12, 30)
    other_sheets: int = 0


def kind_of(content: bytes) -> FileKind:
    """Return what a file is by its first bytes. Raises Unreadable for an empty, large or other file."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("The file is empty")
    if len(content) > MOST_BYTES:
        raise Unreadable(
            f"The file is larger than {MOST_BYTES // 1_000_000} MB. Send the log in parts, a year at a time"
        )
    if content.startswith(OLE):
        raise Unreadable("This is an old Excel file, or one with a password. Save it as “Excel workbook (.xlsx)”")
    if content.startswith(ZIP):
        return FileKind.XLSX
    if content.startswith(OTHER_FILES):
        raise Unreadable("This is not a spreadsheet. Choose a CSV or an XLSX file")
    return FileKind.CSV


def as_cell(text: str) -> Cell:
    """Return the cell for a text as it stands in a file."""
    said = text.strip("\ufeff\u200b \t\r\n\xa0")
    if not said:
        return EMPTY
    if len(said) > LONGEST_CELL:
        return Cell(odd=Odd.TOO_LONG)
    # A CSV keeps a formula as its text; "+44 7700 …" and "- said that" are none.
    return Cell(odd=Odd.FORMULA) if said.startswith("=") and len(said) > 1 else Cell(without_controls(said))


def without_controls(text: str) -> str:
    """Return `text` without signs that no font draws and no screen reader says; line ends and tabs stay."""
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t\u200c\u200d").strip()


def _width(cells: Sequence[Cell]) -> int:
    """How many cells there are without the empty ones at the end."""
    return next((index + 1 for index in reversed(range(len(cells))) if not cells[index].is_empty), 0)


def bounded(rows: Iterable[tuple[int, Sequence[Cell]]]) -> list[SheetRow]:
    """Return the numbered rows, blank ones too as long as something follows. Raises Unreadable beyond the limits."""
    kept: list[SheetRow] = []
    filled, end = 0, 0
    for number, cells in rows:
        row = SheetRow(number, tuple(cells[: _width(cells)]))
        if len(row.cells) > MOST_COLUMNS:
            raise Unreadable(f"Row {number} has more than {MOST_COLUMNS} columns")
        if row.is_blank and number > MOST_ROWS * 10:
            continue
        kept.append(row)
        if not row.is_blank:
            filled, end = filled + 1, len(kept)
        if filled > MOST_ROWS:
            raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Send the log in parts, a year at a time")
    return kept[:end]
