"""The dashboard in a browser: accessible at every width, by keyboard alone, in forced colours and on paper."""

import pytest

from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed  # noqa: F401 - autouse
from tests.referrals.published_sample import publish_sample, put_districts_on_the_map

pytestmark = pytest.mark.browser


@pytest.fixture
def site(browser, client, cast, sign_in):
    """The viewer of the council, on a large screen."""
    put_districts_on_the_map()
    publish_sample(cast.council)
    sign_in(client, cast.viewer)
    client.get("/dashboard/")  # the first drawing of a process starts the library, which is not what is timed here
    return ClientSite(browser, client, viewport={"width": 1280, "height": 900})


def test_it_is_accessible_and_fits_every_width(site):
    page = site.open("/dashboard/")
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert site.complaints == []


def test_one_of_the_two_drawings_is_shown(site):
    """The other is hidden from everybody, screen readers too, so that nothing is read out twice."""
    page = site.open("/dashboard/")
    assert page.locator(".chart__wide").first.is_visible()
    assert not page.locator(".chart__narrow").first.is_visible()
    page.set_viewport_size({"width": 390, "height": 900})
    assert not page.locator(".chart__wide").first.is_visible()
    assert page.locator(".chart__narrow").first.is_visible()


def test_a_chart_has_the_name_that_it_shows(site):
    page = site.open("/dashboard/")
    chart = page.get_by_role("img", name="Labour exploitation was reported most often: 14 of 41 referrals", exact=True)
    assert chart.count() == 1
    described = chart.evaluate("one => document.getElementById(one.getAttribute('aria-describedby')).textContent")
    assert described.startswith("Labour exploitation 14; Criminal exploitation 12;")
    assert "Domestic servitude hidden" in described


def test_another_period_is_chosen_by_keyboard_alone(site):
    page = site.open("/dashboard/")
    page.locator("summary", has_text="All periods").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "April to June 2026"
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard/2026-q2/")
    assert page.locator("h1").inner_text() == "April to June 2026"


def test_forced_colours_draw_charts_in_the_readers_own(site):
    page = site.open("/dashboard/")
    page.emulate_media(forced_colors="active")
    for name, system in (("chart-1", "CanvasText"), ("chart-ink", "CanvasText"), ("chart-tile", "Canvas")):
        mark = page.locator(f".chart__wide .{name}").first
        shown = mark.evaluate("one => getComputedStyle(one).fill")
        wanted = page.evaluate(
            """name => {
                const probe = document.body.appendChild(document.createElement("p"));
                probe.style.color = name;
                return getComputedStyle(probe).color;
            }""",
            system,
        )
        assert shown == wanted


def test_on_paper_figures_stay_and_what_is_for_the_screen_goes(site):
    page = site.open("/dashboard/")
    page.emulate_media(media="print")
    assert page.locator("#exploitation-caption").count() == 1
    assert page.locator(".figures-table").first.is_visible()
    assert not page.locator(".dash-periods").is_visible()
    assert not page.get_by_text("Download CSV").first.is_visible()
    assert len(page.pdf(format="A4")) > 20_000


def test_it_works_without_javascript(site, browser, client):
    bare = ClientSite(browser, client, viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = bare.open("/dashboard/")
    assert page.locator(".chart__wide .chart__svg").first.is_visible()
    page.locator("summary", has_text="All periods").click()
    page.get_by_role("link", name="April 2025 to March 2026").click()
    assert page.locator("h1").inner_text() == "April 2025 to March 2026"
