"""Every public page as people meet it: WCAG 2.2 AA by axe, small and wide, light and dark, and valid HTML.

One browser, and as few loads as that takes: a page is loaded once for each scheme and resized between the checks.
"""

import os
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from config.runtime.html_checker import MISSING, NoChecker, faults_of
from partners.models import OpeningHours, SupportLine
from tests.awareness.public_texts import public_paths, texts
from tests.browser import accessibility
from tests.client_site import HOST, ClientSite, connections_closed

__all__ = ["connections_closed", "texts"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PHONE, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
NOT_THERE = "/no-such-page/"
OTHERS = ("/published-figures/", "/campaigns/")
#: One page of each template, for what depends on the template and not on the text.
ONE_OF_EACH = {
    "/",
    "/get-help-now/",
    "/what-is-modern-slavery/",
    "/for-professionals/",
    "/cover-your-tracks/",
    "/signs/",
    "/signs/taxi/",
    "/news/",
    "/resources/",
    "/search/?q=hotel",
    "/site-map/",
    NOT_THERE,
}


def paths() -> list[str]:
    """Every page of texts and of help, and the one for what is not there. Figures have tests of their own."""
    return [*(path for path in public_paths() if not path.startswith(OTHERS)), NOT_THERE]


@pytest.fixture
def site(browser, texts):
    SupportLine.objects.create(slug="police", name="Police", purpose="police", phone="101", always_open=True)
    beacon = SupportLine.objects.create(slug="beacon", name="Beacon", purpose="victim_care", phone="03000 11 55 55")
    OpeningHours.objects.create(line=beacon, weekday=0, opens="08:00", closes="08:05")
    made = []

    def make(**context) -> ClientSite:
        made.append(ClientSite(browser, Client(), **context))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


def go(page: Page, path: str) -> None:
    page.goto(HOST + path)
    page.wait_for_selector("body[data-ready]")


def too_wide(page: Page) -> list[str]:
    return ["scrolls sideways"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []


def faults_small_and_wide(page: Page, path: str) -> list[tuple]:
    """All rules in light on a small telephone, the rules on colours in the dark; the same wide, once a template."""
    found = []
    for size in (PHONE, WIDE) if path in ONE_OF_EACH else (PHONE,):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        faults = too_wide(page) + accessibility.faults_of(page)
        page.emulate_media(color_scheme="dark")
        faults += accessibility.faults_of(page, accessibility.CONTRAST)
        found += [(path, size["width"], fault) for fault in faults]
    return found


def faults_enlarged_and_forced(page: Page, path: str) -> list[tuple]:
    """What is lost when letters are twice as large on a telephone, and when the browser forces its own colours."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    faults = too_wide(page)
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.emulate_media(forced_colors="active", color_scheme="light")
    faults += accessibility.faults_of(page, accessibility.CONTRAST)
    expect(page.get_by_role("button", name="Exit this page")).to_be_visible()
    page.emulate_media(forced_colors="none")
    return [(path, "enlarged or forced", fault) for fault in faults]


def test_nothing_stands_in_anybodys_way_on_any_public_page(site):
    opened, faults = site(viewport=PHONE), []
    page = opened.context.new_page()
    for path in paths():
        go(page, path)
        faults += faults_small_and_wide(page, path)
        if path in ONE_OF_EACH:
            faults += faults_enlarged_and_forced(page, path)
    assert faults == []
    assert opened.complaints == []


def test_with_a_keyboard_alone_one_finds_help_and_always_sees_where_one_is(site):
    page = site(viewport=WIDE).open("/")
    page.wait_for_selector("body[data-ready]")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(OF_FOCUS))
        if seen[-1]["text"] == "Get help now" and seen[-1]["button"]:
            break
    assert [one for one in seen if not one["marked"]] == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Get help now", level=1)).to_be_visible()


OF_FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    text: one.textContent.trim(), button: one.classList.contains("govuk-button"),
    marked: style.outlineStyle !== "none" && (at === one || one.contains(at) || at.contains(one)),
  };
}"""


def test_without_javascript_everything_is_there_and_can_be_reached(site):
    page = site(viewport=PHONE, java_script_enabled=False).open("/")
    page.get_by_role("link", name="Spot the signs", exact=True).first.click()
    page.get_by_role("link", name="Nail bars").click()
    expect(page.get_by_role("heading", name="Nail bars", level=1)).to_be_visible()
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("searchbox").fill("pasport")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="passport").click()
    expect(page.get_by_role("heading", name="found")).to_be_visible()


def test_the_html_of_every_public_page_is_valid(client, texts, tmp_path: Path):
    for path in paths():
        name = path.strip("/").replace("/", "_").replace("?", "_") or "home"
        (tmp_path / f"{name}.html").write_bytes(client.get(path).content)
    try:
        assert faults_of(tmp_path) == []
    except NoChecker:
        if os.environ.get("CI"):
            raise
        pytest.skip(MISSING)
