"""The answer sheet on paper: a page to print, and a PDF. A duty to notify leaves only when it has been checked."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from partners.formfields import in_words
from partners.models import AccessRecord, Partnership
from referrals.disclose import record_view
from referrals.forms.nrm_words import parts_of
from referrals.models import NrmCase
from referrals.sheet_case import OpenSheet, open_case
from referrals.typesetting import CannotTypeset, typeset
from referrals.views.nrm import head_of, sheet_page

Action = AccessRecord.Action


@sheet_page("GET", "HEAD")
def nrm_print(request: HttpRequest, nrm: NrmCase) -> HttpResponse:
    """Show the sheet as it is printed: its own style sheet, no navigation, the marking on each page."""
    opened = open_case(nrm, by=request.user)
    if not opened.may_copy:
        return _withheld(request, opened)
    record_view(nrm.referral, by=request.user, action=Action.PRINT_ANSWER_SHEET)
    return render(request, "referrals/nrm_print.html", _content(opened) | {"nrm": nrm})


@sheet_page("GET", "HEAD")
def nrm_pdf(request: HttpRequest, nrm: NrmCase) -> HttpResponse:
    """Give the sheet as a tagged PDF. Its name and its title hold the reference and no name of a person."""
    opened = open_case(nrm, by=request.user)
    if not opened.may_copy:
        return _withheld(request, opened)
    record_view(nrm.referral, by=request.user, action=Action.DOWNLOAD_ANSWER_SHEET)
    partnership = Partnership.current()
    content = _content(opened) | {"service": partnership.service_name if partnership else "Waymark"}
    content["parts"] = [asdict(part) for part in content["parts"]]
    try:
        pdf = typeset("answer_sheet.typ", content)
    except CannotTypeset:
        return render(request, "referrals/nrm_no_pdf.html", head_of(opened), status=503)
    headers = {
        "Content-Disposition": f'attachment; filename="answer-sheet-{opened.reference}.pdf"',
        "Cache-Control": "no-store, private",
    }
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _content(opened: OpenSheet) -> dict:
    head = head_of(opened)
    made = f"Made on {in_words(timezone.localdate())}"
    kept = ("reference", "marking", "branch", "about", "progress")
    return {key: head[key] for key in kept} | {"made": made, "parts": parts_of(opened)}


def _withheld(request: HttpRequest, opened: OpenSheet) -> HttpResponse:
    """Say why there is no paper yet: words that may identify somebody who did not agree would leave with it."""
    return render(request, "referrals/nrm_withheld.html", head_of(opened), status=409)
