"""The victim pathway from end to end: people of several organisations, real processes, real mail, a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import handing
from tests.browser.conftest import Visitor
from tests.browser.handing import BEACON, COUNCIL, PEOPLE, POLICE, text_of
from tests.browser.walking import ADULT, AGREES, CHILD, DECLINES, named

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]


def test_an_adult_agrees_and_their_own_council_refers_them_to_the_nrm(visitor, site):
    person = named(AGREES, "Adalberta", "Sampleton")
    secrets = ("Adalberta", "Sampleton", "looking at him", "car wash", "Made to work")
    officer, coordinator, beacon = visitor(), visitor(), visitor()
    officer.sign_in_as("Council officer")
    reference = handing.log(officer, person)
    advice = text_of(officer)
    assert "An NRM referral is recommended. Your organisation is a first responder" in advice
    assert "The coordinator asks the victim care centre to offer support" in advice
    officer.check()

    coordinator.sign_in_as("Coordinator")
    handing.take(coordinator, reference)
    recommended = coordinator.page.locator("#recommended").inner_text()
    assert "They agree to the NRM after it was explained to them." in recommended
    assert "The referrer’s own organisation is a first responder and can send it." in recommended
    assert "They agree to local support." in recommended
    coordinator.check()
    handing.hand_over(coordinator, handing.NRM, COUNCIL, naming="Olive Officer", check=True)
    handing.hand_over(coordinator, handing.LOCAL_SUPPORT, BEACON)
    coordinator.check()
    case = coordinator.page.url
    asked = site.wait_for_mail(PEOPLE["officer"].email, f"help with referral {reference}")
    site.wait_for_mail("referrals@beacon-victim-care-centre.example.org", reference)

    _beacon_takes_it(beacon, reference)
    _officer_sends_it(officer, reference, handing.link_in(asked))

    coordinator.page.goto(case)
    assert "HO-2026-0042" not in coordinator.page.content()
    coordinator.page.get_by_role("link", name="Record a stage").click()
    coordinator.choose("Positive reasonable grounds decision, recovery period")
    handing.fill_today(coordinator)
    coordinator.check()
    coordinator.press("Record a stage")
    assert "The stage is recorded, and its clocks run" in text_of(coordinator)
    assert "The recovery period lasts at least until" in coordinator.page.locator("#nrm").inner_text()
    coordinator.check()

    officer.goto("/referrals/")
    officer.page.get_by_role("link", name=reference).click()
    assert "The Home Office made its first decision" in text_of(officer)
    assert "ositive" not in officer.page.content()
    officer.check()
    handing.report(beacon, "We supported the person and our work is done")
    beacon.check()
    site.wait_for_mail(PEOPLE["coordinator"].email, "finished")
    assert handing.tell_nothing(site, reference, *secrets, "positive", "HO-2026-0042") > 10


def _beacon_takes_it(beacon: Visitor, reference: str) -> None:
    """From the inbox, without a name, to who it is."""
    beacon.sign_in_as("Beacon worker")
    beacon.goto("/inbox/")
    beacon.check()
    handing.find_in_inbox(beacon, reference)
    assert "Adalberta" not in beacon.page.content()
    beacon.check()
    handing.accept(beacon)
    assert "Adalberta" not in beacon.page.content()
    beacon.press("Show who it is")
    assert "Adalberta" in text_of(beacon)
    assert "looking at him" not in text_of(beacon)
    beacon.check()


def _officer_sends_it(officer: Visitor, reference: str, link: str) -> None:
    """From the mail to the sheet: one page answered, a draft begun, the form sent."""
    officer.goto(link)
    assert reference in text_of(officer)
    handing.accept(officer)
    officer.check()
    handing.open_sheet(officer)
    assert "An adult who agreed to be referred" in text_of(officer)
    assert "Adalberta" in text_of(officer)
    officer.check()
    before = handing.missing(officer)
    officer.page.locator("#page-evidence-of-dishonesty").get_by_role("link", name="Doubts").click()
    officer.check()
    officer.choose("No")
    officer.press("Save and return to the sheet")
    assert handing.missing(officer) == before - 1
    handing.record_stage(officer, "I began a draft on the Home Office form", check=True)
    assert "The Home Office deletes the draft" in text_of(officer)
    handing.record_stage(officer, "The NRM referral was sent", "HO-2026-0042")
    assert "Home Office reference: HO-2026-0042" in text_of(officer)
    assert "Reasonable grounds decision" in text_of(officer)
    officer.check()


def test_an_adult_declines_and_the_police_notify_the_home_office_without_a_name(visitor, site):
    person = named(DECLINES, "Declinara", "Nonesuch")
    secrets = ("Declinara", "Nonesuch", "looking at him", "car wash", "Shiva", "landlord")
    nurse, coordinator, police = visitor(), visitor(), visitor()
    nurse.sign_in_as("Nurse")
    nurse.goto("/nrm/can-we-refer/")
    assert "No, another organisation does it for you" in text_of(nurse)
    assert POLICE in nurse.page.locator(".responders").inner_text()
    assert "A coordinator hands it to a named first responder. A clock runs" in text_of(nurse)
    nurse.check()
    nurse.press("Make a referral")
    reference = handing.log(nurse, person)
    assert "nothing that says who the person is" in text_of(nurse)

    coordinator.sign_in_as("Coordinator")
    handing.take(coordinator, reference)
    recommended = coordinator.page.locator("#recommended").inner_text()
    assert "They do not agree to the NRM." in recommended
    assert "Modern Slavery Act 2015, section 52" in recommended
    handing.hand_over(coordinator, handing.DUTY_TO_NOTIFY, POLICE, check=True)
    handing.hand_over(coordinator, handing.LOCAL_SUPPORT, BEACON)
    assert "Without consent" not in text_of(coordinator)

    police.sign_in_as("Police first responder")
    handing.find_in_inbox(police, reference)
    handing.accept(police)
    assert "Declinara" not in police.page.content()
    handing.open_sheet(police)
    assert "told that there was a potential victim, and nothing that says who it is" in text_of(police)
    assert "This sheet cannot be copied yet" in text_of(police)
    assert "Declinara" not in police.page.content()
    assert "Nonesuch" not in police.page.content()
    police.check()
    _clear_of_names(police)
    handing.record_stage(police, "The duty to notify was sent", "DTN-2026-7")
    assert "Duty to Notify sent" in text_of(police)

    nurse.goto("/referrals/")
    nurse.page.get_by_role("link", name=reference).click()
    assert "The Home Office was notified, without anything that says who the person is" in text_of(nurse)
    assert handing.tell_nothing(site, reference, *secrets, "DTN-2026-7") > 6


def _clear_of_names(police: Visitor) -> None:
    """Type a name, see it caught, take it out, read each draft; only then is there a button that copies."""
    copies = police.page.locator("button[data-copy]")
    assert copies.count() == 0
    police.page.locator("#page-professional-insight").get_by_role("link", name="professional view").click()
    view = police.page.get_by_label("Why you make this report, in your professional view")
    view.fill("I believe that Declinara is made to work at the car wash.")
    police.press("Save and return to the sheet")
    police.press("Check the texts")
    assert police.page.locator("mark").all_inner_texts() == ["Declinara"]
    police.check()
    police.page.get_by_role("link", name=re.compile("Change the text.*Why you make this report")).click()
    view.fill("I believe that this adult is made to work at a car wash.")
    police.press("Save and return to the sheet")
    police.press("Check the texts")
    while (drafts := police.page.locator("main li a")).count():
        assert copies.count() == 0
        drafts.first.click()
        police.press("Save and return to the sheet")
        police.goto(police.page.url.removeprefix(police.site.url).split("#")[0] + "check/")
    assert "Everything has been checked" in text_of(police)
    police.page.goto(police.page.url.replace("/check/", "/"))
    expect(copies.first).to_be_visible()
    assert "Declinara" not in police.page.content()
    assert "Nonesuch" not in police.page.content()


def test_a_child_goes_to_childrens_services_first_and_to_the_nrm_without_consent(visitor, site):
    person = named(CHILD, "Childana", "Makebelieve")
    officer, coordinator, children, police = visitor(), visitor(), visitor(), visitor()
    officer.sign_in_as("Nurse")
    reference = handing.log(officer, person)
    assert "Children’s services must be told" in text_of(officer)

    coordinator.sign_in_as("Coordinator")
    handing.take(coordinator, reference)
    ways = coordinator.page.locator(".ways__title").all_inner_texts()
    assert ways[:2] == [handing.FOR_CHILDREN, handing.NRM]
    assert "Children’s services come first, at once and without asking for consent." in text_of(coordinator)
    handing.hand_over(coordinator, handing.FOR_CHILDREN, handing.CHILDRENS_SERVICES, check=True)
    coordinator.press("Hand over")
    expect(coordinator.page.get_by_label(handing.NRM, exact=True)).to_be_visible()
    expect(coordinator.page.get_by_label(handing.DUTY_TO_NOTIFY, exact=True)).to_have_count(0)
    coordinator.check()
    coordinator.page.go_back()
    handing.hand_over(coordinator, handing.NRM, POLICE)
    assert "Without consent" not in text_of(coordinator)

    children.sign_in_as("Children's services worker")
    handing.find_in_inbox(children, reference)
    assert "Keep this child safe" in text_of(children)
    handing.accept(children)
    children.press("Show who it is")
    assert "Childana" in text_of(children)
    children.check()

    police.sign_in_as("Police first responder")
    handing.find_in_inbox(police, reference)
    handing.accept(police)
    handing.open_sheet(police)
    assert "whether they agree or not" in text_of(police)
    assert police.page.locator("#item-pv-under-age").inner_text().count("Yes") == 1
    expect(police.page.locator("#item-does-pv-need-support")).to_have_count(0)
    police.check()
    assert handing.tell_nothing(site, reference, "Childana", "Makebelieve", "looking at him", "child") > 6


COUNTY_MAILBOX = "modern-slavery@hertfordshire-county-council.example.org"
SIX = ["Anonymina", "Blankard", "Ciphera", "Dummyro", "Exempla", "Fictus"]


def test_six_people_are_logged_in_an_operation_and_the_county_is_told_once(visitor, site):
    police, coordinator = visitor(), visitor()
    police.sign_in_as("Police first responder")
    police.goto("/operations/new/")
    police.fill("How many possible victims do you expect?", "4")
    police.fill("Name of the operation", "Nightjar")
    police.check()
    police.press("Save the operation")
    board = police.page.url
    operation = police.heading()
    police.press("What everybody shares")
    police.fill("What you saw", "Nine beds in one room, and one key outside the door")
    police.choose("Car wash")
    police.check()
    police.press("Save for all people")
    _log_six(police, site, operation)

    rows = police.page.locator(".board__row")
    references = rows.locator(".board__case .reference").all_inner_texts()
    assert len(set(references)) == len(SIX)
    assert [name for name in (*SIX, "Nine beds") if name in police.page.locator(".board").inner_text()] == []
    assert "A reception centre is needed" in text_of(police)
    police.check()
    for number in (1, 2):
        police.press(f"Arrived now number {number}")
    police.page.get_by_role("link", name="They left number 1").click()
    police.choose("They left")
    police.choose("Safe accommodation")
    police.check()
    police.press("Save to the log")
    assert police.page.url.split("#")[0] == board
    assert "Left" in police.page.locator("#number-1").inner_text()
    assert "Here since" in police.page.locator("#number-2").inner_text()

    coordinator.sign_in_as("Coordinator")
    for reference in references:
        told = site.wait_for_mail(PEOPLE["coordinator"].email, reference)
        assert handing.tell_nothing(site, reference, *SIX, "Nightjar", "Nine beds", "Car wash") > 0
    coordinator.goto("/admin/referrals/referral/")
    queue = coordinator.page.locator("#content, main").first.inner_text()
    assert [reference for reference in references if reference not in queue] == []
    coordinator.goto(handing.link_in(told))
    coordinator.press("Take this referral")
    coordinator.press("Show identity and account")
    assert "Nine beds in one room" in text_of(coordinator)
    assert len([name for name in SIX if name in text_of(coordinator)]) == 1
    (told,) = [mail for mail in handing.mails_about(site, operation) if COUNTY_MAILBOX in str(mail["To"])]
    assert [word for word in (*SIX, "Nightjar", "Nine beds") if word in told.get_content()] == []


def _log_six(police: Visitor, site, operation: str) -> None:
    """Add six people; the notice stands from the fifth on, and not before."""
    police.press("Add a person")
    police.check()
    for count, name in enumerate(SIX, start=1):
        police.choose("18 or over")
        police.fill("First names", name)
        police.press("Save and see everybody")
        assert ("A reception centre is needed" in text_of(police)) is (count >= 5)
        if count == 5:
            site.wait_for_mail(COUNTY_MAILBOX, operation)
        if count < len(SIX):
            police.press("Add a person")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_person_changes_their_mind_and_beacon_loses_sight_at_the_next_click(visitor, site, scripts):
    person = named(ADULT, "Reversia", "Turnabout")
    nurse, coordinator, beacon = (visitor(scripts=scripts) for _ in range(3))
    nurse.sign_in_as("Nurse")
    reference = handing.log(nurse, person)
    coordinator.sign_in_as("Coordinator")
    handing.take(coordinator, reference)
    handing.hand_over(coordinator, handing.LOCAL_SUPPORT, BEACON)
    case = coordinator.page.url
    beacon.sign_in_as("Beacon worker")
    handing.find_in_inbox(beacon, reference)
    handing.accept(beacon)
    beacon.press("Show who it is")
    assert "Reversia" in text_of(beacon)

    nurse.goto("/referrals/")
    nurse.page.get_by_role("link", name=reference).click()
    nurse.page.get_by_role("link", name="Record that the person has changed their mind").click()
    nurse.check()
    changed = nurse.page.locator("main fieldset", has=nurse.page.locator("[name=beacon]"))
    changed.get_by_label("They agreed before, and have changed their mind", exact=True).check()
    nurse.press("Save what they said")
    assert "What the person agrees to was recorded" in text_of(nurse)
    assert "Beacon, Hertfordshire Victim Care Centre does not have it any more" in text_of(nurse)

    beacon.press("Report the outcome")
    assert beacon.heading() == "You cannot see it any more"
    assert [word for word in ("Reversia", "Turnabout", "looking at him", "Dacorum") if word in text_of(beacon)] == []
    beacon.check()
    beacon.goto("/inbox/?show=all")
    row = beacon.page.locator(".queue__row", has_text=reference).inner_text()
    assert [word for word in ("18 or over", "Forced labour", "Dacorum", "Adult") if word in row] == []
    beacon.check()

    site.wait_for_mail(PEOPLE["coordinator"].email, f"agreed on referral {reference}")
    site.wait_for_mail(PEOPLE["beacon"].email, f"no longer asked to help with referral {reference}")
    coordinator.page.goto(case)
    assert "What the person agrees to has changed" in text_of(coordinator)
    timeline = coordinator.page.locator("#timeline").inner_text()
    assert "Taken back from Beacon" in timeline
    assert "The person withdrew consent" in timeline
    coordinator.check()
    assert handing.tell_nothing(site, reference, "Reversia", "Turnabout", "looking at him", "car wash") > 6
