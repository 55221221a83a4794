"""A partnership's spreadsheet log of 200 rows as such logs are, all invented: days in three formats, merged names,
blank rows, curly quotation marks, rows that stand there twice, a title above, a column nobody asked for.

`python -m tests.referrals.log_sample` writes data/samples/log.csv anew.
"""

import csv
import datetime
import io
import random
from pathlib import Path

from openpyxl import Workbook

SAMPLE = Path(__file__).resolve().parent.parent.parent / "data" / "samples" / "log.csv"
ROWS, REPEATED, BLANK = 200, 6, 9
TITLE = ["Modern slavery log (invented)", "", "OFFICIAL-SENSITIVE when filled in"]
HEADER = [
    "Ref No", "Date Rec'd", "Referring Agency", "Referred by", "Victim name / alias", "DOB", "Age", "M/F",
    "Nationality", "Borough", "Location", "Type of Exploitation", "Summary", "Status", "Outcome",
    "Date Closed", "Lead's initials",
]  # fmt: skip
FIRST = datetime.date(2023, 1, 9)

GIVEN = ["Testina", "Demo", "Sampleton", "Pretenda", "Examplia", "Fictivo", "Mocka", "Inventio", "Dummia", "Placeholda"]
FAMILY = ["Example", "Testperson", "O’Sample", "Pretend-Person", "Fictional", "van Mock", "D’Emo", "Ýmyšlený"]
ALIASES = ["Sammo", "“Tee”", "Little Pretend", "Zed", "Max Made-up"]
AGENCIES = [
    "Herts Police", "Hertfordshire Constabulary", "Watford BC", "Dacorum Borough Council",
    "East & North Hertfordshire NHS Trust", "St Albans Council", "HPFT", "GLAA",
    "The Salvation Army", "Stevenage Borough Council", "Beacon, Hertfordshire Victim Care Centre", "Barnardo’s",
]  # fmt: skip
BOROUGHS = ["Watford", "St. Albans", "East Herts", "3 Rivers", "DACORUM", "Welwyn Hatfield BC", "", "Out of county"]
KINDS = [
    "Forced labour", "Labour exploitation (car wash)", "Sexual exploitation", "CCE - county lines",
    "Domestic servitude",
    "Criminal exploitation / forced labour", "Forced Labour, wages withheld", "Other", "Unknown", "CSE",
]  # fmt: skip
AGES = ["34", "adult", "c. 25", "17", "child", "16 yrs", "unknown", "late 30s", "17/18", "U18"]
ENDS = [
    ("Closed", "NRM"), ("Closed", "Closed - NRM"), ("Closed", "Supported locally"), ("Closed", "Declined support"),
    ("Closed", "NFA"), ("Closed", "Unable to contact"), ("Closed", "Duplicate"), ("Closed", "MASH"), ("Open", ""),
    ("", ""),
]  # fmt: skip
STORIES = [
    "Works “for a friend” – never paid. Doesn’t hold own passport.",
    "- said that the boss waits outside\n- asked us not to ring",
    "+ one other person, not seen since",
    "Met on a joint visit; looked to the driver before each answer…",
    "",
]


def written(day: datetime.date, number: int) -> str:
    """A day as one of three people writes it."""
    return (f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}", f"{day.day} {day:%b %y}")[number % 3]


def merged_name(chance: random.Random) -> str:
    """A name as one of five people writes it."""
    given, family, alias = chance.choice(GIVEN), chance.choice(FAMILY), chance.choice(ALIASES)
    ways = [f"{family}, {given} / {alias}", f"{given} {family}", f"{family}, {given}", f"{given} ({alias})"]
    return chance.choice([*ways, "Not known"])


def one_row(number: int, chance: random.Random) -> list[str]:
    """One referral of the log."""
    day = FIRST + datetime.timedelta(days=number * 6 + chance.randrange(5))
    status, outcome = ENDS[number % len(ENDS)]
    closed = written(day + datetime.timedelta(days=chance.randrange(90)), number + 1) if outcome and number % 7 else ""
    age = "" if number % 4 == 0 else chance.choice(AGES)
    born = "" if age else written(datetime.date(1985, 5, 1) + datetime.timedelta(days=number * 61), number)
    return [
        f"MS-{number:03}", written(day, number), chance.choice(AGENCIES), f"PC Pretend {number % 9}",
        merged_name(chance), born, age, chance.choice(["M", "F", "female", ""]),
        chance.choice(["Ruritanian", "n/a", ""]), chance.choice(BOROUGHS),
        f"{number} Made Up Street" if number % 3 else "", chance.choice(KINDS), chance.choice(STORIES),
        status, outcome, closed, chance.choice(["AB", "CD", ""]),
    ]  # fmt: skip


def rows() -> list[list[str]]:
    """The whole sheet, title and column names first. The same at every call."""
    chance = random.Random(200)
    entries = [one_row(number, chance) for number in range(1, ROWS - REPEATED + 1)]
    entries += [list(entries[index]) for index in range(10, 10 + REPEATED)]
    blanks = [["", " ", ""], []]
    for number in range(BLANK):
        entries.insert(15 + number * 20, blanks[number % 2])
    return [TITLE, [], HEADER, *entries]


def as_csv(sheet: list[list[str]] | None = None, *, delimiter: str = ";", encoding: str = "cp1252") -> bytes:
    """As Excel saves a CSV on an English or a continental Windows."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(sheet or rows())
    return text.getvalue().encode(encoding, errors="replace")


def as_xlsx(sheet: list[list[str]] | None = None) -> bytes:
    """As a workbook whose column of days holds real days, serial numbers and text, as it grows over the years."""
    book = Workbook()
    for number, row in enumerate(sheet or rows()):
        book.active.append(row)
        if number > 3 and len(row) > 1 and "/" in row[1]:
            day = datetime.date(*(int(part) for part in reversed(row[1].split("/"))))
            cell = book.active.cell(book.active.max_row, 2)
            cell.value = day if number % 2 else (day - datetime.date(1899, 12, 30)).days
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


if __name__ == "__main__":
    SAMPLE.parent.mkdir(exist_ok=True)
    SAMPLE.write_bytes(as_csv())
