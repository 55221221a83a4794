"""Whatever file is brought along: it is a table or it is refused in words, and nothing in it is ever run."""

import contextlib
import datetime
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from referrals.spreadsheet import values
from referrals.spreadsheet.check import read
from referrals.spreadsheet.csv_file import read_csv
from referrals.spreadsheet.header import letters
from referrals.spreadsheet.reading import MOST_ROWS, Odd, Unreadable
from referrals.spreadsheet.words import AGES
from tests.referrals import log_sample

TODAY, EPOCH = datetime.date(2026, 11, 23), datetime.date(1899, 12, 30)
DAYS = st.dates(datetime.date(1927, 1, 1), TODAY)


def table(content: bytes) -> list[list]:
    return [[cell.value for cell in row.cells] for row in read(content).rows]


def workbook(*rows, change=None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_separator_and_encoding_gives_the_same_table(delimiter, encoding):
    rows = [["Date", "Name"], ["1/2/2024", "“Zoë” – O’Sample"], ["2/2/2024", "a;b,c|d\te\nnext line"]]
    assert table(log_sample.as_csv(rows, delimiter=delimiter, encoding=encoding)) == rows


def test_the_first_line_of_excel_names_the_separator_and_keeps_the_numbers():
    sheet = read_csv(b"sep=|\r\na|b,c\r\n1|2,3\r\n")
    assert [(row.number, [cell.value for cell in row.cells]) for row in sheet.rows] == [
        (2, ["a", "b,c"]),
        (3, ["1", "2,3"]),
    ]


def test_blank_rows_count_and_trailing_ones_do_not():
    assert [row.number for row in read_csv(b"a,b\n\n,\n1,2\n\n,,\n").rows] == [1, 2, 3, 4]


def test_a_quotation_mark_that_is_not_closed_is_refused_with_its_row():
    with pytest.raises(Unreadable, match="after row 2"):
        read_csv(b'a,b\n1,2\n"3,4\n5,6\n')


def test_a_cell_that_is_far_too_long_is_odd_and_the_rest_is_read():
    cells = read_csv(f"a,b\n1,{'x' * 9_000}\n2,3\n".encode()).rows[1].cells
    assert (cells[0].value, cells[1].odd, cells[1].value) == ("1", Odd.TOO_LONG, None)
    with pytest.raises(Unreadable, match="far too long"):
        read_csv(f"a,b\n1,{'x' * 200_000}\n".encode())


def test_a_formula_in_a_csv_is_odd_and_a_dash_or_a_phone_number_is_not():
    cells = read_csv(b"a,b,c\n=1+1,- said so,+44 7700 900123\n").rows[1].cells
    assert [cell.odd for cell in cells] == [Odd.FORMULA, None, None]


@pytest.mark.parametrize("content", [b"a\0b,c\n", "a,b\n".encode("utf-16-le"), b"a,b\n\x81\x8d,c\n"])
def test_what_is_no_text_is_refused(content):
    with pytest.raises(Unreadable):
        read_csv(content)


def test_rows_and_columns_are_limited():
    with pytest.raises(Unreadable, match="rows"):
        read(b"a,b\n" * (MOST_ROWS + 1))
    with pytest.raises(Unreadable, match="columns"):
        read(b"a," * 61 + b"a\n")


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_table_or_refused(content):
    with contextlib.suppress(Unreadable):
        assert all(len(row.cells) <= 60 for row in read(content).rows)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"]), max_size=20)


@given(st.lists(st.lists(WORDS, min_size=2, max_size=5), min_size=1, max_size=6))
def test_what_a_csv_writer_writes_is_read_again(rows):
    texts = [[cell.strip("\xa0 \u2028\u2029\ufeff") for cell in row] for row in rows]
    width = max(len(row) for row in texts)
    texts = [["x", *row, *[""] * (width - len(row)), "y"] for row in texts]
    said = table(log_sample.as_csv(texts, delimiter=",", encoding="utf-8-sig"))
    for row, read_row in zip(texts, said, strict=True):
        for written, found in zip(row, read_row, strict=True):
            is_formula = written.startswith("=") and len(written) > 1
            assert found == (None if is_formula else "".join(s for s in written if s.isprintable()).strip() or None)


# --- XLSX ------------------------------------------------------------------------------------------------------------


def test_a_workbook_gives_days_numbers_and_text():
    day = datetime.date(2024, 2, 3)
    assert table(workbook(["Date", "Age", "Name"], [day, 34, " Ann "], [45325, 1.5, True])) == [
        ["Date", "Age", "Name"],
        [day, 34.0, "Ann"],
        [45325.0, 1.5, "yes"],
    ]


def test_a_formula_of_a_workbook_is_neither_calculated_nor_read():
    cell = read(workbook(["a"], ["=1+1"])).rows[1].cells[0]
    assert (cell.odd, cell.value) == (Odd.FORMULA, None)


def test_the_first_sheet_that_is_shown_is_read_and_the_others_are_counted():
    def change(book):
        book.active.sheet_state = "hidden"
        book.create_sheet("Shown").append(["shown"])
        book.create_sheet("Next").append(["next"])

    sheet = read(workbook(["hidden"], change=change))
    assert (sheet.rows[0].cells[0].value, sheet.other_sheets) == ("shown", 1)


def test_a_workbook_that_counts_its_days_from_1904_says_so():
    def change(book):
        book.epoch = CALENDAR_MAC_1904

    assert read(workbook(["a"], change=change)).epoch == datetime.date(1904, 1, 1)


def test_a_zip_bomb_is_not_unpacked():
    bomb = zipped({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"0" * 40_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(Unreadable, match="far larger inside"):
        read(bomb)
    with pytest.raises(Unreadable, match="far larger inside"):
        read(zipped({f"part{number}": b"" for number in range(501)}))


def test_entities_are_not_expanded():
    parts = zipfile.ZipFile(io.BytesIO(workbook(["a"])))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    for victim in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        content = {name: parts.read(name) for name in parts.namelist()}
        content[victim] = bomb + content[victim].replace(b">a<", b">&b;<")
        with pytest.raises(Unreadable, match="damaged"):
            read(zipped(content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped({"word/document.xml": b"<a/>"}), "not a spreadsheet"),
        (zipped({"xl/workbook.xml": b"<a/>", "xl/vbaProject.bin": b"x"}), "macros"),
        (zipped({"xl/workbook.xml": b"<a/>"}), "damaged"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel file"),
        (b"MZ\x90\x00 a program that was renamed to log.xlsx", "not a spreadsheet"),
        (b"%PDF-1.7", "not a spreadsheet"),
    ],
)
def test_another_file_is_refused_whatever_it_is_called(content, words):
    with pytest.raises(Unreadable, match=words):
        read(content)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_a_damaged_workbook_is_a_table_or_refused(at, damage):
    content = workbook(["Date", "Name"], ["1/2/2024", "Ann"])
    at %= len(content)
    with contextlib.suppress(Unreadable):
        assert len(read(content[:at] + damage + content[at + len(damage) :]).rows) <= MOST_ROWS


# --- Single cells ----------------------------------------------------------------------------------------------------


@given(DAYS)
def test_a_day_is_read_from_every_way_of_writing_it(day):
    ways = [f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}", f"{day.day} {day:%B %Y}", f"{day.day}.{day.month}.{day:%y}"]
    ways += [f"{day:%d-%b-%y}", f"{day:%A} {day.day} {day:%b %Y}", f"{day:%d/%m/%Y} 14:30", str((day - EPOCH).days)]
    ways += [day, float((day - EPOCH).days)]
    if (day - EPOCH).days < 10_000:  # a serial number of four digits is more likely something else
        ways.remove(str((day - EPOCH).days))
    assert {values.date(way, EPOCH, TODAY) for way in ways} == {day}


@given(st.text(max_size=30) | st.floats(allow_nan=False))
def test_any_cell_is_a_day_or_unclear(value):
    with contextlib.suppress(values.Unclear):
        assert datetime.date(1900, 1, 1) <= values.date(value, EPOCH, TODAY) <= TODAY


@pytest.mark.parametrize(
    ("text", "given_names", "family_name", "known_as"),
    [
        ("Testperson, Ann / Annie", "Ann", "Testperson", "Annie"),
        ("Ann Testperson", "Ann", "Testperson", ""),
        ("Ann Testperson (Annie)", "Ann", "Testperson", "Annie"),
        ("Ann Testperson aka Annie", "Ann", "Testperson", "Annie"),
        ("Ann Testperson a.k.a. Annie", "Ann", "Testperson", "Annie"),
        ("Annie", "", "", "Annie"),
        ("O’Sample, D’Arcy / “Dee”", "D’Arcy", "O’Sample", "Dee"),
        ("Unknown / Big Pretend", "", "", "Big Pretend"),
        ("not known", "", "", ""),
    ],
)
def test_a_merged_name_is_taken_apart(text, given_names, family_name, known_as):
    assert values.name(text) == values.Name(given_names, family_name, known_as)


@given(st.text(max_size=120))
def test_no_letter_of_a_name_is_lost(text):
    name = values.name(text)
    kept = f"{name.given}{name.family}{name.known_as}".casefold()
    words = [word for word in text.split() if word.isalpha() and word.casefold() not in ("aka", "alias", "known", "as")]
    if values.plain(text) not in values.NOTHING and len(words) > 2:
        assert all(word.casefold() in kept for word in words if values.plain(word) not in values.NOTHING)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        *[("34", "adult"), ("18", "adult"), ("c. 25", "adult"), ("late 30s", "adult"), ("Adult male", "adult")],
        *[("17", "child"), ("16 yrs", "child"), ("U18", "child"), ("child (F)", "child")],
        *[("17/18", "unsure"), ("adult/child", "unsure")],
    ],
)
def test_an_age_is_a_group(text, group):
    assert values.age_group(text, AGES) == group


@pytest.mark.parametrize(
    ("text", "child", "codes"),
    [
        ("Forced labour / domestic servitude", False, ["forced-to-work", "unpaid-household-work"]),
        ("CCE - county lines", True, ["forced-to-commit-crime"]),
        ("Sexual exploitation", False, ["prostitution"]),
        ("Sexual exploitation", True, ["child-exploitation"]),
        ("Criminal and Labour", False, ["forced-to-commit-crime", "forced-to-work"]),
        ("Other", False, ["other"]),
    ],
)
def test_kinds_of_exploitation_are_found_in_words(text, child, codes):
    assert values.kinds(text, child=child)[0] == codes


def test_columns_are_named_as_spreadsheets_name_them():
    assert [letters(index) for index in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]
