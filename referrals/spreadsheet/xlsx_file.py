"""XLSX, read row by row. A zip that would grow beyond its limit is refused before anything of it is unpacked. Pure."""

import datetime
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import load_workbook

from referrals.spreadsheet.reading import (
    EMPTY,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    FileKind,
    Odd,
    Sheet,
    Unreadable,
    as_cell,
    bounded,
)

MOST_UNPACKED = 30_000_000
MOST_PARTS = 500
FARTHEST_ROW = 100_000
DAMAGED = "The file is damaged, or is no Excel workbook. Open it in Excel and save it again as “Excel workbook (.xlsx)”"


def read_xlsx(content: bytes) -> Sheet:
    """Return the first visible sheet of a workbook. Raises Unreadable."""
    _check_zip(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: drawings, data checks, other extensions
            return _first_sheet(content)
    except Unreadable:
        raise
    except Exception:  # a damaged file can fail anywhere in zlib, the XML parser or openpyxl, with any exception
        raise Unreadable(DAMAGED) from None


def _check_zip(content: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Unreadable(DAMAGED) from None
    # zipfile never unpacks more of a part than it declares, so that the sum of what is declared is a bound.
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise Unreadable("The file is far larger inside than it looks, and was not opened")
    names = {part.filename for part in parts}
    if "xl/vbaProject.bin" in names:
        raise Unreadable("The file holds macros. Save it as “Excel workbook (.xlsx)”, without them")
    if "xl/workbook.xml" not in names:
        raise Unreadable("This is not a spreadsheet. Choose a CSV or an XLSX file")


def _first_sheet(content: bytes) -> Sheet:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        if not shown:
            raise Unreadable(DAMAGED)
        shown[0].reset_dimensions()  # what a file says of its own size is not to be believed
        rows = bounded(_rows(shown[0]))
        return Sheet(FileKind.XLSX, rows, book.epoch.date(), len(shown) - 1)
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS * 4), 1):
        if number > FARTHEST_ROW:
            raise Unreadable(f"The file goes on below row {FARTHEST_ROW:,}. Keep at most {MOST_ROWS:,} rows")
        yield number, [_cell(cell) for cell in row]


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, cell.data_type
    if value is None:
        return EMPTY
    if kind in ("f", "e"):
        return Cell(odd=Odd.FORMULA if kind == "f" else Odd.ERROR)
    if isinstance(value, datetime.datetime):
        return Cell(value.date())
    if isinstance(value, datetime.date):
        return Cell(value)
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, int | float):
        return Cell(float(value))
    text = str(value)
    if text.startswith("=") and len(text) <= LONGEST_CELL:
        return Cell(text)  # a text in its file, whatever it begins with
    return as_cell(text)
