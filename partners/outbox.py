"""The outbox: a message is a row in the caller's transaction before it is anything else (security, 3.1).

`post()` writes what is owed, `notify_after_commit()` asks for it to be sent soon. Neither touches the network inside
the transaction; sending is `partners/delivery.py`.
"""

import datetime
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from partners.audiences import RECEIVERS, Event, Recipient, recipients
from partners.hours import LONDON
from partners.kick import kick
from partners.leases import FREE
from partners.models import (
    Audience,
    Channel,
    ErrorCode,
    Kind,
    Membership,
    Message,
    NotificationRule,
    Organisation,
    State,
    User,
)

#: Audiences of one person who may be another tomorrow: whoever it was that day has been told.
CHANGING_HANDS = (Audience.OWNER, Audience.FIRST_RESPONDER)


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
    return [_message(Kind(rule.kind), event, recipient, rule.channel, later, rule.audience) for recipient in told]


def _message(
    kind: Kind,
    event: Event,
    to: Recipient,
    channel: str,
    available_at: datetime.datetime | None = None,
    audience: str = "",
) -> Message:
    message = Message(
        event_id=event.id,
        kind=kind,
        referral_id=event.referral_id,
        reference=event.reference,
        user=to.user,
        organisation=to.organisation,
        contact=to.contact,
        channel=channel,
        audience=audience,
        about=event.organisation,
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
    return _write([_message(kind, event, recipient, channel) for recipient in to])


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
    written = list(Message.objects.filter(event_id=event.id, kind=kind))
    have = {_recipient_of(row) for row in written}
    rules = _rules(kind).filter(changed_at__lte=at)
    due = [row for rule in rules for row in _owed_by(rule, event, at)]
    rows = [row for row in due if _recipient_of(row) not in have]
    rows = [row for row in rows if not _told_another(row, event, written) and not _other_shift(row, due, written)]
    joined_later = Membership.objects.active().filter(started_at__gt=at).values_list("user", flat=True)
    newcomers = set(joined_later.filter(user__in=[row.user_id for row in rows if row.user_id]))
    rows = [row for row in rows if row.user_id not in newcomers]
    if rows:
        with transaction.atomic():
            _write(rows)
    return len(rows)


def _told_another(row: Message, event: Event, written: list[Message]) -> bool:
    """Return whether somebody else was told in the place of `row`: they had the case, or the hand-over, on that day.

    Where one person is told, the mailbox is told in the place of a person who is not there, and the other way round.
    """
    told = [
        other
        for other in written
        if other.channel == row.channel and other.audience in ("", row.audience) and not _left_unread(other)
    ]
    if row.audience in CHANGING_HANDS:
        return bool(told)
    asked = row.audience == Audience.RECEIVING_ORGANISATION and event.responder and row.user_id
    return bool(asked) and any(other.user_id for other in told)


def _other_shift(row: Message, due: list[Message], written: list[Message]) -> bool:
    """Return whether `row` is for somebody on duty by the rota as it reads now, and another was told who is not on it
    any more: a shift of that day was changed, or its coordinator suspended. That is no message that was forgotten."""
    if row.audience != Audience.COORDINATORS_ON_DUTY:
        return False
    expected = {_recipient_of(one) for one in due}
    told = [one for one in written if one.audience == row.audience and not _left_unread(one)]
    return any(_recipient_of(one) not in expected for one in told)


def _left_unread(message: Message) -> bool:
    """Whether its recipient went before it left: then nobody was told in the place of anybody."""
    return message.state == State.CANCELLED and message.last_error == ErrorCode.RECIPIENT_INACTIVE


def _recipient_of(row: Message) -> tuple:
    return row.user_id, row.organisation_id, row.contact, row.channel


def is_on_its_way(event_id: UUID) -> bool:
    """Return whether somebody was told of an event, or is about to be: one message that did not fail is enough."""
    return Message.objects.filter(event_id=event_id).exclude(state__in=[State.DEAD, State.CANCELLED]).exists()


def acknowledge(user: User, referral_id: UUID) -> int:
    """Note that `user` has acted on their messages about a referral; return how many. No reminder follows."""
    rows = Message.objects.filter(user=user, referral_id=referral_id, acknowledged_at__isnull=True)
    return rows.update(acknowledged_at=Now())


def acknowledge_organisation(organisation: Organisation, referral_id: UUID) -> int:
    """Note that somebody in `organisation` has acted on a referral: no message to its mailboxes and people about it
    waits for an answer any more. Returns how many did."""
    rows = _sent_to(organisation, referral_id).filter(acknowledged_at__isnull=True)
    return rows.update(acknowledged_at=Now())


def cancel_for(
    referral_id: UUID, organisation: Organisation, *, silent: bool = False, keep: Iterable[UUID] = ()
) -> int:
    """Cancel what has not left yet for the mailboxes and people of `organisation` about a referral that it may no
    longer see (security, R15); return how many. That it was taken back is still told.

    `keep` are events that it is still told of: it may have been asked for two things and keep one. `silent`: it must
    not know of the referral at all. Then nothing is told any more, nor to those who coordinate from there; only who
    logged it still hears of it.
    """
    if silent:
        members = Membership.objects.active().filter(organisation=organisation).values("user")
        whose = Q(organisation=organisation) | Q(user__in=members) | Q(about=organisation, audience__in=RECEIVERS)
        rows = Message.objects.filter(whose, referral_id=referral_id).exclude(audience=Audience.REFERRER)
    else:
        rows = _sent_to(organisation, referral_id).exclude(kind=Kind.HAND_OVER_REVOKED).exclude(event_id__in=keep)
    waiting = rows.exclude(state__in=[State.SENT, State.CANCELLED])
    return waiting.update(state=State.CANCELLED, last_error=ErrorCode.RECALLED, **FREE)


def cancel_event(event_id: UUID) -> int:
    """Cancel what has not left yet about an event that no longer holds, such as a post that was withdrawn; return how
    many."""
    waiting = Message.objects.filter(event_id=event_id).exclude(state__in=[State.SENT, State.CANCELLED])
    # A mailbox that refuses is broken whatever became of the post: its alert stands.
    waiting = waiting.exclude(kind=Kind.ADDRESS_REFUSED).exclude(state=State.DEAD, last_error=ErrorCode.RECIPIENT)
    return waiting.update(state=State.CANCELLED, last_error=ErrorCode.RECALLED, **FREE)


def acknowledge_event(user: User, event_id: UUID) -> int:
    """Note that `user` has read what an event tells, for themselves and for their organisation's mailboxes."""
    theirs = Q(user=user) | Q(organisation=user.organisation)
    rows = Message.objects.filter(theirs, event_id=event_id, acknowledged_at__isnull=True)
    return rows.update(acknowledged_at=Now())


def _sent_to(organisation: Organisation, referral_id: UUID):
    """Messages about a referral to an organisation's mailboxes, and to its people as the ones who were asked for help.

    What its people hear as referrers or coordinators is their own and not among them.
    """
    people = Membership.objects.filter(organisation=organisation).values("user")
    asked = Q(user__in=people, audience__in=RECEIVERS) & (Q(about=organisation) | Q(about=None))
    return Message.objects.filter(Q(organisation=organisation) | asked, referral_id=referral_id)
