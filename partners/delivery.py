"""Sending what is owed: claim a row, send it, settle it by class of error (security, 3.1).

`drain()` has four callers, and neither the worker nor the broker is needed for two of them: the kick after a commit,
beat, `manage.py drain_outbox`, and the button on the queue page. Several at once are harmless.
"""

import time
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from partners import leases, signs
from partners.channels import DeliveryFailed, Email, Letter, WayOut
from partners.hours import LONDON
from partners.kick import kick
from partners.models import Channel, Contact, ErrorCode, Kind, Message, Organisation
from partners.notify import Sms
from partners.outbox import Event, Recipient, post_to
from partners.wording import words_for

log = structlog.get_logger(__name__)

WAYS_OUT: dict[str, WayOut] = {Channel.EMAIL: Email(), Channel.SMS: Sms()}
RENDERING_TRIES = 3


@dataclass
class Drained:
    """What one run did. `more` says that it stopped because its time was up."""

    sent: int = 0
    failed: int = 0
    more: bool = False


def drain(source: str = "", *, within: float | None = None) -> Drained:
    """Send what is due until nothing is left or `within` seconds (the setting DRAIN) are over.

    `source` is who asked: `signs.BEAT`, `signs.TIMER` or nothing; it is noted as a sign of life. Raises RuntimeError
    inside a transaction.
    """
    ends = time.monotonic() + (settings.OUTBOX["DRAIN"] if within is None else within)
    done = Drained()
    while message := leases.claim():
        if deliver(message):
            done.sent += 1
        else:
            done.failed += 1
        if time.monotonic() > ends:
            done.more = True
            kick()
            break
    for name in filter(None, (signs.DRAIN, source)):
        signs.note(name)
    return done


def deliver(message: Message) -> bool:
    """Send one claimed message and settle it; return whether it was accepted. No transaction is open meanwhile."""
    way = WAYS_OUT.get(message.channel)
    if way is None or not way.is_on():
        leases.cancel(message, ErrorCode.CHANNEL_OFF)
        return False
    try:
        address = way.address_of(message)
        composed = way.compose(_letter(message, address)) if address else None
    except Exception as error:
        _rendering_failed(message, error)
        return False
    if composed is None:
        leases.bury(message, ErrorCode.NO_ADDRESS)
        return False
    return _send(way, message, composed)


def _letter(message: Message, address: str) -> Letter:
    words = words_for(message)
    return Letter(message.id, address, words.subject, words.body, message.attempts)


def _send(way: WayOut, message: Message, composed: object) -> bool:
    try:
        way.send(composed)
    except DeliveryFailed as failure:
        _settle(message, failure.code)
        return False
    except Exception:
        # Not an answer we know: it may have gone out, so it waits as long as one whose line broke.
        log.exception("sending_failed", message_id=str(message.id), kind=message.kind)
        _settle(message, ErrorCode.AMBIGUOUS)
        return False
    leases.mark_sent(message)
    _works(message)
    return True


def _rendering_failed(message: Message, error: Exception) -> None:
    log.error("rendering_failed", message_id=str(message.id), kind=message.kind, exc_info=error)
    failures = message.rendering_failures + 1
    if failures >= RENDERING_TRIES:
        leases.bury(message, ErrorCode.RENDERING, rendering_failures=failures)
    else:
        wait = leases.backoff(message.attempts)
        leases.put_back(message, ErrorCode.RENDERING, wait, rendering_failures=failures)


def _settle(message: Message, code: ErrorCode) -> None:
    """Do what the table of errors says (security, 3.1)."""
    signs.count(f"failed_{code.value}")
    log.warning("not_sent", message_id=str(message.id), kind=message.kind, error=code.value, attempts=message.attempts)
    if code == ErrorCode.CONFIGURATION:
        _refused_us(message)
        return
    if code == ErrorCode.RECIPIENT:
        _works(message)
        _refused_them(message)
        return
    if leases.bury_if_too_old(message):
        return
    wait = leases.backoff(message.attempts)
    if code == ErrorCode.AMBIGUOUS:
        wait = max(wait, leases.seconds("AMBIGUOUS"))
        leases.put_back(message, code, wait, ambiguous_attempts=message.ambiguous_attempts + 1)
    else:
        leases.put_back(message, code, wait)


def _works(message: Message) -> None:
    if signs.resume(Channel(message.channel)):
        log.warning("channel_works_again", channel=message.channel)


def _refused_us(message: Message) -> None:
    """Our password or sender is wrong: every message would fail, so all wait and none loses an attempt."""
    leases.put_back_unspent(message, ErrorCode.CONFIGURATION)
    if signs.pause(Channel(message.channel)):
        log.critical("channel_refuses_us", channel=message.channel, message_id=str(message.id))


def _refused_them(message: Message) -> None:
    """The address is wrong: only people can mend that. The organisation's second contact hears of it.

    They get a message of its own kind, not the one that failed: that one speaks to somebody else ("your referral"),
    and a mailbox would not know that a colleague is cut off. One an event and mailbox, however many were refused.
    """
    with transaction.atomic():
        if not leases.bury(message, ErrorCode.RECIPIENT):
            return
        event = Event(id=message.event_id, referral_id=message.referral_id, reference=message.reference)
        if to := second_contact_for(message):
            post_to(Kind.ADDRESS_REFUSED, event, [to])


def second_contact_for(message: Message) -> Recipient | None:
    """Return who hears that the message's address was refused; the coordinators' second contact when the organisation
    has none; None when a second contact itself was refused (the queue page and the coordinators' pages show that)."""
    if message.contact == Contact.SECOND:
        return None
    today = timezone.now().astimezone(LONDON).date()
    organisation = message.organisation or message.user.organisation
    hosts = Organisation.objects.in_force(today).filter(coordinates=True).exclude(second_contact="")
    if organisation is None or not organisation.second_contact:
        organisation = hosts.first()
    return Recipient(organisation=organisation, contact=Contact.SECOND) if organisation else None
