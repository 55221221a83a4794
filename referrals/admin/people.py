"""Looking for a person among the referrals: by POST alone, so that no name is in an address, a log or the history.

What was typed is compared as blind keys and kept nowhere; the access log has the purpose and that somebody searched.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners.access import requires
from partners.formfields import PlainTextField, SplitDateField
from partners.models import User
from partners.roles import Permission
from referrals.admin.linked import suggested
from referrals.admin.purpose import clean_purpose, purpose_field
from referrals.identifiers import identifiers_in
from referrals.matching import MOST, SEARCHES_AN_HOUR, TooLittle, TooManySearches, find_people

#: Fewer letters and figures stand in many a sentence by chance.
SHORTEST_REFERENCE = 5
QUIET = {"autocomplete": "off", "spellcheck": "false"}  # the browser keeps nothing and sends nothing to be checked


def _text(label: str, help_text: str, **more: Any) -> PlainTextField:
    widget = forms.TextInput(attrs=QUIET)
    return PlainTextField(label=label, help_text=help_text, max_length=200, required=False, widget=widget, **more)


class PersonForm(forms.Form):
    """What is known of a person, and why somebody looks for them."""

    name = _text("Name", "All the names that you know, in any order. What sounds alike is found too.")
    born = SplitDateField(
        label="Date of birth",
        subject="The date of birth",
        help_text="For example, 27 3 1998",
        required=False,
        future=False,
    )
    phone = _text("Phone number", "")
    email = _text("E-mail address", "")
    reference = _text("Home Office reference", "")
    purpose = purpose_field("Why do you look for this person?")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean(self) -> dict[str, Any]:
        """Refuse a purpose that says who it is."""
        cleaned = super().clean()
        clean_purpose(self, cleaned, self.by)
        purpose = cleaned.get("purpose", "")
        if identifiers_in(purpose, _as_answers(cleaned)) or _holds(purpose, cleaned.get("reference", "")):
            self.add_error("purpose", "Your reason must not name the person: auditors read it")
        return cleaned


def _holds(text: str, reference: str) -> bool:
    """Whether a Home Office reference stands in a text, however its figures are grouped."""
    wanted, said = ("".join(filter(str.isalnum, one.casefold())) for one in (reference, text))
    return len(wanted) >= SHORTEST_REFERENCE and wanted in said


def _as_answers(cleaned: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What was typed as the sealed answers of a referral would hold it."""
    born = cleaned.get("born")
    person = {"given_names": cleaned.get("name", ""), "date_of_birth": born.isoformat() if born else ""}
    contact = {"phone_number": cleaned.get("phone", ""), "email": cleaned.get("email", "")}
    return {"person": person, "contact": contact}


@never_cache
@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Ask whom somebody looks for, and answer in the same page: what may be about them, as coded facts."""
    form = PersonForm(request.POST if request.method == "POST" else None, by=request.user)
    found = None
    if form.is_bound and form.is_valid():
        try:
            found = suggested(find_people(request.user, **form.cleaned_data))
        except (TooLittle, TooManySearches) as refusal:
            form.add_error("name" if isinstance(refusal, TooLittle) else None, str(refusal))
    context = admin.site.each_context(request) | {
        "title": "Search for a person",
        "form": form,
        "found": found,
        "most": MOST,
        "an_hour": SEARCHES_AN_HOUR,
    }
    return TemplateResponse(request, "admin/referrals/people.html", context)
