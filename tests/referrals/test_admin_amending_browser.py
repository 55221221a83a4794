"""Amending in a real browser: wide and narrow, with and without scripts, and axe finds nothing on the way."""

import re

import pytest
from playwright.sync_api import Page, expect

from referrals.models import Referral
from tests.browser.accessibility import faults_of
from tests.client_site import connections_closed
from tests.referrals.amended import answers_now, sent
from tests.referrals.test_admin_browser import QUEUE, come, visit, wide_enough

__all__ = ["come", "connections_closed", "visit"]

pytestmark = pytest.mark.browser


def is_fine(page: Page) -> bool:
    """Whether axe finds nothing and the page does not scroll sideways."""
    faults = faults_of(page)
    assert faults == []
    return wide_enough(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_way_through_an_amendment(cast, come, width):
    referral = sent(cast.officer)
    page = come(f"{QUEUE}{referral.pk}/change/", width=width)
    page.get_by_role("button", name="Amend").click()
    assert is_fine(page)
    page.get_by_role("button", name="Show the answers").click()
    expect(page.get_by_text("A man answered for her.")).to_be_visible()
    assert is_fine(page)
    page.get_by_role("link", name=re.compile("Change.*Safe contact")).click()
    page.get_by_role("button", name="Open these answers").click()
    expect(page.get_by_role("link", name="Choose why you need the location")).to_be_visible()
    assert is_fine(page)
    page.get_by_label("To arrange safe contact or a visit").check()
    page.get_by_role("button", name="Open these answers").click()
    page.get_by_label("Phone number", exact=True).fill("07700 900456")
    page.get_by_role("button", name="See old beside new").click()
    expect(page.get_by_role("link", name="Say why you amend it")).to_be_visible()
    assert is_fine(page)
    page.get_by_label("Why do you amend it?").fill("She has a new phone")
    page.get_by_role("button", name="See old beside new").click()
    expect(page.get_by_text("07700 900123")).to_be_visible()
    assert is_fine(page)
    page.get_by_role("button", name="Save the amendment").click()
    page.get_by_role("button", name="Show old and new answers").click()
    expect(page.get_by_text("She has a new phone")).to_be_visible()
    assert is_fine(page)
    assert answers_now(referral)["contact"]["phone_number"] == "07700 900456"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_puts_an_age_right_and_sees_what_follows(cast, come, scripts):
    referral = sent(cast.officer)
    page = come(f"{QUEUE}{referral.pk}/amend/", scripts=scripts)
    page.get_by_role("button", name=re.compile("Change.*Age and date")).click()
    page.get_by_label(re.compile("Under 18|not sure", re.IGNORECASE)).last.check()
    page.get_by_label("Why do you amend it?").fill("Her sister says she is 17")
    page.get_by_role("button", name="See old beside new").click()
    expect(page.get_by_text("What changes with it, because other questions are asked now")).to_be_visible()
    page.get_by_role("button", name="Change it again").click()
    expect(page.get_by_label("Why do you amend it?")).to_have_value("Her sister says she is 17")
    page.get_by_role("button", name="See old beside new").click()
    page.get_by_role("button", name="Save the amendment").click()
    expect(page.get_by_text("The amendment is saved")).to_be_visible()
    assert Referral.objects.get().age_group == "unsure"
