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
    return [row for rule in _rules(kind) for row in _owed_by(rule, event, now)]


def _rules(kind: Kind):
    return NotificationRule.objects.filter(kind=kind, active=True)


def _owed_by(rule: NotificationRule, event: Event, now: datetime.datetime) -> list[Message]:
    later = quiet_end(rule, now)
    told = recipients(rule.audience, event, now)
    return [_message(Kind(rule.kind), event, recipient, rule.channel, later) for recipient in told]


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
        message.available_at = message.due_since = available_at
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


def post_missing(kind: Kind, event: Event, at: datetime.datetime) -> int:
    """Write the messages that `kind` has owed for `event` since the aware datetime `at` and that do not exist.

    Who came later is owed nothing: a rule changed since, a person who joined since. Returns how many were missing;
    none should be, so the caller raises the alarm.
    """
    have = {_recipient_of(row) for row in Message.objects.filter(event_id=event.id, kind=kind)}
    rows = []
    for rule in _rules(kind).filter(changed_at__lte=at):
        if rule.audience == Audience.OWNER and any(user and channel == rule.channel for user, _, _, channel in have):
            continue  # the owner of that day was told; the case may have another one now
        rows += [row for row in _owed_by(rule, event, at) if _recipient_of(row) not in have]
    joined_later = Membership.objects.active().filter(started_at__gt=at).values_list("user", flat=True)
    newcomers = set(joined_later.filter(user__in=[row.user_id for row in rows if row.user_id]))
    rows = [row for row in rows if row.user_id not in newcomers]
    if rows:
        with transaction.atomic():
            _write(rows)
    return len(rows)


def _recipient_of(row: Message) -> tuple:
    return row.user_id, row.organisation_id, row.contact, row.channel


def acknowledge(user: User, referral_id: UUID) -> int:
    """Note that `user` has acted on their messages about a referral; return how many. No reminder follows."""
    rows = Message.objects.filter(user=user, referral_id=referral_id, acknowledged_at__isnull=True)
    return rows.update(acknowledged_at=Now())
