"""The case page: one referral from top to bottom. Opening it is recorded; what is sealed waits for its own click."""

import datetime
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from partners.models import User
from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.admin import actions, columns, sections
from referrals.admin.forms import LocationForm
from referrals.admin.sealed import LOCATION, NOTES, Opened, kept_notes, open_parts
from referrals.admin.timeline import timeline
from referrals.identifiers import identifiers_in
from referrals.models import Referral, ReferralEvent
from referrals.statuses import Move, NextActor, Priority, Status

PARTS = ("identity", "notes", "location")


def show(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Show the case with its sealed parts closed."""
    if not request.user.may(Permission.TRIAGE):
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return _page(request, _opened_case(request, referral_id), Opened(), LocationForm())


def open_sealed(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Show the case with the parts that were asked for, in the answer to this POST and nowhere else.

    `part` is what to open, `shown` what is open already. The location wants a purpose; see `LocationForm`.
    """
    if not request.user.may(Permission.TRIAGE):
        raise Http404
    if request.method != "POST":
        return redirect("admin:referrals_referral_change", referral_id)
    referral = _opened_case(request, referral_id)
    parts = [part for part in PARTS if part in {*request.POST.getlist("part"), *request.POST.getlist("shown")}]
    form = LocationForm(request.POST if LOCATION in parts else None)
    if LOCATION in parts and not _has_good_purpose(form, referral):
        parts.remove(LOCATION)
    purpose = form.as_recorded() if LOCATION in parts else ""
    return _page(request, referral, open_parts(referral, parts, by=request.user, purpose=purpose), form)


def _opened_case(request: HttpRequest, referral_id: UUID) -> Referral:
    try:
        return workflow.open_case(referral_id=referral_id, by=request.user)
    except (Referral.DoesNotExist, workflow.NotAllowed):
        raise Http404 from None


def _has_good_purpose(form: LocationForm, referral: Referral) -> bool:
    """Return whether the purpose is there and names nobody; the form says what is wrong with it."""
    if form.is_valid():
        try:
            words = identifiers_in(form.as_recorded(), referral.secret.take_out(), referral.location.take_out())
        except CannotOpen:
            words = []  # what cannot be opened cannot be compared; the location says so itself
        if words:
            form.add_error("purpose", "Your reason must not name the person: auditors read it")
    return form.is_valid()


def _page(request: HttpRequest, referral: Referral, opened: Opened, location_form: LocationForm) -> HttpResponse:
    reader, now = request.user, timezone.now()
    events = list(referral.events.select_related("by"))
    sent = sections.messages(referral)
    context = admin.site.each_context(request) | {
        "title": f"Referral {referral.reference}",
        "referral": referral,
        "header": _header(referral, reader, now),
        "attention": attention(referral, reader, now, events, sent),
        "acts": actions.available(referral),
        "facts": sections.facts(referral),
        "referrer": sections.referrer(referral),
        "indicators": sections.indicators(referral),
        "consents": sections.consents(referral.consents.all()),
        "opened": opened,
        "location_form": location_form,
        "kept_notes": kept_notes(referral),
        "sent": sent,
        "timeline": timeline(events, reader),
        "looks": sections.looks(referral, reader),
    }
    return TemplateResponse(request, "admin/referrals/referral/change_form.html", context)


def _header(referral: Referral, reader: User, now: datetime.datetime) -> dict:
    return {
        "status": columns.status_tag(referral),
        "priority": columns.priority_tag(referral),
        "about": columns.kinds_of_exploitation(referral),
        "facts": columns.coded_facts(referral),
        "move": columns.whose_move(referral, reader),
        "due": columns.due(referral, now),
        "owner": columns.person(referral.owner, reader),
    }


def attention(
    referral: Referral, reader: User, now: datetime.datetime, events: list[ReferralEvent], sent: list[dict]
) -> dict | None:
    """Return the one thing the reader has to know before everything else: `title`, `text`, `tone`, `icon`; or None."""
    if not referral.is_open:
        return _how_it_ended(referral)
    taken = referral.status != Status.SUBMITTED
    if referral.priority == Priority.IMMEDIATE and not taken:
        text = "If the danger is still there and nobody has done so, ring 999 first. Then take the referral."
        return {"tone": "stop", "title": "Somebody may be in danger now", "text": text}
    if any(message["dead"] and not message["seen"] for message in sent):
        text = "See “Messages” below. Ring, or write another way, so that nobody waits in vain."
        return {"tone": "stop", "title": "A message about this referral could not be delivered", "text": text}
    return _whose_turn(referral, reader, now, events)


def _whose_turn(referral: Referral, reader: User, now: datetime.datetime, events: list[ReferralEvent]) -> dict | None:
    late = columns.due_words(referral.due_at, now).capitalize() if columns.is_late(referral, now) else ""
    if referral.next_actor == NextActor.REFERRER:
        text = (
            "Ring the referrer, or ask again." if late else "They have been told. You need not do anything until then."
        )
        return {
            "tone": "warn" if late else "info",
            "icon": "clock",
            "title": late or "The referrer has been asked",
            "text": text,
        }
    if events and events[-1].move == Move.ANSWER_INFORMATION:
        text = "Read it among the notes, and decide what happens next."
        return {"tone": "warn", "icon": "question", "title": "The referrer has answered", "text": text, "opens": NOTES}
    if late:
        who = columns.whose_move(referral, reader)
        text = f"It is {'your' if who == 'You' else who + '’s'} move."
        return {"tone": "warn", "icon": "clock", "title": late, "text": text}
    return None


def _how_it_ended(referral: Referral) -> dict:
    if referral.status == Status.WITHDRAWN:
        return {"tone": "quiet", "title": "Withdrawn", "text": referral.get_withdrawal_reason_display()}
    text = f"{referral.get_outcome_display()}. The referrer was told: “{referral.get_feedback_band_display()}”"
    return {"tone": "quiet", "title": f"Closed on {referral.closed_at:%-d %B %Y}", "text": text}
