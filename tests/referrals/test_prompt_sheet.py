"""The questions on paper: every one of the form is there, in its order, with what to do and whom to ring."""

import datetime
import re

import pypdfium2
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.models import OpeningHours, SupportLine
from referrals.forms.base import flat_choices
from referrals.forms.happened import ELSEWHERE, theme_choices
from referrals.forms.paper import ON_THE_SHEET, SheetForm
from referrals.forms.steps import STEPS, always
from referrals.prompt_sheet import UNSURE, branches, number_of, sheet_content
from tests.conftest import make_organisation

ADDRESS = reverse("prompt_sheet")


def plain(words: str) -> str:
    """Words without what a line break on paper changes."""
    return re.sub(r"\W+", "", words).casefold()


def read(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in document]


@pytest.fixture
def sheet(cast, client):
    """The pages of the sheet as text, as a stranger gets it."""
    SupportLine.objects.create(slug="help", name="Test helpline", purpose="helpline", phone="01632 960100")
    line = SupportLine.objects.create(slug="care", name="Test care", purpose="victim_care", phone="01632 960101")
    for weekday in range(5):
        OpeningHours.objects.create(line=line, weekday=weekday, opens=datetime.time(9), closes=datetime.time(17))
    SupportLine.objects.create(slug="x", name="Inner line", purpose="helpline", phone="01632 960102", public=False)
    response = client.get(ADDRESS)
    assert response.status_code == 200
    return read(response.content)


def test_every_question_and_every_answer_of_every_page_is_on_the_sheet_in_the_order_of_the_form(sheet):
    text, at = plain(" ".join(sheet)), 0
    text = re.sub("officialsensitivewhenfilledin|referralonpaperonepersononeachsheet", "", text)
    missing = []
    for step in STEPS:
        form = step.form(answers=UNSURE)
        heading = text.find(plain(f"{number_of(step)}. {form.heading or step.title}"), at)
        if heading < 0:
            missing.append(step.key)
            continue
        at, here = heading, text[heading:]
        for name, field in form.fields.items():
            words = [str(field.label)]
            if (step.key, name) != ("do_not_share", "organisations"):
                words += flat_choices(field).values()
            missing += [(step.key, name, one) for one in words if plain(one) not in here]
    assert missing == []


def test_the_answers_that_are_rows_are_those_of_today(sheet):
    text = " ".join(sheet)
    assert "Northtown" in text
    assert all(words in text for _, words in [*ELSEWHERE, *theme_choices(UNSURE)])


def test_it_names_no_organisation(cast, client):
    make_organisation("quiet-refuge", name="Quiet Refuge of Nowhere")
    assert "Quiet Refuge" not in " ".join(read(client.get(ADDRESS).content))


def test_every_page_that_is_not_always_asked_says_when_and_where_to_go_on(sheet):
    text = plain(" ".join(sheet))
    for step in STEPS:
        assert (step.asked is always) == (step.only == ""), step.key
        if step.only:
            assert plain(f"Only if {step.only}. Otherwise go to {number_of(step) + 1}.") in text


def test_an_answer_that_decides_about_later_pages_says_which_to_leave_out():
    by_key = {step.key: step for step in STEPS}
    number = {key: number_of(step) for key, step in by_key.items()}
    assert branches(by_key["danger"], "immediate_danger") == dict.fromkeys(
        ["no", "not_known"], f"Leave out {number['ring_999']}"
    )
    young = f"Leave out {number['exploited_as_child']} and {number['consent']}"
    assert branches(by_key["age"], "age_group") == {
        "adult": f"Leave out {number['children_services']} and {number['childs_wishes']}",
        "child": young,
        "unsure": young,
    }
    assert branches(by_key["risk"], "still_in_it") == {}


def test_the_first_page_says_what_to_do_in_danger_whom_to_ring_and_how_to_keep_it_safe(sheet):
    first = sheet[0].replace("\xa0", " ")
    assert first.index("Ring 999") < first.index("Whom to ring") < first.index("Keep the person safe")
    assert "01632 960100" in first
    assert "Monday to Friday 09:00 to 17:00" in first
    assert "01632 960102" not in first, "a line for professionals only"
    for words in ("Never send it by plain e-mail", "Never leave it in a car", "shred"):
        assert words in first
    assert all("OFFICIAL-SENSITIVE when filled in" in page for page in sheet)


def test_what_a_coordinator_is_asked_about_the_sheet_stands_on_it(sheet):
    assert set(SheetForm.base_fields) == set(ON_THE_SHEET)
    assert [words for words in ON_THE_SHEET.values() if words not in sheet[0]] == []


def test_nothing_on_it_speaks_of_a_screen(sheet):
    text = " ".join(sheet)
    assert [words for words in ("this page", "We then show", "is saved", "sealed") if words in text] == []


def test_it_is_tagged_and_says_its_title_and_its_language(cast, client):
    pdf = client.get(ADDRESS).content
    assert b"pdfuaid" in pdf
    assert b"/StructTreeRoot" in pdf
    document = pypdfium2.PdfDocument(pdf)
    assert document.get_metadata_value("Title") == "Referral on paper: Test Partnership"
    assert b"/Lang" in pdf
    assert len(document) <= 14


def test_a_stranger_gets_it_without_a_cookie_and_no_referral_is_read(cast, client):
    with CaptureQueriesContext(connection) as asked:
        response = client.get(ADDRESS)
    assert response["Content-Type"] == "application/pdf"
    assert not response.cookies
    assert "public" in response["Cache-Control"]
    assert [query["sql"] for query in asked if "referrals_" in query["sql"]] == []
    again = client.get(ADDRESS, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_it_is_another_when_a_number_changes(cast, client):
    before = client.get(ADDRESS)["ETag"]
    SupportLine.objects.create(slug="new", name="New line", purpose="helpline", phone="01632 960199")
    assert client.get(ADDRESS)["ETag"] != before


def test_a_sheet_without_lines_or_phone_or_districts_is_made_all_the_same(db, client):
    assert client.get(ADDRESS).status_code == 200


def test_it_is_set_with_a_county(db, client, settings):
    call_command("load_county", settings.BASE_DIR / "data" / "hertfordshire", verbosity=0)
    content = sheet_content(timezone.now())
    assert len(content["lines"]) >= 3
    assert client.get(ADDRESS).status_code == 200
