"""What coordinators, partners and first responders do with a referral, in the words that stand on their pages."""

import datetime
import re
from email.message import EmailMessage

from partners.demo import DEMO_PEOPLE
from partners.hours import LONDON
from tests.browser.conftest import Site, Visitor
from tests.browser.walking import begin, send, walk

PEOPLE = {person.key: person for person in DEMO_PEOPLE}

BEACON = "Beacon"
POLICE = "Hertfordshire Constabulary"
COUNCIL = "Dacorum Borough Council"
CHILDRENS_SERVICES = "Hertfordshire Children's Services"

LOCAL_SUPPORT = "Local support from the victim care centre"
NRM = "National Referral Mechanism (NRM)"
DUTY_TO_NOTIFY = "Duty to notify"
FOR_CHILDREN = "Children’s services"
FOR_POLICE = "Police"

DECIDED_NRM = "Refer to the National Referral Mechanism (NRM)"
SAFEGUARDING = "Taken on by adult or children's safeguarding"
PASSED_ON = "It was passed to the organisation that is best placed to act."


def text_of(visitor: Visitor) -> str:
    """What stands on the page."""
    return visitor.page.locator("main").inner_text()


def link_in(mail: EmailMessage) -> str:
    """The path of the one link in a mail."""
    (path,) = re.findall(r"https?://[^/\s]+(/m/[0-9a-f-]{36}/)", mail.get_content())
    return path


def mails_about(site: Site, reference: str) -> list[EmailMessage]:
    """Every mail that gives the reference, to whomever."""
    return [mail for mail in site.mails_to("@") if reference in mail.get_content()]


def tell_nothing(site: Site, reference: str, *secrets: str) -> int:
    """Fail when a mail about the referral holds a word of the case or a second link; return how many there are."""
    found = mails_about(site, reference)
    for mail in found:
        assert link_in(mail)
        said = f"{mail['Subject']}\n{mail.get_content()}".casefold()
        assert [word for word in secrets if word.casefold() in said] == [], said
    return len(found)


def log(visitor: Visitor, person: dict[str, dict]) -> str:
    """Log a referral from the start page to the receipt; return its reference."""
    begin(visitor)
    walk(visitor, person)
    return send(visitor)


def take(coordinator: Visitor, reference: str, who: str = "coordinator") -> None:
    """Follow the mail that `who` was sent to the case, and take it."""
    told = coordinator.site.wait_for_mail(PEOPLE[who].email, reference)
    coordinator.goto(link_in(told))
    assert reference in coordinator.heading()
    coordinator.press("Take this referral")
    assert "You have taken this referral" in text_of(coordinator)


def choose_pathway(coordinator: Visitor, pathway: str) -> None:
    """From the case to the page that asks whom."""
    coordinator.press("Hand over")
    coordinator.choose(pathway)
    coordinator.press("Choose organisations")
    assert f"For: {pathway}" in text_of(coordinator)


def hand_over(coordinator: Visitor, pathway: str, organisation: str, naming: str = "", *, check: bool = False) -> None:
    """Hand the case that is open to an organisation, `naming` somebody there; `check` looks at the pages on the way."""
    choose_pathway(coordinator, pathway)
    box = coordinator.page.locator("main").get_by_role("checkbox", name=organisation)
    box.check()
    if naming:
        named = coordinator.page.locator(f"[name=responder_{box.get_attribute('value')}]")
        named.select_option(label=naming)
    if check:
        coordinator.check()
    coordinator.page.locator("main form").get_by_role("button", name="Hand over").click()
    assert "You have handed it over" in text_of(coordinator)


def find_in_inbox(worker: Visitor, reference: str) -> None:
    """Open the inbox, where it needs us now, and the hand-over from there."""
    worker.goto("/inbox/")
    assert worker.page.locator("[aria-current=page]", has_text="Needs us now").count() == 1
    worker.page.get_by_role("link", name=reference).click()
    assert reference in text_of(worker)


def accept(worker: Visitor) -> None:
    """Accept the hand-over that is open: the button, and the page that says what it means."""
    worker.press("Accept")
    worker.page.locator("main form").get_by_role("button", name="Accept").click()
    assert "You have accepted it" in text_of(worker)


def report(worker: Visitor, outcome: str) -> None:
    """Say what came of the hand-over that is open."""
    worker.press("Report the outcome")
    worker.choose(outcome)
    worker.page.locator("main form").get_by_role("button", name="Report the outcome").click()
    assert "Outcome reported" in text_of(worker)


def record_stage(responder: Visitor, happened: str, reference: str = "", *, check: bool = False) -> None:
    """From the answer sheet: record what happened at the Home Office today, and come back to the sheet."""
    responder.press("Record what happened")
    responder.choose(happened)
    if reference:
        responder.fill("Home Office reference, if you have it", reference)
    fill_today(responder)
    if check:
        responder.check()
    responder.press("Record it")
    assert "Answer sheet for the Home Office form" in responder.heading()


def fill_today(visitor: Visitor) -> None:
    """Type today's date in London into the one date of the page."""
    today = datetime.datetime.now(LONDON)
    for label, part in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        visitor.page.locator("main").get_by_label(label, exact=True).fill(str(part))


def open_sheet(responder: Visitor) -> None:
    """From the hand-over that is open to the answer sheet."""
    responder.press("Open the answer sheet")
    assert "Answer sheet for the Home Office form" in responder.heading()


def left_to_do(responder: Visitor) -> str:
    """What the open sheet says is left to do, such as '12 answers are missing'."""
    return responder.page.locator(".nrm-progress").inner_text()


def missing(responder: Visitor) -> int:
    """How many answers the open sheet says are missing."""
    return int(re.match(r"(\d+) answers? (?:is|are) missing", left_to_do(responder)).group(1))
