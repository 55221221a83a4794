"""What the pages of a text say of it: its state, what the public sees when, what differs between versions, the help."""

import datetime
import difflib
from dataclasses import dataclass

from django.db.models import QuerySet

from awareness.content.codes import AUDIENCES, FILE_KINDS, SECTIONS
from awareness.content.editing import Words
from awareness.content.markdown import render, trusted
from awareness.models import Content, ContentVersion, Edition, State

LABELS = {
    "title": "Title", "summary": "Summary", "body": "Text", "section": "Where it stands", "position": "Order",
    "audience": "Whom it is for", "link": "Address of the resource", "file_kind": "What it is",
}  # fmt: skip
CHOICES = {"section": dict(SECTIONS), "audience": dict(AUDIENCES), "file_kind": dict(FILE_KINDS)}
CONTEXT_LINES = 2
MOST_LINES = 400  # of one comparison: more than that nobody reads

#: The help on Markdown: what is typed, and what the renderer itself makes of it.
EXAMPLES = [
    (typed, trusted(render(typed).html))
    for typed in (
        "## A heading\n\n### A smaller one",
        "Leave an empty line between two paragraphs.\n\n**Strong** and *stressed* words.",
        "- first\n- second\n  - inside the second",
        "1. one\n2. two",
        "[Spot the signs in a taxi](/signs/taxi/)\n\n[Their page](https://www.example.org/) and [999](tel:999)",
        "> Something to stand out.",
        "| Line | Calls |\n| --- | ---: |\n| Helpline | 12 |",
    )
]


@dataclass(frozen=True)
class Difference:
    """What is different in one field: lines of `(mark, text)`, with the mark "-" for gone, "+" for new, "" for neither
    and "…" for what is left out."""

    label: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Publication:
    """What the public sees of a text now, and what it will see."""

    state: str
    now: Edition | None
    next: Edition | None
    unpublished: bool


def state_in_words(row: Content) -> str:
    """Return the state of a text that `with_state` has read."""
    waits = row.state == State.PUBLISHED and row.unpublished
    return f"{State(row.state).label}{', with changes that are not public' if waits else ''}"


def publication_of(row: Content, now: datetime.datetime) -> Publication:
    """Return what the public sees at `now`, and the edition that is to come."""
    editions: QuerySet[Edition] = row.editions.select_related("version")
    return Publication(
        state_in_words(row), editions.shown_at(now).first(), editions.to_come(now).last(), bool(row.unpublished)
    )


def differences(old: ContentVersion | None, new: ContentVersion) -> list[Difference]:
    """Return what became different from `old` to `new`, field by field; everything for a first version."""
    before = vars(Words.of(old)) if old else dict.fromkeys(LABELS, "")
    after = vars(Words.of(new))
    return [
        Difference(label, _lines(_words(name, before[name]), _words(name, after[name])))
        for name, label in LABELS.items()
        if before[name] != after[name]
    ]


def _words(name: str, value: object) -> str:
    return str(CHOICES.get(name, {}).get(value, value))


def _lines(old: str, new: str) -> tuple[tuple[str, str], ...]:
    found = difflib.unified_diff(old.splitlines(), new.splitlines(), n=CONTEXT_LINES, lineterm="")
    lines = []
    for number, line in enumerate(found):
        if number < 2:  # the names of the two files
            continue
        mark = "…" if line.startswith("@@") else line[0].strip()
        if mark == "…" and not lines:
            continue
        lines.append((mark, "" if mark == "…" else line[1:]))
    return tuple(lines[:MOST_LINES])
