"""The pages of the rota, of absences and of handing on in a real browser: axe finds nothing, wide and narrow, and they
work without scripts."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners.absences import record_absence
from partners.hours import LONDON
from partners.models import Absence, Duty, Membership, User
from partners.roles import Role
from partners.rota import week_of
from referrals.models import HandOver, Referral
from referrals.workflow import accept
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.conftest import make_person
from tests.referrals.handing import handed, taken

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

ROTA = "/admin/partners/duty/"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def rostered(cast) -> Referral:
    """A rota with gaps, one colleague away, another to be away, a referral and a hand-over that somebody has."""
    third = make_person("third", Role.COORDINATOR, cast.partnership_team)
    make_person("beaconlead", Role.LEAD, cast.beacon)
    monday = week_of(timezone.localdate())
    for number in (0, 1, 2, 3, 4, 7, 8, 10):
        day = monday + number * DAY
        starts, ends = (datetime.datetime.combine(day, datetime.time(hour), LONDON) for hour in (9, 17))
        Duty.objects.create(user=[cast.coordinator, third][number % 2], starts_at=starts, ends_at=ends)
    now = timezone.now()
    Duty.objects.create(user=cast.coordinator, starts_at=now - datetime.timedelta(minutes=5), ends_at=now + DAY / 24)
    referral = taken(cast)
    made = handed(cast, referral, cast.beacon)
    accept(hand_over_id=made.pk, by=cast.beacon_worker, version=1)
    today = timezone.localdate()
    who = {"by": third, "user": cast.coordinator, "cover": cast.coordinator2}
    record_absence(starts_on=today, ends_on=today + 7 * DAY, **who)
    record_absence(by=third, user=third, cover=cast.coordinator2, starts_on=today + DAY, ends_on=today + 2 * DAY)
    return referral


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, who, width, scripts=True)` opens a page; at the end nothing may have been complained of."""
    sites = []

    def go(path: str, who: str = "coordinator2", width: int = 1280, *, scripts: bool = True) -> Page:
        user = cast.people.get(who) or User.objects.get(email__startswith=f"{who}@")
        size = {"width": width, "height": 900}
        client = sign_in(Client(), user)
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts))
        return sites[-1].open(path)

    go.sites = sites
    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


def wide_enough(page: Page) -> bool:
    return page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def pages(cast) -> dict[str, tuple[str, str]]:
    """The new pages: who opens which."""
    ends = f"/admin/partners/membership/{cast.coordinator.membership.pk}/do"
    return {
        "start": ("coordinator2", "/admin/"),
        "start of who is away": ("coordinator", "/admin/"),
        "rota": ("coordinator2", ROTA),
        "rota of an administrator": ("sysadmin", ROTA),
        "absence": ("coordinator2", f"{ROTA}absence/"),
        "queue": ("coordinator2", "/admin/referrals/referral/?show=mine"),
        "end": ("coordinator2", f"{ends}/end/"),
        "role": ("coordinator2", f"{ends}/role/"),
        "hand on": ("coordinator2", f"/admin/partners/user/{cast.coordinator.pk}/do/hand-on/"),
        "suspend": ("coordinator2", f"/admin/partners/user/{cast.coordinator.pk}/do/suspend/"),
        "lead ends": ("beaconlead", f"/organisation/people/{cast.beacon_worker.membership.pk}/end/"),
        "lead changes a role": ("beaconlead", f"/organisation/people/{cast.beacon_worker.membership.pk}/role/"),
    }


NAMES = [
    "start", "start of who is away", "rota", "rota of an administrator", "absence", "queue", "end", "role",
    "hand on", "suspend", "lead ends", "lead changes a role",
]  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(cast, rostered, come, name, width):
    who, path = pages(cast)[name]
    page = come(path, who, width)
    assert faults_of(page) == []
    assert wide_enough(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_form_of_a_shift(cast, rostered, come, width):
    page = come(f"{ROTA}add/", width=width)
    site = come.sites[0]
    assert site.complaints == []
    assert faults_of(page) == []
    assert wide_enough(page)
    site.complaints.clear()  # axe copies the sheets that Django's form sheet imports into the page, which is refused


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_when_something_is_wrong(cast, rostered, come, width):
    page = come(f"{ROTA}absence/", width=width)
    page.get_by_role("button", name="Record the absence").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert faults_of(page) == []
    page = come(pages(cast)["end"][1], width=width)
    page.get_by_role("button", name="End this membership").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert faults_of(page) == []
    assert wide_enough(page)


def test_an_absence_is_recorded_and_ended_without_scripts(cast, come):
    page = come(ROTA, "coordinator", scripts=False)
    page.get_by_role("button", name="Record an absence").click()
    today = timezone.localdate()
    page.get_by_label("Who covers?").select_option(label=cast.coordinator2.full_name)
    for legend, day in (("First day", today), ("Last day", today + 3 * DAY)):
        group = page.get_by_role("group", name=legend)
        for part in ("day", "month", "year"):
            group.get_by_label(part.title(), exact=True).fill(str(getattr(day, part)))
    page.get_by_role("button", name="Record the absence").click()
    expect(page.get_by_text("Away now")).to_be_visible()
    assert Absence.objects.get().cover == cast.coordinator2
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("Nobody is away")).to_be_visible()


def test_a_membership_ends_with_everything_handed_on_without_scripts(cast, rostered, come):
    page = come(pages(cast)["end"][1], scripts=False)
    expect(page.get_by_role("link", name=rostered.reference)).to_be_visible()
    page.get_by_role("button", name="End this membership").click()
    expect(page.get_by_role("link", name="Choose who takes it on")).to_be_visible()
    page.get_by_label("Hand all of it on to").select_option(label=cast.coordinator2.full_name)
    page.get_by_role("button", name="End this membership").click()
    assert Membership.objects.get(user=cast.coordinator).ended_at is not None
    assert Referral.objects.get(pk=rostered.pk).owner == cast.coordinator2


def test_a_lead_hands_on_and_ends_without_scripts(cast, rostered, come):
    page = come(pages(cast)["lead ends"][1], "beaconlead", scripts=False)
    page.get_by_label("Hand all of it on to").select_option(label=cast.beacon_worker2.full_name)
    page.get_by_role("button", name="End the account").click()
    assert HandOver.objects.get().responder == cast.beacon_worker2
    assert Membership.objects.get(user=cast.beacon_worker).ended_at is not None
