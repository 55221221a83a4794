"""Referrals that belong together: who may be the same person and why, the two side by side, linking and merging.

Side by side are coded facts. What is sealed stays sealed: each case is opened on its own page, and that is recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from partners.formfields import PlainTextField
from partners.models import User
from referrals import workflow
from referrals.admin import columns
from referrals.admin.acting import Act, page
from referrals.admin.forms import ActForm
from referrals.admin.sections import indicators, moment
from referrals.codes import SETTINGS, label_of
from referrals.matching import Linked, Suggestion, links_of, suggestions
from referrals.models import Link, LinkKind, Referral
from referrals.references import as_written
from referrals.statuses import Move, Status

LINK_TO, LINK, MERGE, UNLINK = "link-to", "link", "merge", "unlink"
SHOWN_SUGGESTIONS = 5  # the others are folded away


@dataclass(frozen=True)
class Pair:
    """A referral and another one that `reader` may see as well. The workflow locks by the version of the first."""

    referral: Referral
    other: Referral
    reader: User

    @property
    def pk(self) -> UUID:
        """The id of the other one: the first is known by the page."""
        return self.other.pk

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Why they may be about one person; empty when nothing says so, or they are linked already."""
        found = (one for one in suggestions(self.referral, self.reader) if one.referral.pk == self.other.pk)
        return next((one.reasons for one in found), ())

    @cached_property
    def kinds(self) -> list[str]:
        """How they are linked already, in words."""
        return [
            one.link.get_kind_display()
            for one in links_of(self.referral, self.reader)
            if one.referral.pk == self.other.pk
        ]


def in_short(referral: Referral) -> dict[str, Any]:
    """Return a referral as one row of coded facts."""
    return {
        "id": referral.pk,
        "reference": referral.reference,
        "about": columns.kinds_of_exploitation(referral),
        "facts": columns.coded_facts(referral),
        "organisation": referral.organisation.short_name or referral.organisation.name,
        "came_in": moment(referral.submitted_at),
        "status": columns.status_tag(referral),
    }


def suggested(found: Iterable[Suggestion]) -> list[dict[str, Any]]:
    """Return suggestions as rows of coded facts with `reasons`."""
    return [{**in_short(one.referral), "reasons": one.reasons} for one in found]


def section(found: list[Suggestion], links: list[Linked], reader: User) -> dict[str, Any]:
    """Return what the case page says of other referrals: `first` and `more` that may be the same, and `links`."""
    rows = suggested(found)
    linked = [
        {
            **in_short(one.referral),
            "link": one.link.pk,
            "kind": one.link.get_kind_display(),
            "who": columns.person(one.link.by, reader),
            "at": one.link.at,
        }
        for one in links
    ]
    return {"first": rows[:SHOWN_SUGGESTIONS], "more": rows[SHOWN_SUGGESTIONS:], "links": linked}


def side_by_side(pair: Pair) -> list[dict[str, Any]]:
    """Return the coded facts of two referrals as rows `{"key", "here", "there", "same"}`."""
    here, there = _compared(pair.referral, pair.reader), _compared(pair.other, pair.reader)
    return [
        {"key": key, "here": value, "there": there[key], "same": value == there[key]} for key, value in here.items()
    ]


def _compared(referral: Referral, reader: User) -> dict[str, str | list[str]]:
    signs = [label for theme in indicators(referral) for label in theme["labels"]]
    return {
        "Status": referral.get_status_display(),
        "Came in": moment(referral.submitted_at),
        "Referred by": referral.organisation.name,
        "Age": columns.AGE_WORDS[referral.age_group],
        "Exploitation": columns.kinds_of_exploitation(referral),
        "Setting": label_of(referral.setting, SETTINGS),
        "District": referral.district.name if referral.district else "Not known",
        "What was seen": signs or "No sign on the list was ticked",
        "Owner": columns.person(referral.owner, reader),
    }


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


def link_to(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    """Ask which other referral it is, then show the two side by side."""
    form = LinkToForm(request.POST or None, initial={"version": referral.version}, referral=referral)
    if form.is_bound and form.is_valid():
        if other := _find(referral.pk, request.user, form.cleaned_data):
            return redirect("admin:referrals_referral_part", referral.pk, LINK, other)
        form.add_error("reference", "No referral that you can see has this reference")
    return page(request, what, referral, referral, form)


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


ACTS: dict[str, Act] = {
    LINK_TO: Act(
        None,
        "Link to another referral",
        "You see the two side by side before anything is linked.",
        "",
        _find,
        LinkToForm,
        view=link_to,
        on_top=False,
    ),
    LINK: Act(
        None,
        "Link these two",
        "Both histories tell of the link. Only coordinators see it: the two referrers and the partners learn nothing.",
        "The two referrals are linked.",
        _link,
        LinkForm,
        find=find_other,
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
        style="warning",
        on_top=False,
    ),
}
