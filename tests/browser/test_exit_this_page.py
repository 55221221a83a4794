"""Exit this page: a click or Shift three times, the page leaves the tab's history, and without a script a link."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.client_site import HOST, ClientSite, connections_closed

__all__ = ["connections_closed"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db]
WEATHER = "https://www.bbc.co.uk/weather"


@pytest.fixture
def site(browser):
    made = []

    def make(**context) -> ClientSite:
        made.append(ClientSite(browser, Client(), **context))
        made[-1].context.route(
            f"{WEATHER}**", lambda route: route.fulfill(body="<title>Weather</title>Rain.", content_type="text/html")
        )
        return made[-1]

    yield make
    for one in made:
        one.context.close()


def at_the_second_page(site: ClientSite) -> Page:
    page = site.open("/")
    page.get_by_role("link", name="Cookies", exact=True).click()
    expect(page).to_have_url(f"{HOST}/cookies/")
    page.wait_for_selector("body[data-ready]")
    return page


def back_leads_home(page: Page) -> None:
    page.wait_for_url(f"{WEATHER}**")
    page.go_back()
    expect(page).to_have_url(f"{HOST}/")


def test_the_button_leaves_and_back_does_not_lead_to_the_page_that_was_left(site):
    opened = site()
    page = at_the_second_page(opened)
    page.get_by_role("button", name="Exit this page").click()
    back_leads_home(page)
    assert opened.complaints == []


def test_shift_three_times_leaves_and_is_taken_out_of_history_too(site):
    page = at_the_second_page(site())
    page.keyboard.press("Shift+A")  # a capital letter is no sign
    page.keyboard.press("Shift")
    expect(page.get_by_role("status").filter(has_text="2 more times")).to_be_attached()
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    back_leads_home(page)


def test_the_skip_link_comes_first_with_the_keyboard_and_leaves(site):
    page = at_the_second_page(site())
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "Exit this page" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    back_leads_home(page)


def test_what_was_read_is_covered_while_the_other_page_is_fetched(site):
    opened = site()
    page = at_the_second_page(opened)
    opened.context.unroute(f"{WEATHER}**")
    opened.context.route(f"{WEATHER}**", lambda route: route.fulfill(status=204))  # nothing comes
    page.get_by_role("button", name="Exit this page").click()
    expect(page.locator(".govuk-exit-this-page-overlay")).to_be_visible()
    expect(page.get_by_role("heading", name="Cookies", exact=True)).to_be_hidden()
    assert page.title() == "Loading"


def test_without_a_script_it_is_a_link(site):
    page = site(java_script_enabled=False).open("/cookies/")
    page.get_by_role("button", name="Exit this page").click()
    page.wait_for_url(f"{WEATHER}**")
