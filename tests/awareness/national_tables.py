"""The national tables for tests: small ones with invented numbers, and where the real ones lie."""

import csv
from pathlib import Path

#: The real tables are beside a checkout, not in it (data/README.md).
REAL = Path(__file__).parents[3] / "shared" / "data" / "national"
AGES = ("Adult (18 or over)", "Child (17 or under)", "Age not specified or unknown")
PLACES = ("UK", "Overseas", "UK and Overseas", "Not specified or unknown")
REFERRALS, NOTIFY, REASONABLE, CONCLUSIVE = "referrals.csv", "notify.csv", "reasonable.csv", "conclusive.csv"
FILES = (REFERRALS, NOTIFY, REASONABLE, CONCLUSIVE)


def write_all(folder: Path) -> Path:
    """Write four tables of the year 2022 (the duty to notify: of its third and fourth quarter only) into `folder`."""
    folder.mkdir(exist_ok=True)
    referrals = [["Year", "Quarter", "Age at exploitation", "Location of exploitation", "NRM referrals"]]
    for quarter in range(1, 5):
        for age in AGES:
            counts = [quarter + number for number in range(len(PLACES))]
            lines = [*zip(PLACES, counts, strict=True), ("Total", sum(counts))]
            referrals += [["2022", f"Q{quarter}", age, place, str(count)] for place, count in lines]
    _write(folder / REFERRALS, referrals)
    notify = [["Year", "Quarter", "Total"], ["2022", "Total", "15"], ["2022", "Q3", "7"], ["2022", "Q4", "8"]]
    _write(folder / NOTIFY, notify)
    for file, kind in ((REASONABLE, "reasonable grounds"), (CONCLUSIVE, "conclusive grounds")):
        _write(folder / file, _decisions(kind))
    return folder


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="") as opened:
        return list(csv.reader(opened))


def set_cell(path: Path, line: int, column: str, value: str) -> None:
    """Put `value` in `column` of the line that a spreadsheet shows as `line`."""
    rows = cells(path)
    rows[line - 1][rows[0].index(column)] = value
    _write(path, rows)


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="") as opened:
        csv.writer(opened).writerows(rows)


def _decisions(kind: str) -> list[list[str]]:
    words = (f"Negative {kind}", f"Positive {kind}", "Total")
    head = ["Year", "Quarter", *(f"{age} - {word}" for age in AGES for word in words), "Total"]
    quarters = [[quarter, 10 * quarter, 11 * quarter] * len(AGES) for quarter in range(1, 5)]
    whole = [sum(column) for column in zip(*quarters, strict=True)]
    named = [("Total", whole), *((f"Q{number}", row) for number, row in enumerate(quarters, 1))]
    return [head, *(["2022", name, *map(str, row), str(sum(row[2::3]))] for name, row in named)]
