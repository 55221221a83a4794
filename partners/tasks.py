"""The tasks of the outbox and of sign-in. They take no arguments and may be lost: the rows say what is owed
(security, 3.3)."""

import datetime
import uuid

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from partners import signs
from partners.absences import tell_all_covers
from partners.delivery import drain as drain_outbox
from partners.hours import LONDON
from partners.models import Kind, Message
from partners.outbox import Event, post
from partners.sessions import forget_ended

#: The daily sign of life leaves in the first run after this local time.
HEARTBEAT_FROM = datetime.time(8)
#: The day's event has an id that can be computed, so that it happens once whoever runs it.
HEARTBEATS = uuid.UUID("6d7b1f0e-2f7a-5c0e-9a53-3f1f6f4a3c11")


@shared_task(name="partners.tasks.drain")
def drain() -> None:
    """Send what is due: asked for after a commit."""
    drain_outbox()


@shared_task(name="partners.tasks.tick")
def tick() -> None:
    """Send what is due: asked for by beat."""
    drain_outbox(signs.BEAT)


@shared_task(name="partners.tasks.heartbeat")
def heartbeat() -> None:
    """Owe the coordinators the sign of life of the day, once, from eight in the morning on."""
    post_heartbeat(timezone.now())


@shared_task(name="partners.tasks.forget_ended_sessions")
def forget_ended_sessions() -> None:
    """Delete what is left of sessions that are over."""
    forget_ended()


@shared_task(name="partners.tasks.tell_covers")
def tell_covers() -> None:
    """Tell coordinators that a colleague is away from today on and that they cover."""
    tell_all_covers(timezone.now())


def post_heartbeat(now: datetime.datetime) -> int:
    """Write the messages of the day of `now` (aware) unless it is too early or they exist; return how many."""
    local = now.astimezone(LONDON)
    event = Event(id=uuid.uuid5(HEARTBEATS, local.date().isoformat()))
    if local.time() < HEARTBEAT_FROM or Message.objects.filter(event_id=event.id).exists():
        return 0
    with transaction.atomic():
        return post(Kind.HEARTBEAT, event, now=now)
