"""The empty sheet for a referral on paper, for everybody: what is asked is no secret, and whoever needs paper may have
no way to sign in. It reads no referral."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import condition, require_safe

from partners.access import public
from referrals.prompt_sheet import prompt_sheet
from referrals.typesetting import CannotTypeset

FILE_NAME = "referral-on-paper.pdf"
#: Phone numbers on a stored copy may be as old as this: ten minutes, in seconds.
FRESH = 600


@public
@require_safe
def prompt_sheet_pdf(request: HttpRequest) -> HttpResponse:
    """Show the sheet as a tagged PDF; 304 to a browser that has this very one."""
    try:
        pdf = prompt_sheet(timezone.now())
    except CannotTypeset:
        return render(request, "referrals/no_prompt_sheet.html", status=503)
    return _answer(request, pdf)


def _answer(request: HttpRequest, pdf: bytes) -> HttpResponse:
    tag = f'"{hashlib.sha256(pdf).hexdigest()}"'
    headers = {
        "Content-Disposition": f'inline; filename="{FILE_NAME}"',
        "Cache-Control": f"public, max-age={FRESH}",
    }

    @condition(etag_func=lambda _: tag)
    def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse(pdf, content_type="application/pdf", headers=headers)

    return answer(request)
