"""Carrying an earlier log over on a page: a dry run, the same file again, all or nothing, and where it came from."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from partners.models import Message
from referrals.admin import importing
from referrals.models import ImportBatch, Referral
from tests.conftest import CANARY_NAME
from tests.referrals.test_admin_case import address, text_of

ADDRESS = "/admin/referrals/import/"
HEADER = [
    "Ref No",
    "Date received",
    "Referring agency",
    "Victim name",
    "Age",
    "Borough",
    "Type of exploitation",
    "Status",
]
ROW = ["A1", "05/01/2024", "Council", f"{CANARY_NAME} Testperson", "34", "Northtown", "Forced labour", "Open"]
EXE = b"MZ\x90\x00\x03" + b"\0" * 600


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def log(*rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode()


def row(number: int, **changes: str) -> list[str]:
    names = dict(zip(["ref", "day", "agency", "name", "age", "borough", "kind", "status"], ROW, strict=True))
    return list((names | {"ref": f"A{number}"} | changes).values())


def send(client: Client, content: bytes, name: str = "log.csv", **more):
    return client.post(ADDRESS, {"file": SimpleUploadedFile(name, content), **more})


def check(client: Client, content: bytes) -> tuple[str, str]:
    """The dry run: what its page says, and what the form remembers of the file."""
    response = send(client, content)
    return text_of(response), response.context["form"].initial.get("checked", "")


def test_a_dry_run_says_row_by_row_what_it_understood_and_changes_nothing(coordinator):
    page, checked = check(coordinator, log(row(1), row(2, age="17")))
    assert "This can be carried over" in page
    assert "Row 2: 5 January 2024 · Council · Northtown" in page
    assert "name kept sealed" in page
    assert CANARY_NAME not in page
    assert len(checked) == 64
    assert not Referral.objects.exists()
    assert not ImportBatch.objects.exists()


def test_the_same_file_again_is_carried_over_and_says_where_it_came_from(cast, coordinator):
    content = log(row(1), row(2, age="17"))
    _, checked = check(coordinator, content)
    response = send(coordinator, content, checked=checked, confirm="on")
    assert response.headers["Location"] == ADDRESS
    page = text_of(coordinator.get(ADDRESS))
    assert "2 referrals carried over. Nobody was written to." in page
    assert "2 referrals from a CSV file" in page
    assert checked in page
    assert not Message.objects.exists()
    first = Referral.objects.order_by("imported_row__number").first()
    assert "Carried over Row 2 of an earlier log" in text_of(coordinator.get(address(first)))


def test_it_is_carried_over_once(coordinator):
    content = log(row(1))
    _, checked = check(coordinator, content)
    send(coordinator, content, checked=checked, confirm="on")
    assert "This very file was carried over before" in check(coordinator, content)[0]
    assert "0 referrals carried over" in text_of(
        coordinator.get(send(coordinator, content, checked=checked, confirm="on").headers["Location"])
    )
    assert Referral.objects.count() == 1


@pytest.mark.parametrize("remembered", ["", "0" * 64, "é" * 64])
def test_another_file_than_the_one_that_was_checked_is_refused(coordinator, remembered):
    content = log(row(1))
    response = send(coordinator, content, checked=remembered, confirm="on")
    assert "This is not the file that was checked" in text_of(response)
    assert not Referral.objects.exists()


def test_a_file_that_changed_since_the_dry_run_is_refused(coordinator):
    _, checked = check(coordinator, log(row(1)))
    response = send(coordinator, log(row(1), row(2)), checked=checked, confirm="on")
    assert "or it has changed since" in text_of(response)
    assert not Referral.objects.exists()


def test_nothing_is_carried_over_without_a_yes(coordinator):
    content = log(row(1))
    _, checked = check(coordinator, content)
    response = send(coordinator, content, checked=checked)
    assert "Confirm that all of it is to be carried over" in text_of(response)
    assert "This can be carried over" in text_of(response)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"day": "32/13/2024"}, "Errors"),
        ({"agency": "Nobody we know"}, "Errors"),
        ({"name": '=HYPERLINK("https://example.org")'}, "formula"),
        ({"kind": "=1+1"}, "formula"),
    ],
)
def test_one_row_with_an_error_holds_back_all_of_them(coordinator, changes, words):
    content = log(row(1), row(2, **changes))
    page, checked = check(coordinator, content)
    assert "Nothing can be carried over yet" in page
    assert words in page
    assert "example.org" not in page
    assert "Carry it over" not in page
    again = send(coordinator, content, checked=checked, confirm="on")
    assert "Nothing can be carried over yet" in text_of(again)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", "log.csv", "The file is empty"),
        (b"   \n\n", "log.csv", "The file is empty"),
        (EXE, "log.csv", "This is not a spreadsheet"),
        (EXE, "log.xlsx", "This is not a spreadsheet"),
        (b"%PDF-1.7 something", "log.csv", "This is not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "log.xls", "old Excel file"),
        (b"PK\x03\x04" + b"\0" * 600, "log.xlsx", ""),
        (b"x" * 5_000_001, "log.csv", "The file is larger than 5 MB"),
        (b"x" * 10_000_000, "log.csv", "The file is larger than 5 MB"),
    ],
)
def test_what_is_no_log_is_refused_in_plain_words(coordinator, content, name, error):
    response = send(coordinator, content, name)
    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert error in text_of(response)
    assert not ImportBatch.objects.exists()


def test_without_a_file_it_asks_for_one(coordinator):
    assert "Choose the file" in text_of(coordinator.post(ADDRESS, {}))


def test_the_name_of_the_file_is_nowhere(coordinator):
    content = log(row(1))
    _, checked = check(coordinator, content)
    response = send(coordinator, content, f"{CANARY_NAME}.csv", checked=checked, confirm="on")
    assert CANARY_NAME not in str(response.headers)
    assert CANARY_NAME not in coordinator.get(ADDRESS).content.decode()
    assert CANARY_NAME.encode() not in bytes(ImportBatch.objects.get().name_hash)


def test_a_log_that_takes_too_long_for_a_page_goes_by_the_command(coordinator, monkeypatch):
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 1)
    content = log(row(1), row(2))
    page, checked = check(coordinator, content)
    assert "Too many rows for this page" in page
    assert "Carry it over" not in page
    assert "Too many rows for this page" in text_of(send(coordinator, content, checked=checked, confirm="on"))
    assert not Referral.objects.exists()


def test_no_file_touches_the_disk(coordinator, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a file was written")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert "This can be carried over" in check(coordinator, log(row(1)))[0]
    assert "larger than 5 MB" in text_of(send(coordinator, b"x" * 10_000_000))


@pytest.mark.parametrize("who", ["officer", "lead", "responder", "viewer", "auditor", "sysadmin"])
def test_nobody_else_finds_the_page(cast, sign_in, who):
    client = sign_in(Client(), cast.people[who])
    assert client.get(ADDRESS).status_code == 404
    assert send(client, log(row(1))).status_code == 404
