"""The ways out: one interface, and e-mail by SMTP behind it. `partners/notify.py` is the other one.

smtplib is driven step by step, because what an error means depends on the step it happened in: a line that breaks
before the mail was handed over cost nothing, one that breaks after it has probably delivered (security, 3.1).
"""

import contextlib
import datetime
import ipaddress
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail.message import sanitize_address

from partners.models import Contact, ErrorCode, Message

#: "Authentication required" is about us at whatever step it is said (RFC 4954, section 6).
WHO_ARE_YOU = 530
#: Every character of a mail as ASCII: no relay on the way has to be able to do more.
POLICY = SMTP_POLICY.clone(cte_type="7bit")


@dataclass(frozen=True)
class Letter:
    """What is sent: the words, the address, the message's id, and which attempt this is (from 1)."""

    id: UUID
    to: str
    subject: str
    body: str
    attempt: int = 1


class DeliveryFailed(Exception):
    """Raised when a letter was not, or not surely, accepted. `code` is its class; a server's own words are dropped."""

    def __init__(self, code: ErrorCode):
        self.code = code
        super().__init__(code.value)


class WayOut(Protocol):
    """A way out."""

    def is_on(self) -> bool:
        """Whether this installation sends this way."""

    def address_of(self, message: Message) -> str:
        """The recipient's address, looked up now; empty when there is none."""

    def compose(self, letter: Letter) -> Any:
        """Turn the letter into what `send` takes. Whatever this raises is a fault of ours."""

    def send(self, composed: Any) -> None:
        """Hand it over. Returns when it was accepted; raises DeliveryFailed."""


class Email:
    """One recipient a mail; the same Message-ID in every attempt, so that a mailbox can drop a copy."""

    def is_on(self) -> bool:
        """Always."""
        return True

    def address_of(self, message: Message) -> str:
        """The account's address, or the organisation's mailbox or second contact."""
        if message.user is not None:
            return message.user.email
        second = message.contact == Contact.SECOND
        return message.organisation.second_contact if second else message.organisation.role_mailbox

    def compose(self, letter: Letter) -> EmailMessage:
        """Return the mail. Raises ValueError when a header would not be one line."""
        mail = EmailMessage(policy=POLICY)
        mail["From"] = settings.DEFAULT_FROM_EMAIL
        mail["To"] = sanitize_address(letter.to, "utf-8")
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(datetime.datetime.now(datetime.UTC))
        mail["Message-ID"] = f"<{letter.id}@{sending_domain()}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.body)
        return mail

    def send(self, composed: EmailMessage) -> None:
        """See `WayOut.send`."""
        _Dialogue().hand_over(composed)

    def greet(self) -> None:
        """Come as far as one comes without a letter. Raises DeliveryFailed, as `send` would on its way."""
        _Dialogue().greet()


def sending_domain() -> str:
    """Return the domain that our mail comes from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine, so that nobody can listen on the way."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class _Dialogue:
    """One conversation with the mail server about one mail."""

    def __init__(self) -> None:
        self.server: smtplib.SMTP | None = None

    def hand_over(self, mail: EmailMessage) -> None:
        """Go through the steps; raise DeliveryFailed at the first that fails."""
        sender, recipient = parseaddr(settings.DEFAULT_FROM_EMAIL)[1], mail["To"].addresses[0].addr_spec
        content = re.sub(rb"(?m)^\.", b"..", mail.as_bytes())
        ends = time.monotonic() + settings.OUTBOX["MESSAGE"]
        ours, theirs = ErrorCode.CONFIGURATION, ErrorCode.RECIPIENT
        steps: list[tuple[Callable[[], tuple[int, bytes] | None], ErrorCode]] = [
            (self._connect, ours),
            (self._encrypt, ours),
            (self._log_in, ours),
            (lambda: self.server.mail(sender), ours),
            (lambda: self.server.rcpt(recipient), theirs),
            (lambda: self.server.docmd("DATA"), theirs),
        ]
        try:
            for step, blame in steps:
                if time.monotonic() > ends:
                    raise DeliveryFailed(ErrorCode.TRANSIENT)
                self._take(step, blame)
            self._content(content)
            self._part()
        finally:
            if self.server:
                self.server.close()

    def greet(self) -> None:
        """Go through the steps before a mail, and part."""
        try:
            for step in (self._connect, self._encrypt, self._log_in):
                self._take(step, ErrorCode.CONFIGURATION)
            self._part()
        finally:
            if self.server:
                self.server.close()

    def _connect(self) -> tuple[int, bytes] | None:
        # Our own name is given, because smtplib would ask the resolver for it, which can take seconds.
        options = {"timeout": settings.EMAIL_TIMEOUT, "local_hostname": sending_domain()}
        if settings.EMAIL_USE_SSL:
            options["context"] = ssl.create_default_context()
        kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
        self.server = kind(settings.EMAIL_HOST, settings.EMAIL_PORT, **options)
        self.server.ehlo_or_helo_if_needed()

    def _encrypt(self) -> tuple[int, bytes] | None:
        if settings.EMAIL_USE_SSL or (is_loopback(settings.EMAIL_HOST) and not settings.EMAIL_USE_TLS):
            return
        self.server.starttls(context=ssl.create_default_context())
        self.server.ehlo_or_helo_if_needed()

    def _log_in(self) -> tuple[int, bytes] | None:
        if settings.EMAIL_HOST_USER:
            self.server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)

    def _content(self, content: bytes) -> None:
        """From the first byte on, a broken line says nothing about whether the mail arrived."""
        try:
            self.server.send(content + b".\r\n")
            code, _ = self.server.getreply()
        except OSError as error:
            raise DeliveryFailed(ErrorCode.AMBIGUOUS) from error
        _judge(code, ErrorCode.RECIPIENT)

    def _part(self) -> None:
        """The mail is accepted: whatever happens now changes nothing."""
        with contextlib.suppress(OSError):
            self.server.docmd("QUIT")

    def _take(self, step: Callable[[], tuple[int, bytes] | None], blame: ErrorCode) -> None:
        try:
            reply = step()
        except smtplib.SMTPNotSupportedError as error:
            # No STARTTLS, no AUTH: waiting will not mend it, and sending without it is not an option.
            raise DeliveryFailed(ErrorCode.CONFIGURATION) from error
        except smtplib.SMTPResponseException as error:
            _judge(error.smtp_code, blame)
            raise DeliveryFailed(ErrorCode.TRANSIENT) from error
        except OSError as error:  # refused, no such host, TLS, timeout, closed: smtplib's own errors are OSErrors too
            raise DeliveryFailed(ErrorCode.TRANSIENT) from error
        if reply is not None:
            _judge(reply[0], blame)


def _judge(code: int, blame: ErrorCode) -> None:
    """Raise DeliveryFailed for a reply that is no success; `blame` is whose fault a lasting refusal is."""
    if 200 <= code < 400:
        return
    if code == WHO_ARE_YOU:
        raise DeliveryFailed(ErrorCode.CONFIGURATION)
    raise DeliveryFailed(blame if 500 <= code < 600 else ErrorCode.TRANSIENT)
