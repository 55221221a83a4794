"""The filters that coordinators have named: using, keeping, sharing and removing them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from partners.formfields import PlainTextField
from partners.models import User
from partners.roles import Permission
from referrals.admin.filters import chosen_by, filters_in
from referrals.admin.tabs import SHOW, TABS, address, tab_of
from referrals.models import SavedFilter

PAGE = "admin:referrals_savedfilter"
MOST_SAVED = 30


class SavedFilterForm(forms.Form):
    """The name of a filter, and whether colleagues see it."""

    name = PlainTextField(
        label="Name of the filter",
        subject="The name",
        help_text="What it finds, such as “Children in Northtown”. Never the name of a person.",
        max_length=SavedFilter._meta.get_field("name").max_length,
        error_messages={"required": "Enter a name for the filter"},
    )
    shared = forms.BooleanField(label="Share it with the other coordinators", required=False)

    def __init__(self, *args, owner: User, **kwargs) -> None:
        self.owner = owner
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        """Refuse a name that the owner has given already."""
        name = self.cleaned_data["name"]
        if SavedFilter.objects.filter(owner=self.owner, name__iexact=name).exists():
            raise ValidationError("You have a filter of this name already. Choose another, or remove the old one")
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse one filter too many."""
        if SavedFilter.objects.filter(owner=self.owner).count() >= MOST_SAVED:
            raise ValidationError(f"You have {MOST_SAVED} saved filters. Remove one before you save another")
        return super().clean()


def manage(request: HttpRequest) -> HttpResponse:
    """Show the saved filters, and keep the one that the address says under a name."""
    if not request.user.may(Permission.TRIAGE):
        raise Http404
    query = query_of(request, request.GET)
    form = SavedFilterForm(request.POST if request.method == "POST" else None, owner=request.user)
    if request.method == "POST" and query and form.is_valid():
        SavedFilter.objects.create(owner=request.user, query=query, **form.cleaned_data)
        messages.success(request, "The filter is saved.")
        return redirect(address(QueryDict(query)))
    context = admin.site.each_context(request) | {
        "title": "Saved filters",
        "way": {"list": address(QueryDict(query))},
        "form": form,
        "to_save": in_words(request, query),
        "saved": on_offer(request, words=True),
    }
    return TemplateResponse(request, "admin/referrals/referral/saved_filters.html", context)


def remove(request: HttpRequest, saved_id: UUID) -> HttpResponse:
    """Remove a filter of one's own."""
    if not request.user.may(Permission.TRIAGE):
        raise Http404
    if request.method == "POST":
        if not SavedFilter.objects.filter(owner=request.user, pk=saved_id).delete()[0]:
            raise Http404
        messages.success(request, "The filter is removed.")
    return redirect(PAGE)


def query_of(request: HttpRequest, chosen: QueryDict) -> str:
    """Return what is kept of an address: the tab and the filters that are on offer; nothing when neither is chosen."""
    found = chosen_by(filters_in(request, chosen))
    if not found and chosen.get(SHOW) not in TABS:
        return ""
    kept = QueryDict(mutable=True)
    kept.update(dict(found) | {SHOW: tab_of(chosen).key})
    return kept.urlencode()


def on_offer(request: HttpRequest, *, words: bool = False) -> list[dict]:
    """Return the filters that the reader may use, with their addresses; with what they find when `words`."""
    rows = SavedFilter.objects.visible_to(request.user).select_related("owner")
    return [
        {
            "id": row.pk,
            "name": row.name,
            "url": address(QueryDict(row.query)),
            "shared": row.shared,
            "own": row.owner_id == request.user.pk,
            "owner": row.owner.get_full_name(),
            "finds": in_words(request, row.query) if words else [],
        }
        for row in rows
    ]


def in_words(request: HttpRequest, query: str) -> list[str]:
    """Say what a saved filter finds: ['All open', 'Age: Under 18']; nothing for an empty one."""
    if not query:
        return []
    chosen = QueryDict(query)
    return [
        tab_of(chosen).label,
        *(f"{spec.title}: {spec.in_words}" for spec in filters_in(request, chosen) if spec.value()),
    ]
