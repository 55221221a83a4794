"""Journeys of the people who refer, on a whole demo in real processes, with and without JavaScript."""

import re

import pytest

from partners.demo import DEMO_PEOPLE
from tests.browser.conftest import Visitor
from tests.browser.walking import ADULT, CHILD, DECLINES, IN_DANGER, begin, send, slug_of, walk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

PEOPLE = {person.key: person for person in DEMO_PEOPLE}
REFERENCE = re.compile(r"^[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{3}$")
each_way = pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])


@each_way
def test_an_officer_logs_an_adult_and_everyone_who_must_know_is_told(visitor, site, scripts):
    officer = visitor(scripts=scripts)
    officer.sign_in_as("Council officer")
    officer.check()
    begin(officer)
    passed = walk(officer, ADULT, each=Visitor.check)
    assert {"danger", "age", "person", "signs-work", "consent", "referrer"} <= set(passed)
    officer.check()
    assert "Testina" in officer.page.locator("main").inner_text()
    reference = send(officer)
    assert REFERENCE.match(reference)
    officer.check()
    receipt = site.wait_for_mail(PEOPLE["officer"].email, reference)
    for key in ("coordinator", "coordinator-2"):
        told = site.wait_for_mail(PEOPLE[key].email, reference)
        assert told["Message-ID"] != receipt["Message-ID"]
        assert "Testina" not in told.as_string()
    officer.goto("/referrals/")
    officer.check()
    officer.page.get_by_role("link", name=reference).click()
    assert "Received" in officer.page.locator("main").inner_text()
    assert "Testina" not in officer.page.content()
    officer.check()


@each_way
def test_a_nurse_starts_on_a_phone_and_finishes_on_a_desktop(visitor, scripts):
    phone = visitor(scripts=scripts, phone=True)
    phone.sign_in_as("Nurse")
    begin(phone)
    walk(phone, ADULT, until="account", each=Visitor.check)
    phone.page.locator("main").get_by_label("What you saw", exact=True).fill("He answers every question for her.")
    phone.page.get_by_role("button", name="Save").first.click()
    phone.check()

    desktop = visitor(scripts=scripts)
    desktop.sign_in_as("Nurse")
    desktop.goto("/refer/")
    desktop.check()
    desktop.page.get_by_role("link", name="Continue").first.click()
    walk(desktop, {name: wishes for name, wishes in ADULT.items() if name != "account"})
    assert "He answers every question for her." in desktop.page.locator("main").inner_text()
    assert REFERENCE.match(send(desktop))


@each_way
def test_danger_stops_the_officer_first_and_rings_every_bell(visitor, site, scripts):
    officer = visitor(scripts=scripts)
    officer.sign_in_as("Council officer")
    begin(officer)
    walk(officer, IN_DANGER, until="ring-999")
    assert "999" in officer.page.locator("main").inner_text()
    officer.check()
    walk(officer, IN_DANGER)
    reference = send(officer)
    told = site.wait_for_mail(PEOPLE["coordinator"].email, reference)
    second = site.wait_for_mail("partnership-team.example.org", reference)
    assert "now" in told.get_content()
    assert second["To"]


@each_way
def test_a_child_is_asked_other_questions_than_an_adult(visitor, scripts):
    officer = visitor(scripts=scripts)
    officer.sign_in_as("Council officer")
    begin(officer)
    passed = walk(officer, CHILD, each=Visitor.check)
    assert {"children-services", "signs-child", "childs-wishes"} <= set(passed)
    assert "consent" not in passed
    assert REFERENCE.match(send(officer))


@each_way
def test_a_nurse_whose_patient_declines_hears_what_happens_and_records_a_change_of_mind(visitor, site, scripts):
    nurse = visitor(scripts=scripts, phone=True)
    nurse.sign_in_as("Nurse")
    nurse.goto("/refer/")
    nurse.page.get_by_role("link", name="Can my organisation make an NRM referral?").click()
    main = nurse.page.locator("main")
    assert "No, another organisation does it for you" in main.inner_text()
    assert "Hertfordshire Constabulary" in main.inner_text()
    nurse.check()
    begin(nurse)
    passed = walk(nurse, DECLINES)
    assert {"consent-details", "do-not-share"} <= set(passed)
    assert "Shiva Foundation" in main.inner_text()
    reference = send(nurse)
    assert "The coordinator names an organisation that does it" in main.inner_text()
    assert "Shiva" not in main.inner_text()
    nurse.check()

    nurse.goto("/referrals/")
    nurse.page.get_by_role("link", name=reference).click()
    nurse.page.get_by_role("link", name="Record that the person has changed their mind").click()
    nurse.check()
    main.locator("fieldset", has=nurse.page.locator("[name=nrm]")).get_by_label("They agree", exact=True).check()
    nurse.press("Save what they said")
    assert "What the person agrees to was recorded" in main.inner_text()
    assert site.wait_for_mail(PEOPLE["coordinator"].email, f"agreed on referral {reference}")
    nurse.check()


def test_autosave_keeps_what_was_typed_without_leaving_the_page(visitor):
    officer = visitor()
    officer.sign_in_as("Council officer")
    begin(officer)
    walk(officer, ADULT, until="account")
    address = officer.page.url
    officer.page.clock.install()
    officer.goto(address.removeprefix(officer.site.url))
    field = officer.page.locator("main").get_by_label("What the person said", exact=True)
    field.press_sequentially("He keeps my")
    with officer.page.expect_response(lambda r: r.url.endswith("/save/") and r.status == 200):
        officer.page.clock.run_for(21_000)
    officer.page.goto(address)
    assert field.input_value() == "He keeps my"


def test_sending_twice_gives_one_referral(visitor):
    officer = visitor()
    officer.sign_in_as("Council officer")
    begin(officer)
    walk(officer, ADULT)
    reference = send(officer)
    officer.page.go_back()
    officer.page.go_back()
    assert slug_of(officer) in {"receipt", "declaration", "check"}
    officer.page.reload()
    assert reference in officer.page.locator("main").inner_text()
