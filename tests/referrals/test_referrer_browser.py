"""What the referrer sees, in a real browser: the strict policy blocks nothing, axe finds nothing, no page scrolls
sideways, and a withdrawal works with and without scripts."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from partners.models import SupportLine
from referrals.handover_states import HandOverStatus
from referrals.models import HandOver
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from referrals.workflow import Offer, accept, hand_over, start_triage
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.conftest import make_draft, sign_in_as, submit_one

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

PHONE, DESKTOP = 390, 1280


@pytest.fixture
def referral(cast):
    """The officer's: the victim service has accepted it, the police are asked and closed, and it is kept from one."""
    SupportLine.objects.create(
        slug="police", name="Police line", purpose="police", phone="101", organisation=cast.constabulary
    )
    consents = [ConsentGiven(kind=kind, state="given") for kind in ("nrm", "beacon", "police")]
    made = submit_one(cast.officer, consents=consents, exclude=["hospital"], exclude_reason="A brother works there")
    start_triage(referral_id=made.pk, by=cast.coordinator, version=1)
    offers = [Offer(cast.beacon, Pathway.BEACON), Offer(cast.constabulary, Pathway.NRM, cast.police_officer)]
    first = hand_over(referral_id=made.pk, offers=offers, by=cast.coordinator, version=2)[0]
    accept(hand_over_id=first.pk, by=cast.beacon_worker, version=first.version)
    return made


@pytest.fixture
def come(browser, cast):
    """`come(path, "officer", width, scripts=True)` opens a page on a code alone; nothing may be complained of."""
    sites = []

    def go(path, who="officer", width=DESKTOP, *, scripts=True):
        client = sign_in_as(Client(), cast.people[who], second_factor=False)
        size = {"width": width, "height": 900}
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts))
        return sites[-1].open(path)

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


PAGES = [
    ("/nrm/can-we-refer/", "officer"),
    ("/nrm/can-we-refer/", "nurse"),
    ("/referrals/", "officer"),
    ("/referrals/{referral}/", "officer"),
    ("/referrals/{referral}/receipt/", "officer"),
    ("/referrals/{referral}/consent/", "officer"),
    ("/refer/{draft}/found/", "officer"),
    ("/refer/{draft}/do-not-share/", "officer"),
]


@pytest.mark.parametrize("width", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(come, cast, referral, width):
    names = {"referral": referral.pk, "draft": make_draft(cast.officer).pk}
    for path, who in PAGES:
        page = come(path.format(**names), who, width)
        assert faults_of(page) == [], path
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_person_who_changes_their_mind_is_heard_at_once(come, cast, referral, scripts):
    page = come(f"/referrals/{referral.pk}/", scripts=scripts)
    main = page.locator("main")
    expect(main.get_by_role("heading", name="Who has it now")).to_be_visible()
    expect(main.locator(".queue__row", has_text="Beacon")).to_contain_text("Accepted")
    main.get_by_role("link", name="Record that the person has changed their mind").click()
    page.get_by_role("button", name="Save what they said").click()
    expect(main).to_contain_text("Say what they said about at least one of these")
    if scripts:
        assert faults_of(page) == []
    support = main.locator("fieldset", has=page.locator("[name=beacon]"))
    support.get_by_label("They agreed before, and have changed their mind").check()
    main.get_by_label("Names of who explained it and who interpreted").fill("Ina Terpreter")
    page.get_by_role("button", name="Save what they said").click()
    expect(main).to_contain_text("What they said is recorded")
    expect(main).to_contain_text("Beacon does not have it any more")
    expect(main.locator(".queue__row", has_text="Constabulary")).to_contain_text("Asked, no answer yet")
    expect(main.locator(".queue__row", has_text="Beacon")).to_have_count(0)
    assert HandOver.objects.get(organisation=cast.beacon).status == HandOverStatus.REVOKED


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_an_organisation_that_must_not_hear_of_it_is_chosen_without_a_script_too(come, cast, scripts):
    draft = make_draft(cast.officer)
    page = come(f"/refer/{draft.pk}/do-not-share/", width=PHONE, scripts=scripts)
    main = page.locator("main")
    main.get_by_label("Yes", exact=True).check()
    main.get_by_label("Hospital", exact=True).check()
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/referrer/")
    page.goto(page.url.replace("referrer", "check"))
    expect(main).to_contain_text("Hospital")
