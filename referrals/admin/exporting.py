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

from partners.access import requires
from partners.models import User
from partners.roles import Permission
from referrals.admin.purpose import as_download, clean_purpose, purpose_field
from referrals.export import MOST_ROWS, TooMany, as_csv, as_xlsx, file_name, record_export, rows_of
from referrals.models import Referral

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

    def __init__(self, *args: Any, referrals: QuerySet[Referral], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.referrals = referrals

    def clean(self) -> dict[str, Any]:
        """Compare the purpose with what the referrals hold."""
        cleaned = super().clean()
        clean_purpose(self, cleaned, self.referrals)
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
    """Ask for the purpose; then give the file. The filters stay in the address, the purpose does not."""
    try:
        referrals = filtered(request)
    except IncorrectLookupParameters:
        return redirect("admin:referrals_referral_changelist")
    form = ExportForm(request.POST if request.method == "POST" else None, referrals=referrals)
    if form.is_bound and form.is_valid():
        try:
            return _file(referrals, request.user, **form.cleaned_data)
        except TooMany:
            form.add_error(None, f"A file holds {MOST_ROWS:,} referrals at most. Narrow the list down first")
    count = referrals.count()
    context = admin.site.each_context(request) | {
        "title": "Export this list",
        "form": form,
        "count": count,
        "too_many": count > MOST_ROWS,
        "most": MOST_ROWS,
        "filters": request.GET.urlencode(),
    }
    return TemplateResponse(request, "admin/referrals/export.html", context)


@transaction.atomic
def _file(referrals: QuerySet[Referral], by: User, kind: str, purpose: str) -> HttpResponse:
    rows, now = rows_of(referrals), timezone.now()
    content = as_xlsx(rows, purpose=purpose, made=now) if kind == XLSX else as_csv(rows)
    record_export(by=by, purpose=purpose, count=referrals.count())
    return as_download(content, TYPES[kind], file_name(kind, now))
