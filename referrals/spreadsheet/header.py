"""Finding the row with the column names, and what each column is about. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from referrals.identifiers import plain
from referrals.spreadsheet.columns import COLUMNS, FIELD_LABELS, JOINED, REQUIRED, Field
from referrals.spreadsheet.reading import Sheet, SheetRow, Unreadable
from referrals.spreadsheet.values import words

SEARCHED_ROWS = 20
FEWEST = 3  # column names by which a row is known to be the header
UNNAMED = "Column"


@dataclass(frozen=True)
class Header:
    """`columns` are the indexes of the columns of each field; `others` the rest that has a heading or content."""

    row: SheetRow
    columns: Mapping[Field, list[int]]
    others: Mapping[int, str] = field(repr=False)

    def heading(self, index: int) -> str:
        """Return how a column is headed in the file."""
        return words(self.row.cell(index).value)[:60] or f"{UNNAMED} {letters(index)}"


def find_header(sheet: Sheet) -> Header:
    """Return the header: of the first rows the one with the most known column names.

    Raises Unreadable when there is none, a column that is needed is missing, or two are about the same.
    """
    rows = [row for row in sheet.rows if not row.is_blank][:SEARCHED_ROWS]
    row = max(rows, key=lambda row: len(_known(row)), default=None)
    if row is None or len(_known(row)) < FEWEST:
        raise Unreadable("No row with column names was found. Name the columns, for example “Date received”")
    columns = _known(row)
    if missing := [FIELD_LABELS[name] for name in REQUIRED if name not in columns]:
        raise Unreadable(
            f"There is no column “{'” and no column “'.join(missing)}”. Name it like that in row {row.number}"
        )
    for name, found in columns.items():
        if len(found) > 1 and name not in JOINED:
            both = " and ".join(letters(index) for index in found)
            raise Unreadable(f"Columns {both} are both about “{FIELD_LABELS[name]}”. Rename one of them")
    return Header(row, columns, _others(sheet, row, columns))


def _known(row: SheetRow) -> dict[Field, list[int]]:
    found: dict[Field, list[int]] = {}
    for index, cell in enumerate(row.cells):
        if isinstance(cell.value, str) and (name := COLUMNS.get(plain(cell.value))):
            found.setdefault(name, []).append(index)
    return found


def _others(sheet: Sheet, header: SheetRow, columns: Mapping[Field, list[int]]) -> dict[int, str]:
    taken = {index for found in columns.values() for index in found}
    below = [row for row in sheet.rows if row.number > header.number]
    width = max((len(row.cells) for row in below), default=0)
    used = [i for i in range(width) if i not in taken and any(not row.cell(i).is_empty for row in below)]
    return {i: words(header.cell(i).value)[:60] or f"{UNNAMED} {letters(i)}" for i in used}


def letters(index: int) -> str:
    """Return the letters of a column, counted from 0, as spreadsheet programs show them: A, B, …, Z, AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
