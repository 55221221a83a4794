"""What is done with the referrals that a coordinator ticks in the queue: they are given to a coordinator, or exported.

These two and no other. Which ones they are travels by POST with the versions that the coordinator saw, never in an
address; a page between says what will happen and to which of them.
"""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from partners.access import record_access
from partners.models import AccessRecord, Membership, User
from partners.roles import Permission, Role
from referrals import workflow
from referrals.admin.forms import PersonField
from referrals.admin.linked import in_short
from referrals.admin.neighbours import list_address
from referrals.admin.timeline import timeline
from referrals.models import Referral

#: The name of the tick boxes, and what one carries: the id and the version that the row showed.
CHOSEN = "chosen"
TICKED = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9]{1,9})")
#: What a list of referrals can be given to. `tests/referrals/test_together.py` holds that there is no more.
BULK = {"assign": "Assign to a coordinator", "export": "Export the chosen ones"}


def ticked(referral: Referral) -> str:
    """Return what the tick box of a referral carries."""
    return f"{referral.pk}.{referral.version}"


def tick_box(referral: Referral) -> str:
    """Return the tick box of a row of the queue."""
    return format_html(
        '<input type="checkbox" class="pick" name="{}" value="{}" aria-label="Select {}">',
        CHOSEN,
        ticked(referral),
        referral.reference,
    )


def chosen_in(request: HttpRequest) -> list[workflow.Chosen]:
    """Return what was ticked, each once. What is no tick of the queue's is taken for a referral that is not there."""
    found = {}
    for given in request.POST.getlist(CHOSEN):
        match = TICKED.fullmatch(given)
        one = workflow.Chosen(UUID(match[1]), int(match[2])) if match else workflow.Chosen(UUID(int=0), 0)
        found[one.id] = one
    return list(found.values())


class AssignTogetherForm(forms.Form):
    """Who is to have them."""

    to = PersonField(
        label="Who will look after them?",
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a coordinator", "invalid_choice": "Choose a coordinator from the list"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.in_role(Role.COORDINATOR).filter(user__is_active=True)
        self.fields["to"].queryset = User.objects.filter(pk__in=members.values("user")).order_by("full_name", "email")


def problems_of(refusal: Exception, reader: User) -> dict[str, Any]:
    """Return what a page says of why nothing was done: `refused` (sentences), `news` (what happened to which).

    `rows` are those that it is asked of again: all of them, when there is nothing but news to read first.
    """
    if isinstance(refusal, workflow.Refused):
        return {"refused": [refusal.text], "news": [], "rows": []}
    said = []
    if refusal.gone:
        are = "1 of those you ticked is" if refusal.gone == 1 else f"{refusal.gone} of those you ticked are"
        said.append(f"{are} not in your list any more")
    if refusal.unread:
        said.append(f"Nobody has opened {', '.join(refusal.unread)}. Open what is unread first")
    if refusal.fixed:
        said.append(f"Nobody has taken {', '.join(refusal.fixed)} yet, or it has ended")
    news = [{"reference": one.referral.reference, "since": timeline(one.since, reader)} for one in refusal.changed]
    return {"refused": said, "news": news, "rows": [] if said else rows_for_page(refusal.found)}


def rows_for_page(rows: Sequence[Referral]) -> list[dict[str, Any]]:
    """Return the chosen referrals as rows of coded facts with what their tick carries."""
    return [{**in_short(row), CHOSEN: ticked(row)} for row in sorted(rows, key=lambda row: row.reference)]


@never_cache
def assign_chosen(request: HttpRequest) -> HttpResponse:
    """Ask who is to have the ticked referrals; then give all of them, or none and say why."""
    if not request.user.may(Permission.TRIAGE):
        raise Http404
    if request.method != "POST":
        return redirect(list_address(request))
    chosen, answered = chosen_in(request), "answered" in request.POST
    form = AssignTogetherForm(request.POST if answered else None)
    rows = []
    try:
        rows = workflow.checked_together(chosen, by=request.user)
        if answered and form.is_valid():
            return _give(request, chosen, form.cleaned_data["to"])
    except workflow.Refused as refusal:
        if not refusal.field:
            return _page(request, form, problems_of(refusal, request.user))
        form.add_error(refusal.field, refusal.text)
    except workflow.NotAllowed:
        if not rows:
            raise Http404 from None  # the reader is no coordinator any more
        form.add_error("to", "Choose somebody who is a coordinator now")
    except workflow.NotTogether as refusal:
        return _page(request, form, problems_of(refusal, request.user))
    return _page(request, form, {"rows": rows_for_page(rows)})


def _give(request: HttpRequest, chosen: list[workflow.Chosen], to: User) -> HttpResponse:
    given = workflow.assign_together(chosen=chosen, to=to, by=request.user)
    theirs = len(chosen) - len(given)
    words = f"{len(given)} referral{' has' if len(given) == 1 else 's have'} a new owner."
    if theirs:
        words += f" {theirs} {'was' if theirs == 1 else 'were'} theirs already."
    messages.success(request, words)
    return redirect(list_address(request))


def _page(request: HttpRequest, form: forms.Form, more: dict[str, Any]) -> HttpResponse:
    record_access(by=request.user, action=AccessRecord.Action.LIST, object_kind="referral")
    context = admin.site.each_context(request) | {
        "title": BULK["assign"],
        "form": form,
        "back": list_address(request),
        **more,
    }
    status = 409 if more.get("refused") or more.get("news") else 200
    return TemplateResponse(request, "admin/referrals/assign_chosen.html", context, status=status)
