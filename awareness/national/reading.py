"""Reading a national table: which of the four it is, every value checked, every total added up. Pure: no ORM.

All that is wrong is told with file, line and column, as with a county's folder; then nothing is taken from any file.
"""

import calendar
import csv
import datetime
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from awareness.national.shapes import AGE, AGES, PLACE, PLACES, QUARTER, REFERRALS, SHAPES, TOTAL, YEAR, Shape
from partners.county.tables import CountyInvalid, Problem, Row, read_table, repeated

MOST_BYTES = 5_000_000  # a hundred times the largest of them
WHOLE = 0  # stands for the quarter of a Total row
QUARTERS = {"Q1": 1, "Q2": 2, "Q3": 3, "Q4": 4, TOTAL: WHOLE}
YEARS = range(2009, 2101)  # the National Referral Mechanism began in 2009
MOST_PEOPLE = 10_000_000
NUMBER = re.compile(r"\d{1,9}|\d{1,3}(,\d{3}){1,2}", re.ASCII)

TableInvalid = CountyInvalid


@dataclass(frozen=True)
class Cell:
    """One value of a table, and where it stood."""

    value: int
    row: Row
    column: str


@dataclass(frozen=True)
class National:
    """A table that was read: its shape, and its values by measure, year and quarter, without the years' totals."""

    shape: Shape
    values: dict[tuple[str, int, int], int]


#: Measure, year, quarter (WHOLE for a year's total).
Place = tuple[str, int, int]


def days_of(year: int, quarter: int) -> tuple[datetime.date, datetime.date]:
    """Return the first and last day of a quarter of the calendar year."""
    last = quarter * 3
    return datetime.date(year, last - 2, 1), datetime.date(year, last, calendar.monthrange(year, last)[1])


def read_national(path: Path) -> National:
    """Return what stands in the file. Raises TableInvalid with every problem of its form, or else of its sums."""
    shape = _shape_of(path)
    rows = read_table(path, shape.columns)
    if not rows:
        raise TableInvalid([Problem(path.name, 0, "", "there is no line below the first")])
    problems = repeated(rows, shape.keys)
    cells: dict[Place, Cell] = {}
    for row in rows:
        found, wrong = _cells_of(row, shape)
        cells |= found
        problems += wrong
    problems = problems or [*_gaps(path.name, cells, shape), *_false_sums(cells, shape)]
    if problems:
        raise TableInvalid(sorted(problems, key=lambda problem: problem.line))
    return National(shape, _quarters(cells, shape))


def _shape_of(path: Path) -> Shape:
    """Return the table that the first line of the file is most like, so that its faults can be named."""
    try:
        size = path.stat().st_size
        with path.open("rb") as opened:
            first = opened.readline(4096)
    except OSError as error:
        raise TableInvalid([Problem(path.name, 0, "", f"the file cannot be opened: {error.strerror}")]) from None
    if not size:
        raise TableInvalid([Problem(path.name, 0, "", "the file is empty")])
    if size > MOST_BYTES:
        said = f"the file has {size:,} bytes, and these tables have some ten thousand: is it the right file?"
        raise TableInvalid([Problem(path.name, 0, "", said)])
    names = {cell.strip() for cell in next(csv.reader([first.decode("utf-8-sig", errors="replace")]), [])}
    alike = [(len(names & set(shape.columns) - {YEAR, QUARTER}), -len(shape.columns), shape) for shape in SHAPES]
    most, _, best = max(alike, key=lambda one: one[:2])
    if not most:
        known = "; ".join(f"{shape.name} ({', '.join(shape.columns[:4])} …)" for shape in SHAPES)
        said = f"this is none of the four national tables. They begin with: {known}"
        raise TableInvalid([Problem(path.name, 1, "", said)])
    return best


def _cells_of(row: Row, shape: Shape) -> tuple[dict[Place, Cell], list[Problem]]:
    problems = []
    year = int(row.values[YEAR]) if re.fullmatch(r"\d{4}", row.values[YEAR], re.ASCII) else 0
    quarter = QUARTERS.get(row.values[QUARTER])
    if year not in YEARS:
        said = f"“{row.values[YEAR]}” is not a year from {YEARS[0]} on, such as 2023"
        problems.append(row.problem(YEAR, said))
    if quarter is None:
        problems.append(row.problem(QUARTER, f"“{row.values[QUARTER]}” is not known; use one of {', '.join(QUARTERS)}"))
    places = {(column, (column,)) for (column, *_) in shape.cells}
    if shape.is_long:
        problems += [
            row.problem(column, f"“{row.values[column]}” is not known; use one of {', '.join(known)}")
            for column, known in ((AGE, AGES), (PLACE, [*PLACES, TOTAL]))
            if row.values[column] not in known
        ]
        places = {(REFERRALS, (row.values[AGE], row.values[PLACE]))}
    found = {}
    for column, key in places:
        value = _number(row.values[column])
        if value is None:
            said = f"“{row.values[column]}” is not a whole number; write it in figures, 0 for none"
            problems.append(row.problem(column, said))
        elif quarter is not None and key in shape.cells:
            found[shape.cells[key], year, quarter] = Cell(value, row, column)
    return found, problems


def _number(text: str) -> int | None:
    value = int(text.replace(",", "")) if NUMBER.fullmatch(text) else None
    return value if value is not None and value <= MOST_PEOPLE else None


def _gaps(file: str, cells: dict[Place, Cell], shape: Shape) -> Iterable[Problem]:
    """Find the lines that a long table lacks: an age or place that is missing would make its sums too small."""
    for year, quarter in sorted({(year, quarter) for _, year, quarter in cells}):
        for key, slug in shape.cells.items():
            if (slug, year, quarter) not in cells:
                yield Problem(file, 0, "", f"{year} {_name(quarter)} has no line for {', '.join(key)}")


def _false_sums(cells: dict[Place, Cell], shape: Shape) -> Iterable[Problem]:
    """Compare every total with what it is the total of: parts with their whole, quarters with their year."""
    years: dict[tuple[str, int], int] = defaultdict(int)
    for (slug, year, quarter), cell in cells.items():
        parts = [cells[part, year, quarter].value for part in shape.parts_of(slug) if (part, year, quarter) in cells]
        if parts and sum(parts) != cell.value:
            yield _false(cell, sum(parts), "its parts")
        if quarter != WHOLE:
            years[slug, year] += cell.value
    for (slug, year, quarter), cell in cells.items():
        if quarter == WHOLE and years[slug, year] != cell.value:
            yield _false(cell, years[slug, year], f"the quarters of {year}")


def _false(cell: Cell, found: int, what: str) -> Problem:
    said = f"{cell.value:,} stands here, but {what} add up to {found:,}. Put the file right, or ask who published it"
    return cell.row.problem(cell.column, said)


def _name(quarter: int) -> str:
    return next(name for name, number in QUARTERS.items() if number == quarter)


def _quarters(cells: dict[Place, Cell], shape: Shape) -> dict[Place, int]:
    """Return the values of quarters; a whole that the table does not give is added up from its parts."""
    values = {place: cell.value for place, cell in cells.items() if place[2] != WHOLE}
    top = shape.measures[0].slug
    if top not in shape.cells.values():
        ages = set(shape.parts_of(top))
        added: dict[Place, int] = defaultdict(int)
        for (slug, year, quarter), value in values.items():
            if slug in ages:
                added[top, year, quarter] += value
        values |= added
    return values
