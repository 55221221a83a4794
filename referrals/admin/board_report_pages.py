"""What coordinators do with a board report: begin it, write it, see it as the board will, issue it, throw it away."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from partners.access import requires
from partners.board.screening import Finding, TooManyChecks, screen
from partners.roles import Permission
from referrals.admin.board_report_forms import BeginForm, IssueForm, SeenForm, WordsForm
from referrals.board_report import acts
from referrals.board_report.frame import SUMMARY, THE_PS, keys_of, the_p
from referrals.board_report.paper import BOARD, standing_of
from referrals.board_report.reading import composed, publication_of
from referrals.models import BoardReport, Publication
from referrals.periods import Kind, Period
from referrals.typesetting import CannotTypeset
from referrals.views.board_reports import report_context

MOST_QUARTERS = 8
CHANGE, PREVIEW = "admin:referrals_boardreport_change", "admin:referrals_boardreport_preview"


def state_tag(report: BoardReport) -> str:
    """Return how `report` stands, as a tag."""
    label, tone = ("Issued", "good") if report.is_issued else ("Draft", "warn")
    return format_html('<strong class="status-tag tone-{}">{}</strong>', tone, label)


def _found(request: HttpRequest, report_id: UUID) -> BoardReport:
    rows = BoardReport.objects.visible_to(request.user).without_papers()
    return get_object_or_404(rows.select_related("publication", "written_by", "issued_by"), pk=report_id)


def _draft(request: HttpRequest, report_id: UUID) -> BoardReport:
    report = _found(request, report_id)
    if report.is_issued:
        raise Http404
    return report


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = admin.site.each_context(request) | {"board": BOARD, **context}
    return TemplateResponse(request, f"admin/referrals/{name}.html", context, status=status)


@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Ask which quarter; then open its draft, a new one or the one there is."""
    rows = Publication.objects.in_force().of_partnership().filter(kind=Kind.QUARTER).order_by("-starts")
    periods = [Period(starts, Kind.QUARTER) for starts in rows.values_list("starts", flat=True)[:MOST_QUARTERS]]
    taken = BoardReport.objects.issued().filter(starts__in=[one.starts for one in periods]).order_by()
    issued = {Period(starts, Kind.QUARTER) for starts in taken.values_list("starts", flat=True)}
    form = BeginForm(request.POST if request.method == "POST" else None, periods=periods, issued=issued)
    if form.is_bound and form.is_valid():
        try:
            return redirect(CHANGE, acts.begin(by=request.user, **form.cleaned_data).pk)
        except acts.ContentRefused as problem:
            for found in problem.findings:
                form.add_error("reason", f"{found}. Leave it out")
        except (acts.Refused, TooManyChecks) as problem:
            form.add_error(None, str(problem))
    return _page(request, "board_report_begin", {"title": "Begin a board report", "form": form, "periods": periods})


@requires(Permission.TRIAGE)
@require_safe
def show(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Show how far a report is, or where the issued one stands."""
    report = _found(request, report_id)
    parts = [("Summary", SUMMARY, [SUMMARY]), *((one.title, one.key, list(keys_of(one))) for one in THE_PS)]
    written = [
        {"title": title, "key": key, "count": sum(1 for one in keys if one in report.commentary)}
        for title, key, keys in parts
    ]
    context = {
        "title": f"Board report: {report.period.label}",
        "report": report,
        "tag": state_tag(report),
        "standing": standing_of(report),
        "written": written,
        "published": publication_of(report),
    }
    return _page(request, "board_report", context)


@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, report_id: UUID, part: str) -> HttpResponse:
    """Write the summary, or what is said in one P. Nothing that was typed is lost when it cannot be saved."""
    report, one = _draft(request, report_id), the_p(part)
    if one is None and part != SUMMARY:
        raise Http404
    asked = {"one": one, "titles": _titles(report, part), "report": report}
    form = WordsForm(request.POST if request.method == "POST" else None, **asked)
    context = {"title": one.title if one else "Summary", "report": report, "one": one, "form": form}
    if form.is_bound and form.is_valid():
        try:
            acts.write(by=request.user, report_id=report.pk, edition=form.cleaned_data["edition"], texts=form.texts())
        except acts.ContentRefused as problem:
            form.refuse(problem.findings)
        except TooManyChecks as problem:
            form.add_error(None, str(problem))
        except acts.Refused as problem:
            return _write_again(request, report, form, context, str(problem))
        else:
            messages.success(request, f"{context['title']} is saved.")
            return redirect(CHANGE, report.pk)
    return _page(request, "board_report_write", context)


def _write_again(
    request: HttpRequest, report: BoardReport, form: WordsForm, context: dict[str, Any], problem: str
) -> HttpResponse:
    """Show what was typed beside what a colleague has saved meanwhile; saving again replaces theirs."""
    now = _found(request, report.pk)
    theirs = [
        (form.fields[key].label, now.commentary.get(key, ""))
        for key, typed in form.texts_as_typed().items()
        if now.commentary.get(key, "") != typed.strip()
    ]
    form.data = form.data.copy()
    form.data["edition"] = now.edition
    form.add_error(None, problem)
    return _page(request, "board_report_write", context | {"theirs": theirs, "report": now}, status=409)


def _titles(report: BoardReport, part: str) -> dict[str, str]:
    """The figures that stand in one P of this report now, by their keys."""
    publication = publication_of(report)
    if publication is None or part == SUMMARY:
        return {}
    parts = composed(report, publication).parts
    return {one.key: one.title for shown in parts if shown.key == part for one in shown.shown}


@requires(Permission.TRIAGE)
@require_safe
def preview(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Show a report as the board will see it, with the figures that are published now."""
    report = _found(request, report_id)
    publication = publication_of(report)
    if publication is None:
        messages.warning(request, "The figures of this quarter are held back. There is nothing to show.")
        return redirect(CHANGE, report.pk)
    context = report_context(report, publication) | {"draft": not report.is_issued}
    return render(request, "referrals/board_report.html", context)


@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The last look at a draft, and issuing it."""
    report = _draft(request, report_id)
    publication, problem, findings = publication_of(report), "", []
    seen = SeenForm(request.POST)
    confirmed = IssueForm.ticked(request.POST)
    if request.method == "POST" and seen.is_valid() and "confirm-read" in request.POST:
        try:
            said = seen.cleaned_data
            acts.issue(by=request.user, report_id=report.pk, edition=said["edition"],
                       publication_id=said["publication"], confirmed=confirmed)  # fmt: skip
        except acts.ContentRefused as refusal:
            findings = refusal.findings
        except (acts.Refused, TooManyChecks) as refusal:
            problem = str(refusal)
        except CannotTypeset:
            problem = "The PDF could not be made, so nothing was issued. Try again, and tell your system administrator"
        else:
            messages.success(request, "The report is issued. Everybody who sees the dashboard can read it.")
            return redirect(CHANGE, report.pk)
    else:
        try:
            findings = screen("\n".join(report.commentary.values()), by=request.user)
        except TooManyChecks as refusal:
            problem = str(refusal)
    return _issue_page(request, report, publication, problem, findings)


def _issue_page(
    request: HttpRequest,
    report: BoardReport,
    publication: Publication | None,
    problem: str,
    findings: Collection[Finding],
) -> HttpResponse:
    now = _found(request, report.pk)
    asked = [found for found in findings if not found.refused]
    form = IssueForm(request.POST if request.method == "POST" else None, findings=asked)
    context = {
        "title": f"Issue the report: {report.period.label}",
        "report": now,
        "publication": publication,
        "form": form,
        "problem": problem,
        "findings": [str(found) for found in asked],
        "refused": [str(found) for found in findings if found.refused],
    }
    return _page(request, "board_report_issue", context, status=409 if problem else 200)


@requires(Permission.TRIAGE)
@require_http_methods(["POST"])
def discard(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Throw a draft away, as it was seen."""
    report, seen = _draft(request, report_id), SeenForm(request.POST)
    if not seen.is_valid():
        raise Http404
    try:
        acts.discard(by=request.user, report_id=report.pk, edition=seen.cleaned_data["edition"])
    except acts.Refused as problem:
        messages.error(request, str(problem))
        return redirect(CHANGE, report.pk)
    messages.success(request, "The draft is gone.")
    return redirect("admin:referrals_boardreport_changelist")
