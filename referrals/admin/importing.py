"""Carrying an earlier log over, on a page: a dry run first, then the same file again. The file is kept nowhere.

Between the two steps only its SHA-256 is remembered, in the form: what is carried over is what was looked at.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners.access import requires
from partners.roles import Permission
from referrals.models import ImportBatch
from referrals.spreadsheet import MOST_BYTES, MOST_ROWS, NotReady, Report, Unreadable, carry_over, check
from referrals.spreadsheet.entries import hash_of
from referrals.spreadsheet.report import MOST_SAID

MOST_AT_ONCE = 100  # rows that one request carries over; a larger log takes minutes and goes by the command
SHOWN_BATCHES = 20
TOO_LARGE = f"The file is larger than {MOST_BYTES // 1_000_000} MB. Send the log in parts, a year at a time"


class FileForm(forms.Form):
    """The log. Its content decides what it is, never its name."""

    file = forms.FileField(
        label="The log",
        help_text=f"CSV or Excel workbook (.xlsx), at most {MOST_BYTES // 1_000_000} MB and {MOST_ROWS:,} rows",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )

    def __init__(self, data: Any = None, files: Any = None, *, sent: int = 0) -> None:
        """`sent`: how many bytes the request had. A file that is too large is dropped before it gets here."""
        super().__init__(data, files)
        if sent > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            self.fields["file"].error_messages["required"] = TOO_LARGE

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file


class SameFileForm(FileForm):
    """The same file again, and a yes."""

    checked = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    confirm = forms.BooleanField(
        label="I have read the dry run. Carry all of it over",
        error_messages={"required": "Confirm that all of it is to be carried over"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = "The same file again"
        self.fields["file"].help_text = "It was not kept. It must not have changed since the dry run."

    def clean(self) -> dict[str, Any]:
        """Compare the file with the one that was looked at."""
        cleaned = super().clean()
        if file := cleaned.get("file"):
            cleaned["content"] = file.read()
            same = hash_of(cleaned["content"]).hex() == cleaned.get("checked")
            if not same:
                self.add_error("file", "This is not the file that was checked, or it has changed since. Check it again")
        return cleaned


@never_cache
@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_log(request: HttpRequest) -> HttpResponse:
    """Ask for the log and show what it holds; when the same file comes again with a yes, carry it over."""
    if request.method != "POST":
        return _page(request, FileForm())
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    form = (SameFileForm if "checked" in request.POST else FileForm)(request.POST, request.FILES, sent=sent)
    try:
        if not form.is_valid():
            return _again(request, form)
        if isinstance(form, SameFileForm):
            return _carry(request, form)
        return _checked(request, form.cleaned_data["file"].read())
    except Unreadable as problem:
        form.add_error("file", problem.text)
    except NotReady as problem:
        return _page(request, FileForm(), problem.report)
    return _page(request, form)


def _again(request: HttpRequest, form: FileForm) -> HttpResponse:
    """Show the form again; with the report of the file, as long as that is the one that was looked at."""
    same = form.cleaned_data.get("content") if isinstance(form, SameFileForm) and "file" not in form.errors else None
    return _page(request, form, check(same) if same else None)


def _checked(request: HttpRequest, content: bytes) -> HttpResponse:
    report = check(content)
    ready = report.may_be_carried_over and len(report.entries) <= MOST_AT_ONCE
    form = SameFileForm() if ready else FileForm()
    form.initial["checked"] = report.content_hash.hex()
    return _page(request, form, report)


def _carry(request: HttpRequest, form: SameFileForm) -> HttpResponse:
    content = form.cleaned_data["content"]
    if len(check(content).entries) > MOST_AT_ONCE:
        return _checked(request, content)
    batch, _ = carry_over(content, name=form.cleaned_data["file"].name, by=request.user)
    count = batch.carried_over if batch else 0
    messages.success(request, f"{count} referral{'' if count == 1 else 's'} carried over. Nobody was written to.")
    return redirect("triage_import")


def _page(request: HttpRequest, form: FileForm, report: Report | None = None) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": "Carry an earlier log over",
        "form": form,
        "report": report,
        "at_once": MOST_AT_ONCE,
        "too_many": report is not None and len(report.entries) > MOST_AT_ONCE,
        "most_said": MOST_SAID,
        "batches": _batches(),
    }
    return TemplateResponse(request, "admin/referrals/import.html", context)


def _batches() -> list[dict[str, Any]]:
    rows = ImportBatch.objects.select_related("by").order_by("-at")[:SHOWN_BATCHES]
    return [{"row": row, "digest": bytes(row.content_hash).hex()} for row in rows]
