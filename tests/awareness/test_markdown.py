"""Markdown as staff write it: a small language in our classes, and nothing that could do harm, whatever is typed."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awareness.content.codes import LONGEST_BODY
from awareness.content.markdown import link_problem, render

TAGS = {
    "h2", "h3", "h4", "p", "ul", "ol", "li", "a", "strong", "em", "blockquote", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects every tag with its attributes."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def is_harmless(html: str) -> bool:
    """Whether there are only tags, attributes, classes and addresses in it that may be there."""
    for tag, attributes in Reader(html).found:
        if tag not in TAGS or not set(attributes) <= {"class", "id", "href", "rel", "scope", "start"}:
            return False
        if not all(name.startswith("govuk-") for name in (attributes.get("class") or "").split()):
            return False
        if not re.match(r"(?:https://|mailto:|tel:|sms:|/(?![/\\])|#)", attributes.get("href", "#")):
            return False
    return True


def test_the_house_language():
    made = render(
        "## What to do\n\nRing **999** or *ask*.\n\n- one\n  - two\n\n1. first\n\n> Do not confront anyone.\n\n"
        "| Line | Calls |\n|---|--:|\n| a | 2 |\n\n---\n\nSee [the signs](/signs/taxi/), [above](#what-to-do), "
        "[999](tel:999) and [elsewhere](https://www.example.org/a)."
    )
    assert made.faults == ()
    assert is_harmless(made.html)
    for part in [
        '<h2 id="what-to-do" class="govuk-heading-m">What to do</h2>',
        '<p class="govuk-body">Ring <strong>999</strong> or <em>ask</em>.</p>',
        '<ul class="govuk-list govuk-list--bullet">',
        '<ol class="govuk-list govuk-list--number">',
        '<blockquote class="govuk-inset-text">',
        '<th class="govuk-table__header govuk-table__header--numeric" scope="col">Calls</th>',
        '<a href="/signs/taxi/" class="govuk-link">the signs</a>',
        '<a href="https://www.example.org/a" class="govuk-link" rel="external noopener noreferrer">elsewhere</a>',
    ]:
        assert part in made.html
    assert "What to do\nRing 999 or ask.\none\ntwo\nfirst" in made.plain
    assert [link.url for link in made.links] == ["/signs/taxi/", "#what-to-do", "tel:999", "https://www.example.org/a"]


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    '<div style="position:fixed" class="govuk-button">x</div>',
    "<iframe src=https://example.org></iframe>",
    "<!-- --><svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](http://example.org)",
    "[x](//example.org)",
    "[x](\\\\example.org)",
    "[x](https:example.org)",
    "[x](https://user@example.org@evil.example.org/)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](https://example.org/pixel.gif)",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "# A heading as large as the title",
    "[nowhere](#no-such-heading)",
    "[relative](signs/taxi/)",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_does_not_belong_is_a_fault_and_harmless_all_the_same(text):
    made = render(f"Before.\n\n{text}\n\nAfter.")
    assert made.faults
    assert made.faults[0].line >= 3
    assert is_harmless(made.html)
    assert "After." in made.html


@pytest.mark.parametrize(
    "text", ["[x](java\tscript:alert(1))", "[x](/\\example.org)", "[x](<java script:x>)", "<https:x>"]
)
def test_what_only_looks_like_a_link_is_harmless(text):
    assert is_harmless(render(text).html)


@pytest.mark.parametrize("text", ["{{ settings.SECRET_KEY }}", "{% load static %}", "((link))", "`code`", "a < b & c"])
def test_no_template_engine_ever_reads_it(text):
    made = render(text)
    assert made.faults == ()
    assert made.plain == text


def test_an_entity_cannot_smuggle_in_a_mark_that_turns_the_direction():
    assert "\u202e" not in render("&#x202E; &rlm;").html


def test_two_headings_of_the_same_words_and_one_of_the_pages_own_have_different_ids():
    made = render("## Ask\n\n## Ask\n\n## Main content\n\n## !!!\n\n[x](#ask--2)")
    ids = [attributes["id"] for _, attributes in Reader(made.html).found if "id" in attributes]
    assert ids == ["ask", "ask--2", "main-content--2", "part"]
    assert made.faults == ()


def test_a_fault_says_on_which_line():
    made = render("## One\n\nText\n\n[bad](ftp://example.org/x)\n")
    assert [str(fault) for fault in made.faults] == [
        "Line 5: A link cannot begin with “ftp:”. Use https:, mailto:, tel: or sms:."
    ]


@pytest.mark.parametrize(
    "url", ["https://", "https:///x", "https://?x", "tel:", "mailto:", "", "https://a b.example.org"]
)
def test_half_an_address_is_no_link(url):
    assert link_problem(url)


@pytest.mark.parametrize("piece", ["[", "[a](", "<", "a|b\n-|-\n"])
def test_the_longest_text_is_rendered_in_bounded_time_whatever_it_is_made_of(piece):
    began = time.monotonic()
    made = render((piece * LONGEST_BODY)[:LONGEST_BODY])
    assert time.monotonic() - began < 20
    assert is_harmless(made.html)


@given(st.text(alphabet="<>[]()!#*_-|`&;:/\\\"'= \n\tajshrefcipt1.@{}%", max_size=120))
def test_nothing_that_can_be_typed_does_harm(text):
    assert is_harmless(render(text).html)
