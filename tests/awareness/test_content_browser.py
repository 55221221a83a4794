"""The pages for texts in a real browser: axe finds nothing, wide and narrow, and they work without scripts."""

import datetime
import os

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from awareness.content.editing import Words, publish, write
from awareness.models import Content, ContentVersion
from tests.awareness.texts import NEXT_YEAR, show_text
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser
LIST = "/admin/awareness/content/"
BODY = """## What you may notice

- Somebody else **pays** and speaks.
- No luggage, no papers.

> In danger, ring [999](tel:999).

| Line | Hours |
| --- | ---: |
| Helpline | 24 |
"""


@pytest.fixture
def text(cast) -> Content:
    """A public text with a change that waits and somebody's words in the history."""
    content = Content(kind="sign", slug="taxi", subject="taxi", review_by=datetime.date(2026, 1, 1))
    words = Words(title="Taxis and private hire", summary="What a driver may notice.", body=BODY)
    write(by=cast.coordinator, content=content, seen=0, words=words, note="First words")
    publish(by=cast.coordinator, content=content, seen=1)
    changed = Words(**vars(words) | {"body": BODY.replace("No luggage, no papers.", "No luggage.\n- No papers.")})
    write(by=cast.coordinator2, content=content, seen=1, words=changed, note="One sign a line")
    show_text("news", "news", title="Training in spring", review_by=NEXT_YEAR)
    show_text("resource", "helpline", title="The helpline", link="https://www.example.org/")
    return content


@pytest.fixture
def site(browser, cast, sign_in):
    """`site(width)` is a browser in which a coordinator is signed in."""
    made = []

    def open_at(width: int, **options) -> ClientSite:
        size = {"width": width, "height": 900}
        made.append(ClientSite(browser, sign_in(Client(), cast.coordinator), viewport=size, **options))
        return made[-1]

    yield open_at
    assert [complaint for one in made for complaint in one.complaints] == []
    for one in made:
        one.context.close()


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("LOOK_AT_CONTENT"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def fits(page: Page) -> bool:
    """Whether the page is no wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_fit(site, text, width):
    here = site(width)
    paths = {"list": LIST, "form": f"{LIST}{text.pk}/change/", "history": f"{LIST}{text.pk}/history/",
             "version": f"{LIST}{text.pk}/version/2/"}  # fmt: skip
    for name, path in paths.items():
        page = here.open(path)
        for summary in page.locator("details:not([open]) > summary").all():
            if summary.is_visible() and name == "form":
                summary.click()
        look(page, f"{name}-{width}")
        assert here.complaints == [], name
        assert faults_of(page) == [], name
        here.complaints.clear()  # Django's style sheet has an @import, for which axe tries to add styles of its own
        if name != "list":  # Django's table scrolls in its own box
            assert fits(page), name
        page.close()


def test_a_text_is_previewed_and_published_without_scripts(site, text):
    page = site(1280, java_script_enabled=False).open(f"{LIST}add/?kind=news")
    page.get_by_label("Title").fill("A day of action")
    page.get_by_label("Summary").fill("Come and see.")
    page.locator("#id_body").fill("[x](javascript:alert(1))")
    page.get_by_label("Name in web addresses").fill("day-of-action")
    page.get_by_label("Check this by").fill("2027-05-01")
    page.get_by_role("button", name="Publish now").click()
    assert page.get_by_text("Line 1: A link cannot begin with “javascript:”").is_visible()
    page.locator("#id_body").fill("Come to the **town hall**.")
    page.get_by_role("button", name="Preview").click()
    assert page.locator("article strong").inner_text() == "town hall"
    look(page, "preview-1280")
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Published. The public sees it now.")).to_be_visible()
    assert ContentVersion.objects.get(title="A day of action").editions.count() == 1
