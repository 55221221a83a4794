"""The search: what is public and nothing else, with escaped snippets and "Did you mean", whatever is typed."""

import datetime
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from awareness.content.search import LONGEST_QUERY, search, suggest
from tests.awareness.texts import show_text, write_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def texts():
    show_text(
        slug="taxi-drivers", title="Taxi drivers", summary="What a driver may notice.", body="Fares paid by a stranger."
    )
    show_text(
        "sign",
        "hotel",
        subject="hotel",
        title="Hotels",
        summary="At the desk.",
        body="A guest without papers. No luggage. A taxi waits.",
    )
    show_text(
        slug="slavery",
        title="What modern slavery is",
        summary="Seven kinds.",
        body="People are exploited. Victims of trafficking.",
    )
    write_text(slug="secret-draft", title="Pangolin", body="Pangolins are unpublished.")
    show_text(slug="later", title="Wombat", at=timezone.now() + datetime.timedelta(hours=1))


def titles(query: str, **options) -> list[str]:
    return [hit.title for hit in search(query, timezone.now(), **options).hits]


def test_a_title_weighs_more_than_a_body_and_stems_are_found(texts):
    assert titles("taxi") == titles("taxis") == ["Taxi drivers", "Hotels"]
    assert titles("exploiting trafficked") == ["What modern slavery is"]


def test_words_in_a_row_either_and_without(texts):
    assert titles('"modern slavery"') == ["What modern slavery is"]
    assert sorted(titles("luggage or slavery")) == ["Hotels", "What modern slavery is"]
    assert titles("taxi -luggage") == ["Taxi drivers"]


def test_drafts_and_what_comes_later_are_not_found_nor_suggested(texts):
    for query in ("pangolin", "pangolins", "pangolim", "wombat", "wonbat"):
        found = search(query, timezone.now())
        assert (found.total, found.suggestion) == (0, "")
    assert [hit.title for hit in search("wombat", timezone.now() + datetime.timedelta(hours=2)).hits] == ["Wombat"]


def test_a_hit_says_what_it_is_and_shows_the_words_it_was_found_by(texts):
    hit = search("luggage", timezone.now()).hits[0]
    assert (hit.title, hit.summary, hit.kind_label) == ("Hotels", "At the desk.", "Hotel")
    assert "<mark>luggage</mark>" in hit.snippet


def test_a_snippet_is_escaped(texts):
    show_text(slug="odd", title="Odd", body="Fish &amp; chips < > \" ' {{ x }} {% debug %} quokka")
    snippet = search("quokka", timezone.now()).hits[0].snippet
    assert "Fish &amp;amp; chips &lt; &gt; &quot; &#x27; {{ x }} {% debug %} <mark>quokka</mark>" in snippet


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("slavrey", "slavery"),
        ("modren slavery", "modern slavery"),
        ("traficking", "trafficking"),
        ("luggadge, taxi", "luggage, taxi"),
        ("HOTELZ", "hotels"),
        ("taxi", ""),
        ("xylophone", ""),
        ("the", ""),
    ],
)
def test_did_you_mean(texts, typed, meant):
    assert suggest(typed, timezone.now()) == meant


def test_when_no_text_has_all_the_words_those_with_some_are_shown(texts):
    found = search("taxi xylophone", timezone.now())
    assert found.any_word
    assert [hit.title for hit in found.hits] == ["Taxi drivers", "Hotels"]


ODD = [
    "",
    "   ",
    "a" * 10_000,
    "taxi " * 2_000,
    "' OR 1=1; --",
    "\x00taxi\x00\x1b[31m",
    "\u202etaxi\u202c",
    "& | ! <-> ( ) : *",
    '"""""',
    "- - - or or",
    "-" * 10_000,
    "😀 🏴‍☠️ 👩‍👩‍👧",
    "\ud800",
    "\ue000taxi\ue001",
    "%s %(now)s {0} ' \\",
    "العربية 中文 українська",
    "the and of",
    "(" * 500 + "taxi" + ")" * 500,
    "taxi:*&!drivers<->x",
]


@pytest.mark.parametrize("query", ODD)
@pytest.mark.parametrize("page", [1, -5, 10**9])
def test_whatever_is_typed_gives_an_answer_and_soon(texts, query, page):
    began = time.monotonic()
    found = search(query, timezone.now(), page)
    assert time.monotonic() - began < 3
    assert len(found.query) <= LONGEST_QUERY
    assert found.page == 1
    assert found.too_long == (len(query) > 900)


def test_control_characters_do_not_hide_a_word(texts):
    assert titles("\x00taxi\x1b") == titles("\u202etaxi\u202c") == ["Taxi drivers", "Hotels"]


def test_many_hits_come_in_pages(texts):
    for number in range(23):
        show_text(slug=f"n-{number}", title=f"Number {number:02}", body="wallaby")
    found = search("wallaby", timezone.now(), 2)
    assert (found.total, found.pages, found.page, len(found.hits)) == (23, 3, 2, 10)
    assert len(search("wallaby", timezone.now(), 99).hits) == 3
    assert not {hit.title for hit in found.hits} & {hit.title for hit in search("wallaby", timezone.now(), 1).hits}


def test_a_search_takes_two_queries_and_one_in_vain_four(texts):
    for query, most in [("taxi", 2), ("xylophone", 5)]:
        with CaptureQueriesContext(connection) as asked:
            search(query, timezone.now())
        assert len(asked.captured_queries) <= most
        assert not [entry for entry in asked.captured_queries if "referrals_" in entry["sql"]]
