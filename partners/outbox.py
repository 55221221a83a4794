"""The outbox: a message is a row in the caller's transaction before it is anything else (security, 3.1).

`post()` writes what is owed, `notify_after_commit()` asks for it to be sent soon. Neither touches the network inside
the transaction; sending is `partners/delivery.py`.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from partners.hours import LONDON
from partners.kick import kick
from partners.models import (
    Audience,
    Channel,
    Contact,
    Kind,
    Message,
    NotificationRule,
    Organisation,
    User,
    coordinators_on_duty,
)
from partners.models.people import Membership
from partners.roles import Role


@dataclass(frozen=True)
class Event:
    """What a message tells of: the event's id, and the case it belongs to by id and reference only."""

    id: UUID
    referral_id: UUID | None = None
    reference: str = ""
    owner: User | None = None
    referrer: User | None = None


@dataclass(frozen=True)
class Recipient:
    """A person, or one of an organisation's mailboxes."""

    user: User | None = None
    organisation: Organisation | None = None
    contact: str = ""


def recipients(audience: str, event: Event, now: datetime.datetime) -> list[Recipient]:
    """Return who an audience is for this event at the aware datetime `now`."""
    if audience == Audience.COORDINATORS_ON_DUTY:
        return [Recipient(user=user) for user in coordinators_on_duty(now)]
    if audience == Audience.ALL_COORDINATORS:
        members = Membership.objects.in_role(Role.COORDINATOR).select_related("user")
        return [Recipient(user=member.user) for member in members]
    if audience == Audience.OWNER:
        if event.owner is None:
            return [Recipient(user=user) for user in coordinators_on_duty(now)]
        return [Recipient(user=event.owner)]
    if audience == Audience.REFERRER:
        return [Recipient(user=event.referrer)] if event.referrer else []
    hosts = Organisation.objects.in_force(now.astimezone(LONDON).date()).filter(coordinates=True)
    return [Recipient(organisation=host, contact=Contact.SECOND) for host in hosts if host.second_contact]


def quiet_end(rule: NotificationRule, now: datetime.datetime) -> datetime.datetime | None:
    """Return when a message under `rule` may leave if `now` lies in its quiet time, else None (leave at once)."""
    if rule.quiet_from is None or rule.quiet_until is None:
        return None
    local = now.astimezone(LONDON)
    clock, start, end = local.time(), rule.quiet_from, rule.quiet_until
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if not inside:
        return None
    day = local.date() + datetime.timedelta(days=int(start > end and clock >= start))
    return datetime.datetime.combine(day, end, LONDON)


def owed(kind: Kind, event: Event, now: datetime.datetime) -> list[Message]:
    """Return the unsaved messages that the active rules say are owed for `event`."""
    rows = []
    for rule in NotificationRule.objects.filter(kind=kind, active=True):
        later = quiet_end(rule, now)
        for recipient in recipients(rule.audience, event, now):
            rows.append(_message(kind, event, recipient, rule.channel, later))
    return rows


def _message(kind, event: Event, to: Recipient, channel: str, available_at: datetime.datetime | None) -> Message:
    message = Message(
        event_id=event.id,
        kind=kind,
        referral_id=event.referral_id,
        reference=event.reference,
        user=to.user,
        organisation=to.organisation,
        contact=to.contact,
        channel=channel,
    )
    if available_at:
        message.available_at = available_at
    return message


def post(kind: Kind, event: Event, *, now: datetime.datetime | None = None) -> int:
    """Write a message row for everybody whom the rules name for `kind`, and ask for sending after the commit.

    Must be called inside the transaction of what happened; raises TransactionManagementError outside one. A recipient
    who already has a row for this event, kind and channel gets no second one. Returns how many rows are owed.
    """
    return _write(owed(kind, event, now or timezone.now()))


def post_to(kind: Kind, event: Event, to: Iterable[Recipient], *, channel: str = Channel.EMAIL) -> int:
    """Write a message row for each of `to`, whatever the rules say. See `post`."""
    return _write([_message(kind, event, recipient, channel, None) for recipient in to])


def _write(rows: list[Message]) -> int:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A message is posted inside the transaction of its event.")
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(kick, robust=True)
    return len(rows)


def acknowledge(user: User, referral_id: UUID) -> int:
    """Note that `user` has acted on their messages about a referral; return how many. No reminder follows."""
    rows = Message.objects.filter(user=user, referral_id=referral_id, acknowledged_at__isnull=True)
    return rows.update(acknowledged_at=Now())
