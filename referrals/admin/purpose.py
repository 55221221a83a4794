"""What somebody takes a case or a list away for: asked in words, checked, and kept on the access log."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse

from partners.formfields import PlainTextField
from partners.models import User
from referrals.disclose import record_held_back
from referrals.export import LONGEST_PURPOSE, SHORTEST_PURPOSE, BadPurpose, checked_purpose
from referrals.models import Referral


def purpose_field(label: str) -> PlainTextField:
    """Return the question for the purpose."""
    return PlainTextField(
        label=label,
        subject="Your reason",
        help_text=f"At least {SHORTEST_PURPOSE} characters. Do not name the person: auditors read it.",
        max_length=LONGEST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": "Enter your reason"},
    )


def clean_purpose(
    form: forms.Form, cleaned: dict[str, Any], by: User, referrals: QuerySet[Referral] | None = None
) -> None:
    """Tidy `purpose` in `cleaned`, or say at the field what is wrong with it; `referrals` are those it is about.

    That a reason names somebody of a case says what is sealed in it, as opening it does: `by` is recorded for that.
    """
    if "purpose" not in cleaned:
        return
    try:
        cleaned["purpose"] = checked_purpose(cleaned["purpose"], referrals)
    except BadPurpose as problem:
        record_held_back(problem.named, by=by)
        form.add_error("purpose", str(problem))


def as_download(content: bytes, kind: str, name: str) -> HttpResponse:
    """Return a file that the browser saves and no cache keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    return HttpResponse(content, content_type=kind, headers=headers)
