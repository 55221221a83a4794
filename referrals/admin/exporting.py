"""The list of referrals as a file: what its filters leave, as coded facts, for a purpose that is recorded."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners.access import record_access, requires
from partners.models import AccessRecord, User
from partners.roles import Permission
from referrals import workflow
from referrals.admin.chosen import BULK, CHOSEN, chosen_in, problems_of, rows_for_page
from referrals.admin.purpose import as_download, clean_purpose, purpose_field
from referrals.export import MOST_ROWS, TooMany, as_csv, as_xlsx, file_name, record_export, rows_of
from referrals.models import Referral
from referrals.queue_order import OPEN_FIRST

XLSX, CSV = "xlsx", "csv"
TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}


class ExportForm(forms.Form):
    """Which kind of file, and what for."""

    kind = forms.ChoiceField(
        label="Which kind of file?",
        choices=[(XLSX, "Excel workbook"), (CSV, "CSV, for any other program")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose which kind of file you need",
            "invalid_choice": "Choose which kind of file you need from the list",
        },
    )
    purpose = purpose_field("What do you need the list for?")

    def __init__(self, *args: Any, referrals: QuerySet[Referral], by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.referrals, self.by = referrals, by

    def clean(self) -> dict[str, Any]:
        """Compare the purpose with what the referrals hold."""
        cleaned = super().clean()
        clean_purpose(self, cleaned, self.by, self.referrals)
        return cleaned


def filtered(request: HttpRequest) -> QuerySet[Referral]:
    """Return what the list shows for the filters in the address, in its order, all pages of it.

    Raises IncorrectLookupParameters for filters that the list does not have.
    """
    shown = admin.site.get_model_admin(Referral).get_changelist_instance(request)
    return shown.queryset.prefetch_related(None).select_related(None)


@never_cache
@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Ask for the purpose; then give the file. The filters stay in the address, the purpose does not.

    What was ticked in the list comes by POST, and then the file has these alone.
    """
    if request.method == "POST" and (CHOSEN in request.POST or "purpose" not in request.POST):
        return _export_chosen(request)
    try:
        referrals = filtered(request)
    except IncorrectLookupParameters:
        return redirect("admin:referrals_referral_changelist")
    count = referrals.count()
    return _ask_or_give(
        request, referrals, {"title": "Export this list", "count": count, "too_many": count > MOST_ROWS}
    )


def _export_chosen(request: HttpRequest) -> HttpResponse:
    """The same for ticked referrals: all of them as they stood in the list, or none and why."""
    rows = Referral.objects.visible_to(request.user).none()
    try:
        found = workflow.checked_together(chosen_in(request), by=request.user)
        rows = OPEN_FIRST.sort(Referral.objects.visible_to(request.user).filter(pk__in=[row.pk for row in found]))
        more = {"rows": rows_for_page(found)}
    except (workflow.Refused, workflow.NotTogether) as refusal:
        more = problems_of(refusal, request.user)
    return _ask_or_give(request, rows, {"title": BULK["export"], "count": len(more["rows"]), **more})


def _ask_or_give(request: HttpRequest, referrals: QuerySet[Referral], more: dict[str, Any]) -> HttpResponse:
    stopped = more.get("refused") or more.get("news")
    answered = request.method == "POST" and "purpose" in request.POST and not stopped
    form = ExportForm(request.POST if answered else None, referrals=referrals, by=request.user)
    if more.get("rows"):
        record_access(by=request.user, action=AccessRecord.Action.LIST, object_kind="referral")
    if answered and form.is_valid():
        try:
            return _file(referrals, request.user, **form.cleaned_data)
        except TooMany:
            form.add_error(None, f"A file holds {MOST_ROWS:,} referrals at most. Narrow the list down first")
    filters = request.GET.urlencode()
    context = admin.site.each_context(request) | {"form": form, "most": MOST_ROWS, "filters": filters, **more}
    return TemplateResponse(request, "admin/referrals/export.html", context, status=409 if stopped else 200)


@transaction.atomic
def _file(referrals: QuerySet[Referral], by: User, kind: str, purpose: str) -> HttpResponse:
    rows, now = rows_of(referrals), timezone.now()
    content = as_xlsx(rows, purpose=purpose, made=now) if kind == XLSX else as_csv(rows)
    record_export(by=by, purpose=purpose, count=referrals.count())
    return as_download(content, TYPES[kind], file_name(kind, now))
