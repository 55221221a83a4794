"""Linking two referrals, merging one as the duplicate of another, and taking a link away: forms, pages and acts."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from partners.access import record_access
from partners.formfields import PlainTextField
from partners.models import AccessRecord, User
from referrals import workflow
from referrals.admin.acting import Act, page
from referrals.admin.forms import ActForm
from referrals.admin.linked import SHOWN_SUGGESTIONS, Pair, side_by_side, suggested
from referrals.admin.neighbours import kept
from referrals.disclose import record_view
from referrals.matching import suggestions
from referrals.models import Link, LinkKind, Referral
from referrals.references import as_written
from referrals.statuses import Move, Status

LINK_TO, LINK, MERGE_WITH, MERGE, UNLINK = "link-to", "link", "duplicate", "merge", "unlink"


def find_other(referral: Referral, by: User, part_id: UUID | None) -> Pair | None:
    """Return the pair of this referral and another one with that id, if `by` may see it."""
    rows = Referral.objects.visible_to(by).select_related("organisation", "district", "owner").exclude(pk=referral.pk)
    other = rows.filter(pk=part_id).first() if part_id else None
    return Pair(referral, other, by) if other else None


def find_link(referral: Referral, by: User, part_id: UUID | None) -> Link | None:
    """Return the link in force of this referral with that id, if `by` may see both its ends."""
    links = Link.objects.in_force().of(referral).visible_to(by).select_related("first", "second")
    return links.filter(pk=part_id).first() if part_id else None


class LinkToForm(ActForm):
    """The reference of another referral."""

    reference = forms.CharField(
        label="Reference of the other referral",
        help_text="For example, K7P-4TX-9WM",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the reference of the other referral"},
    )

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Return which ones it may be."""
        record_access(by=reader, action=AccessRecord.Action.LIST, object_kind="referral")
        return {"alike": suggested(suggestions(self.referral, reader)[:SHOWN_SUGGESTIONS])}

    def clean_reference(self) -> str:
        """Write it as it is written, and refuse the referral's own."""
        reference = as_written(self.cleaned_data["reference"])
        if reference == self.referral.reference:
            raise forms.ValidationError("That is this referral itself")
        return reference


class PairForm(ActForm):
    """One thing about two referrals: the page shows them side by side."""

    def clean(self) -> dict[str, Any]:
        """Add the id of the referral whose page it is."""
        return super().clean() | {"referral_id": self.referral.pk}

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Return both in coded facts, why they may be about one person, and how they are linked."""
        pair = self.subject
        for referral in (pair.referral, pair.other):
            record_view(referral, by=reader)
        return {"pair": pair, "rows": side_by_side(pair), "merges": pair.other.status != Status.WITHDRAWN}


class LinkForm(PairForm):
    """What the two have to do with each other."""

    blamed = "kind"
    kind = forms.ChoiceField(
        label="What do these two have to do with each other?",
        choices=LinkKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they have to do with each other"},
    )
    note = PlainTextField(
        label="How do you know? (optional)",
        subject="How you know",
        help_text="Sealed with the link. Coordinators can open it with the notes.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MergeForm(PairForm):
    """Nothing is asked: the page shows which one goes and which one stays."""


class UnlinkForm(ActForm):
    """Nothing is asked; the page says which link."""

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Name the other referral."""
        other = self.subject.other(self.referral)
        return {"about": f"{self.subject.get_kind_display()}: referral {other.reference}"}


def merge_with(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    """Ask of which other referral this one is the duplicate, then show the two side by side."""
    return _which_other(request, what, referral, MERGE)


def link_to(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    """Ask which other referral it is, then show the two side by side."""
    return _which_other(request, what, referral, LINK)


def _which_other(request: HttpRequest, what: Act, referral: Referral, then: str) -> HttpResponse:
    form = LinkToForm(request.POST or None, initial={"version": referral.version}, referral=referral)
    if form.is_bound and form.is_valid():
        if other := _find(referral.pk, request.user, form.cleaned_data):
            return redirect(reverse("admin:referrals_referral_part", args=[referral.pk, then, other]) + kept(request))
        form.add_error("reference", "No referral that you can see has this reference")
    return page(request, what, referral, referral, form, then=then)


def _find(referral_id: UUID, by: User, data: dict[str, Any]) -> UUID | None:
    return Referral.objects.visible_to(by).filter(reference=data["reference"]).values_list("pk", flat=True).first()


def _link(other_id: UUID, by: User, data: dict[str, Any]) -> object:
    kind = LinkKind(data["kind"])
    return workflow.link(referral_id=data["referral_id"], other_id=other_id, kind=kind, by=by, note=data["note"])


def _merge(into_id: UUID, by: User, data: dict[str, Any]) -> object:
    referral_id, version = data["referral_id"], data["version"]
    return workflow.merge_as_duplicate(referral_id=referral_id, into_id=into_id, by=by, version=version)


def _unlink(link_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.unlink(link_id=link_id, by=by)


def _both_ends(subject: Pair | Link) -> tuple[UUID, ...]:
    return (subject.other.pk,) if isinstance(subject, Pair) else (subject.first_id, subject.second_id)


ACTS: dict[str, Act] = {
    LINK_TO: Act(
        None,
        "Link to another referral",
        "You see the two side by side before anything is linked.",
        "",
        _find,
        LinkToForm,
        page="which_other.html",
        view=link_to,
        on_top=False,
    ),
    MERGE_WITH: Act(
        Move.WITHDRAW,
        "Merge as a duplicate",
        "This referral ends and the other one goes on. You see the two side by side before anything happens.",
        "",
        _find,
        LinkToForm,
        page="which_other.html",
        view=merge_with,
    ),
    LINK: Act(
        None,
        "Link these two",
        "Both histories tell of the link. Only coordinators see it: the two referrers and the partners learn nothing.",
        "The two referrals are linked.",
        _link,
        LinkForm,
        find=find_other,
        ties=_both_ends,
        page="pair.html",
        on_top=False,
    ),
    MERGE: Act(
        Move.WITHDRAW,
        "Merge as a duplicate",
        "This referral is withdrawn as the duplicate of the other one, and the two are linked as the same person. Both "
        "accounts stay as they were given. Its referrer is told that it was withdrawn, and every organisation that has "
        "it loses sight of it at once.",
        "This referral was withdrawn as a duplicate. The two are linked.",
        _merge,
        MergeForm,
        style="warning",
        find=find_other,
        ties=_both_ends,
        page="pair.html",
        on_top=False,
    ),
    UNLINK: Act(
        None,
        "Take the link away",
        "Both histories keep that the two were linked.",
        "The link is taken away.",
        _unlink,
        UnlinkForm,
        find=find_link,
        ties=_both_ends,
        style="warning",
        on_top=False,
    ),
}
