"""The inbox in a real browser: axe finds nothing, it fits a phone, and it can be worked with and without scripts."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners.models import SupportLine
from referrals import workflow
from referrals.handover_states import DeclineReason
from referrals.models import HandOver
from referrals.pathways import Pathway
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.conftest import CANARY_NAME
from tests.referrals.filled import ADULT
from tests.referrals.test_handovers import consents, in_triage, offer

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

PLACES = {"found": ADULT["found"], "where_now": ADULT["where_now"]}
PEOPLE = {key: given for key, given in ADULT.items() if key not in PLACES}


def fits(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, "name", width)` opens a page; at the end the browser may not have complained of anything.

    `scripts=False` switches JavaScript off; `bare=True` keeps the site's own scripts away and lets axe run.
    """
    sites = []

    def go(path: str, who: str = "beacon_worker", width: int = 1280, *, scripts=True, bare=False) -> Page:
        client = sign_in(Client(), cast.people[who])
        size = {"width": width, "height": 900}
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts))
        if bare:
            sites[-1].context.route("**/static/**/*.js", lambda route: route.abort())
        return sites[-1].open(path)

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


def handed(cast, **changes) -> HandOver:
    filled = {"secret": PEOPLE, "location": PLACES} | changes
    return offer(in_triage(cast.officer, cast.coordinator, **filled), cast.coordinator, cast.beacon)


@pytest.fixture
def busy(cast) -> dict[str, HandOver]:
    """Hand-overs to the victim service in every state, and one to the police; its line is closed at this hour."""
    line = SupportLine.objects.create(
        name="Beacon", phone="01632 960300", purpose="support", organisation=cast.beacon, starts_on="2017-05-01"
    )
    line.hours.create(weekday=(timezone.localdate().weekday() + 1) % 7, opens="08:00", closes="20:00")
    names = ("danger", "late", "new", "accepted", "asked", "declined", "completed")
    made = {name: handed(cast, priority="immediate" if name == "danger" else "standard") for name in names}
    HandOver.objects.filter(pk=made["late"].pk).update(due_at=timezone.now() - datetime.timedelta(days=2))
    for name in ("accepted", "asked", "declined", "completed"):
        made[name] = workflow.accept(hand_over_id=made[name].pk, by=cast.beacon_worker, version=1)
    _ask_and_answer(made["accepted"], cast)
    by, asked = cast.beacon_worker, made["asked"]
    workflow.ask_coordinator(hand_over_id=asked.pk, question="Which language?", by=by, version=asked.version)
    reason = DeclineReason.NO_CAPACITY
    workflow.decline(hand_over_id=made["declined"].pk, reason=reason, by=by, version=made["declined"].version)
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(nrm="given"), secret=PEOPLE, location=PLACES)
    made["nrm"] = offer(taken, cast.coordinator, cast.constabulary, Pathway.NRM)
    return made


def _ask_and_answer(accepted: HandOver, cast) -> None:
    question = "Is it safe to leave a voicemail?"
    workflow.ask_coordinator(
        hand_over_id=accepted.pk, question=question, by=cast.beacon_worker, version=accepted.version
    )
    workflow.answer_partner(hand_over_id=accepted.pk, answer="No. Ring in the morning only.", by=cast.coordinator)


PAGES = [
    ("/inbox/", "beacon_worker"),
    ("/inbox/?show=in-progress", "beacon_worker"),
    ("/inbox/?show=all", "beacon_worker"),
    ("/inbox/?show=all", "responder"),
    *((f"/inbox/{{{name}}}/", "beacon_worker") for name in ("danger", "late", "new", "accepted", "asked", "declined")),
    ("/inbox/{new}/accept/", "beacon_worker"),
    ("/inbox/{new}/decline/", "beacon_worker"),
    ("/inbox/{accepted}/ask/", "beacon_worker"),
    ("/inbox/{accepted}/report/", "beacon_worker"),
    ("/inbox/{nrm}/", "police_officer"),
    ("/inbox/{nrm}/accept/", "police_officer"),
]


@pytest.mark.parametrize(("width", "bare"), [(1280, False), (390, False), (390, True)])
def test_axe_finds_nothing_on_any_page_of_the_inbox_and_each_fits(busy, come, width, bare):
    ids = {name: hand_over.pk for name, hand_over in busy.items()}
    faults = []
    for path, who in PAGES:
        page = come(path.format(**ids), who, width, bare=bare)
        faults += [(path, fault) for fault in faults_of(page)] + ([] if fits(page) else [(path, "too wide")])
        page.close()
    assert faults == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_worker_takes_a_hand_over_from_the_inbox_to_its_outcome(busy, come, scripts):
    page = come("/inbox/", scripts=scripts)
    page.get_by_role("link", name=busy["new"].referral.reference).click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("You have accepted it")).to_be_visible()
    expect(page.get_by_text(CANARY_NAME)).to_have_count(0)
    page.get_by_role("button", name="Show who it is").click()
    expect(page.get_by_text(CANARY_NAME)).to_be_visible()
    page.get_by_role("link", name="Hide it again").click()
    expect(page.get_by_text(CANARY_NAME)).to_have_count(0)
    page.get_by_role("button", name="Report the outcome").click()
    page.get_by_role("button", name="Report the outcome").click()
    expect(page.get_by_role("link", name="Choose what came of it")).to_be_visible()
    page.get_by_label("We supported the person and our work is done").check()
    page.get_by_role("button", name="Report the outcome").click()
    expect(page.get_by_text("Your report is with the coordinator")).to_be_visible()
    assert HandOver.objects.get(pk=busy["new"].pk).outcome == "support_given"


@pytest.mark.parametrize("scripts", [True, False])
def test_who_comes_second_reads_who_was_first_and_keeps_what_they_typed(busy, cast, come, scripts):
    page = come(f"/inbox/{busy['new'].pk}/decline/", scripts=scripts)
    page.get_by_label("We have no capacity at the moment").check()
    page.get_by_label("Anything the coordinator should know (optional)").fill("Full until May")
    workflow.accept(hand_over_id=busy["new"].pk, by=cast.beacon_worker2, version=1)
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("heading", name="Test Beacon_Worker2 accepted it today")).to_be_visible()
    expect(page.get_by_label("Anything the coordinator should know (optional)")).to_have_value("Full until May")
    expect(page.get_by_label("We have no capacity at the moment")).to_be_checked()
    assert not scripts or faults_of(page) == []


@pytest.mark.parametrize("bare", [True, False])
def test_questions_and_the_person_can_stay_open_side_by_side(busy, come, bare):
    page = come(f"/inbox/{busy['accepted'].pk}/", width=390, bare=bare)
    page.get_by_role("button", name="Show who it is").click()
    page.get_by_role("button", name="Show questions and answers").click()
    expect(page.get_by_text("No. Ring in the morning only.")).to_be_visible()
    expect(page.get_by_text(CANARY_NAME)).to_be_visible()
    assert faults_of(page) == []
    assert fits(page)


def test_axe_finds_nothing_on_a_page_with_an_error(busy, come):
    page = come(f"/inbox/{busy['accepted'].pk}/report/", width=390)
    page.get_by_role("button", name="Report the outcome").click()
    expect(page.get_by_role("link", name="Choose what came of it")).to_be_visible()
    assert faults_of(page) == []
    assert fits(page)
