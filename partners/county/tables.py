"""Reading a county's folder: comma-separated tables and one settings file, with errors that say file, line, column.

Pure: no ORM. Spreadsheets leave traces in such files, so a byte-order mark, empty lines and spaces around a value
are accepted; what cannot be read without guessing is a problem that names its place.
"""

import csv
import io
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: A column for the people who keep the file; it is never loaded.
REMARK = "remark"


@dataclass(frozen=True)
class Problem:
    """One thing to correct, and where: file, line (0 when it is about the whole file) and column ("" likewise)."""

    file: str
    line: int
    column: str
    text: str

    def __str__(self) -> str:
        place = [self.file, f"line {self.line}" if self.line else "", self.column]
        return f"{', '.join(filter(None, place))}: {self.text}"


class CountyInvalid(Exception):
    """Raised when a county's folder cannot be loaded. `problems` are all that were found."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Row:
    """One line of a table: its values by column, all text, without surrounding spaces."""

    file: str
    line: int
    values: dict[str, str]

    def problem(self, column: str, text: str) -> Problem:
        """Return a problem in this row."""
        return Problem(self.file, self.line, column, text)


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise CountyInvalid([Problem(path.name, 0, "", "the file is missing")])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        how = "the file is not UTF-8; in a spreadsheet choose “CSV UTF-8” when saving"
        raise CountyInvalid([Problem(path.name, 0, "", how)]) from None


def read_table(path: Path, columns: Iterable[str]) -> list[Row]:
    """Return the rows of the table `path`, whose first line names exactly `columns` (in any order; a column called
    `remark` may be there too). Raises CountyInvalid with every problem of form."""
    reader = csv.reader(io.StringIO(_text_of(path), newline=""), strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise CountyInvalid([Problem(path.name, reader.line_num, "", f"not a table: {error}")]) from None
    lines = [(number, cells) for number, cells in lines if any(cells)]
    header = lines[0][1] if lines else []
    if problems := _heading_problems(path.name, header, set(columns)):
        raise CountyInvalid(problems)
    rows, problems = [], []
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            said = f"has {len(cells)} values where the first line names {len(header)} columns"
            problems.append(Problem(path.name, number, "", said))
        else:
            values = dict(zip(header, cells, strict=True))
            values.pop(REMARK, None)
            rows.append(Row(path.name, number, values))
    if problems:
        raise CountyInvalid(problems)
    return rows


def _heading_problems(file: str, header: list[str], expected: set[str]) -> list[Problem]:
    found = [name for name in header if name != REMARK]
    problems = [Problem(file, 1, name, "this column is missing") for name in sorted(expected - set(found))]
    for name in dict.fromkeys(found):
        if name not in expected:
            known = ", ".join(sorted(expected))
            problems.append(Problem(file, 1, name, f"there is no such column; the columns are {known}"))
        elif found.count(name) > 1:
            problems.append(Problem(file, 1, name, "this column is there twice"))
    return problems


def read_settings(path: Path, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of the settings file `path` (TOML). Raises CountyInvalid when it holds a name that is not
    among `names`, or cannot be read."""
    try:
        values = tomllib.loads(_text_of(path))
    except tomllib.TOMLDecodeError as error:
        raise CountyInvalid([Problem(path.name, 0, "", f"cannot be read: {error}")]) from None
    known = set(names)
    unknown = [Problem(path.name, 0, name, "there is no such setting") for name in values if name not in known]
    if unknown:
        raise CountyInvalid(unknown)
    return values


def repeated(rows: list[Row], columns: tuple[str, ...]) -> list[Problem]:
    """Return a problem for each row whose values in `columns` stand in an earlier row already."""
    first: dict[tuple[str, ...], int] = {}
    problems = []
    for row in rows:
        key = tuple(row.values[column] for column in columns)
        if key in first:
            problems.append(row.problem(" and ".join(columns), f"is the same as in line {first[key]}"))
        first.setdefault(key, row.line)
    return problems
