"""CSV as people have it: any of four separators, UTF-8, UTF-16 or Windows-1252 with its curly quotation marks. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from referrals.spreadsheet.reading import Cell, FileKind, Sheet, Unreadable, as_cell, bounded

DELIMITERS = ",;\t|"
LOOKED_AT = 50
NO_TEXT = "This is not a spreadsheet. Choose a CSV or an XLSX file"


def read_csv(content: bytes) -> Sheet:
    """Return the table in a CSV file. Raises Unreadable."""
    text = decode(content)
    said, skipped = _said(text)
    delimiter = said or sniff(text)
    return Sheet(FileKind.CSV, bounded(_cells(text, delimiter, skipped)))


def decode(content: bytes) -> str:
    """Return the text of a file. UTF-8 is tried first: text in Windows-1252 with accents is never valid in it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(content, "utf-16")
    if b"\0" in content:
        raise Unreadable(NO_TEXT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("The letters of this file cannot be read. Save it as “CSV UTF-8”") from None
    if "\0" in text:
        raise Unreadable(NO_TEXT)
    return text


def _said(text: str) -> tuple[str, int]:
    """The separator that Excel's own first line "sep=;" names, and how many rows that takes."""
    first = text.partition("\n")[0].strip().strip('"')
    return (first[4], 1) if len(first) == 5 and first.casefold().startswith("sep=") else ("", 0)


def sniff(text: str) -> str:
    """Return the separator with which most rows have the same number of cells, more than one."""

    def score(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths: Counter[int] = Counter()
        try:
            for row, _ in zip(reader, range(LOOKED_AT), strict=False):
                widths[len(row)] += len(row) > 1
        except csv.Error:
            pass  # what was read so far has to do; reading it in earnest says what is wrong
        return max((count * (width - 1) for width, count in widths.items()), default=0)

    return max(DELIMITERS, key=score)


def _cells(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[Cell]]]:
    reader, number = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 0
    try:
        for number, row in enumerate(reader, 1):
            if number > skipped:
                yield number, [as_cell(cell) for cell in row]
    except csv.Error:
        raise Unreadable(
            f"The file breaks off after row {number}: a quotation mark is not closed, or a cell is far too long"
        ) from None
