"""The public pages of texts: each is found, light on the database, free of referrals, and gives nothing away."""

import re
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awareness.content.codes import EXPLOITATIONS, SETTINGS
from awareness.content.editing import withdraw
from awareness.models import Content
from tests.awareness.public_texts import public_paths, texts
from tests.awareness.texts import show_text, write_text

__all__ = ["texts"]
pytestmark = pytest.mark.django_db
TOP = ["get-help-now", "what-is-modern-slavery", "for-professionals", "cover-your-tracks"]
#: Of data: not of what opens and closes a transaction.
MOST_QUERIES, MOST_FOR_FIGURES = 8, 20  # figures come with sources, periods and caveats
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def html_of(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def headings(html: str) -> list[int]:
    return [int(level) for level in re.findall(r"<h([1-6])", html)]


# --- All of them -----------------------------------------------------------------------------------------------------


def test_every_public_page_is_there_light_and_knows_nothing_of_referrals(client, texts):
    call_command("load_county", "data/hertfordshire", verbosity=0)
    paths, faults = public_paths(), []
    assert len(paths) > 35
    for path in paths:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        asked = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]
        most = MOST_FOR_FIGURES if path == reverse("published_figures") else MOST_QUERIES
        if response.status_code != 200:
            faults.append((path, response.status_code))
        if any("referrals_" in sql for sql in asked):
            faults.append((path, "asks for referrals"))
        if len(asked) > most or any(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql in asked):
            faults.append((path, asked))
        if (
            response.cookies
            or "public" not in response.headers.get("Cache-Control", "")
            or "ETag" not in response.headers
        ):
            faults.append((path, "cannot be kept"))
    assert faults == []


def test_every_public_page_has_one_title_its_headings_in_order_and_a_way_out(client, texts):
    titles, faults = {}, []
    for path in public_paths():
        html = html_of(client, path)
        levels = headings(html)
        if levels.count(1) != 1 or any(later - before > 1 for before, later in pairwise(levels)):
            faults.append((path, levels))
        if "govuk-js-exit-this-page-button" not in html or "exit-this-page.js" not in html:
            faults.append((path, "no way out"))
        titles.setdefault(re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1], []).append(path.partition("?")[0])
    assert faults == []
    assert {title: paths for title, paths in titles.items() if len(set(paths)) > 1} == {}


def test_every_link_between_public_pages_leads_somewhere(client, texts):
    paths = public_paths()
    linked = {
        link.partition("#")[0]
        for path in paths
        for link in re.findall(r'<a [^>]*href="(/[^"]*)"', html_of(client, path))
    }
    followed = {link: client.get(link).status_code for link in linked - {""} if link not in paths}
    assert {link: status for link, status in followed.items() if status not in {200, 302}} == {}


# --- One by one ------------------------------------------------------------------------------------------------------


def test_each_of_twelve_places_and_seven_kinds_has_a_page(client, texts):
    index = html_of(client, reverse("signs"))
    for code, _ in (*SETTINGS, *EXPLOITATIONS):
        path = reverse("signs_for", kwargs={"slug": code.replace("_", "-")})
        assert f'href="{path}"' in index
        assert "Last checked" in html_of(client, path)


@pytest.mark.parametrize("slug", TOP)
def test_the_pages_at_the_top_have_one_address(client, texts, slug):
    assert reverse("page", kwargs={"slug": slug}) == f"/{slug}/"
    assert client.get(f"/about/{slug}/").headers["Location"] == f"/{slug}/"


def test_the_text_above_the_signs_is_at_the_signs(client, texts):
    assert reverse("page", kwargs={"slug": "spot-the-signs"}) == "/signs/"
    assert client.get("/about/spot-the-signs/").headers["Location"] == "/signs/"
    assert "One sign alone proves nothing" in html_of(client, "/signs/")


def test_a_page_that_staff_add_has_an_address_and_stands_on_the_site_map(client):
    show_text("page", "volunteers", title="Volunteers", body="## Come\n\nAnd **help**.")
    html = html_of(client, "/about/volunteers/")
    assert "<strong>help</strong>" in html
    assert 'href="/about/volunteers/"' in html_of(client, reverse("site_map"))


@pytest.mark.parametrize(("kind", "name"), [("page", "page"), ("news", "news_item"), ("resource", "resource")])
def test_a_draft_and_what_was_taken_back_are_not_found(client, kind, name):
    write_text(kind, "draft")
    show_text(kind, "gone")
    withdraw(by=None, content=Content.objects.get(slug="gone"), seen=1)
    for slug in ("draft", "gone", "never-was"):
        assert client.get(reverse(name, kwargs={"slug": slug})).status_code == 404


@pytest.mark.parametrize("path", ["/get-help-now/", "/what-is-modern-slavery/", "/for-professionals/", "/signs/", "/"])
def test_help_is_there_before_anybody_has_written_a_text(client, path):
    html = html_of(client, path)
    assert "<h1" in html
    assert 'href="/get-help-now/"' in html


def test_help_shows_999_first_and_101_with_whom_to_ask_for(client, texts):
    call_command("load_county", "data/hertfordshire", verbosity=0)
    html = html_of(client, "/get-help-now/")
    order = ["tel:999", "tel:101", "tel:08000121700", "tel:03000115555"]
    assert sorted(order, key=html.index) == order
    assert "ask for the modern slavery unit" in html
    assert re.search(r"Open now, until \d\d:\d\d|Closed now. Opens ", html)


def test_an_unknown_address_offers_the_search_and_a_way_out(client):
    response = client.get("/no-such-page/")
    html = response.content.decode()
    assert response.status_code == 404
    assert 'role="search"' in html
    assert "govuk-js-exit-this-page-button" in html
    assert 'content="noindex' in html


def test_somebody_signed_in_reads_the_pages_with_their_own_menu_and_no_exit(client, cast, texts):
    client.force_login(cast.officer)
    html = html_of(client, "/signs/taxi/")
    assert "My referrals" in html
    assert "exit-this-page" not in html


# --- The search ------------------------------------------------------------------------------------------------------


def test_the_search_finds_a_place_and_keeps_what_was_asked_in_its_box(client, texts):
    html = html_of(client, reverse("search") + "?q=hotel")
    assert 'value="hotel"' in html
    assert 'href="/signs/hotel/"' in html


def test_the_search_is_not_for_search_engines(client):
    assert "noindex" in client.get(reverse("search")).headers["X-Robots-Tag"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "99999999999999999999", "1.5", ""])
def test_the_number_of_a_page_that_is_none_does_no_harm(client, texts, page):
    html_of(client, reverse("search") + f"?q=hotel&page={page}")


def test_the_search_takes_what_nobody_types(client, texts):
    for typed in ("x" * 10_000, "\x00\x01", "<script>alert(1)</script>", "' OR 1=1 --", "%%%", "🙂", " "):
        response = client.get(reverse("search"), {"q": typed})
        assert response.status_code == 200
        assert b"<script>alert" not in response.content
