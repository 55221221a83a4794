"""The coordinators' pages in a real browser: the strict policy blocks nothing, axe finds nothing, and they can be used
with and without scripts, wide and narrow."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from partners.models import AccessRecord, Kind, Wording
from referrals.models import Consent, HandOver, Link, LinkKind, Referral
from referrals.pathways import Pathway
from referrals.workflow import add_note, answer_information, assign, exclude, link, request_information, start_triage
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.conftest import CANARY_NAME, CANARY_PLACE, submit_one
from tests.referrals import test_admin_import
from tests.referrals.handing import handed, in_the_nrm, silent, taken, with_a_question

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

QUEUE = "/admin/referrals/referral/"


@pytest.fixture
def case(cast) -> Referral:
    """A referral in triage with a question, an answer and a note; others stand beside it in the queue."""
    submit_one(cast.officer, priority="immediate")
    submit_one(cast.nurse, age_group="child")
    referral = submit_one(cast.officer)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=2)
    answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
    add_note(referral_id=referral.id, text="Rang the officer", by=cast.coordinator)
    return Referral.objects.get(pk=referral.pk)


@pytest.fixture
def visit(browser, cast):
    """`visit(path)` opens a page as the coordinator; at the end nothing may have been complained of."""
    sites = []

    def go(path: str, who: str = "coordinator", width: int = 1280, *, scripts: bool = True, signed_in) -> Page:
        client = signed_in(Client(), cast.people[who])
        size = {"width": width, "height": 900}
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts))
        return sites[-1].open(path)

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


@pytest.fixture
def come(visit, sign_in):
    """`come(path, who="coordinator", width=1280, scripts=True)` gives the page."""

    def go(path: str, **more) -> Page:
        return visit(path, signed_in=sign_in, **more)

    return go


def wide_enough(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


OURS = [
    "",
    QUEUE,
    QUEUE + "?show=closed&priority=urgent",
    QUEUE + "?show=open&since=7",
    QUEUE + "filters/?show=open&age=child",
    QUEUE + "{id}/change/",
    QUEUE + "{id}/ask/",
    QUEUE + "{id}/close/",
]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", OURS)
def test_axe_finds_nothing_on_the_pages_of_the_queue_and_the_case(case, come, path, width):
    page = come(path.format(id=case.pk) or "/admin/", width=width)
    assert faults_of(page) == []
    assert wide_enough(page)


@pytest.fixture
def under_way(cast) -> Referral:
    """A referral in the NRM, with a question of a partner, one that does not answer, and one that must not know."""
    referral = taken(cast)
    in_the_nrm(cast, referral)
    with_a_question(cast, handed(cast, referral, cast.beacon), cast.beacon_worker)
    silent(handed(cast, referral, cast.constabulary, Pathway.POLICE))
    exclude(referral_id=referral.pk, organisation=cast.hospital, reason="A relative", by=cast.coordinator2)
    return referral


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_a_case_that_is_under_way_and_its_acts(cast, under_way, come, width):
    beacon = HandOver.objects.get(organisation=cast.beacon)
    lifted = under_way.exclusions.get()
    acts = ["hand-over/", "hand-over/?pathway=nrm", "consent/", "stage/", "exclude/", f"lift/{lifted.pk}/"]
    parts = [f"{act}/{beacon.pk}/" for act in ("answer", "ring", "name", "revoke")]
    for path in ["change/", *acts, *parts]:
        page = come(f"{QUEUE}{under_way.pk}/{path}", width=width)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert faults_of(page) == [], path
        assert wide_enough(page), path


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_pages_about_other_referrals_and_files(cast, case, come, width):
    other = Referral.objects.exclude(pk=case.pk).first()
    link(referral_id=case.pk, other_id=other.pk, kind=LinkKind.FAMILY, by=cast.coordinator, note="Sisters")
    unlinks = f"unlink/{Link.objects.get().pk}/"
    acts = [
        "decide/",
        "note/",
        "duplicate/",
        "link-to/",
        f"link/{other.pk}/",
        f"merge/{other.pk}/",
        unlinks,
        "pdf/",
        "change/",
    ]
    pages = [f"{QUEUE}{case.pk}/{act}" for act in acts]
    for path in [*pages, *(f"/admin/referrals/{name}/" for name in ("people", "export", "import"))]:
        page = come(path, width=width)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert faults_of(page) == [], path
        assert wide_enough(page), path
        if path.endswith(("people/", "export/", "import/", "pdf/", "link-to/", "decide/", "note/", "duplicate/")):
            page.locator("main form button.govuk-button").last.click()
            expect(page.locator(".govuk-error-summary")).to_be_visible()
            assert faults_of(page) == [], f"{path} with an error"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_finds_a_person_and_links_two_referrals(cast, case, come, scripts):
    page = come(QUEUE, scripts=scripts)
    page.get_by_role("link", name="Search for a person").click()
    page.get_by_label("Name", exact=True).fill(f"{CANARY_NAME} Testperson")
    page.get_by_label("Why do you look for this person?").fill("A partner asked whether we know of them")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="3 referrals may be about this person")).to_be_visible()
    assert page.url.endswith("/admin/referrals/people/")
    assert CANARY_NAME not in page.title()
    assert faults_of(page) == [] if scripts else True
    page.get_by_role("link", name=case.reference).click()
    page.get_by_role("link", name=re.compile("Compare and link")).first.click()
    page.get_by_label("The same person").check()
    page.get_by_role("button", name="Link these two").click()
    expect(page.get_by_text("The two referrals are linked.")).to_be_visible()
    assert Link.objects.get().kind == LinkKind.SAME_PERSON


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_a_dry_run(case, come, width):
    page = come("/admin/referrals/import/", width=width)
    content = test_admin_import.log(test_admin_import.row(1), test_admin_import.row(2, day="32/13/2024"))
    page.get_by_label("The log").set_input_files([{"name": "log.csv", "mimeType": "text/csv", "buffer": content}])
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Dry run")).to_be_visible()
    assert faults_of(page) == []
    assert wide_enough(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_hands_over_without_consent_and_takes_it_back_when_it_is_refused(cast, come, scripts):
    referral = taken(cast, consents=[])
    page = come(f"{QUEUE}{referral.pk}/change/", scripts=scripts)
    page.get_by_role("button", name="Hand over").click()
    page.get_by_label("Police", exact=True).check()
    page.get_by_role("button", name="Choose organisations").click()
    page.get_by_label("Constabulary").check()
    page.get_by_label("Somebody there by name").first.select_option(label="Test Police_Officer")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("link", name=re.compile("needs the person’s consent"))).to_be_visible()
    expect(page.get_by_label("Constabulary")).to_be_checked()
    assert faults_of(page) == [] if scripts else True
    page.get_by_label("Somebody’s life or safety is at risk now").check()
    page.get_by_label("Say why, in your own words").fill("Somebody waits outside the hospital")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("You have handed it over")).to_be_visible()
    assert HandOver.objects.get().responder == cast.police_officer
    page.get_by_role("link", name=re.compile("Take it back.*Constabulary")).click()
    page.get_by_label("It is not needed any more").check()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("does not see the case any more")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_is_told_what_a_withdrawal_takes_back_before_it_does(cast, come, scripts):
    referral = taken(cast)
    handed(cast, referral, cast.beacon)
    page = come(f"{QUEUE}{referral.pk}/change/", scripts=scripts)
    page.get_by_role("link", name="Record consent").click()
    page.get_by_label("Local support from").select_option(label="They agreed, then changed their mind")
    page.get_by_label("A professional interpreter").check()
    page.get_by_role("button", name="Record consent").click()
    expect(page.get_by_role("heading", name="1 hand-over will be taken back")).to_be_visible()
    expect(page.get_by_label("A professional interpreter")).to_be_checked()
    page.get_by_label("Yes, take it back from Beacon").check()
    page.get_by_role("button", name="Record consent").click()
    expect(page.get_by_role("heading", name="What the person agrees to has changed")).to_be_visible()
    assert Consent.objects.filter(kind="beacon", state="withdrawn", interpreter="professional").exists()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_an_opened_case_with_an_error(case, come, width):
    page = come(f"{QUEUE}{case.pk}/change/", width=width)
    page.get_by_role("button", name="Show identity and account").click()
    page.get_by_role("button", name="Show questions, answers and notes").click()
    page.locator("summary", has_text="Show the location").click()
    page.get_by_role("button", name="Show the location").click()
    expect(page.get_by_role("link", name="Choose why you need the location")).to_be_visible()
    page.locator("summary", has_text="newest first").click()
    assert CANARY_NAME in page.locator("main").inner_text()
    assert faults_of(page) == []
    assert wide_enough(page)


@pytest.mark.parametrize(
    "path", ["partners/user/add/", "partners/membership/{membership}/do/end/", "partners/user/{user}/do/reset/"]
)
def test_axe_finds_nothing_on_the_pages_about_accounts(cast, come, path):
    page = come("/admin/" + path.format(membership=cast.lead.membership.pk, user=cast.lead.pk), width=390)
    assert faults_of(page) == []
    assert wide_enough(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_access_log(case, come, width):
    page = come("/audit/?since=2026-03-02&until=2026-03-01", who="auditor", width=width)
    assert faults_of(page) == []
    assert wide_enough(page)


@pytest.mark.parametrize(
    "path", ["organisation/", "organisation/add/", "supportline/add/", "wording/{wording}/change/", "user/", "message/"]
)
def test_the_strict_policy_blocks_nothing_on_djangos_own_pages(cast, come, path):
    wording = Wording.objects.create(kind=Kind.RECEIPT, body="Thank you: ((reference))")
    page = come("/admin/partners/" + path.format(wording=wording.pk), width=390)
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_works_a_referral_from_the_queue(cast, case, come, scripts):
    page = come("/admin/", scripts=scripts)
    page.get_by_role("link", name="Unread").click()
    expect(page.get_by_label("Status", exact=True)).to_have_value("unread")
    page.locator("#result_list tbody tr").first.get_by_role("link").click()
    page.get_by_role("button", name="Take this referral").click()
    expect(page.get_by_text("You have taken this referral")).to_be_visible()
    page.get_by_role("button", name="Add a note").click()
    page.get_by_label("Your note").fill("Rang the police")
    page.get_by_role("button", name="Add a note").click()
    page.get_by_role("button", name="Show questions, answers and notes").click()
    expect(page.get_by_text("Rang the police")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.get_by_label("Supported locally").check()
    page.get_by_label("Help is in place.").check()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("heading", name=re.compile("Closed on"))).to_be_visible()
    taken = Referral.objects.get(outcome="supported_locally")
    assert (taken.status, taken.owner) == ("closed", cast.coordinator)
    expect(page.get_by_text("This referral is no longer in")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Next")).click()
    expect(page.get_by_text("This referral is no longer in")).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Back to the list")).click()
    expect(page.get_by_label("Status", exact=True)).to_have_value("unread")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_location_is_shown_for_a_reason_and_gone_when_hidden(cast, case, come, scripts):
    page = come(f"{QUEUE}{case.pk}/change/", scripts=scripts)
    page.locator("summary", has_text="Show the location").click()
    page.get_by_label("To arrange safe contact or a visit").check()
    page.get_by_role("button", name="Show the location").click()
    expect(page.get_by_text(CANARY_PLACE)).to_be_visible()
    page.get_by_role("link", name="Hide it again").click()
    expect(page.get_by_text(CANARY_PLACE)).to_have_count(0)
    assert AccessRecord.objects.get(action="open_location").purpose == "To arrange safe contact or a visit"


def test_a_second_coordinator_sees_what_changed_and_what_was_typed(cast, case, come):
    page = come(f"{QUEUE}{case.pk}/ask/")
    page.get_by_label("Your question").fill("Who drives them?")
    assign(referral_id=case.id, to=cast.coordinator2, by=cast.coordinator2, version=case.version)
    page.get_by_role("button", name="Ask the referrer").click()
    expect(page.get_by_role("heading", name="This referral changed while you had it open")).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("Who drives them?")
    assert faults_of(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_filter_is_chosen_saved_and_walked_through(cast, case, come, scripts):
    submit_one(cast.officer, age_group="child")
    page = come(QUEUE, scripts=scripts)
    page.get_by_role("navigation", name="Parts of the queue").get_by_role("link", name="Needs me now").click()
    page.get_by_label("Age", exact=True).select_option(label="Under 18")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Save this filter").click()
    page.get_by_label("Name of the filter").fill("Children")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Parts of the queue").get_by_role("link", name="Closed").click()
    expect(page.get_by_label("Age", exact=True)).to_have_value("child")
    page.get_by_role("navigation", name="Saved filters").get_by_role("link", name="Children").click()
    page.locator("#result_list a").first.click()
    page.get_by_role("link", name=re.compile("^Next")).click()
    expect(page.get_by_role("link", name=re.compile("^Next"))).to_have_count(0)
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    assert faults_of(page) == [] if scripts else True  # axe is a script: without scripts its call never comes back


@pytest.mark.parametrize(("scripts", "width"), [(True, 1280), (True, 390), (False, 1280)])
def test_a_coordinator_gives_several_away_and_exports_the_rest(cast, come, scripts, width):
    given, also, stays = (taken(cast) for _ in range(3))
    unread = submit_one(cast.officer)
    page = come(QUEUE, scripts=scripts, width=width)
    for referral in (given, also):
        page.get_by_role("checkbox", name=f"Select {referral.reference}").focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Assign to a coordinator").click()
    expect(page.get_by_role("heading", name="Assign to a coordinator", level=1)).to_be_visible()
    assert faults_of(page) == [] if scripts else True
    assert wide_enough(page) if scripts else True
    page.get_by_role("button", name="Assign 2 referrals").click()
    expect(page.get_by_role("link", name="Choose a coordinator")).to_be_visible()
    page.get_by_label("Test Coordinator2").check()
    page.get_by_role("button", name="Assign 2 referrals").click()
    expect(page.get_by_text("2 referrals have a new owner.")).to_be_visible()
    assert Referral.objects.filter(owner=cast.coordinator2).count() == 2
    if scripts:
        page.get_by_label("Tick all on this page").check()
    else:
        page.get_by_role("checkbox", name=f"Select {unread.reference}").check()
    page.get_by_role("button", name="Export the chosen ones").click()
    expect(page.get_by_text(f"Nobody has opened {unread.reference}")).to_be_visible()
    assert faults_of(page) == [] if scripts else True
    page.get_by_role("link", name="Back to the list").click()
    page.get_by_role("checkbox", name=f"Select {stays.reference}").check()
    page.get_by_role("button", name="Export the chosen ones").click()
    expect(page.get_by_text("1 referral, those that you ticked")).to_be_visible()
    assert faults_of(page) == [] if scripts else True


def test_the_queue_is_worked_with_the_keyboard_alone(cast, case, come):
    page = come(QUEUE)
    page.get_by_label("Reference").focus()
    page.keyboard.type(case.reference.lower())
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.get_by_role("link", name=case.reference).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.reference)
