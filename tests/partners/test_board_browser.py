"""The message board in a real browser: axe, wide and narrow, with and without scripts, under the strict policy."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from partners.board.posting import publish, withdraw
from partners.models import BoardPost
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.conftest import CANARY_NAME, make_organisation, submit_one
from tests.partners.test_board import PATTERN, new_post
from tests.partners.test_board_pages import ODD

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

ADD = "/admin/partners/boardpost/add/"


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, who, width, scripts)` opens a page; at the end the browser may not have complained."""
    sites = []

    def go(path: str, who: str = "coordinator", width: int = 1280, *, scripts: bool = True) -> Page:
        client = sign_in(Client(), cast.people[who], second_factor=who == "coordinator")
        size = {"width": width, "height": 900}
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts))
        return sites[-1].open(path)

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


def sound(page: Page) -> None:
    """Nothing for axe to find, and nothing that scrolls sideways."""
    assert faults_of(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def posts(cast) -> list[BoardPost]:
    """An urgent, a withdrawn, a corrected and an odd post, the newest last."""
    gone, old = (publish(by=cast.coordinator, new=new_post(title=title)) for title in ("Gone", "Old"))
    withdraw(by=cast.coordinator, post_id=gone.pk, reason="It was about another county")
    new = publish(by=cast.coordinator, new=new_post(replaces=old))
    odd = publish(by=cast.coordinator, new=new_post(title=ODD[0], text=ODD[2] + "W" * 300))
    return [gone, old, new, odd, publish(by=cast.coordinator, new=new_post(urgent=True))]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_where_partners_read(posts, come, width):
    addresses = ["/", "/board/", *(f"/board/{post.pk}/" for post in posts)]
    for address in addresses:
        sound(come(address, "officer", width))


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_where_coordinators_write(posts, come, width):
    here = "/admin/partners/boardpost/"
    sound(come(here, width=width))
    for post in posts:
        sound(come(f"{here}{post.pk}/change/", width=width))
    for act in ("correct", "withdraw"):
        sound(come(f"{here}{posts[-1].pk}/{act}/", width=width))


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (390, True), (390, False)])
def test_a_post_is_written_looked_at_changed_sent_and_read(cast, come, width, scripts):
    for number in range(20):
        make_organisation(f"partner-{number}")
    submit_one(cast.officer)
    page = come(ADD, width=width, scripts=scripts)
    page.get_by_role("button", name="Check and preview").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a title")
    if scripts:
        sound(page)
    page.get_by_label("Title").fill("Car washes are changing hands")
    page.get_by_label("Text", exact=True).fill(f"{PATTERN}\n\nSomebody called {CANARY_NAME} Testperson was seen.")
    page.get_by_label("Only the organisations that I choose").check()
    page.get_by_label("Council", exact=True).check()
    page.get_by_role("button", name="Check and preview").click()
    asked = page.get_by_text(f"“{CANARY_NAME} Testperson” looks like the name of somebody in a referral")
    expect(asked).to_be_visible()
    page.get_by_role("button", name="Send to 1 organisation").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box when it is so")
    if scripts:
        sound(page)
    page.get_by_role("button", name="Change it").click()
    page.get_by_label("Text", exact=True).fill(PATTERN)
    page.get_by_role("button", name="Check and preview").click()
    expect(page.get_by_text("Look again before you send it")).to_have_count(0)
    expect(page.get_by_text("Hand car washes near stations have changed hands.")).to_be_visible()
    page.get_by_role("button", name="Send to 1 organisation").click()
    expect(page.get_by_role("heading", name="Read by 0 of 1 organisation")).to_be_visible()
    reader = come("/board/", "officer", width, scripts=scripts)
    reader.get_by_role("link", name="Car washes are changing hands").click()
    expect(reader.get_by_text("Staff sleep on site")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Read by 1 of 1 organisation")).to_be_visible()
