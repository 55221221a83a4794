"""Each fault of a mail server, with a real worker on the other side (security, 3.5: R2, R3, R6 to R8, R15, R16)."""

import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from partners.models import ErrorCode, Kind, Membership, Message, State
from partners.outbox import Event, post
from tests.faults.stage import Stage, wait_until
from tests.smtp_sink import (
    ACCEPT,
    DROP_THE_250,
    Answer,
    hang,
    hang_after_data,
    refuse,
    refuse_after_data,
)

pytestmark = pytest.mark.faults


def owe_everybody(cast, events: int = 5) -> list[Message]:
    """Rows for both coordinators and a referrer, as `events` referrals write them."""
    for _ in range(events):
        event = Event(id=uuid.uuid4(), referral_id=uuid.uuid4(), reference="TEST234", referrer=cast.officer)
        with transaction.atomic():
            post(Kind.REFERRAL_SUBMITTED, event)
            post(Kind.RECEIPT, event)
    return list(Message.objects.all())


def wait_until_sent(seconds: float = 30) -> None:
    wait_until(lambda: not Message.objects.exclude(state=State.SENT).exists(), seconds)


def copies(stage: Stage) -> int:
    """How many mails arrived beyond one a Message-ID."""
    return len(stage.sink.received) - len({mail.message["Message-ID"] for mail in stage.sink.received})


def everybody_has_it(stage: Stage, messages: list[Message]) -> bool:
    arrived = {mail.message["Message-ID"].strip("<>").split("@")[0] for mail in stage.sink.received}
    return arrived == {str(message.id) for message in messages}


@pytest.mark.parametrize(
    "fault",
    [refuse("451 4.3.0 Later"), refuse_after_data("450 4.2.0 Busy"), hang(1.5)],
    ids=["451", "450 after data", "hangs"],
)
def test_what_was_certainly_not_delivered_arrives_later_and_once(stage, cast, fault):
    stage.start_worker()
    stage.sink.decide = lambda recipient: fault
    messages = owe_everybody(cast)
    wait_until(lambda: Message.objects.filter(last_error=ErrorCode.TRANSIENT).count() >= 3, 20)
    stage.sink.decide = lambda recipient: ACCEPT
    wait_until_sent()
    assert everybody_has_it(stage, messages)
    assert copies(stage) == 0
    assert not Message.objects.filter(ambiguous_attempts__gt=0).exists()


@pytest.mark.parametrize("fault", [DROP_THE_250, hang_after_data(1.5)], ids=["drops the 250", "hangs after the mail"])
def test_a_copy_is_sent_only_where_the_250_was_lost(stage, cast, fault):
    stage.start_worker()
    unlucky = cast.coordinator.email
    stage.sink.decide = lambda recipient: fault if recipient == unlucky else ACCEPT
    messages = owe_everybody(cast)
    wait_until(lambda: Message.objects.filter(ambiguous_attempts=1).count() == 5, 30)
    stage.sink.decide = lambda recipient: ACCEPT
    wait_until_sent()
    assert everybody_has_it(stage, messages)
    assert copies(stage) == len(stage.sink.to(unlucky)) - 5
    assert copies(stage) <= sum(Message.objects.values_list("ambiguous_attempts", flat=True))


def test_a_refused_address_reaches_a_human_and_stops_nobody_else(stage, cast):
    stage.start_worker()
    refused = cast.coordinator.email
    stage.sink.decide = lambda recipient: refuse("550 5.1.1 No such mailbox") if recipient == refused else ACCEPT
    owe_everybody(cast)
    wait_until(lambda: not Message.objects.filter(state__in=[State.PENDING, State.SENDING]).exists(), 30)
    dead = Message.objects.filter(state=State.DEAD)
    assert {(row.user, row.last_error) for row in dead} == {(cast.coordinator, ErrorCode.RECIPIENT)}
    assert stage.sink.attempts.count(refused) == dead.count() == 5
    assert len(stage.sink.to(cast.coordinator2.email)) == len(stage.sink.to(cast.officer.email)) == 5
    assert len(stage.sink.to("duty@partnership-team.example.org")) == 5
    assert Message.objects.refused_of(cast.partnership_team).count() == 5


def test_a_wrong_password_burns_no_attempt_and_calls_the_operator_once(stage, cast):
    stage.environment["EMAIL_URL"] = stage.sink.url.replace("://", "://waymark:secret@")
    stage.sink.refuse_login = "535 5.7.8 Wrong password"
    worker = stage.start_worker()
    messages = owe_everybody(cast)
    wait_until(lambda: stage.sink.logins >= 4, 30, worker)
    assert set(Message.objects.values_list("attempts", flat=True)) <= {0, 1}
    wait_until(lambda: not Message.objects.filter(state=State.SENDING).exists(), 5)
    assert stage.sink.attempts == []
    stage.sink.refuse_login = ""
    wait_until_sent()
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}
    assert everybody_has_it(stage, messages)
    assert worker.text().count('"channel_refuses_us"') == 1
    assert '"level": "critical"' in worker.text()
    assert "secret" not in worker.text()


def test_a_row_that_cannot_be_written_blocks_nobody(stage, cast):
    worker = stage.start_worker()
    messages = owe_everybody(cast, events=2)
    broken = Message.objects.create(event_id=uuid.uuid4(), kind="no_such_kind", user=cast.nurse)
    event = Event(id=uuid.uuid4(), reference="TEST345", referrer=cast.officer)
    with transaction.atomic():
        post(Kind.RECEIPT, event)
    messages.append(Message.objects.get(event_id=event.id))
    stage.sink.wait_for(len(messages), 20)
    wait_until(lambda: Message.objects.filter(pk=broken.pk, state=State.DEAD).exists(), 30, worker)
    assert Message.objects.get(pk=broken.pk).last_error == ErrorCode.RENDERING
    assert '"message_dead"' in worker.text()
    assert everybody_has_it(stage, messages)


def test_who_left_between_commit_and_sending_gets_nothing(stage, cast):
    owe_everybody(cast)
    Membership.objects.filter(user=cast.coordinator2).update(ended_at=timezone.now())
    assert "10 sent" in stage.drain()
    cancelled = Message.objects.filter(state=State.CANCELLED)
    assert {(row.user, row.last_error) for row in cancelled} == {(cast.coordinator2, ErrorCode.RECIPIENT_INACTIVE)}
    assert cast.coordinator2.email not in stage.sink.attempts


def test_processes_whose_clocks_disagree_by_twenty_minutes_send_each_message_once(stage, cast):
    stage.sink.decide = lambda recipient: Answer("sent", seconds=0.05)
    messages = owe_everybody(cast, events=8)
    for wrong in ("600", "-600", "0"):
        stage.start("python", "manage.py", "drain_outbox", CLOCK_IS_WRONG_BY=wrong)
    for process in stage.running:
        assert process.wait() == 0, process.text()
    wait_until_sent(5)
    assert everybody_has_it(stage, messages)
    assert copies(stage) == 0
