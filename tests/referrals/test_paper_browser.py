"""Typing in from paper, and the recap, in a real browser: axe finds nothing, and neither needs scripts."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners.models import User
from referrals.models import Draft, Referral
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.referrals.filled import ADULT, fill

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

WIDTHS = (390, 1280)


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, who, scripts=True)` opens a page; at the end nothing may have been complained of."""
    sites = []

    def go(path: str, who: str = "coordinator", *, scripts: bool = True) -> Page:
        client = sign_in(Client(), cast.people[who])
        sites.append(ClientSite(browser, client, viewport={"width": 1280, "height": 900}, java_script_enabled=scripts))
        return sites[-1].open(path)

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


def looks_right(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert faults_of(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def about_the_sheet(page: Page, organisation: str) -> None:
    page.get_by_label("Which organisation refers?").select_option(label=organisation)
    page.get_by_label("Who met the person?").fill("Nora Nightnurse")
    today = timezone.localdate()
    for legend, day in (("filled in", today - datetime.timedelta(days=1)), ("receive it", today)):
        group = page.get_by_role("group", name=legend)
        for part in ("day", "month", "year"):
            group.get_by_label(part.title(), exact=True).fill(str(getattr(day, part)))


def test_axe_finds_nothing_on_the_pages_of_a_sheet(cast, come):
    page = come("/refer/from-paper/")
    looks_right(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    looks_right(page)
    about_the_sheet(page, "Hospital")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("From paper, for Hospital")).to_be_visible()
    looks_right(page)
    draft = Draft.objects.get()
    fill(draft, ADULT | {"do_not_share": {"keep_from": "no"}})
    page.goto(f"http://localhost/refer/{draft.pk}/declaration/")
    page.get_by_label("I have typed in what the sheet says").check()
    looks_right(page)
    page.get_by_role("button", name="Enter the referral").click()
    expect(page.get_by_role("heading", name="Entered from paper")).to_be_visible()
    looks_right(page)


def test_a_sheet_is_typed_in_without_scripts(cast, come):
    page = come("/refer/", scripts=False)
    page.get_by_role("link", name="Type in a referral from paper").click()
    about_the_sheet(page, "Hospital")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Save and continue").last.click()
    page.get_by_label("18 or over").check()
    page.get_by_role("button", name="Save and continue").last.click()
    expect(page.get_by_text("From paper, for Hospital")).to_be_visible()
    draft = Draft.objects.get()
    page.goto(f"http://localhost/refer/{draft.pk}/declaration/")
    page.get_by_label("I have typed in what the sheet says").check()
    page.get_by_role("button", name="Enter the referral").click()
    expect(page.get_by_text(Referral.objects.get().reference).first).to_be_visible()


def test_the_recap_is_sound_and_is_skipped_without_scripts(cast, come):
    User.objects.filter(pk=cast.officer.pk).update(recap_seen_at=None)
    looks_right(come("/refer/recap/", "officer"))
    page = come("/refer/", "officer", scripts=False)
    page.get_by_role("button", name="Start now").click()
    expect(page.get_by_role("heading", name="A two-minute recap")).to_be_visible()
    page.get_by_role("button", name="Skip, go to the form").click()
    expect(page.get_by_role("heading", name="Is anyone in immediate danger right now?")).to_be_visible()
