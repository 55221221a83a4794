"""The rounds the system makes by itself. Tasks take no arguments and may be lost: the next round sees the same rows.

Each has a twin in `referrals/management/commands/` that needs no broker.
"""

import datetime
import uuid

import structlog
from celery import shared_task
from django.db import transaction
from django.db.models.functions import Length
from django.utils import timezone

from partners import signs
from partners.models import Partnership
from partners.outbox import post_missing
from partners.sealing import seal
from referrals.entered import entered_at
from referrals.models import Draft, HandOver, NrmCase, Referral, ReferralEvent
from referrals.notifications import OWED, event_for, kinds_owed
from referrals.publishing import correct_what_was_asked, note_band, publish_due
from referrals.workflow import chase, escalate, tell_of_clock

log = structlog.get_logger(__name__)

RECONCILE_DAYS = 7
#: After so many seconds a round begins no other period. A year of a large county may take the solver minutes.
PUBLISHING_SECONDS = 120
PUBLISHING_LIMITS = {"soft_time_limit": 840, "time_limit": 900}


@shared_task(name="referrals.tasks.reconcile")
def reconcile() -> None:
    """Find events of the last week whose messages were never written, and write them (security, 3.1)."""
    write_missing_messages(timezone.now())


def write_missing_messages(now: datetime.datetime) -> int:
    """Write every message that an event of the week before the aware datetime `now` owes and that does not exist.

    Each one means that a code path forgot the outbox: it is logged as an error. Returns how many there were.
    """
    since = now - datetime.timedelta(days=RECONCILE_DAYS)
    events = ReferralEvent.objects.filter(at__gt=since, move__in=list(OWED))
    found = 0
    for event in events.select_related("referral__referrer", "referral__owner"):
        for kind in kinds_owed(event.referral, event):
            if missing := post_missing(kind, event_for(event.referral, event), entered_at(event)):
                log.error("messages_were_missing", event_id=str(event.id), kind=kind.value, count=missing)
                found += missing
    if found:
        signs.count(signs.RECONCILED, found)
    return found


@shared_task(name="referrals.tasks.escalate_unopened")
def escalate_unopened() -> None:
    """Tell more people about referrals that nobody has opened in time (security, 3.1, dead-man rule)."""
    escalate_all(timezone.now())


def escalate_all(now: datetime.datetime) -> int:
    """Escalate every referral that has been unread too long at the aware datetime `now`; return how many.

    Each is locked and looked at again first, so that two rounds at once tell people once.
    """
    partnership, count = Partnership.current(), 0
    while True:
        with transaction.atomic():
            waiting = Referral.objects.to_escalate(now, partnership).order_by("submitted_at")
            referral = waiting.select_for_update(of=("self",), skip_locked=True).first()
            if referral is None:
                return count
            escalate(referral_id=referral.pk)
        log.warning("referral_unopened", referral_id=str(referral.pk))
        count += 1


@shared_task(name="referrals.tasks.chase_hand_overs")
def chase_hand_overs() -> None:
    """Remind organisations that have not answered, and in the end ask the coordinator to ring (issue 3, point 4)."""
    chase_all(timezone.now())


def chase_all(now: datetime.datetime) -> int:
    """Take every step against silent organisations that was due at the aware datetime `now`; return how many.

    Each hand-over is locked and looked at again first: two rounds at once take a step once.
    """
    waiting = HandOver.objects.to_chase(now).order_by("chase_at").values_list("pk", flat=True)
    count = sum(chase(hand_over_id=pk, now=now) for pk in waiting)
    if count:
        log.warning("hand_overs_chased", count=count)
    return count


@shared_task(name="referrals.tasks.tell_of_nrm_clocks")
def tell_of_nrm_clocks() -> None:
    """Tell first responders and coordinators of the clocks of the NRM that need them (facts, 1.7)."""
    tell_of_clocks(timezone.localdate())


def tell_of_clocks(today: datetime.date) -> int:
    """Tell of every clock that is due on the local date `today`, or was before; return how many."""
    due = NrmCase.objects.with_a_clock_due(today).order_by("next_on").values_list("pk", flat=True)
    return sum(tell_of_clock(referral_id=pk, today=today) for pk in due)


@shared_task(name="referrals.tasks.publish_figures", **PUBLISHING_LIMITS)
def publish_figures() -> None:
    """Publish the months, quarters and years whose time has come, and note the band of the open quarter (ADR 0025)."""
    now = timezone.now()
    note_band(now)
    correct_what_was_asked()
    publish_due(now, seconds=PUBLISHING_SECONDS)


@shared_task(name="referrals.tasks.expire_drafts")
def expire_drafts() -> None:
    """Wipe what was typed into drafts that nobody sent in time."""
    wipe_expired_drafts(timezone.now())


def wipe_expired_drafts(now: datetime.datetime) -> int:
    """Empty the sealed content of unsent drafts that expired before the aware datetime `now`; return how many.

    The row stays, so that its owner is told "expired" and not "there is no such page".
    """
    empty = len(seal(Draft._meta.db_table, uuid.uuid4(), {}).blob)
    expired = Draft.objects.unsent().filter(expires_at__lte=now).annotate(size=Length("sealed")).filter(size__gt=empty)
    wiped = 0
    with transaction.atomic():
        for draft in expired.select_for_update(of=("self",), skip_locked=True):
            draft.put({})
            draft.save(update_fields=["kid", "sealed"])
            wiped += 1
    return wiped
