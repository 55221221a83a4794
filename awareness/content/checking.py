"""Whether the words of a text may be saved. One rule for the form, the project's files and whatever comes later.

Pure but for the addresses of this site; whether another text exists is the caller's question.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError

from awareness.content.addresses import goes_nowhere
from awareness.content.codes import (
    AUDIENCES,
    FILE_KINDS,
    LONGEST_BODY,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    SECTIONS,
    Kind,
)
from awareness.content.markdown import is_outside, link_problem, render
from partners.plain_text import check_lines, check_one_line

LAST_POSITION = 9999
#: More faults than this help nobody.
SHOWN_FAULTS = 10
_CHOICES = {"section": dict(SECTIONS), "audience": dict(AUDIENCES), "file_kind": dict(FILE_KINDS)}


def tidy(text: str) -> str:
    """Return `text` with plain line ends and spaces, without spaces at the ends of lines, in composed form."""
    lines = unicodedata.normalize("NFC", text).expandtabs(4).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def problems_of(kind: str, words: dict[str, object]) -> dict[str, list[str]]:
    """Return what has to be corrected before `words`, the fields of a version, may be saved: sentences by field."""
    found = {
        "title": _line(str(words["title"]), LONGEST_TITLE),
        "summary": _line(str(words["summary"]), LONGEST_SUMMARY),
        "body": _body(kind, str(words["body"])),
        "section": [] if kind != Kind.PAGE or words["section"] else ["Choose where the page stands."],
        "file_kind": [] if kind != Kind.RESOURCE or words["file_kind"] else ["Say what it is."],
        "link": _link(kind, str(words["link"])),
        "position": [] if _is_position(words["position"]) else [f"Give a whole number from 0 to {LAST_POSITION}."],
    }
    for field, choices in _CHOICES.items():
        if words[field] and words[field] not in choices:
            found.setdefault(field, []).append(f"“{words[field]}” is not one of {', '.join(choices)}.")
    return {field: sentences for field, sentences in found.items() if sentences}


def leads_nowhere(url: str) -> str:
    """Return a sentence when `url` is an address of this site at which there is nothing; else nothing."""
    return f"There is no page of this site at “{url[:60]}”." if url.startswith("/") and goes_nowhere(url) else ""


def _is_position(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= LAST_POSITION


def _line(text: str, longest: int) -> list[str]:
    if not text.strip():
        return ["Write something here."]
    if len(text) > longest:
        return [f"Use at most {longest} characters. This has {len(text)}."]
    return _refused_by(check_one_line, text)


def _body(kind: str, text: str) -> list[str]:
    if not text.strip():
        return [] if kind == Kind.RESOURCE else ["Write the text."]
    if len(text) > LONGEST_BODY:
        return [
            f"The text is too long: {len(text):,} characters. Use at most {LONGEST_BODY:,}, or make two pages of it."
        ]
    if refused := _refused_by(check_lines, text):
        return refused
    return [str(fault) for fault in render(text).faults[:SHOWN_FAULTS]]


def _link(kind: str, link: str) -> list[str]:
    if kind != Kind.RESOURCE:
        return []
    if not link:
        return ["Give the address of the resource."]
    if not re.match(r"/(?!/)", link) and not is_outside(link):
        return ["Begin with https:// or, for a page of this site, with a stroke (/)."]
    problem = link_problem(link)
    return [problem] if problem else []


def _refused_by(check, text: str) -> list[str]:
    try:
        check(text)
    except ValidationError as error:
        return list(error.messages)
    return []
