"""The inbox: what one's organisation is asked to take on, in three tabs, the oldest due first.

Responders and leads see what their organisation is asked; others what names them. Coordinators work in the admin.
"""

import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners.access import requires
from partners.roles import Permission
from referrals.models import HandOver
from referrals.querysets import HandOverQuerySet
from referrals.statuses import Priority
from referrals.views.hand_over_words import coded_facts, due_in_short, is_late, status_tag

PAGE_SIZE = 20
NEEDS, PROGRESS, ALL = "needs-us", "in-progress", "all"

TABS = {NEEDS: "Needs us now", PROGRESS: "In progress", ALL: "All"}

EMPTY = {
    NEEDS: ("Nothing needs you now", "When your organisation is asked to help, you get an e-mail and find it here."),
    PROGRESS: ("Nothing is in progress", "What your organisation has accepted stands here until the outcome is known."),
    ALL: (
        "Nothing has been handed over yet",
        "When a coordinator asks you or your organisation to help, you get an e-mail and find it here.",
    ),
}


@requires(Permission.WRITE_REFERRAL)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List the hand-overs of one tab; an address that names no tab shows what needs the organisation now."""
    if request.user.may(Permission.TRIAGE):
        return redirect("admin:referrals_referral_changelist")
    now, shown = timezone.now(), _shown(request)
    mine = HandOver.objects.visible_to(request.user)
    sets = {NEEDS: mine.needs_us(now), PROGRESS: mine.in_progress(), ALL: mine}
    rows = sets[shown].oldest_due_first().select_related("referral__district", "offered_by")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    title, text = EMPTY[shown]
    context = {
        "tabs": _tabs(sets, shown),
        "rows": [_row(hand_over, now) for hand_over in page],
        "page_obj": page,
        "empty": {"title": title, "text": text},
        "organisation": request.user.organisation,
    }
    return render(request, "referrals/inbox.html", context)


def _shown(request: HttpRequest) -> str:
    asked = request.GET.get("show")
    return asked if asked in TABS else NEEDS


def _tabs(sets: dict[str, HandOverQuerySet], shown: str) -> list[dict]:
    return [
        {"label": label, "count": sets[key].count(), "current": key == shown, "url": f"{reverse('inbox')}?show={key}"}
        for key, label in TABS.items()
    ]


def _row(hand_over: HandOver, now: datetime.datetime) -> dict:
    """One row. Of what the organisation may no longer see, the reference and the pathway only."""
    referral = hand_over.referral
    facts = [hand_over.get_pathway_display()]
    seen = hand_over.is_seen and referral.is_open
    urgent = seen and hand_over.is_open and referral.priority != Priority.STANDARD
    if seen:
        priority = [referral.get_priority_display()] if urgent else []
        facts += [*priority, *coded_facts(referral), f"From {hand_over.offered_by.get_full_name()}"]
    tag = status_tag(hand_over)
    return {
        "title": referral.reference,
        "url": reverse("hand_over", args=[hand_over.pk]),
        "facts": facts,
        "status": tag["label"],
        "tone": tag["tone"],
        "due": due_in_short(hand_over, now),
        "late": is_late(hand_over, now),
        "urgent": urgent and referral.priority == Priority.IMMEDIATE,
    }
