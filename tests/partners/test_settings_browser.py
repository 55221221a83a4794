"""The pages of settings in a real browser: the strict policy blocks nothing, axe finds nothing, nothing scrolls
sideways, and everything can be done without scripts."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners.models import Area, Banner, Limit, Organisation, Partnership, SupportLine, Wording
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.partners.settings_pages import address, save

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

WIDTHS = [1280, 390]
SITES: dict[Page, ClientSite] = {}


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, who="coordinator", width=1280, scripts=True)` gives the page; nothing may be complained of."""
    SITES.clear()

    def go(path: str, who: str = "coordinator", width: int = 1280, *, scripts: bool = True) -> Page:
        client = sign_in(Client(), cast.people[who]) if who else Client()
        size = {"width": width, "height": 900}
        site = ClientSite(browser, client, viewport=size, java_script_enabled=scripts)
        page = site.open(path)
        SITES[page] = site
        return page

    yield go
    for site in SITES.values():
        site.context.close()
    assert [complaint for site in SITES.values() for complaint in site.complaints] == []


def faults(page: Page) -> list[str]:
    """What axe finds wrong, and whether the page scrolls sideways.

    Django's style sheet for forms has an @import, for which axe tries to add style elements of its own: what the policy
    says to that is not the page's fault.
    """
    expect(page.locator("main").first).to_be_visible()
    narrow = page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    before = [*SITES[page].complaints]
    found = faults_of(page) + ([] if narrow else ["it scrolls sideways"])
    SITES[page].complaints[:] = before
    return found


@pytest.fixture
def banners(cast) -> list[Banner]:
    """One of each kind, shown now on every page."""
    return [
        Banner.objects.create(
            text=f"A {tone} " + "long " * 20, tone=tone, by=cast.coordinator, starts_at=timezone.now()
        )
        for tone in Banner.Tone
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("path", "who"), [("/", ""), ("/account/sign-in/", ""), ("/referrals/", "officer"), ("/admin/", "coordinator")]
)
def test_banners_do_no_harm_to_a_page(banners, come, path, who, width):
    page = come(path, who=who, width=width)
    expect(page.get_by_role("region", name="Notices").locator(".site-banner")).to_have_count(2)
    assert faults(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_banner_is_written_previewed_and_put_on_the_pages(come, scripts):
    page = come(address(Banner, "add"), scripts=scripts)
    page.get_by_label("What it says").fill("Closed on Sunday")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    assert "Information: Closed on Sunday" in preview.inner_text()
    if scripts:
        assert faults(page) == []
    preview.get_by_role("button", name="Put it on the pages").click()
    assert "Closed on Sunday" in page.get_by_role("region", name="Notices").inner_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_history_of_the_settings_can_be_read(cast, sign_in, come, width):
    save(
        sign_in(Client(), cast.coordinator),
        cast.hospital,
        role_mailbox="a-very-long-name-of-a-mailbox@hospital.example.org",
    )
    for path, who in [
        ("/audit/settings/", "auditor"),
        (address(Organisation, cast.hospital.pk, "history"), "coordinator"),
    ]:
        page = come(path, who=who, width=width)
        assert faults(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False])
def test_the_words_of_a_message_are_changed_and_brought_back(come, width, scripts):
    page = come(address(Wording), width=width, scripts=scripts)
    assert not scripts or faults(page) == []
    page.locator(".settings-list").get_by_role("link", name="Receipt for the referrer").click()
    page.get_by_label("Subject").fill("We have it: ((reference))")
    page.get_by_role("button", name="Preview").click()
    assert "We have it: K7P-4TX-9WM" in page.get_by_role("region", name="Preview").inner_text()
    assert not scripts or faults(page) == []
    page.get_by_role("button", name="Use these words").click()
    expect(page.get_by_text("Your own words", exact=True)).to_have_count(1)
    page.locator(".settings-list").get_by_role("link", name="Receipt for the referrer").click()
    page.get_by_role("link", name="Back to the standard words").click()
    assert not scripts or faults(page) == []
    page.get_by_role("button", name="Use the standard words").click()
    expect(page.get_by_text("Your own words", exact=True)).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False])
def test_a_clock_is_changed_from_a_day_and_taken_back(come, width, scripts):
    page = come(address(Limit), width=width, scripts=scripts)
    assert not scripts or faults(page) == []
    page.get_by_role("link", name="Reasonable grounds decision due").click()
    page.get_by_role("button", name="Plan this change").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    assert not scripts or faults(page) == []
    page.get_by_label("How many").fill("7")
    page.get_by_label("From").fill(str(timezone.localdate() + datetime.timedelta(days=30)))
    page.get_by_label("Where this was read").fill("A new law")
    page.get_by_role("button", name="Plan this change").click()
    assert not scripts or faults(page) == []
    page.get_by_role("button", name="Take this change back").click()
    expect(page.get_by_role("heading", name="Planned")).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", [True, False])
def test_a_support_line_is_previewed_and_saved(come, width, scripts):
    page = come(address(SupportLine, "add"), width=width, scripts=scripts)
    page.get_by_label("Name:").fill("Beacon")
    page.get_by_label("Name in web addresses").fill("beacon")
    page.get_by_label("Purpose").select_option("victim_care")
    page.get_by_label("Phone").fill("01632 960 123")
    page.get_by_label("Opening hours").fill("Monday to Friday 9 to 17")
    page.get_by_role("button", name="Preview").click()
    assert "Monday to Friday 09:00 to 17:00" in page.get_by_role("region", name="Preview").inner_text()
    assert not scripts or faults(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#result_list").get_by_role("link", name="Beacon")).to_have_count(1)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_forms_of_organisations_areas_and_the_partnership_do_no_harm(cast, come, width):
    for row in (cast.beacon, Area.objects.get(), Partnership.objects.get()):
        page = come(address(row, row.pk, "change"), width=width)
        assert faults(page) == []
