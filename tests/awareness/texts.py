"""Texts for tests, written and published as staff do."""

import datetime
from typing import Any

from django.utils import timezone

from awareness.content.editing import Words, publish, write
from awareness.models import Content, ContentVersion

NEXT_YEAR = datetime.date(2027, 11, 1)


def write_text(kind: str = "page", slug: str = "a-page", *, by=None, **fields: Any) -> ContentVersion:
    """The first version of a text, a draft."""
    own = {"section": "about"} if kind == "page" else {}
    if kind == "resource":
        own = {"link": "https://www.example.org/", "file_kind": "web"}
    about = {name: fields.pop(name) for name in ("subject", "review_by", "owner") if name in fields}
    content = Content(kind=kind, slug=slug, **{"review_by": NEXT_YEAR} | about)
    words = Words(**{"title": slug.replace("-", " ").capitalize(), "summary": "In short."} | own | fields)
    return write(by=by, content=content, seen=0, words=words)


def show_text(
    kind: str = "page", slug: str = "a-page", *, at: datetime.datetime | None = None, **fields: Any
) -> ContentVersion:
    """A text that is public from `at` on, else from a second ago."""
    version = write_text(kind, slug, **fields)
    starts = at or timezone.now() - datetime.timedelta(seconds=1)
    publish(by=None, content=version.content, seen=1, at=starts)
    return version
