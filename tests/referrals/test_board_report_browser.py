"""The board report in a browser: narrow and wide, read by axe, and on paper."""

import pytest
from django.test import Client
from playwright.sync_api import Browser

from partners.county.load import load_county
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.county_folder import HERTFORDSHIRE
from tests.referrals.test_board_report import ADMIN, LIST, PAGE, draft, issued, published

__all__ = ["connections_closed", "draft", "published"]
pytestmark = pytest.mark.browser
WIDTHS = (390, 1280)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_and_a_report_are_read_by_everybody(browser: Browser, cast, draft, sign_in, width):
    load_county(HERTFORDSHIRE)
    issued(draft, cast.coordinator)
    site = ClientSite(browser, sign_in(Client(), cast.viewer), viewport={"width": width, "height": 900})
    for path in (LIST, PAGE):
        page = site.open(path)
        assert faults_of(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    assert site.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_on_which_it_is_written_are_used_by_everybody(browser: Browser, cast, draft, sign_in, width):
    site = ClientSite(browser, sign_in(Client(), cast.coordinator), viewport={"width": width, "height": 900})
    address = f"{ADMIN}{draft.pk}/"
    ends = ("change/", "write/protect/", "preview/", "issue/")
    for path in (ADMIN, f"{ADMIN}add/", *(address + end for end in ends)):
        page = site.open(path)
        assert faults_of(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    assert site.complaints == []
