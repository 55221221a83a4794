"""The figures: how old the oldest unsent message is, what is stuck, and who looked last."""

import datetime
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from partners import metrics, signs
from partners.delivery import drain
from partners.models import ErrorCode, Kind, Message, ServiceState, State
from partners.tasks import tick
from tests.smtp_sink import refuse

MINUTE = datetime.timedelta(minutes=1)


def owe(user, **fields) -> Message:
    return Message.objects.create(**({"event_id": uuid.uuid4(), "kind": Kind.RECEIPT, "user": user} | fields))


def samples() -> dict[str, float]:
    lines = [line for line in metrics.prometheus().splitlines() if not line.startswith("#")]
    return {name.removeprefix("waymark_outbox_"): float(value) for name, value in map(str.split, lines)}


def test_with_everything_sent_there_is_no_age(cast, sink):
    owe(cast.officer)
    drain()
    assert metrics.oldest_unsent() is None


def test_the_age_counts_from_when_the_oldest_was_due(cast, django_assert_num_queries):
    owe(cast.officer, due_since=timezone.now() - 7 * MINUTE)
    owe(cast.nurse, due_since=timezone.now() - 3 * MINUTE)
    with django_assert_num_queries(1):
        age = metrics.oldest_unsent()
    assert 7 * MINUTE <= age < 8 * MINUTE


def test_a_retry_that_waits_is_still_unsent(cast, sink):
    owe(cast.officer, due_since=timezone.now() - 7 * MINUTE)
    sink.decide = lambda recipient: refuse("451 4.3.0 Later")
    drain()
    assert metrics.oldest_unsent() >= 7 * MINUTE


def test_quiet_time_is_no_delay(cast):
    later = timezone.now() + 60 * MINUTE
    owe(cast.officer, available_at=later, due_since=later)
    assert metrics.oldest_unsent() is None


def test_what_was_sent_costs_the_age_nothing(cast):
    """It is on every coordinator page, so it reads the small index of unsent messages and never the table."""
    Message.objects.bulk_create(
        Message(event_id=uuid.uuid4(), kind=Kind.RECEIPT, user=cast.officer, state=State.SENT, sent_at=timezone.now())
        for _ in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_message")
    assert "message_due" in Message.objects.unsent().explain()


def test_every_page_asks_once_how_messages_stand(cast, django_assert_num_queries):
    owe(cast.officer, due_since=timezone.now() - 7 * MINUTE)
    owe(cast.nurse, state=State.DEAD)
    assert cast.coordinator.organisation  # read once a request, for what the person may do
    with django_assert_num_queries(1):
        age, dead = metrics.standing(cast.coordinator)
    assert 7 * MINUTE <= age < 8 * MINUTE
    assert dead == 1
    Message.objects.update(acknowledged_at=timezone.now(), state=State.SENT, sent_at=timezone.now())
    assert metrics.standing(cast.coordinator) == (None, 0)


def test_a_dead_message_counts_until_its_recipient_has_acted(cast):
    dead = owe(cast.officer, state=State.DEAD, last_error=ErrorCode.RECIPIENT)
    assert list(metrics.undelivered(cast.coordinator)) == [dead]
    assert list(metrics.refused_addresses(cast.council)) == [dead]
    Message.objects.update(acknowledged_at=timezone.now())
    assert not metrics.undelivered(cast.coordinator).exists()
    assert not metrics.refused_addresses(cast.council).exists()


def test_who_looked_last(cast, sink):
    assert metrics.last_runs() == {signs.DRAIN: None, signs.BEAT: None, signs.TIMER: None}
    tick()
    runs = metrics.last_runs()
    assert runs[signs.TIMER] is None
    assert runs[signs.BEAT] < MINUTE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (90_000, "1 day"),
        (200_000, "2 days"),
    ],
)
def test_an_age_is_said_in_one_unit(seconds, words):
    assert metrics.in_words(datetime.timedelta(seconds=seconds)) == words


def test_every_figure_of_the_monitoring(cast, sink):
    sink.decide = lambda recipient: refuse("550 5.1.1 No") if "officer" in recipient else refuse("451 4.3.0 Later")
    owe(cast.officer, due_since=timezone.now() - 7 * MINUTE)
    owe(cast.nurse, due_since=timezone.now() - 7 * MINUTE)
    tick()
    signs.count(signs.RECONCILED, 2)
    found = samples()
    assert found['messages{state="dead"}'] == 1
    assert found['messages{state="pending"}'] == 2
    assert found["undelivered"] == 1
    assert found["oldest_due_seconds"] >= 420
    assert found['failures_total{class="recipient"}'] == 1
    assert found['failures_total{class="transient"}'] == 2
    assert found['failures_total{class="ambiguous"}'] == 0
    assert found["reconciled_total"] == 2
    assert found["expired_leases_total"] == 0
    assert found['paused{channel="email"}'] == 0
    assert found['last_run_seconds{by="beat"}'] < 60
    assert 'last_run_seconds{by="timer"}' not in found


def test_a_paused_channel_shows(cast):
    assert signs.pause("email") is True
    assert signs.pause("email") is False
    assert samples()['paused{channel="email"}'] == 1
    ServiceState.objects.filter(name="smtp_pause").update(at=timezone.now() - MINUTE)
    assert samples()['paused{channel="email"}'] == 0
    assert signs.resume("email") is True
    assert signs.resume("email") is False


def test_every_line_is_of_the_prometheus_format(cast):
    for line in metrics.prometheus().splitlines():
        assert line.startswith(("# HELP waymark_outbox_", "# TYPE waymark_outbox_", "waymark_outbox_"))
