"""Taking away the list as a file, and one case as a PDF: for a purpose that is stated, checked and recorded."""

import csv
import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from partners.models import AccessRecord
from referrals import workflow
from referrals.admin import exporting
from referrals.models import ReferralSecret
from referrals.typesetting import CannotTypeset
from tests.conftest import (
    CANARY_ALIAS,
    CANARY_NAME,
    CANARY_PHONE,
    CANARY_PLACE,
    CANARY_STORY,
    make_organisation,
    submit_one,
)
from tests.referrals.test_admin_case import address, press, text_of

ADDRESS = "/admin/referrals/export/"
PURPOSE = "Figures for the partnership board in December"
CANARIES = [CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_PLACE, CANARY_STORY]


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def take(client: Client, query: str = "", kind: str = "csv", purpose: str = PURPOSE):
    return client.post(ADDRESS + query, {"kind": kind, "purpose": purpose})


def rows(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def references(response) -> list[str]:
    return [row[0] for row in rows(response)[1:]]


def test_the_list_leaves_as_csv_with_coded_facts_only(cast, referral, coordinator):
    response = take(coordinator)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="OFFICIAL-SENSITIVE referrals 20' in response.headers["Content-Disposition"]
    assert "no-store" in response.headers["Cache-Control"]
    assert references(response) == [referral.reference]
    assert not [word for word in CANARIES if word in response.content.decode()]
    record = AccessRecord.objects.get(action="export")
    assert (record.user, record.purpose) == (cast.coordinator, f"1 referral: {PURPOSE}")


def test_the_list_leaves_as_a_workbook_with_its_purpose_on_it(referral, coordinator):
    response = take(coordinator, kind="xlsx")
    sheet = load_workbook(io.BytesIO(response.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert referral.reference in cells
    assert f"Purpose: {PURPOSE}" in cells
    assert "OFFICIAL-SENSITIVE" in cells


def test_it_is_the_list_as_its_filters_leave_it(cast, coordinator):
    child, adult = submit_one(cast.officer, age_group="child"), submit_one(cast.officer)
    urgent = submit_one(cast.nurse, priority="immediate")
    closed = submit_one(cast.nurse)
    press(coordinator, closed, "withdraw", reason="logged_in_error")
    assert sorted(references(take(coordinator))) == sorted(one.reference for one in (urgent, child, adult))
    for query in ("", "?show=closed", "?show=mine", "?priority=standard"):
        shown = coordinator.get(f"/admin/referrals/referral/{query}").context["cl"].result_list
        assert references(take(coordinator, query)) == [one.reference for one in shown]
    assert references(take(coordinator, "?age=child")) == [child.reference]
    assert references(take(coordinator, f"?organisation={cast.hospital.pk}&show=open")) == [urgent.reference]
    assert references(take(coordinator, f"?organisation={cast.hospital.pk}&show=closed")) == [closed.reference]
    assert references(take(coordinator, f"?q={adult.reference.lower()}")) == [adult.reference]
    assert "1 referral, as the filters" in text_of(coordinator.get(ADDRESS + "?age=child"))


def test_every_page_of_the_list_is_in_the_file(cast, coordinator):
    for _ in range(53):
        submit_one(cast.officer)
    assert len(references(take(coordinator))) == 53


def test_the_list_leads_to_the_export_with_its_filters(referral, coordinator):
    page = coordinator.get("/admin/referrals/referral/?age=child&show=open").content.decode()
    assert f'href="{ADDRESS}?age=child&amp;show=open"' in page


def test_a_name_that_is_a_formula_is_text(cast, coordinator):
    submit_one(cast.officer)
    cast.council.name = '=HYPERLINK("https://example.org","x")'
    cast.council.save()
    assert rows(take(coordinator))[1][6].startswith("'=HYPERLINK")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"purpose": ""}, "Enter your reason"),
        ({"purpose": "Figures"}, "must have at least 15 characters"),
        ({"purpose": "x" * 251}, "must be 250 characters or fewer"),
        ({"purpose": f"To see {CANARY_NAME} in the figures"}, "must not name the person"),
        ({"purpose": "For somebody@example.org, who asked"}, "must not name the person"),
        ({"kind": "exe"}, "Choose which kind of file you need from the list"),
        ({"kind": ""}, "Choose which kind of file you need"),
    ],
)
def test_without_a_good_purpose_and_a_kind_nothing_leaves(referral, coordinator, data, error):
    response = coordinator.post(ADDRESS, {"kind": "csv", "purpose": PURPOSE} | data)
    assert error in text_of(response)
    assert "Content-Disposition" not in response.headers
    assert not AccessRecord.objects.filter(action="export").exists()


@pytest.mark.parametrize("query", ["?no_such_filter=1", "?referrer__email=x", "?p=x&show__x=1"])
def test_filters_that_the_list_does_not_have_give_no_file(referral, coordinator, query):
    response = take(coordinator, query)
    assert response.status_code in {302, 400}
    assert not AccessRecord.objects.filter(action="export").exists()


def test_a_list_that_is_too_long_is_narrowed_down_first(cast, referral, coordinator, monkeypatch):
    submit_one(cast.officer)
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    monkeypatch.setattr("referrals.export.MOST_ROWS", 1)
    assert "The list is too long for one file" in text_of(coordinator.get(ADDRESS))
    assert "Narrow the list down first" in text_of(take(coordinator))
    assert not AccessRecord.objects.filter(action="export").exists()


def test_what_a_coordinator_may_not_see_is_not_in_the_file(cast, sign_in):
    hidden, seen = submit_one(cast.nurse), submit_one(cast.officer)
    elsewhere = make_organisation("elsewhere")
    cast.coordinator2.memberships.update(organisation=elsewhere)
    workflow.exclude(referral_id=hidden.pk, organisation=elsewhere, reason="A relative", by=cast.coordinator)
    assert references(take(sign_in(Client(), cast.coordinator2))) == [seen.reference]


@pytest.mark.parametrize("who", ["officer", "lead", "responder", "viewer", "auditor", "sysadmin"])
def test_nobody_else_finds_the_export_or_the_pdf(cast, sign_in, referral, who):
    client = sign_in(Client(), cast.people[who])
    assert client.get(ADDRESS).status_code == 404
    assert take(client).status_code == 404
    assert client.get(address(referral, "pdf")).status_code == 404
    assert press(client, referral, "pdf", purpose=PURPOSE).status_code == 404
    assert not AccessRecord.objects.filter(action__in=["export", "export_case"]).exists()


# --- One case as a PDF ----------------------------------------------------------------------------------------------


def test_a_case_leaves_as_a_pdf_and_the_purpose_is_recorded(referral, coordinator):
    assert "What do you need it for?" in text_of(coordinator.get(address(referral, "pdf")))
    response = press(coordinator, referral, "pdf", purpose="For the strategy meeting on Thursday")
    assert response.content.startswith(b"%PDF-")
    assert response.headers["Content-Type"] == "application/pdf"
    name = f'filename="OFFICIAL-SENSITIVE referral {referral.reference}.pdf"'
    assert response.headers["Content-Disposition"] == f"attachment; {name}"
    assert "no-store" in response.headers["Cache-Control"]
    record = AccessRecord.objects.get(action="export_case")
    assert (record.object_id, record.purpose) == (referral.pk, "For the strategy meeting on Thursday")


@pytest.mark.parametrize(
    ("purpose", "error"),
    [
        ("", "Enter your reason"),
        ("curious", "must have at least 15 characters"),
        (f"To talk about {CANARY_NAME} on Thursday", "must not name the person"),
        (f"To visit them at {CANARY_PLACE} on Thursday", "must not name the person"),
    ],
)
def test_without_a_good_purpose_there_is_no_pdf(referral, coordinator, purpose, error):
    response = press(coordinator, referral, "pdf", purpose=purpose)
    assert error in text_of(response)
    assert not AccessRecord.objects.filter(action="export_case").exists()
    # The answer that it names the person says what is sealed: that is a look.
    looks = AccessRecord.objects.filter(action="open_identity", object_id=referral.pk)
    assert looks.exists() == ("must not name" in error)


def test_guessing_a_name_in_the_reason_for_a_list_is_a_look_at_each_case_that_holds_it(cast, referral, coordinator):
    other = submit_one(cast.nurse)
    take(coordinator, purpose=f"Is {CANARY_NAME} in one of these?")
    take(coordinator, purpose="Is Somebodyelse in one of these?")
    looks = AccessRecord.objects.filter(action="open_identity")
    assert sorted(looks.values_list("object_id", flat=True)) == sorted([referral.pk, other.pk])
    assert not any(CANARY_NAME in purpose for purpose in looks.values_list("purpose", flat=True))


def test_what_the_key_does_not_open_gives_no_pdf(referral, coordinator):
    row = ReferralSecret.objects.get(referral=referral)
    ReferralSecret.objects.filter(referral=referral).update(sealed=bytes(row.sealed)[:-1] + b"?")
    response = press(coordinator, referral, "pdf", purpose=PURPOSE)
    assert f"Tell the system administrator the reference {referral.reference}" in text_of(response)
    assert not AccessRecord.objects.filter(action="export_case").exists()


def test_a_pdf_that_cannot_be_made_says_so_and_records_nothing(referral, coordinator, monkeypatch):
    def fails(*args, **kwargs):
        raise CannotTypeset

    monkeypatch.setattr("referrals.case_pdf.typeset", fails)
    response = press(coordinator, referral, "pdf", purpose=PURPOSE)
    assert response.status_code == 503
    assert "The PDF could not be made" in text_of(response)
    assert not AccessRecord.objects.filter(action__in=["export_case", "open_identity"]).exists()
