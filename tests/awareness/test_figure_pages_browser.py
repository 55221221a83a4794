"""The pages of published figures in a real browser: light and dark, narrow and wide, without scripts; and empty."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from awareness.models import Measure
from awareness.national.load import import_national
from partners.county.load import load_county
from tests.awareness.national_tables import write_all
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.county_folder import HERTFORDSHIRE

__all__ = ["connections_closed"]

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
INDEX, CAMPAIGNS = reverse("published_figures"), reverse("campaigns_and_reports")
PAGES = (INDEX, CAMPAIGNS, reverse("published_figure", args=["nrm-referrals"]))


@pytest.fixture
def loaded(db, tmp_path):
    """The county and four small national tables."""
    load_county(HERTFORDSHIRE)
    import_national([write_all(tmp_path / "national")])
    for path in PAGES:  # a chart is drawn once a process: not while a browser waits
        assert Client().get(path).status_code == 200


@pytest.fixture
def come(browser):
    """`come(path, width, **context)` gives the page; nothing may be complained of."""
    sites: list[ClientSite] = []

    def go(path: str, width: int, **context) -> Page:
        sites.append(ClientSite(browser, Client(), viewport={"width": width, "height": 900}, **context))
        page = sites[-1].open(path)
        expect(page.locator("main")).to_be_visible()
        return page

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


def of(measure: str) -> str:
    return reverse("published_figure", args=[measure])


def faults(page: Page) -> list[str]:
    """What axe finds wrong, and whether the page scrolls sideways."""
    narrow = page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return faults_of(page) + ([] if narrow else ["it scrolls sideways"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(loaded, come, width, scheme):
    found = {path: faults(come(path, width, color_scheme=scheme)) for path in PAGES}
    assert not any(found.values()), found


def test_it_works_without_scripts(loaded, come):
    page = come(INDEX, 1280, java_script_enabled=False)
    page.get_by_role("link", name="Reports to the helpline from Hertfordshire", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reports to the helpline from Hertfordshire")
    page.get_by_role("link", name="Published figures").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Published figures")


def test_without_figures_the_pages_say_so(db, come):
    for path, words in ((INDEX, "No figures yet"), (CAMPAIGNS, "No campaigns yet")):
        page = come(path, 390)
        expect(page.get_by_text(words)).to_be_visible()
        assert faults(page) == []


def test_a_measure_without_a_figure_has_a_page_and_what_is_not_there_has_none(client, db):
    Measure.objects.create(slug="m", name="Mm", unit="reports", counts="Reports", counted_by="P", area="county")
    assert "Mm" in client.get(of("m")).content.decode()
    assert client.get(of("gone")).status_code == 404
    assert client.get(reverse("published_figure_file", args=["gone"])).status_code == 404
    assert client.post(INDEX).status_code == 405
