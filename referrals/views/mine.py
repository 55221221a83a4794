"""What became of it: the referrals a person sent, those of a lead's organisation, and the state of one, in bands.

Nothing here opens a case: a referrer and a lead see where a referral stands and whose move it is, never what is in it.
"""

import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners.access import requires, submit_lane
from partners.formfields import in_words
from partners.hours import when
from partners.middleware import to_second_factor
from partners.models import User
from partners.roles import Permission
from partners.second_factor import has_second_factor
from referrals.models import Draft, HandOver, Referral
from referrals.querysets import ReferralQuerySet
from referrals.statuses import FEEDBACK_LABELS, FeedbackBand, NextActor, Status
from referrals.views.progress import holders, names_first_responder, timeline

PAGE_SIZE = 20

TONES = {
    Status.SUBMITTED: "info",
    Status.IN_TRIAGE: "info",
    Status.INFORMATION_REQUESTED: "warn",
    Status.WITH_PARTNERS: "info",
    Status.CLOSED: "good",
    Status.WITHDRAWN: "quiet",
}

#: Whose move it is, as the referrer reads it. For a question there are words with a date.
WHOSE_MOVE = {
    NextActor.COORDINATOR: "With the coordinators",
    NextActor.PARTNER: "With a partner organisation",
    NextActor.NOBODY: "Nothing more to do",
}


@submit_lane()
@require_safe
def my_referrals(request: HttpRequest) -> HttpResponse:
    """List what the person sent, a waiting question first."""
    mine = Referral.objects.visible_to(request.user).logged_by(request.user)
    drafts = Draft.objects.of(request.user).live(timezone.now()).filter(version__gt=1).count()
    named = HandOver.objects.visible_to(request.user).open().filter(responder=request.user).count()
    return _list(request, mine, "referrals/my_referrals.html", {"drafts": drafts, "named": named})


@requires(Permission.SEE_ORGANISATION_REFERRALS)
@require_safe
def organisation_referrals(request: HttpRequest) -> HttpResponse:
    """List what the lead's organisation sent, and who sent it."""
    ours = (
        Referral.objects.visible_to(request.user)
        .followed_by(request.user)
        .filter(organisation=request.user.organisation)
    )
    return _list(request, ours, "referrals/organisation_referrals.html", {"with_referrer": True})


@submit_lane()
@require_safe
def referral_status(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Say where one referral stands, what happened so far, and what the reader can do."""
    visible = Referral.objects.visible_to(request.user).followed_by(request.user).select_related("referrer")
    referral = get_object_or_404(visible, pk=referral_id)
    title, text = referral.band
    is_mine = referral.referrer_id == request.user.pk
    if not is_mine and not has_second_factor(request):
        return to_second_factor(request)  # a code alone shows one's own only: who referred is somebody else's secret
    now = timezone.now()
    hand_overs = list(referral.hand_overs.select_related("organisation"))
    context = {
        "referral": referral,
        "band": title,
        "band_text": text
        if is_mine or not _question_waits(referral)
        else "The person who sent it was asked a question.",
        "band_when": _whose_move(referral, request.user, now),
        "tone": TONES[Status(referral.status)],
        "feedback": FEEDBACK_LABELS[FeedbackBand(referral.feedback_band)] if referral.feedback_band else "",
        "events": timeline(referral.events.all(), hand_overs),
        "holders": holders(hand_overs, now),
        "in_hands": any(one.is_open for one in hand_overs),
        "sends_to_nrm": names_first_responder(hand_overs, request.user.pk),
        "is_mine": is_mine,
        "asks": is_mine and _question_waits(referral),
        "is_leads": not is_mine and request.user.may(Permission.SEE_ORGANISATION_REFERRALS),
    }
    return render(request, "referrals/referral_status.html", context)


def _list(request: HttpRequest, referrals: ReferralQuerySet, template: str, more: dict) -> HttpResponse:
    rows = referrals.questions_first().select_related("referrer")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    with_referrer = more.get("with_referrer", False)
    queue = [_row(referral, request.user, now, with_referrer=with_referrer) for referral in page]
    return render(request, template, {"page_obj": page, "rows": queue, **more})


def _row(referral: Referral, user: User, now: datetime.datetime, *, with_referrer: bool) -> dict:
    facts = [f"Sent {in_words(timezone.localtime(referral.submitted_at).date())}"]
    if with_referrer:
        facts.append(f"by {referral.referrer.get_full_name()}")
    return {
        "title": referral.reference,
        "url": reverse("referral_status", args=[referral.pk]),
        "facts": facts,
        "status": referral.band[0],
        "tone": TONES[Status(referral.status)],
        "due": _whose_move(referral, user, now),
        "late": _question_waits(referral) and referral.due_at is not None and referral.due_at < now,
    }


def _question_waits(referral: Referral) -> bool:
    return referral.status == Status.INFORMATION_REQUESTED


def _whose_move(referral: Referral, user: User, now: datetime.datetime) -> str:
    if not _question_waits(referral):
        return WHOSE_MOVE[NextActor(referral.next_actor)]
    whose = "Your answer" if referral.referrer_id == user.pk else "Their answer"
    if referral.due_at is None:
        return f"{whose} is needed"
    if referral.due_at < now:
        return f"{whose} was needed by {in_words(timezone.localtime(referral.due_at).date())}"
    return f"{whose} is needed by {when(referral.due_at, now)}"
