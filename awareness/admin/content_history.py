"""The history of a text: each version beside the one before, and the editions in which the public saw it."""

from typing import Any

from django.core.paginator import Paginator

from awareness.admin.content_words import differences
from awareness.models import Content, ContentVersion
from partners.configuration import changes_of

A_PAGE = 20


def history_of(row: Content, page: str) -> dict[str, Any]:
    """Return what the page of the history reads: `versions` with what each changed, newest first, `changes` (what was
    published, withdrawn or set), and the page."""
    versions = row.versions.select_related("by", "restored_from")
    shown = Paginator(versions, A_PAGE).get_page(page)
    numbers = [version.number for version in shown]
    before = {version.number + 1: version for version in row.versions.filter(number__in=[n - 1 for n in numbers])}
    editions: dict[int, list] = {}
    for edition in row.editions.select_related("by").filter(version__in=[version.pk for version in shown]):
        editions.setdefault(edition.version_id, []).append(edition)
    return {
        "row": row,
        "title": "History",
        "page_obj": shown,
        "versions": [_entry(version, before.get(version.number), editions.get(version.pk, [])) for version in shown],
        "changes": changes_of(row)[:A_PAGE],
    }


def _entry(version: ContentVersion, before: ContentVersion | None, editions: list) -> dict[str, Any]:
    return {
        "version": version,
        "differences": differences(before, version),
        "editions": [edition for edition in editions if edition.ends_at != edition.starts_at],
    }
