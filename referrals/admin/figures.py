"""The coordinators' pages of published figures: each period, what partners will see of it; hold, release, correct."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from partners.access import record_access, requires
from partners.board.screening import TooManyChecks
from partners.formfields import PlainTextField
from partners.limits import days_off
from partners.models import AccessRecord, Area, Partnership
from partners.roles import Permission
from referrals.models import FigureAct, Publication
from referrals.models.figures import LONGEST_REASON
from referrals.periods import Kind, Period, from_slug
from referrals.published import COUNTED_WORDS, HIDDEN_SIGN, Scope, Table
from referrals.publishing import MayNotBeDone, Preview, ask_for_correction, hold, preview, release
from referrals.publishing.acts import FAILURES
from referrals.publishing.due import closed, is_held, published_on
from referrals.publishing.reading import band_now
from referrals.publishing.tables import true_tables
from referrals.statistics.categories import Districts
from referrals.statistics.counts import CROSS

SHOWN_PERIODS = 60
HOLD, RELEASE, CORRECT = "hold", "release", "correct"
KIND_WORDS = {Kind.MONTH: "Month", Kind.QUARTER: "Quarter", Kind.YEAR: "Financial year"}


class ReasonForm(forms.Form):
    """Why a period is held back or corrected."""

    reason = PlainTextField(
        label="Why?",
        subject="The reason",
        max_length=LONGEST_REASON,
        help_text="In one sentence, and nothing about one person or case. Partners read why figures were corrected.",
        error_messages={"required": "Say why"},
    )


@dataclass(frozen=True)
class Line:
    """One row of a table on the page: what is shown, and what was counted (None where nothing tells)."""

    label: str
    shown: str
    true: int | None


@never_cache
@requires(Permission.TRIAGE)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """List the periods that have ended: published, held back, or to be published on a day."""
    today = timezone.localdate()
    days, off = Partnership.current().figures_after_days, days_off()
    newest = {(row.kind, row.starts): row for row in Publication.objects.in_force().of_partnership()}
    periods = list(reversed(closed(today)))[:SHOWN_PERIODS]
    rows = [
        {
            "period": period,
            "kind": KIND_WORDS[period.kind],
            "row": newest.get((period.kind, period.starts)),
            "held": (period.kind, period.starts) not in newest and is_held(period),
            "on": published_on(period, days, off),
        }
        for period in periods
    ]
    more = {"title": "Published figures", "rows": rows, "band": band_now(today)}
    return TemplateResponse(request, "admin/figures/periods.html", admin.site.each_context(request) | more)


@never_cache
@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def figures_of_period(request: HttpRequest, key: str) -> HttpResponse:
    """Show what is, or will be, published of one period beside what was counted; hold, release or correct it."""
    period = _period(key)
    form = ReasonForm(request.POST if request.POST.get("do") in (HOLD, CORRECT) else None)
    if request.method == "POST" and _done(request, period, form):
        return redirect("figures_period", key=period.slug)
    return _page(request, period, form)


def _period(key: str) -> Period:
    try:
        period = from_slug(key)
    except ValueError:
        raise Http404 from None
    if period not in closed(timezone.localdate()):
        raise Http404
    return period


def _done(request: HttpRequest, period: Period, form: ReasonForm) -> bool:
    """Do what was asked for; return whether it was done. What is wrong with it stands in the form."""
    act = request.POST.get("do")
    if act == RELEASE:
        release(by=request.user, period=period)
        messages.success(request, f"{period.label} is released. It is published within the hour once its day has come.")
        return True
    if act not in (HOLD, CORRECT) or not form.is_valid():
        return False
    try:
        {HOLD: hold, CORRECT: ask_for_correction}[act](by=request.user, period=period, **form.cleaned_data)
    except (MayNotBeDone, TooManyChecks) as refusal:
        form.add_error("reason", str(refusal))
        return False
    said = {HOLD: "is held back.", CORRECT: "will be counted again and published with your reason within the hour."}
    messages.success(request, f"{period.label} {said[act]}")
    return True


def _page(request: HttpRequest, period: Period, form: ReasonForm) -> HttpResponse:
    row, tables, failed = Publication.objects.current(period), [], False
    if row is not None:
        tables = [_shown(table, {}) for table in row.figures.tables]
    else:
        try:
            seen = preview(period, organisations=False)
        except FAILURES:
            failed = True
        else:
            true = _true(seen)
            tables = [_shown(table, true.get(table.key, {})) for table in seen.results[0].figures.tables]
    with transaction.atomic():
        record_access(by=request.user, action=AccessRecord.Action.LIST, object_kind="figures", reference=period.slug)
    acts = FigureAct.objects.filter(kind=period.kind, starts=period.starts).select_related("by").order_by("-pk")
    more: dict[str, Any] = {
        "title": period.label,
        "period": period,
        "row": row,
        "held": row is None and is_held(period),
        "failed": failed,
        "tables": tables,
        "form": form,
        "acts": acts,
        "versions": Publication.objects.versions(period),
        "organisations": Publication.objects.in_force().of(period).exclude(organisation=None).count(),
        "hidden_sign": HIDDEN_SIGN,
    }
    return TemplateResponse(request, "admin/figures/period.html", admin.site.each_context(request) | more)


def _true(seen: Preview) -> dict[str, dict[str, int]]:
    """What was counted, by the key of a table and the code of a cell; zeros too."""
    districts = Districts(seen.period, Area.objects.all())
    found = {}
    for table in true_tables(seen.period, Scope.PARTNERSHIP, seen.counted[None], districts):
        codes = [row.code for row in table.rows]
        if table.columns:
            codes = [f"{row}{CROSS}{column.code}" for row in codes for column in table.columns]
        found[table.key] = {code: table.counts.get(code, 0) for code in codes}
    return found


def _shown(table: Table, true: dict[str, int]) -> dict[str, Any]:
    """A table in lines: what partners see beside what was counted, where that is known on this page."""
    lines = []
    for row, counts in zip(table.rows, table.cells, strict=True):
        for place, count in enumerate(counts):
            column = table.columns[place] if table.columns else None
            code = f"{row.code}{CROSS}{column.code}" if column else row.code
            label = f"{row.label}, {column.label[:1].lower()}{column.label[1:]}" if column else row.label
            lines.append(Line(label, HIDDEN_SIGN if count is None else str(count), true.get(code)))
    return {
        "title": table.key.replace("_", " ").capitalize(),
        "counted": COUNTED_WORDS[table.counted],
        "lines": lines,
        "total": HIDDEN_SIGN if table.total is None else table.total,
        "hidden": table.hidden,
        "rounded_to": table.rounded_to,
        "has_true": bool(true),
    }
