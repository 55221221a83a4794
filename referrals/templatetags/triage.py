"""The coordinators' overview on the first page of the admin: how much waits, with a way to each part of it."""

import datetime
from typing import Any

from django import template
from django.db.models import Count, Q
from django.template.context import RequestContext
from django.urls import reverse
from django.utils import timezone

from partners.cover import here_for
from partners.models import User
from partners.roles import Permission
from referrals.models import Referral
from referrals.statuses import OPEN_STATUSES, NextActor, Priority, Status

register = template.Library()


@register.inclusion_tag("admin/referrals/overview.html", takes_context=True)
def triage_overview(context: RequestContext) -> dict[str, Any]:
    """Return the figures of the queue for a coordinator; nothing for anybody else."""
    user = context["request"].user
    if not user.may(Permission.TRIAGE):
        return {"figures": []}
    now, everything = timezone.now(), Referral.objects.visible_to(user)
    is_open = Q(status__in=OPEN_STATUSES)
    counts = everything.aggregate(
        immediate=Count("pk", filter=is_open & Q(priority=Priority.IMMEDIATE)),
        overdue=Count("pk", filter=is_open & Q(due_at__lt=now)),
        unread=Count("pk", filter=Q(status=Status.SUBMITTED, opened_at__isnull=True)),
        referrer=Count("pk", filter=is_open & Q(next_actor=NextActor.REFERRER)),
        open=Count("pk", filter=is_open),
    )
    mine = everything.waiting_for(user, now).count()
    entries = [
        ("Need me now", mine, "?show=now", "warn" if mine else "quiet"),
        ("Immediate danger", counts["immediate"], "?priority=immediate", "stop" if counts["immediate"] else "quiet"),
        ("Overdue", counts["overdue"], "?status=overdue", "stop" if counts["overdue"] else "quiet"),
        ("Unread", counts["unread"], "?status=unread", "warn" if counts["unread"] else "quiet"),
        ("Waiting for the referrer", counts["referrer"], "?show=referrer", "quiet"),
        ("All open", counts["open"], "", "quiet"),
    ]
    queue = reverse("admin:referrals_referral_changelist")
    return {
        "cover": _cover(user, now),
        "queue": queue,
        "figures": [
            {"label": label, "figure": figure, "url": queue + query, "tone": tone}
            for label, figure, query, tone in entries
        ],
    }


def _cover(user: User, now: datetime.datetime) -> list[dict[str, str]]:
    """Notes that say for whom `user` covers, or that they are themselves noted as away; with the way to the rota."""
    here, rota = here_for(user, now), reverse("admin:partners_duty_changelist")
    own = here.known(user.pk)
    notes = [
        {
            "tone": "info",
            "title": f"You cover for {one.name} until {one.until:%-d %B}",
            "text": "Their referrals are among yours, and what would be sent to them comes to you.",
        }
        for one in here.covered_by(user.pk)
    ]
    if own and own.until:
        has = here.has_the_work_of(user.pk)
        text = f"{has.name} has your referrals until then." if has else "Nobody covers: every coordinator has them."
        title = f"You are noted as away until {own.until:%-d %B}"
        notes.insert(0, {"tone": "warn", "title": title, "text": text})
    return [note | {"rota": rota} for note in notes]
