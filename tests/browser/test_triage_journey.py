"""The whole way of one referral: logged, told, taken, asked, answered, closed, heard. Two people, real processes."""

import pytest

from tests.browser.handing import PEOPLE, link_in
from tests.browser.walking import ADULT, begin, send, walk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

QUESTION = "On which days is she at the car wash?"
ANSWER = "Every day but Monday."


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_coordinator_takes_asks_gets_the_answer_and_the_officer_hears_the_end(visitor, site, scripts):
    officer, coordinator = visitor(scripts=scripts), visitor(scripts=scripts)
    officer.sign_in_as("Council officer")
    begin(officer)
    walk(officer, ADULT)
    reference = send(officer)

    told = site.wait_for_mail(PEOPLE["coordinator"].email, reference)
    coordinator.sign_in_as("Coordinator")
    coordinator.goto(link_in(told))
    main = coordinator.page.locator("main")
    assert reference in coordinator.heading()
    assert "Testina" not in coordinator.page.content()
    coordinator.check()
    coordinator.press("Take this referral")
    assert "You have taken this referral" in main.inner_text()
    coordinator.press("Show identity and account")
    assert "Testina" in main.inner_text()
    coordinator.check()
    site.wait_for_mail(PEOPLE["officer"].email, reference)

    coordinator.press("Ask the referrer")
    coordinator.check()
    coordinator.page.get_by_label("Your question").fill("Where does Testina sleep?")
    coordinator.press("Ask the referrer")
    assert "must not name the person" in main.inner_text()
    assert coordinator.page.get_by_label("Your question").input_value() == "Where does Testina sleep?"
    coordinator.page.get_by_label("Your question").fill(QUESTION)
    coordinator.press("Ask the referrer")
    assert "Your question is with the referrer" in main.inner_text()

    asked = site.wait_for_mail(PEOPLE["officer"].email, "question")
    assert QUESTION not in asked.get_content()
    officer.goto("/referrals/")
    officer.page.get_by_role("link", name=reference).click()
    officer.press("Answer the question")
    assert QUESTION in officer.page.locator("main").inner_text()
    officer.check()
    officer.page.get_by_label("Your answer").fill(ANSWER)
    officer.press("Send your answer")
    assert ANSWER not in officer.page.content()

    coordinator.page.reload()
    coordinator.goto(link_in(told))
    coordinator.press("Read the answer")
    assert ANSWER in main.inner_text()
    coordinator.press("Close")
    coordinator.check()
    coordinator.choose("Supported locally")
    coordinator.choose("Help is in place.")
    coordinator.page.locator("main form").get_by_role("button").first.click()
    assert "You have closed this referral" in main.inner_text()

    officer.goto("/referrals/")
    officer.page.get_by_role("link", name=reference).click()
    assert "Help is in place." in officer.page.locator("main").inner_text()
    officer.check()


PAGES = {
    "Council officer": ["/", "/refer/", "/referrals/", "/account/security/", "/account/sessions/"],
    "Organisation lead": ["/organisation/referrals/", "/organisation/people/", "/organisation/people/invite/"],
    "Coordinator": ["/", "/admin/", "/admin/referrals/referral/", "/ops/"],
    "Auditor": ["/audit/", "/ops/"],
    "Administrator": ["/admin/", "/ops/"],
    "Partner viewer": ["/"],
}


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("label", PAGES)
def test_axe_finds_nothing_on_the_pages_of_each_role(visitor, label, phone):
    person = visitor(phone=phone)
    person.sign_in_as(label)
    for path in PAGES[label]:
        person.goto(path)
        person.check()
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert person.page.evaluate(wide) <= 0, path


def test_axe_finds_nothing_on_the_public_pages(visitor):
    stranger = visitor()
    for path in [
        "/",
        "/account/sign-in/",
        "/accessibility/",
        "/privacy/",
        "/cookies/",
        "/demo/",
        "/demo/mail/",
        "/no/",
    ]:
        stranger.goto(path)
        stranger.check()
