"""The reports to the Community Safety Board, for whoever sees the dashboard: the list, one as a page, one as a PDF."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partners.access import requires
from partners.roles import Permission
from referrals.board_report.paper import BOARD, figures_words, standing_of
from referrals.board_report.reading import composed
from referrals.models import BoardReport, Publication
from referrals.periods import from_slug


@requires(Permission.SEE_DASHBOARD)
@require_safe
def board_reports(request: HttpRequest) -> HttpResponse:
    """List the reports that were issued, the newest version of each quarter."""
    rows = BoardReport.objects.visible_to(request.user).issued().newest().without_papers()
    return render(request, "referrals/board_reports.html", {"reports": rows, "board": BOARD})


@requires(Permission.SEE_DASHBOARD)
@require_safe
def board_report(request: HttpRequest, period: str) -> HttpResponse:
    """Show the newest issued version of a quarter's report."""
    rows = _issued(request, period).without_papers().select_related("publication")
    found = list(rows)
    if not found:
        raise Http404
    context = report_context(found[0], found[0].publication) | {"versions": found}
    return render(request, "referrals/board_report.html", context)


@requires(Permission.SEE_DASHBOARD)
@require_safe
def board_report_pdf(request: HttpRequest, period: str) -> HttpResponse:
    """Give the PDF of the newest issued version, as it was issued."""
    found = _issued(request, period).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.paper), content_type="application/pdf")
    name = f"board-report-{found.period.slug}-v{found.version}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def report_context(report: BoardReport, publication: Publication) -> dict[str, Any]:
    """Return what `referrals/board_report.html` reads of a report with the figures of `publication`."""
    return {
        "report": report,
        "period": report.period,
        "board": BOARD,
        "standing": standing_of(report),
        "figures_words": figures_words(publication),
        "found": composed(report, publication),
    }


def _issued(request: HttpRequest, slug: str):
    try:
        period = from_slug(slug)
    except ValueError:
        raise Http404 from None
    return BoardReport.objects.visible_to(request.user).issued().of(period)
