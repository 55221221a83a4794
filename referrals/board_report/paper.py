"""The report on paper: a tagged PDF (PDF/UA-1). It says no more than the page does: both are `compose`d."""

from typing import Any

from django.utils import timezone

from charts.tables import Grid
from partners.models import Partnership
from referrals.board_report.compose import Composed, PartShown, Said, Shown
from referrals.board_report.reading import composed, publication_of
from referrals.models import BoardReport, Publication
from referrals.typesetting import typeset

BOARD = "Community Safety Board"


def paper(report: BoardReport) -> bytes:
    """Return the PDF of `report`. Raises CannotTypeset, and ValueError when nothing is published of its quarter."""
    publication = publication_of(report)
    if publication is None:
        raise ValueError("nothing is published of this quarter")
    return typeset("board_report.typ", content_of(report, publication, composed(report, publication)))


def content_of(report: BoardReport, publication: Publication, found: Composed) -> dict[str, Any]:
    """Return what `templates/typst/board_report.typ` sets: texts, numbers as texts, and drawings."""
    partnership = Partnership.current()
    return {
        "title": f"Quarterly report to the {BOARD}",
        "partnership": partnership.name,
        "period": report.period.label,
        "standing": standing_of(report),
        "figures": figures_words(publication),
        "reason": report.reason,
        "key": found.key_text,
        "summary": list(found.summary),
        "parts": [_part(part) for part in found.parts],
    }


def standing_of(report: BoardReport) -> str:
    """Say which version it is, and when it was issued: "Version 1, issued on 5 October 2026"."""
    if report.issued_at is None:
        return f"Version {report.version}, a draft that was not issued"
    return f"Version {report.version}, issued on {timezone.localtime(report.issued_at):%-d %B %Y}"


def figures_words(publication: Publication) -> str:
    """Say which figures stand in it: "Figures: version 1, published on 1 October 2026"."""
    day = timezone.localtime(publication.published_at)
    corrected = f" ({publication.reason})" if publication.reason else ""
    return (
        f"Published figures of {publication.period.label}, version {publication.version}{corrected}, of {day:%-d %B %Y}"
    )


def _part(part: PartShown) -> dict[str, Any]:
    return {
        "title": part.title,
        "aim": part.aim,
        "said": [_said(one) for one in part.said],
        "shown": [_shown(one) for one in part.shown],
    }


def _said(one: Said) -> dict[str, Any]:
    return {"title": one.title, "paragraphs": list(one.paragraphs)}


def _shown(one: Shown) -> dict[str, Any]:
    chart = one.chart
    drawing = {"svg": str(chart.wide), "alt": f"{chart.title}. {chart.description}"} if chart else None
    return {
        "title": one.title,
        "texts": list(one.texts),
        "chart": drawing,
        "table": _table(one.grid) if one.grid else None,
        "notes": list(one.notes),
        "comment": list(one.comment),
    }


def _table(grid: Grid) -> dict[str, Any]:
    return {
        "caption": grid.caption,
        "head": [grid.corner, *grid.headings],
        "rows": [[row.label, *row.cells] for row in grid.rows],
        "foot": [grid.foot.label, *grid.foot.cells] if grid.foot else [],
    }
