"""A county's folder that a test may spoil, and how it does so."""

import csv
import shutil
from pathlib import Path

import pytest

from partners.county.load import load_county
from partners.county.tables import CountyInvalid

HERTFORDSHIRE = Path(__file__).resolve().parents[1] / "data" / "hertfordshire"


def copy_of_hertfordshire(to: Path) -> Path:
    """The shipped folder, copied."""
    return Path(shutil.copytree(HERTFORDSHIRE, to / "county"))


def cells(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / file).open(newline="") as opened:
        return list(csv.DictReader(opened))


def set_cell(folder: Path, file: str, key: str, column: str, value: str) -> None:
    """Put `value` in `column` of the first row whose first cell is `key`."""
    rows = cells(folder, file)
    next(row for row in rows if next(iter(row.values())) == key)[column] = value
    with (folder / file).open("w", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(CountyInvalid) as caught:
        load_county(folder)
    return [str(problem) for problem in caught.value.problems]
