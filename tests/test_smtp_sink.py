"""The tests' own mail server behaves as its module says: the fault tests rest on it."""

import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.smtp_sink import (
    ACCEPT,
    DROP_THE_250,
    Answer,
    SmtpSink,
    hang,
    hang_after_data,
    refuse,
    refuse_after_data,
)

NURSE = "nurse@clinic.example.org"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        yield running


def send(sink: SmtpSink, recipient: str = NURSE, *, login: bool = False, timeout: float = 2) -> None:
    message = EmailMessage()
    message["Subject"] = "Referral ABC"
    message.set_content("A link.")
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=timeout) as client:
        if login:
            client.login("waymark", "secret")
        client.sendmail("referrals@partnership.example.org", [recipient], message.as_bytes())


def test_it_keeps_what_it_accepts(sink: SmtpSink) -> None:
    send(sink)
    (mail,) = sink.to(NURSE)
    assert mail.message["Subject"] == "Referral ABC"
    assert mail.sender == "referrals@partnership.example.org"


@pytest.mark.parametrize("code", [451, 550])
def test_it_refuses_one_recipient_and_takes_the_others(sink: SmtpSink, code: int) -> None:
    sink.decide = lambda recipient: refuse(f"{code} 4.0.0 No") if recipient == NURSE else ACCEPT
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(sink)
    assert refused.value.recipients[NURSE][0] == code
    send(sink, "lead@clinic.example.org")
    assert [mail.recipient for mail in sink.received] == ["lead@clinic.example.org"]
    assert sink.attempts == [NURSE, "lead@clinic.example.org"]


def test_it_refuses_after_the_whole_mail(sink: SmtpSink) -> None:
    sink.decide = lambda recipient: refuse_after_data("450 4.7.1 Greylisted")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(sink)
    assert refused.value.smtp_code == 450
    assert sink.received == []


def test_it_refuses_the_sender(sink: SmtpSink) -> None:
    sink.refuse_sender = "550 5.7.1 Not you"
    with pytest.raises(smtplib.SMTPSenderRefused):
        send(sink)


def test_it_refuses_the_login_until_it_is_told_otherwise(sink: SmtpSink) -> None:
    sink.refuse_login = "535 5.7.8 Wrong password"
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        send(sink, login=True)
    assert refused.value.smtp_code == 535
    assert sink.received == []
    sink.refuse_login = ""
    send(sink, login=True)
    assert len(sink.received) == 1


def test_it_keeps_the_mail_and_drops_the_250(sink: SmtpSink) -> None:
    sink.decide = lambda recipient: DROP_THE_250
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(sink)
    assert len(sink.received) == 1


@pytest.mark.parametrize(("answer", "kept"), [(hang(30), 0), (hang_after_data(30), 1)])
def test_it_hangs_until_the_client_gives_up(sink: SmtpSink, answer: Answer, kept: int) -> None:
    sink.decide = lambda recipient: answer
    began = time.monotonic()
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(sink, timeout=0.3)
    assert time.monotonic() - began < 5
    assert len(sink.received) == kept


def test_it_goes_away_and_comes_back_on_the_same_port(sink: SmtpSink) -> None:
    port = sink.port
    sink.stop()
    with pytest.raises(ConnectionRefusedError):
        send(sink)
    sink.start()
    assert sink.port == port
    send(sink)
    assert len(sink.wait_for(1)) == 1
