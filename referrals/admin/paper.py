"""One case as a PDF: what it is for is asked first, and stands on every page and on the access log."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from partners.models import User
from partners.sealing import CannotOpen
from referrals.admin.acting import Act, ask, page
from referrals.admin.forms import ActForm
from referrals.admin.purpose import as_download, clean_purpose, purpose_field
from referrals.admin.timeline import timeline
from referrals.case_pdf import case_pdf
from referrals.export import MARKING
from referrals.models import Referral
from referrals.typesetting import CannotTypeset


class PaperForm(ActForm):
    """What the paper is for."""

    purpose = purpose_field("What do you need it for?")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean(self) -> dict[str, Any]:
        """Compare the purpose with what is sealed."""
        cleaned = super().clean()
        clean_purpose(self, cleaned, self.by, Referral.objects.visible_to(self.by).filter(pk=self.referral.pk))
        return cleaned


def download(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    """Ask for the purpose; then give the PDF. Its name holds the reference and no name of a person."""
    if request.method != "POST":
        return ask(request, replace(what, form=partial(PaperForm, by=request.user)), referral, referral)
    form = PaperForm(request.POST, referral=referral, by=request.user)
    if not form.is_valid():
        return page(request, what, referral, referral, form)
    try:
        pdf = _print(referral.pk, request.user, form.cleaned_data)
    except Referral.DoesNotExist:
        raise Http404 from None  # it was kept from the reader a moment ago
    except CannotOpen:
        return page(request, what, referral, referral, form, unreadable=True)
    except CannotTypeset:
        form.add_error(None, "The PDF could not be made. Try again, and tell an administrator if it goes on")
        return page(request, what, referral, referral, form, status=503)
    return as_download(pdf, "application/pdf", f"{MARKING} referral {referral.reference}.pdf")


def _print(referral_id: UUID, by: User, data: dict[str, Any]) -> bytes:
    referral = Referral.objects.visible_to(by).select_related("organisation", "district").get(pk=referral_id)
    return case_pdf(referral, by=by, purpose=data["purpose"], tell=lambda events: timeline(events, by))


ACTS: dict[str, Act] = {
    "pdf": Act(
        None,
        "Download as PDF",
        "The facts, what was told, consents, hand-overs and what happened, marked OFFICIAL-SENSITIVE, with your name "
        "and your reason on each page. Where the person is, the notes and the attachments are left out. It names the "
        "person: the access log says that you opened the identity and took the paper.",
        "",
        _print,
        PaperForm,
        view=download,
    ),
}
