"""With the broker killed or frozen, or the worker killed or frozen, people get their receipt and the mail arrives.

Each through a real gunicorn; the mail leaves through `manage.py drain_outbox`, as the timer runs it.
"""

import uuid
from signal import SIGCONT, SIGKILL, SIGSTOP

import psycopg
import pytest
from django.urls import reverse

from partners.models import Kind, Message, ServiceState, State
from tests.faults.stage import ANSWER_SECONDS, finished_drafts, session_of, wait_until
from tests.smtp_sink import ACCEPT, hang

pytestmark = pytest.mark.faults

REFERRALS = 6
HANG_UP = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)"""


def everybody_was_told(stage, cast, referrals: int = REFERRALS) -> None:
    """Both coordinators and the referrer hold one mail for each referral, and no copy."""
    for user in (cast.coordinator, cast.coordinator2, cast.officer):
        assert len(stage.sink.to(user.email)) == referrals
    assert len({mail.message["Message-ID"] for mail in stage.sink.received}) == 3 * referrals
    assert Message.objects.filter(state=State.SENT).count() == 3 * referrals


def send_all(stage, cast) -> list[float]:
    session = session_of(cast.officer)
    return [stage.send_promptly(draft, session).seconds for draft in finished_drafts(cast.officer, REFERRALS)]


def test_with_everything_running_the_mail_leaves_at_once(stage, cast):
    stage.start_web()
    stage.start_worker()
    send_all(stage, cast)
    stage.sink.wait_for(3 * REFERRALS, 15)
    wait_until(lambda: not Message.objects.exclude(state=State.SENT).exists(), 10)
    everybody_was_told(stage, cast)


@pytest.mark.parametrize("fault", [SIGKILL, SIGSTOP])
def test_a_broker_that_is_killed_or_frozen(stage, cast, fault):
    stage.start_web()
    stage.start_worker()
    stage.broker.signal(fault)
    assert max(send_all(stage, cast)) < ANSWER_SECONDS
    stage.drain_until_sent()
    everybody_was_told(stage, cast)
    stage.broker.signal(SIGCONT)


@pytest.mark.parametrize("fault", [SIGKILL, SIGSTOP])
def test_a_worker_that_is_killed_or_frozen(stage, cast, fault):
    stage.start_web()
    worker = stage.start_worker()
    worker.signal(fault)
    assert max(send_all(stage, cast)) < ANSWER_SECONDS
    assert stage.sink.received == []
    stage.drain_until_sent()
    everybody_was_told(stage, cast)
    if fault == SIGSTOP:
        worker.signal(SIGCONT)
        seen = ServiceState.objects.get(name="drain").at
        wait_until(lambda: ServiceState.objects.get(name="drain").at > seen, 20, worker)
        everybody_was_told(stage, cast)


def test_with_a_frozen_broker_people_sign_in_and_coordinators_work(stage, cast):
    stage.start_web()
    stage.broker.signal(SIGSTOP)
    (draft,) = finished_drafts(cast.officer, 1)
    stage.send_promptly(draft, session_of(cast.officer))
    message = Message.objects.get(user=cast.coordinator)
    coordinator = session_of(cast.coordinator, second_factor=True)
    case = reverse("admin:referrals_referral_change", args=[message.referral_id])
    asked = [
        ("GET", reverse("account_login"), None, "", 200),
        ("POST", reverse("account_login"), {"email": cast.nurse.email}, "", 302),
        ("GET", reverse("message_link", args=[message.id]), None, coordinator, 302),
        ("GET", case, None, coordinator, 200),
        ("GET", reverse("message_queue"), None, coordinator, 200),
        ("POST", reverse("send_now"), {}, coordinator, 302),
    ]
    for method, path, data, session, status in asked:
        answer = stage.request(method, path, data, session)
        assert (path, answer.status) == (path, status)
        assert answer.seconds < ANSWER_SECONDS
    assert len(stage.sink.to(cast.nurse.email)) == 1
    assert not Message.objects.exclude(state=State.SENT).exists()


def test_a_worker_that_died_with_a_message_in_its_hands_loses_nothing(stage, cast):
    """Killed between claim and answer: the lease ends, and another process takes the row over."""
    stage.start_web()
    worker = stage.start_worker()
    stage.sink.decide = lambda recipient: hang(60)
    stage.send_promptly(finished_drafts(cast.officer, 1)[0], session_of(cast.officer))
    wait_until(lambda: Message.objects.filter(state=State.SENDING).exists(), 10, worker)
    worker.kill()
    stage.sink.decide = lambda recipient: ACCEPT
    stage.drain_until_sent()
    assert {len(stage.sink.to(user.email)) for user in (cast.coordinator, cast.coordinator2, cast.officer)} == {1}
    assert ServiceState.objects.get(name="expired_lease").count >= 1


def test_the_commands_loop_outlives_a_database_that_hangs_up(stage, cast, own_backend):
    loop = stage.start("python", "manage.py", "drain_outbox", "--loop", "0.2")
    wait_until(lambda: ServiceState.objects.filter(name="timer").exists(), 30, loop)
    with psycopg.connect(stage.environment["DATABASE_URL"], autocommit=True) as other:
        other.execute(HANG_UP, [own_backend])
    seen = ServiceState.objects.get(name="timer").at
    Message.objects.create(event_id=uuid.uuid4(), kind=Kind.RECEIPT, user=cast.officer)
    stage.sink.wait_for(1, 15)
    wait_until(lambda: ServiceState.objects.get(name="timer").at > seen, 15, loop)
