"""Six referrals of different kinds, worked by two coordinators from the first mail to the last, on a whole demo.

What happened is told three times over, and each time it has to be the same: by the timeline of each case, by the status
page of who referred, and by every mail that was sent.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.browser import handing
from tests.browser.conftest import Site, Visitor
from tests.browser.handing import (
    BEACON,
    CHILDRENS_SERVICES,
    COUNCIL,
    DUTY_TO_NOTIFY,
    LOCAL_SUPPORT,
    NRM,
    POLICE,
    text_of,
)
from tests.browser.six_referrals import (
    BANDS,
    CENTRE_ADDRESSES,
    CHILDREN_ADDRESSES,
    COUNCIL_ADDRESSES,
    POLICE_ADDRESSES,
    TIMELINES,
    mails_owed,
)
from tests.browser.walking import AGE_NOT_KNOWN, AGREES, CHILD, CHILD_IN_DANGER, DECLINES, LOCAL_SUPPORT_ONLY, named

pytestmark = pytest.mark.browser

CORA, COLIN = "Coordinator", "Second coordinator"
WHO = {CORA: "coordinator", COLIN: "coordinator-2"}


@dataclass
class Desk:
    """The people at their browsers, each signed in when first needed, and the six references."""

    come: Callable[[], Visitor]
    site: Site
    at: dict[str, Visitor] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)  # the pages of the cases, by reference

    def __getitem__(self, label: str) -> Visitor:
        if label not in self.at:
            self.at[label] = self.come()
            self.at[label].sign_in_as(label)
        return self.at[label]

    def logs(self, label: str, person: dict, given: str, family: str) -> str:
        """Somebody logs a referral; return its reference."""
        return handing.log(self[label], named(person, given, family))

    def takes(self, coordinator: str, reference: str) -> Visitor:
        """A coordinator follows the mail to the case and takes it."""
        handing.take(self[coordinator], reference, WHO[coordinator])
        self.cases[reference] = self[coordinator].page.url.removeprefix(self.site.url).split("?")[0]
        return self[coordinator]

    def opens(self, coordinator: str, reference: str) -> Visitor:
        """A coordinator opens the case again."""
        self[coordinator].goto(self.cases[reference])
        return self[coordinator]

    def is_asked(self, reference: str, *addresses: str) -> None:
        """Wait until organisations have the mail that asks them: one that is taken back first is never sent."""
        for address in addresses:
            self.site.wait_for_mail(address, f"help with referral {reference}")

    def accepts(self, worker: str, reference: str) -> Visitor:
        """An organisation finds it in its inbox and accepts."""
        handing.find_in_inbox(self[worker], reference)
        handing.accept(self[worker])
        return self[worker]


@pytest.fixture
def desk(visitor, site) -> Desk:
    """Nobody has come yet."""
    return Desk(visitor, site)


def act(coordinator: Visitor, button: str, *choices: str, done: str, **texts: str) -> None:
    """Press a button of the case that is open, fill its page in, and send it."""
    main = coordinator.page.locator("main")
    main.get_by_role("button", name=button, exact=True).first.click()
    answer(coordinator, *choices, **texts)
    main.locator("form").get_by_role("button").first.click()
    assert done in text_of(coordinator), text_of(coordinator)[:900]


def answer(visitor: Visitor, *choices: str, **texts: str) -> None:
    """Choose and type on the page that is open; a text is given by the name of its field."""
    for words in choices:
        visitor.page.locator("main").get_by_label(words, exact=True).first.check()
    for name, text in texts.items():
        visitor.page.locator(f"main [name={name}]").fill(text)


def close(coordinator: Visitor, outcome: str, band: str) -> None:
    """Close the case that is open."""
    act(coordinator, "Close", outcome, band, done="You have closed this referral")


def lines(coordinator: Visitor) -> list[str]:
    """The whole timeline of the case that is open, the oldest first, without its times."""
    items = coordinator.page.locator("#timeline .timeline__item")
    told = items.evaluate_all(
        "all => all.map(one => [...one.querySelectorAll('.timeline__title, .timeline__text')].map(e => e.innerText))"
    )
    return [" | ".join(line) for line in reversed(told)]


#: One hand-over is not opened in time: each step of the system's own chasing is taken at the hour when it is due.
CHASE = """
from referrals.models import HandOver
from referrals.workflow import chase
for step in range(3):
    row = HandOver.objects.get(referral__reference="{}")
    assert chase(hand_over_id=row.pk, now=row.chase_at)
"""


def an_adult_agrees_is_closed_reopened_and_closed_again(desk: Desk) -> str:
    """Nurse: an adult who agrees to the NRM. A question, a decision, two organisations, closed twice."""
    reference = desk.logs("Nurse", AGREES, "Sixtina", "Alphaville")
    cora = desk.takes(CORA, reference)
    act(cora, "Ask the referrer", done="Your question is with the referrer", question="On which days does it happen?")
    nurse = desk["Nurse"]
    nurse.goto("/referrals/")
    nurse.page.get_by_role("link", name=reference).click()
    nurse.press("Answer the question")
    nurse.page.get_by_label("Your answer").fill("Sixtina said every day, and which bus she takes.")
    nurse.press("Send your answer")
    cora = desk.opens(CORA, reference)
    cora.press("Read the answer")
    assert "which bus she takes" in text_of(cora)
    act(cora, "Record a decision", handing.DECIDED_NRM, done="The decision is recorded", why="She said yes twice.")
    handing.hand_over(cora, NRM, POLICE)
    handing.hand_over(cora, LOCAL_SUPPORT, BEACON)
    handing.report(
        desk.accepts("Police first responder", reference), "We sent the referral to the National Referral Mechanism"
    )
    handing.report(desk.accepts("Beacon worker", reference), "We supported the person and our work is done")
    close(desk.opens(CORA, reference), "Referred to the National Referral Mechanism", handing.PASSED_ON)
    colin = desk.opens(COLIN, reference)
    act(colin, "Reopen", done="You have reopened this referral")
    act(colin, "Add a note", "A telephone call", done="Your note is kept", text="Sixtina rang: she has a room now.")
    close(colin, "Supported locally", "Help is in place.")
    return reference


def an_adult_declines_one_partner_declines_and_another_is_asked(desk: Desk) -> str:
    """Council officer: an adult who says no. Colin gives it to Cora; the police decline; the council sends it."""
    reference = desk.logs("Council officer", DECLINES, "Septima", "Betaton")
    colin = desk.takes(COLIN, reference)
    act(colin, "Give to a coordinator", "Cora Coordinator", done="The referral has a new owner")
    cora = desk.opens(CORA, reference)
    handing.hand_over(cora, DUTY_TO_NOTIFY, POLICE)
    police = desk["Police first responder"]
    desk.is_asked(reference, *POLICE_ADDRESSES)
    handing.find_in_inbox(police, reference)
    act(police, "Decline", "We have no capacity at the moment", done="You have declined it")
    cora = desk.opens(CORA, reference)
    assert "Hertfordshire Constabulary declined" in text_of(cora)
    handing.hand_over(cora, DUTY_TO_NOTIFY, COUNCIL, naming="Rhoda Responder")
    handing.report(desk.accepts("Council first responder", reference), "We sent the Duty to Notify")
    close(desk.opens(CORA, reference), "Duty to Notify sent", handing.PASSED_ON)
    return reference


def somebody_whose_age_is_not_known_waits_for_a_partner_who_has_to_be_rung(desk: Desk) -> str:
    """Beacon worker: age not known. Cora gives it to Colin; children's services do not open it, are chased and rung."""
    reference = desk.logs("Beacon worker", AGE_NOT_KNOWN, "Octavia", "Gammaford")
    act(desk.takes(CORA, reference), "Give to a coordinator", "Colin Coordinator", done="The referral has a new owner")
    colin = desk.opens(COLIN, reference)
    handing.hand_over(colin, handing.FOR_CHILDREN, CHILDRENS_SERVICES)
    desk.site.manage("shell", "-c", CHASE.format(reference))
    colin = desk.opens(COLIN, reference)
    assert "Ring Hertfordshire Children's Services" in text_of(colin)
    act(colin, f"Record that you rang {CHILDRENS_SERVICES}", "Yes", done="It is recorded that you rang")
    worker = desk.accepts("Children's services worker", reference)
    handing.report(worker, "A safeguarding enquiry or assessment was started")
    close(desk.opens(COLIN, reference), handing.SAFEGUARDING, handing.PASSED_ON)
    return reference


def a_child_is_logged_twice_and_the_second_time_in_danger(desk: Desk) -> tuple[str, str]:
    """Police and county: one child. The first goes to two organisations at once and is merged into the second."""
    first = desk.logs("Police first responder", CHILD, "Nonalina", "Deltabridge")
    colin = desk.takes(COLIN, first)
    handing.choose_pathway(colin, handing.FOR_CHILDREN)
    for organisation in (CHILDRENS_SERVICES, COUNCIL):
        colin.page.locator("main").get_by_role("checkbox", name=organisation).check()
    colin.page.locator("main form").get_by_role("button", name="Hand over").click()
    assert "You have handed it over" in text_of(colin)

    second = desk.logs("County duty officer", CHILD_IN_DANGER, "Nonalina", "Deltabridge")
    cora = desk.takes(CORA, second)
    assert first in cora.page.locator("#others").inner_text()
    handing.hand_over(cora, handing.FOR_POLICE, POLICE)
    handing.hand_over(cora, handing.FOR_CHILDREN, CHILDRENS_SERVICES)
    cora = desk.opens(CORA, first)
    desk.is_asked(first, *CHILDREN_ADDRESSES, *COUNCIL_ADDRESSES)
    cora.press("Merge as a duplicate")
    cora.page.get_by_role("link", name=re.compile(f"Compare the two.*{second}")).click()
    cora.page.locator("main form").get_by_role("button", name="Merge as a duplicate").click()
    assert "This referral was withdrawn as a duplicate" in text_of(cora)

    handing.report(desk.accepts("Police first responder", second), "A police investigation was started")
    worker = desk.accepts("Children's services worker", second)
    handing.report(worker, "A safeguarding enquiry or assessment was started")
    close(desk.opens(CORA, second), handing.SAFEGUARDING, handing.PASSED_ON)
    return first, second


def an_adult_wants_local_support_alone_and_changes_their_mind(desk: Desk) -> str:
    """Organisation lead: local support and nothing else. Both coordinators act at once; then the person says no."""
    reference = desk.logs("Organisation lead", LOCAL_SUPPORT_ONLY, "Decimara", "Epsilonham")
    colin = desk.takes(COLIN, reference)
    cora = desk.opens(CORA, reference)
    cora.page.locator("main").get_by_role("button", name="Ask the referrer").click()
    cora.page.locator("main [name=question]").fill("Who sleeps in the same house?")
    handing.hand_over(colin, LOCAL_SUPPORT, BEACON)
    cora.press("Ask the referrer")
    assert "This referral changed while you had it open" in text_of(cora)
    assert "Colin Coordinator handed it over to Beacon, Hertfordshire Victim Care Centre" in text_of(cora)
    assert cora.page.locator("main [name=question]").input_value() == "Who sleeps in the same house?"
    cora.check()
    cora.press("Do it all the same: ask the referrer")
    assert "Your question is with the referrer" in text_of(cora)
    desk.is_asked(reference, *CENTRE_ADDRESSES)
    beacon = desk.accepts("Beacon worker", reference)
    act(
        desk.opens(COLIN, reference), "Withdraw", "The person withdrew consent", done="You have withdrawn this referral"
    )
    beacon.page.reload()
    assert beacon.heading() == "You cannot see it any more"
    return reference


SECRETS = (
    *("Sixtina", "Alphaville", "Septima", "Betaton", "Octavia", "Gammaford", "Nonalina", "Deltabridge", "Decimara"),
    *("Epsilonham", "looking at him", "car wash", "landlord", "which bus", "She said yes", "Who sleeps", "every day"),
)


def test_six_referrals_are_worked_by_two_coordinators_and_everything_tells_the_same(desk, site):
    agrees = an_adult_agrees_is_closed_reopened_and_closed_again(desk)
    declines = an_adult_declines_one_partner_declines_and_another_is_asked(desk)
    unsure = somebody_whose_age_is_not_known_waits_for_a_partner_who_has_to_be_rung(desk)
    child, danger = a_child_is_logged_twice_and_the_second_time_in_danger(desk)
    local = an_adult_wants_local_support_alone_and_changes_their_mind(desk)
    references = [agrees, declines, unsure, child, danger, local]

    assert [lines(desk.opens(CORA, reference)) for reference in references] == TIMELINES
    for reference, (who, band, sentence) in zip(references, BANDS, strict=True):
        the_referrer_reads(desk[who], reference, band, sentence)
    for number, reference in enumerate(references):
        assert wait_for_mails(site, reference, mails_owed(number, reference)) == mails_owed(number, reference)
        assert handing.tell_nothing(site, reference, *SECRETS) == mails_owed(number, reference).total()


def the_referrer_reads(referrer: Visitor, reference: str, band: str, sentence: str) -> None:
    """The status page says where it stands, in a band and a sentence, and nothing of the case or who worked on it."""
    referrer.goto("/referrals/")
    referrer.page.get_by_role("link", name=reference).click()
    assert referrer.page.locator(".band__title").first.inner_text() == band
    assert sentence in text_of(referrer)
    told = text_of(referrer)
    assert [word for word in (*SECRETS, "Colin", "Cora", "uplicate", "linked", "no capacity") if word in told] == []
    referrer.check()


def wait_for_mails(site: Site, reference: str, owed: Counter) -> Counter:
    """Every mail about the referral as (address, subject), once as many have come as are owed, or after 30 seconds."""
    end = time.monotonic() + 30
    while len(found := handing.mails_about(site, reference)) < owed.total() and time.monotonic() < end:
        time.sleep(0.2)
    return Counter((str(mail["To"]), str(mail["Subject"])) for mail in found)
