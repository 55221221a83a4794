"""From Markdown to HTML that a public page may show: a small language, our own classes, and nothing else gets through.

Two walls. markdown-it-py reads no HTML at all (it becomes visible text), and of CommonMark only what the house's pages
know. What it makes is then cleaned by nh3 against a list of tags, attributes, classes and schemes, so that a fault in
the first wall is no hole. A text never passes a template engine. Pure: no model, no request.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: Goes up when the same text would give other HTML: what was stored by an older one is rendered again when it is read.
RENDERER = 1
SCHEMES = frozenset({"https", "mailto", "tel", "sms"})
LONGEST_URL = 1000
#: Ids of the page around the text, which no heading may take.
TAKEN_IDS = frozenset({"main-content", "exit-this-page", "text", "title", "search"})
LARGEST, SMALLEST = 2, 4  # the title is the h1

CLASSES = {
    "h2": "govuk-heading-m",
    "h3": "govuk-heading-s",
    "h4": "govuk-heading-s",
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "blockquote": "govuk-inset-text",
    "a": "govuk-link",
    "hr": "govuk-section-break govuk-section-break--m govuk-section-break--visible",
    "table": "govuk-table",
    "thead": "govuk-table__head",
    "tbody": "govuk-table__body",
    "tr": "govuk-table__row",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
}
NUMERIC = {"th": "govuk-table__header--numeric", "td": "govuk-table__cell--numeric"}
_TAGS = {*CLASSES, "li", "strong", "em", "br"}
_ATTRIBUTES = {"a": {"href", "rel"}, "th": {"scope"}, "ol": {"start"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}}
_ALLOWED_CLASSES = {tag: {*words.split(), *NUMERIC.get(tag, "").split()} for tag, words in CLASSES.items()}

_HTML = re.compile(r"</?[A-Za-z][^<>]*>|<!--")

_PARSER = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
# Code is no part of these texts, and four spaces by mistake would make some; an entity would smuggle in a character
# that may not be typed.
_PARSER.disable(["backticks", "fence", "code", "entity", "html_block", "html_inline"])
# Every link is read as one, so that a wrong one is refused with a reason and not shown as odd text.
_PARSER.validateLink = lambda _url: True  # type: ignore[method-assign]


@dataclass(frozen=True)
class Fault:
    """Something in a text that has to be corrected, and on which line."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.text}"


@dataclass(frozen=True)
class Link:
    """Where a text points to, and on which line it does."""

    url: str
    line: int


@dataclass(frozen=True)
class Rendered:
    """A text as HTML, as plain words for the search, with its links and its faults."""

    html: str
    plain: str
    links: tuple[Link, ...]
    faults: tuple[Fault, ...]


def render(text: str) -> Rendered:
    """Return `text`, Markdown as staff write it, ready for a page.

    Faults (a link with another scheme than https, mailto, tel or sms or to a heading that is not there, a heading as
    large as the title, a picture, HTML) are returned, not raised; what comes of them is harmless all the same.
    """
    tokens = _PARSER.parse(text.expandtabs(4).replace("\r\n", "\n").replace("\r", "\n"))
    faults, ids = [*_level_headings(tokens), *_not_for_here(tokens)], _give_ids(tokens)
    links = tuple(_links(tokens))
    faults += [Fault(link.line, problem) for link in links if (problem := link_problem(link.url, ids))]
    _dress(tokens)
    html = _clean(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    return Rendered(html, _plain(tokens), links, tuple(sorted(faults, key=lambda fault: fault.line)))


def trusted(html: str) -> SafeString:
    """Return HTML that `render` made, for a template to show as it is. Never call it with anything else."""
    return SafeString(html)


def is_outside(url: str) -> bool:
    """Whether a link leads to another site."""
    return url.lower().startswith("https://")


def link_problem(url: str, ids: frozenset[str] | None = None) -> str:
    """Return why `url` cannot be linked to, in a sentence; nothing when it can. `ids` are the headings of the text."""
    shown = url[:60]
    if len(url) > LONGEST_URL:
        return f"The link “{shown}…” is longer than {LONGEST_URL} characters."
    if re.search(r"[\s\\\x00-\x1f]", url):
        return f"The link “{shown}” has a space or a backslash in it."
    if url.startswith("#"):
        known = ids is None or url[1:] in ids
        return "" if known else f"There is no heading for the link “{shown}” in this text."
    if url.startswith("/"):
        return f"Write https: before “{shown}”." if url.startswith("//") else ""
    scheme, colon, rest = url.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return f"The link “{shown}” must begin with https:// or, for a page of this site, with a stroke (/)."
    if scheme.lower() not in SCHEMES:
        return f"A link cannot begin with “{scheme[:20].lower()}:”. Use https:, mailto:, tel: or sms:."
    if scheme.lower() == "https" and not re.match(r"//[^/?#@]+(?:[/?#]|$)", rest):
        return f"The link “{shown}” is not a whole address, such as https://www.example.org/page."
    return "" if rest else f"The link “{shown}” has nothing after its colon."


def _inline(tokens: list[Token]) -> Iterator[tuple[int, Token]]:
    """Each token inside a block, with the first line of its block (from 1)."""
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        for child in token.children or []:
            yield line, child


def _level_headings(tokens: list[Token]) -> Iterator[Fault]:
    for token in tokens:
        if token.type not in {"heading_open", "heading_close"}:
            continue
        level = int(token.tag[1])
        if level < LARGEST and token.map:
            yield Fault(token.map[0] + 1, "Start headings with ## or more: one # is the title, which has its own box.")
        token.tag = f"h{min(max(level, LARGEST), SMALLEST)}"


def _not_for_here(tokens: list[Token]) -> Iterator[Fault]:
    for line, token in _inline(tokens):
        if token.type == "image":
            token.type, token.tag, token.attrs, token.children = "text", "", {}, None
            yield Fault(line, "Pictures cannot be part of a text.")
        elif token.type == "text" and (found := _HTML.search(token.content)):
            yield Fault(
                line, f"“{found[0][:30]}” is HTML, which is not read here. Take it out; use the signs of Markdown."
            )


def _give_ids(tokens: list[Token]) -> frozenset[str]:
    """Give every heading an id made of its words, with a number where they are used already."""
    used = Counter(TAKEN_IDS)
    ids: set[str] = set()
    for token, words in pairwise(tokens):
        if token.type == "heading_open":
            base = slugify(_words(words))[:60] or "part"
            used[base] += 1
            name = base if used[base] == 1 else f"{base}--{used[base]}"  # no words make two hyphens: it cannot be taken
            ids.add(name)
            token.attrSet("id", name)
    return frozenset(ids)


def _links(tokens: list[Token]) -> Iterator[Link]:
    for line, token in _inline(tokens):
        if token.type == "link_open":
            yield Link(str(token.attrGet("href") or ""), line)


def _dress(tokens: list[Token]) -> None:
    """Put the house's classes on, and what a link and a table need."""
    for token in [*tokens, *(child for _, child in _inline(tokens))]:
        if token.nesting < 0 or token.tag not in CLASSES:
            continue
        right = "right" in str(token.attrs.pop("style", ""))
        token.attrSet("class", CLASSES[token.tag])
        if right and token.tag in NUMERIC:
            token.attrJoin("class", NUMERIC[token.tag])
        if token.tag == "th":
            token.attrSet("scope", "col")
        token.attrs.pop("title", None)
        if token.tag == "a" and is_outside(str(token.attrGet("href"))):
            token.attrSet("rel", "external noopener noreferrer")


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_ALLOWED_CLASSES,
        url_schemes=set(SCHEMES),
        link_rel=None,
        attribute_filter=_keep,
    )


def _keep(tag: str, name: str, value: str) -> str | None:
    return None if name == "href" and link_problem(value) else value


def _words(token: Token) -> str:
    """The words of a block, without its markup."""
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in token.children or []
        if child.type in {"text", "softbreak", "hardbreak"}
    )


def _plain(tokens: list[Token]) -> str:
    return "\n".join(words for token in tokens if token.type == "inline" and (words := _words(token).strip()))
