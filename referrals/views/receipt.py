"""The receipt: the reference, what happens next and by when, and whom to ring now."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners.access import submit_lane
from partners.hours import when
from partners.lines import line_cards
from partners.models import SupportLine
from referrals.models import Referral
from referrals.pathways import from_stored
from referrals.statuses import Priority, Status
from referrals.views.advice import advice

Purpose = SupportLine.Purpose

#: Whom a referrer may need to ring after sending, in this order.
FOR_ADULTS = (Purpose.VICTIM_CARE, Purpose.HELPLINE, Purpose.ADULTS, Purpose.POLICE)
FOR_CHILDREN = (Purpose.CHILDREN, Purpose.GUARDIANS, Purpose.HELPLINE, Purpose.POLICE)


@submit_lane()
@require_safe
def referral_receipt(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Show the receipt to the person who sent the referral, as often as they come back to it."""
    mine = Referral.objects.visible_to(request.user).logged_by(request.user)
    referral = get_object_or_404(mine, pk=referral_id)
    now = timezone.now()
    newest = referral.recommendations.first()
    maybe_child = referral.age_group != "adult"
    # Later `due_at` is the date of another move: of an answer, or of a decision.
    unread = referral.status == Status.SUBMITTED and referral.due_at and referral.due_at > now
    context = {
        "referral": referral,
        "due": when(referral.due_at, now) if unread else "",
        "immediate": referral.priority == Priority.IMMEDIATE,
        "maybe_child": maybe_child,
        "advice": advice(from_stored(newest.result)) if newest else [],
        "cards": line_cards(now, FOR_CHILDREN if maybe_child else FOR_ADULTS),
    }
    return render(request, "referrals/receipt.html", context)
