"""A mail server for tests that does what a test tells it to, recipient by recipient: accept, refuse, hang, drop.

    with SmtpSink() as sink:
        settings.EMAIL_PORT = sink.port
        sink.decide = lambda recipient: refuse("550 5.1.1 No such mailbox") if "old" in recipient else ACCEPT

The decision is asked anew for each attempt, so a test changes its mind by assigning `decide`.
"""

import asyncio
import contextlib
import email
import email.policy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass(frozen=True)
class Answer:
    """What happens to a mail to one recipient, and at which step of the dialogue: rcpt, data or sent (after DATA)."""

    step: str
    reply: str = ""
    seconds: float = 0


ACCEPT = Answer("never")
# The mail is kept, then the connection breaks before the 250: the sender cannot know, and will send a copy.
DROP_THE_250 = Answer("sent")


def refuse(reply: str) -> Answer:
    """Refuse the recipient at RCPT, with "451 4.3.0 Later" for now or "550 5.1.1 No such mailbox" for good."""
    return Answer("rcpt", reply)


def refuse_after_data(reply: str) -> Answer:
    """Take the whole mail, then refuse it, as a content filter does."""
    return Answer("data", reply)


def hang(seconds: float) -> Answer:
    """Say nothing at RCPT for so long, then accept."""
    return Answer("rcpt", seconds=seconds)


def hang_after_data(seconds: float) -> Answer:
    """Say nothing for so long after the whole mail was taken and kept."""
    return Answer("sent", seconds=seconds)


@dataclass(frozen=True)
class Received:
    """One mail that was kept. `at` is of the monotonic clock, in seconds."""

    sender: str
    recipient: str
    message: EmailMessage
    raw: bytes
    at: float


def accept_all(recipient: str) -> Answer:
    """What a sink does until a test decides otherwise."""
    return ACCEPT


@dataclass
class SmtpSink:
    """The server, in a thread of its own, on a free port of 127.0.0.1. `stop` and `start` keep the port."""

    decide: Callable[[str], Answer] = accept_all
    # Answer to MAIL FROM when not empty, as "550 5.7.1 Sender not allowed".
    refuse_sender: str = ""
    # Answer to AUTH when not empty, as "535 5.7.8 Wrong password"; a client logs in only if it has a user name.
    refuse_login: str = ""
    port: int = 0
    received: list[Received] = field(default_factory=list)
    # Recipients in the order they were asked for, refused ones included: how often a sender tried.
    attempts: list[str] = field(default_factory=list)
    logins: int = 0

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop."""
        self.stop()

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, recipient: str) -> list[Received]:
        """What was kept for one recipient."""
        return [mail for mail in list(self.received) if mail.recipient == recipient]

    def wait_for(self, count: int, seconds: float = 10) -> list[Received]:
        """Wait until so many mails are kept and return them. Raises AssertionError when it takes longer."""
        deadline = time.monotonic() + seconds
        while len(self.received) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.received)} of {count} mails within {seconds} s")
            time.sleep(0.01)
        return list(self.received)

    def start(self) -> None:
        """Listen; returns when connections are accepted."""
        self._loop = asyncio.new_event_loop()
        self._connections: set[SMTP] = set()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="smtp-sink", daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the sink did not start")

    def stop(self) -> None:
        """Close the port and every connection, in the middle of a dialogue too, as a machine that goes away."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._session, "127.0.0.1", self.port))
        self.port = server.sockets[0].getsockname()[1]
        self._loop.call_soon(ready.set)
        self._loop.run_forever()
        server.close()
        for connection in self._connections:
            if connection.transport:
                connection.transport.abort()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.close()

    def _session(self) -> SMTP:
        session = SMTP(
            _Handler(self),
            hostname="localhost",
            loop=self._loop,
            enable_SMTPUTF8=True,
            authenticator=self._authenticate,
            auth_require_tls=False,
        )
        self._connections.add(session)
        return session

    def _authenticate(self, *dialogue: object) -> AuthResult:
        self.logins += 1
        return AuthResult(success=not self.refuse_login, handled=False, message=self.refuse_login or None)


class _Handler:
    """aiosmtpd's side of it."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sink.refuse_sender:
            return self.sink.refuse_sender
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sink.attempts.append(address)
        answer = self.sink.decide(address)
        if answer.step == "rcpt":
            await asyncio.sleep(answer.seconds)
            if answer.reply:
                return answer.reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answers = [self.sink.decide(recipient) for recipient in envelope.rcpt_tos]
        refused = next((answer for answer in answers if answer.step == "data"), None)
        if refused:
            return refused.reply
        self._keep(envelope)
        for answer in answers:
            if answer.step == "sent":
                await self._after(answer, server)
        return "250 2.0.0 Kept"

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        for recipient in envelope.rcpt_tos:
            self.sink.received.append(Received(envelope.mail_from or "", recipient, message, raw, time.monotonic()))

    async def _after(self, answer: Answer, server: SMTP) -> None:
        await asyncio.sleep(answer.seconds)
        if not answer.seconds and server.transport:
            server.transport.abort()
