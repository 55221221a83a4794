"""The search over everything that is public: PostgreSQL's full text, and "Did you mean" from the words of the texts.

Whatever is typed is cleaned and cut first, so that ten thousand characters, control characters or nothing but operators
are a quick search without a result. Only what the public sees at that moment is looked through, for suggestions too.
"""

import datetime
import re
import unicodedata
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db import connection
from django.db.models import F
from django.utils.html import format_html, format_html_join

from awareness.content.codes import KIND_LABELS, Kind
from awareness.models import ContentVersion
from awareness.models.versions import LANGUAGE, VersionQuerySet
from partners.plain_text import UNSEEN

LONGEST_QUERY = 200
MOST_WORDS = 12
A_PAGE = 10
SHORTEST_TO_CORRECT = 4
ALIKE = 0.25  # of the trigrams of two words together; “modren” and “modern” share 3 of 11
#: Around a word that was found. Private characters: no text can hold them (partners/plain_text.py refuses them).
START, STOP = "\ue000", "\ue001"
WEIGHTS = [0.1, 0.3, 0.6, 1.0]  # D, C: body, B: summary, A: title

_SUGGEST = """
WITH shown AS (
    SELECT version.found_by, version.words
      FROM awareness_contentversion version JOIN awareness_edition edition ON edition.version_id = version.id
     WHERE edition.starts_at <= %(now)s AND (edition.ends_at IS NULL OR edition.ends_at > %(now)s)
), unknown AS (
    SELECT asked.term FROM unnest(%(terms)s::text[]) AS asked(term)
     WHERE numnode(plainto_tsquery(%(language)s::regconfig, asked.term)) > 0
       AND NOT EXISTS (SELECT FROM shown WHERE found_by @@ plainto_tsquery(%(language)s::regconfig, asked.term))
), vocabulary AS (
    SELECT word, count(*) AS texts FROM shown, unnest(tsvector_to_array(shown.words)) AS word
     WHERE length(word) >= %(shortest)s AND word !~ '[^[:alpha:]''’-]' GROUP BY word
)
SELECT DISTINCT ON (unknown.term) unknown.term, vocabulary.word
  FROM unknown JOIN vocabulary ON similarity(vocabulary.word, unknown.term) >= %(alike)s
 ORDER BY unknown.term, similarity(vocabulary.word, unknown.term) DESC, vocabulary.texts DESC, vocabulary.word
"""


@dataclass(frozen=True)
class Hit:
    """One text that was found. `snippet` is HTML: the words that were found are in <mark>, everything is escaped."""

    title: str
    url: str
    summary: str
    snippet: str
    kind_label: str


@dataclass(frozen=True)
class Results:
    """A page of what was found.

    `query` is what was searched for, cleaned; `too_long` says that it was cut. `any_word` says that no text has all
    of the words, so these have some. `suggestion` is the query with words that the texts know, or nothing.
    """

    query: str
    too_long: bool = False
    hits: tuple[Hit, ...] = ()
    total: int = 0
    page: int = 1
    pages: int = 1
    any_word: bool = False
    suggestion: str = ""


def search(query: str, now: datetime.datetime, page: int = 1) -> Results:
    """Return page number `page` (from 1; one that does not exist gives the nearest) of what is public at `now` (aware)
    and fits `query`: words, "words in a row", or, -without."""
    cleaned = _cleaned(query)
    asked, too_long = cleaned[:LONGEST_QUERY].strip(), len(cleaned) > LONGEST_QUERY
    terms = re.findall(r"\w+", asked)[:MOST_WORDS]
    if not terms:
        return Results(asked, too_long)
    wanted, any_word = SearchQuery(asked, config=LANGUAGE, search_type="websearch"), False
    found = _found(wanted, now)
    total, suggestion = found.count(), ""
    if not total:
        suggestion = suggest(asked, now)
        wanted = reduce(or_, (SearchQuery(term, config=LANGUAGE) for term in terms))
        found = _found(wanted, now)
        any_word = bool(total := found.count())
    pages = max(1, -(-total // A_PAGE))
    page = min(max(1, page), pages)
    hits = tuple(_hit(row) for row in _with_snippets(found, wanted)[(page - 1) * A_PAGE : page * A_PAGE])
    return Results(asked, too_long, hits, total, page, pages, any_word, suggestion)


def suggest(query: str, now: datetime.datetime) -> str:
    """Return `query` with each word that no text has replaced by the likest word of the texts; nothing when there is
    none that is like enough."""
    terms = [term.lower() for term in re.findall(r"\w+", query)[:MOST_WORDS] if len(term) >= SHORTEST_TO_CORRECT]
    if not terms:
        return ""
    with connection.cursor() as cursor:
        values = {"now": now, "terms": terms, "language": LANGUAGE, "alike": ALIKE, "shortest": SHORTEST_TO_CORRECT}
        cursor.execute(_SUGGEST, values)
        better = dict(cursor.fetchall())
    return re.sub(r"\w+", lambda word: better.get(word[0].lower(), word[0]), query) if better else ""


def _cleaned(query: str) -> str:
    """The query without what cannot be seen, its spaces made one."""
    start = query[: 4 * LONGEST_QUERY]
    return " ".join("".join(" " if unicodedata.category(c) in UNSEEN else c for c in start).split())


def _found(wanted: SearchQuery, now: datetime.datetime) -> VersionQuerySet:
    return ContentVersion.objects.published(now).filter(found_by=wanted)


def _with_snippets(found: VersionQuerySet, wanted: SearchQuery) -> VersionQuerySet:
    return found.annotate(
        rank=SearchRank(F("found_by"), wanted, weights=WEIGHTS),
        snippet=SearchHeadline(
            "plain", wanted, config=LANGUAGE, start_sel=START, stop_sel=STOP, min_words=12, max_words=28,
            max_fragments=2, fragment_delimiter=" … ",
        ),
    ).order_by("-rank", "title", "pk")  # fmt: skip


def _hit(row: ContentVersion) -> Hit:
    label = row.subject_label or KIND_LABELS[Kind(row.content.kind)]
    return Hit(row.title, row.get_absolute_url() or row.link, row.summary, _marked(row.snippet), label)


def _marked(snippet: str) -> str:
    """The snippet as HTML, escaped, with the words that were found in <mark>."""
    first, *rest = snippet.replace("\n", " ").split(START)
    parts = [part.partition(STOP) for part in rest]
    return format_html(
        "{}{}", first, format_html_join("", "<mark>{}</mark>{}", ((word, after) for word, _, after in parts))
    )
