"""A list of referrals as CSV and XLSX: coded facts only, nothing a spreadsheet program would calculate, marked."""

import csv
import datetime
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from partners.hours import LONDON
from partners.models import AccessRecord
from referrals import export
from referrals.models import Referral
from referrals.workflow import Offer, close, hand_over, start_triage
from tests.conftest import CANARY_NAME, submit_one
from tests.test_privacy import leaks

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1"]
MADE = datetime.datetime(2026, 11, 23, 14, 5, tzinfo=LONDON)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes):
    return load_workbook(io.BytesIO(content)).active


def rows(*cells: list) -> export.Rows:
    columns = [export.Column(f"c{number}", f"Heading {number}", lambda facts: None) for number in range(len(cells[0]))]
    return export.Rows(columns, iter(cells))


@pytest.fixture
def closed(cast):
    """One referral that was handed over and one that was closed."""
    submit_one(cast.nurse)
    referral = submit_one(cast.officer)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    close(referral_id=referral.id, outcome="safeguarding", band="passed_on", by=cast.coordinator, version=2)
    other = Referral.objects.exclude(pk=referral.pk).get()
    start_triage(referral_id=other.id, by=cast.coordinator, version=1)
    hand_over(referral_id=other.id, offers=[Offer(cast.beacon, "beacon")], by=cast.coordinator, version=2)
    return referral


def visible(cast):
    return Referral.objects.visible_to(cast.coordinator).order_by("submitted_at")


def test_a_list_says_coded_facts_in_words(cast, closed):
    heading, handed, ended = read_csv(export.as_csv(export.rows_of(visible(cast))))
    said = dict(zip(heading, ended, strict=True))
    assert said["Reference"] == closed.reference
    assert said["Referring organisation"] == "Council"
    assert said["District or borough"] == "Northtown"
    assert said["Kinds of exploitation"] == "Forced labour"
    assert (said["Status"], said["Outcome"]) == ("Closed", "Taken on by adult or children's safeguarding")
    assert (said["Hours until opened"], said["From an earlier log"]) == ("0.0", "No")
    assert dict(zip(heading, handed, strict=True))["Handed over for"].startswith("Local support")


def test_nothing_of_the_sealed_part_leaves(cast, closed):
    text = export.as_csv(export.rows_of(visible(cast))).decode()
    cells = [str(cell.value) for row in read_xlsx(export.as_xlsx(export.rows_of(visible(cast)))) for cell in row]
    names = [user.full_name for user in cast.people.values()]
    for said in (text, "\n".join(cells)):
        assert not leaks(said)
        assert not [name for name in names if name in said]


def test_only_the_columns_that_were_asked_for_come_in_that_order(cast, closed):
    content = export.as_csv(export.rows_of(visible(cast), ["status", "reference"]))
    assert read_csv(content)[0] == ["Status", "Reference"]
    with pytest.raises(KeyError):
        export.rows_of(visible(cast), ["family_name"])


def test_the_workbook_is_marked_on_the_sheet_and_on_paper(cast, closed):
    sheet = read_xlsx(export.as_xlsx(export.rows_of(visible(cast)), purpose="Quarterly report", made=MADE))
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == [
        "OFFICIAL-SENSITIVE",
        "Referrals, 23 November 2026 14:05",
        "Purpose: Quarterly report",
    ]
    assert (sheet.oddHeader.center.text, sheet.oddFooter.center.text) == ("OFFICIAL-SENSITIVE",) * 2
    assert sheet.cell(5, 1).value == "Reference"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B6", "A5:V7")
    assert isinstance(sheet.cell(6, 2).value, datetime.datetime)
    assert sheet.column_dimensions["G"].width > 30
    assert export.file_name("csv", MADE) == "OFFICIAL-SENSITIVE referrals 2026-11-23.csv"


def test_times_are_those_of_the_clock_in_london(cast):
    referral = submit_one(cast.officer)
    summer = datetime.datetime(2026, 7, 1, 9, 0, tzinfo=datetime.UTC)
    Referral.objects.filter(pk=referral.pk).update(submitted_at=summer)
    assert read_csv(export.as_csv(export.rows_of(visible(cast), ["submitted"])))[1] == ["2026-07-01 10:00"]
    sheet = read_xlsx(export.as_xlsx(export.rows_of(visible(cast), ["submitted"])))
    assert sheet.cell(6, 1).value.isoformat() == "2026-07-01T10:00:00"


# --- Formulas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("evil", EVIL)
def test_no_cell_is_a_formula(evil):
    assert read_csv(export.as_csv(rows([evil])))[1][0].startswith("'")
    cell = read_xlsx(export.as_xlsx(rows([evil]))).cell(6, 1)
    assert (cell.data_type, cell.value[0], cell.quotePrefix) == ("s", "'", True)


def test_the_name_of_an_organisation_cannot_be_a_formula(cast):
    cast.council.name = '=HYPERLINK("https://evil.example.org","Council")'
    cast.council.save()
    submit_one(cast.officer)
    said = read_csv(export.as_csv(export.rows_of(visible(cast), ["organisation"])))
    assert said[1] == [f"'{cast.council.name}"]


@given(st.text(st.characters(codec="utf-8"), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_written_and_none_is_calculated(text):
    written = read_csv(export.as_csv(rows([text, "end"])))[1][0]
    assert not written.lstrip(" \xa0").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    cell = read_xlsx(export.as_xlsx(rows([text, "end"]))).cell(6, 1)
    assert cell.data_type in ("s", "n")
    assert cell.data_type == "s" or cell.value is None


# --- Size ------------------------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_list():
    def peak(count: int) -> int:
        row = ["REF", "Council", 1, MADE.replace(tzinfo=None)] * 5
        tracemalloc.start()
        export.as_xlsx(rows_with([*row[:-1], None] for _ in range(count)))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(1_500) < peak(300) + 1_000_000


def rows_with(made) -> export.Rows:
    return export.Rows([export.Column("c", "Heading", lambda facts: None)] * 20, made)


def test_a_list_that_is_too_long_is_refused(cast, closed, monkeypatch):
    monkeypatch.setattr(export, "MOST_ROWS", 1)
    with pytest.raises(export.TooMany):
        export.rows_of(visible(cast))


def test_the_list_is_read_in_two_queries(cast, closed, django_assert_num_queries):
    with django_assert_num_queries(2):
        export.as_csv(export.rows_of(visible(cast)))


# --- Purpose ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("Board", "at least 15"),
        ("   b o a r d    ", "at least 15"),
        ("x" * 251, "at most 250"),
        ("Asked for by jo.bloggs@example.org", "must not name"),
        (f"To look again at the case of {CANARY_NAME}", "must not name"),
    ],
)
def test_a_purpose_says_what_for_and_names_nobody(cast, closed, purpose, words):
    with pytest.raises(export.BadPurpose, match=words):
        export.checked_purpose(purpose, visible(cast))


def test_the_export_is_on_the_access_log_with_its_purpose(cast, closed):
    purpose = export.checked_purpose("  Quarterly report\nto the board ", visible(cast))
    record = export.record_export(by=cast.coordinator, purpose=purpose, count=2)
    record = AccessRecord.objects.get(pk=record.pk)
    assert (record.action, record.object_kind) == ("export", "referral_list")
    assert record.purpose == "2 referrals: Quarterly report to the board"
    assert record.get_action_display() == "Exported a list"
