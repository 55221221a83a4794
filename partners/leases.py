"""The states of a message row and the moves between them (security, 3.1). Nothing here touches the network.

Every claim is a short transaction of its own; the lease runs by the database's clock, and a process that lost its lease
can no longer put a row back. That a message was sent needs no lease: it is a fact, whoever reports it.
"""

import datetime
import time
from random import SystemRandom
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from partners import signs
from partners.kick import kick
from partners.models import ErrorCode, Message, State, User

log = structlog.get_logger(__name__)
random = SystemRandom()

FREE = {"lease_until": None, "lease_token": None}
#: Seconds to wait between tries to write down that a message was sent: each forgotten one becomes a copy.
SAY_IT_AGAIN = (0.2, 1, 3)


def seconds(name: str) -> datetime.timedelta:
    """Return one of the durations of `settings.OUTBOX`."""
    return datetime.timedelta(seconds=settings.OUTBOX[name])


def claim() -> Message | None:
    """Take the message that has been due longest, for the length of a lease; None when nothing is to be sent.

    A message whose recipient has left since is cancelled on the way. Raises RuntimeError inside a transaction: the
    claim must be committed before anything is sent.
    """
    while True:
        with transaction.atomic(durable=True):
            message = _next()
            if message is None or _recipient_takes_part(message):
                return message
            cancel(message, ErrorCode.RECIPIENT_INACTIVE)


def _next() -> Message | None:
    """Lock one row, skipping what others hold, and write the lease. The lock query stays on this one table."""
    due = Message.objects.to_send().exclude(channel__in=signs.paused_channels())
    message = due.select_for_update(skip_locked=True).first()
    if message is None:
        return None
    if message.state == State.SENDING:
        signs.count(signs.EXPIRED_LEASE)
        log.warning("lease_expired", message_id=str(message.id), attempts=message.attempts)
    message.state, message.lease_token, message.attempts = State.SENDING, uuid4(), message.attempts + 1
    Message.objects.filter(pk=message.pk).update(
        state=State.SENDING,
        attempts=message.attempts,
        lease_token=message.lease_token,
        lease_until=Now() + seconds("LEASE"),
    )
    return message


def _recipient_takes_part(message: Message) -> bool:
    if message.user is not None:
        return message.user.role is not None
    return message.organisation.is_in_force(timezone.localdate())


def _held(message: Message):
    """The row, if this claim still holds it."""
    return Message.objects.filter(pk=message.pk, state=State.SENDING, lease_token=message.lease_token)


def mark_sent(message: Message) -> None:
    """Write down that the message was accepted, whoever holds the lease. A restart of the database is waited for."""
    for wait in (*SAY_IT_AGAIN, None):
        try:
            rows = Message.objects.filter(pk=message.pk).exclude(state=State.SENT)
            rows.update(state=State.SENT, sent_at=Now(), last_error=ErrorCode.NONE, **FREE)
        except (OperationalError, InterfaceError):
            if wait is None:
                raise
            time.sleep(wait)
            close_old_connections()
        else:
            return


def put_back(message: Message, error: ErrorCode, wait: datetime.timedelta, **changes) -> bool:
    """Let the message be tried again after `wait`; return whether the claim still held it."""
    rows = _held(message)
    return bool(rows.update(state=State.PENDING, available_at=Now() + wait, last_error=error, **FREE, **changes))


def put_back_unspent(message: Message, error: ErrorCode) -> bool:
    """Put the message back as if it had not been tried: the fault was ours. The channel's pause makes it wait."""
    return bool(_held(message).update(state=State.PENDING, attempts=F("attempts") - 1, last_error=error, **FREE))


def cancel(message: Message, reason: ErrorCode) -> bool:
    """Note that the message is no longer owed; return whether the claim still held it."""
    cancelled = bool(_held(message).update(state=State.CANCELLED, last_error=reason, **FREE))
    log.info("message_cancelled", message_id=str(message.id), kind=message.kind, error=reason.value)
    return cancelled


def bury(message: Message, error: ErrorCode, **changes) -> bool:
    """Give the message up; return whether the claim still held it. It waits for a person in the queue page."""
    return _bury(_held(message), message, error, **changes)


def bury_if_too_old(message: Message) -> bool:
    """Give the message up if it has been due for two days; return whether it was."""
    return _bury(_held(message).filter(due_since__lt=Now() - seconds("GIVE_UP")), message, ErrorCode.TOO_OLD)


def _bury(rows, message: Message, error: ErrorCode, **changes) -> bool:
    buried = bool(rows.update(state=State.DEAD, last_error=error, **FREE, **changes))
    if buried:
        log.error("message_dead", message_id=str(message.id), kind=message.kind, error=error.value)
    return buried


def send_again(message_id: UUID, *, by: User) -> bool:
    """Give a dead message a new life with a new count of attempts; return whether there was one to revive."""
    with transaction.atomic():
        revived = Message.objects.filter(pk=message_id, state=State.DEAD).update(
            state=State.PENDING,
            attempts=0,
            ambiguous_attempts=0,
            rendering_failures=0,
            available_at=Now(),
            due_since=Now(),
            last_error=ErrorCode.NONE,
        )
        transaction.on_commit(kick, robust=True)
    if revived:
        log.info("message_sent_again", message_id=str(message_id), user_id=by.pk)
    return bool(revived)


def backoff(attempts: int) -> datetime.timedelta:
    """Return how long to wait after so many attempts: anything up to 30 s × 2^n, 30 minutes at most (full jitter)."""
    ceiling = min(settings.OUTBOX["BACKOFF_CAP"], settings.OUTBOX["BACKOFF"] * 2 ** min(max(attempts - 1, 0), 16))
    return datetime.timedelta(seconds=random.uniform(0, ceiling))
