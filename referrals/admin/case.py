"""The case page: one referral from top to bottom. Opening it is recorded; what is sealed waits for its own click."""

from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from partners.limits import Limits, current_limits
from partners.roles import Permission
from referrals import workflow
from referrals.admin import (
    actions,
    amendments,
    attachments,
    columns,
    consents,
    handovers,
    linked,
    nrm,
    recommended,
    sections,
    sharing,
)
from referrals.admin.attention import attention
from referrals.admin.forms import LocationForm, has_good_purpose
from referrals.admin.neighbours import kept, neighbours
from referrals.admin.reading import CaseFile, read_case
from referrals.admin.sealed import LOCATION, Opened, kept_notes, open_parts
from referrals.admin.timeline import names_known, timeline
from referrals.models import Referral
from referrals.statuses import Move, possible_moves

PARTS = ("identity", "notes", "amendments", "location")


def show(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Show the case with its sealed parts closed."""
    if not request.user.may(Permission.TRIAGE):
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return _page(request, _opened_case(request, referral_id), LocationForm(), Opened())


def open_sealed(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Show the case with the parts that were asked for, in the answer to this POST and nowhere else.

    `part` is what to open, `shown` what is open already. The location wants a purpose; see `LocationForm`.
    """
    if not request.user.may(Permission.TRIAGE):
        raise Http404
    if request.method != "POST":
        return redirect(reverse("admin:referrals_referral_change", args=[referral_id]) + kept(request))
    parts = [part for part in PARTS if part in {*request.POST.getlist("part"), *request.POST.getlist("shown")}]
    file = _opened_case(request, referral_id, sealed=True)
    form = LocationForm(request.POST if LOCATION in parts else None)
    if LOCATION in parts and not has_good_purpose(form, file.referral, by=request.user):
        parts.remove(LOCATION)
    purpose = form.as_recorded() if LOCATION in parts else ""
    return _page(request, file, form, open_parts(file, parts, purpose=purpose))


def _opened_case(request: HttpRequest, referral_id: UUID, *, sealed: bool = False) -> CaseFile:
    try:
        referral = workflow.open_case(referral_id=referral_id, by=request.user)
        return read_case(referral, request.user, timezone.now(), sealed=sealed)
    except (Referral.DoesNotExist, workflow.NotAllowed):
        raise Http404 from None


def _page(request: HttpRequest, file: CaseFile, location_form: LocationForm, opened: Opened) -> HttpResponse:
    attached = attachments.section(file)
    context = admin.site.each_context(request) | {
        "title": f"Referral {file.referral.reference}",
        "referral": file.referral,
        "way": neighbours(request, file.referral),
        "kept": kept(request),
        **_what_to_do(file),
        "facts": sections.facts(file.referral) + sections.provenance(file.referral, file.reader),
        "others": linked.section(file.alike, file.links, file.reader),
        "referrer": sections.referrer(file.referral),
        "indicators": sections.indicators(file.referral),
        "consents": consents.section(file.consents, file.reader),
        "opened": opened,
        "location_form": location_form,
        "amendments": amendments.section(file.events, file.reader),
        "attachments": attached,
        "kept_notes": kept_notes(file.note_kinds, len(file.exclusions), len(file.links), len(attached["kept"])),
        "sharing": sharing.section(file.exclusions, file.reader),
        "sent": sections.folded(file.sent),
        "timeline": timeline(file.events, file.reader, names_known(file)),
        "looks": sections.looks(file.referral, file.reader),
    }
    return TemplateResponse(request, "admin/referrals/referral/change_form.html", context)


def _what_to_do(file: CaseFile) -> dict:
    """The part of the page that says how it stands, what comes first, what is recommended, and who has it."""
    limits = current_limits()
    return {
        "header": _header(file, limits),
        "attention": attention(file),
        "acts": actions.available(file.referral, file.hand_overs),
        "may_hand_over": Move.HAND_OVER in possible_moves(file.referral.status),
        "recommended": recommended.section(file.referral, file.recommendations, file.hand_overs, limits, file.now),
        "hand_overs": handovers.cards(file.hand_overs, file.reader, file.now, file.openings),
        "nrm": nrm.panel(file.nrm, file.reader, limits, timezone.localdate(file.now)),
    }


def _header(file: CaseFile, limits: Limits) -> dict:
    referral = file.referral
    return {
        "status": columns.status_tag(referral),
        "priority": columns.priority_tag(referral),
        "about": columns.kinds_of_exploitation(referral),
        "facts": columns.coded_facts(referral),
        "move": columns.whose_move(referral, file.reader, file.here, file.asked),
        "due": columns.due(referral, file.now, limits.closed_days),
        "owner": columns.owner(referral, file.reader, file.here),
    }
