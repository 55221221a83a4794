"""Delivery: the table of errors, leases and fencing, and who is not written to any more (security, 3.1 and 3.5)."""

import contextlib
import datetime
import socket
import threading
import uuid

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners import leases, signs
from partners.delivery import drain
from partners.models import ErrorCode, Kind, Membership, Message, Organisation, ServiceState, State
from partners.tasks import heartbeat, post_heartbeat, tick
from tests.smtp_sink import DROP_THE_250, hang, hang_after_data, refuse, refuse_after_data

MINUTE = datetime.timedelta(minutes=1)


def owe(user, kind=Kind.TRIAGE_STARTED, **fields) -> Message:
    """One message to `user`, due now."""
    standard = {"event_id": uuid.uuid4(), "referral_id": uuid.uuid4(), "reference": "TEST234"}
    return Message.objects.create(kind=kind, user=user, **(standard | fields))


def again(message: Message) -> Message:
    """The row as it is now."""
    return Message.objects.get(pk=message.pk)


def wait_of(message: Message) -> datetime.timedelta:
    """How long the row still has to wait, by the database's clock."""
    return Message.objects.annotate(wait=F("available_at") - Now()).get(pk=message.pk).wait


def make_due(*messages: Message) -> None:
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(available_at=Now())


# What leaves ------------------------------------------------------------------------------------------------------


def test_a_message_leaves_with_reference_and_link_and_is_marked_sent(cast, sink, settings):
    settings.SITE_URL = "https://referrals.example.org"
    message = owe(cast.officer)
    assert drain().sent == 1
    (mail,) = sink.received
    assert (again(message).state, again(message).sent_at is not None) == (State.SENT, True)
    assert mail.recipient == cast.officer.email
    assert mail.message["Message-ID"] == f"<{message.id}@partnership.example.org>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    body = mail.message.get_content()
    assert "TEST234" in body
    assert f"https://referrals.example.org/m/{message.id}/" in body


def test_every_mail_has_one_recipient(cast, sink):
    for user in (cast.coordinator, cast.coordinator2):
        owe(user, kind=Kind.REFERRAL_SUBMITTED)
    drain()
    assert {mail.message["To"] for mail in sink.received} == {cast.coordinator.email, cast.coordinator2.email}
    assert len(sink.received) == 2


def test_a_mail_is_ascii_on_the_wire_and_lines_that_begin_with_a_dot_arrive(cast, sink, monkeypatch):
    monkeypatch.setattr("partners.delivery.words_for", lambda _: WORDS)
    owe(cast.officer)
    assert drain().sent == 1
    assert sink.received[0].raw.isascii()
    assert sink.received[0].message["Subject"] == WORDS.subject
    assert sink.received[0].message.get_content().splitlines() == WORDS.body.splitlines()


class WORDS:
    subject = "Référence “TEST234”"
    body = ".one\n..two\n. three\nfour – ö\n" + "x" * 1200


def test_nothing_is_sent_twice(cast, sink):
    owe(cast.officer)
    drain()
    drain()
    assert len(sink.received) == 1


def test_the_oldest_leaves_first_and_what_is_not_due_stays(cast, sink):
    now = timezone.now()
    late = owe(cast.officer, available_at=now - MINUTE)
    later = owe(cast.nurse, available_at=now - 2 * MINUTE)
    owe(cast.lead, available_at=now + MINUTE)
    drain()
    assert [mail.message["Message-ID"].split("@")[0] for mail in sink.received] == [f"<{later.id}", f"<{late.id}"]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_mail_is_sent(cast, sink, process_environment):
    owe(cast.officer)
    watching = psycopg.connect(process_environment()["DATABASE_URL"], autocommit=True)
    asked, open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start", []

    def look(recipient):
        others = f"{asked} IS NOT NULL AND pid <> pg_backend_pid()"
        open_ones.append(watching.execute(others).fetchone()[0])
        return hang(0)

    sink.decide = look
    with contextlib.closing(watching):
        assert drain().sent == 1
    assert set(open_ones) == {0}


@pytest.mark.django_db(transaction=True)
def test_draining_inside_a_transaction_is_refused(cast, sink):
    owe(cast.officer)
    with transaction.atomic(), pytest.raises(RuntimeError):
        drain()
    assert sink.received == []


def test_a_mailbox_gets_the_address_it_has_now(cast, sink):
    message = Message.objects.create(
        event_id=uuid.uuid4(), kind=Kind.REFERRAL_IMMEDIATE, organisation=cast.partnership_team, contact="second"
    )
    Organisation.objects.filter(pk=cast.partnership_team.pk).update(second_contact="new@partnership-team.example.org")
    drain()
    assert again(message).state == State.SENT
    assert [mail.recipient for mail in sink.received] == ["new@partnership-team.example.org"]


# The table of errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [refuse("451 4.3.0 Later"), refuse_after_data("450 4.2.0 Busy"), refuse("421 4.3.2 Closing")]
)
def test_a_temporary_refusal_is_tried_again_within_the_backoff(cast, sink, answer):
    message = owe(cast.officer)
    sink.decide = lambda recipient: answer
    assert drain().failed == 1
    row = again(message)
    assert (row.state, row.last_error, row.attempts) == (State.PENDING, ErrorCode.TRANSIENT, 1)
    assert row.ambiguous_attempts == 0
    assert wait_of(message).total_seconds() <= 30
    sink.decide = lambda recipient: hang(0)
    make_due(message)
    drain()
    assert again(message).state == State.SENT
    assert len(sink.received) == 1


def test_a_mail_server_that_is_not_there_is_transient(cast, sink):
    message = owe(cast.officer)
    sink.stop()
    drain()
    assert again(message).last_error == ErrorCode.TRANSIENT


def test_a_name_that_does_not_resolve_is_transient(cast, settings, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    message = owe(cast.officer)
    drain()
    assert again(message).last_error == ErrorCode.TRANSIENT


def test_a_server_that_says_nothing_at_rcpt_is_transient_after_the_timeout(cast, sink, settings):
    settings.EMAIL_TIMEOUT = 0.3
    sink.decide = lambda recipient: hang(3)
    message = owe(cast.officer)
    drain()
    assert again(message).last_error == ErrorCode.TRANSIENT
    assert sink.received == []


@pytest.mark.parametrize("answer", [DROP_THE_250, hang_after_data(3)])
def test_a_line_that_breaks_after_the_mail_is_ambiguous_and_waits_ten_minutes(cast, sink, settings, answer):
    settings.EMAIL_TIMEOUT = 0.3
    sink.decide = lambda recipient: answer
    message = owe(cast.officer)
    drain()
    row = again(message)
    assert (row.state, row.last_error, row.ambiguous_attempts) == (State.PENDING, ErrorCode.AMBIGUOUS, 1)
    assert wait_of(message) > 9 * MINUTE
    assert len(sink.received) == 1
    sink.decide = lambda recipient: hang(0)
    make_due(message)
    drain()
    assert again(message).state == State.SENT
    assert len({mail.message["Message-ID"] for mail in sink.received}) == 1
    assert len(sink.received) == 2


@pytest.mark.parametrize("answer", [refuse("550 5.1.1 No such mailbox"), refuse_after_data("554 5.7.1 Not wanted")])
def test_a_refused_address_is_dead_at_once_and_the_second_contact_hears_of_it(cast, sink, answer):
    message = owe(cast.officer)
    other = owe(cast.nurse)
    sink.decide = lambda recipient: answer if recipient == cast.officer.email else hang(0)
    drain()
    assert (again(message).state, again(message).last_error) == (State.DEAD, ErrorCode.RECIPIENT)
    assert again(other).state == State.SENT
    (told,) = sink.to("duty@council.example.org")
    assert "TEST234" in told.message.get_content()
    assert list(Message.objects.refused_of(cast.council)) == [message]
    assert not Message.objects.refused_of(cast.hospital).exists()


def test_two_refused_colleagues_give_one_message_to_the_second_contact(cast, sink):
    event = uuid.uuid4()
    for user in (cast.coordinator, cast.coordinator2):
        owe(user, event_id=event)
    sink.decide = lambda recipient: refuse("550 5.1.1 No") if "coordinator" in recipient else hang(0)
    drain()
    assert len(sink.to("duty@partnership-team.example.org")) == 1


def test_an_organisation_without_a_second_contact_leans_on_the_coordinators(cast, sink):
    Organisation.objects.filter(pk=cast.council.pk).update(second_contact="")
    owe(cast.officer)
    sink.decide = lambda recipient: refuse("550 5.1.1 No") if "officer" in recipient else hang(0)
    drain()
    assert len(sink.to("duty@partnership-team.example.org")) == 1


def test_a_second_contact_that_is_refused_itself_ends_there(cast, sink):
    owe(cast.officer)
    sink.decide = lambda recipient: refuse("550 5.1.1 No")
    drain()
    assert Message.objects.filter(state=State.DEAD).count() == 2
    assert Message.objects.count() == 2


@pytest.mark.parametrize("fault", ["login", "sender", "530"])
def test_a_server_that_refuses_us_costs_no_attempt_and_stops_the_channel(cast, sink, settings, caplog, fault):
    if fault == "login":
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "waymark", "wrong"
        sink.refuse_login = "535 5.7.8 Wrong password"
    elif fault == "sender":
        sink.refuse_sender = "550 5.7.1 Sender not allowed"
    else:
        sink.decide = lambda recipient: refuse("530 5.7.0 Authentication required")
    messages = [owe(cast.officer), owe(cast.nurse)]
    for _ in range(3):
        drain()
    assert [again(message).attempts for message in messages] == [0, 0]
    assert again(messages[0]).last_error == ErrorCode.CONFIGURATION
    assert signs.paused_channels() == ["email"]
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1


def test_the_operator_is_called_once_an_episode_and_all_leaves_when_it_is_mended(cast, sink, settings, caplog):
    sink.refuse_sender = "550 5.7.1 Sender not allowed"
    messages = [owe(cast.officer), owe(cast.nurse)]
    for _ in range(3):
        drain()
        ServiceState.objects.filter(name="smtp_pause").update(at=Now())
    sink.refuse_sender = ""
    assert drain().sent == 2
    assert [again(message).attempts for message in messages] == [1, 1]
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1
    sink.refuse_sender = "550 5.7.1 Sender not allowed"
    owe(cast.officer)
    drain()
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 2


def test_without_starttls_nothing_goes_over_a_line_that_others_can_hear(cast, sink, monkeypatch):
    monkeypatch.setattr("partners.channels.is_loopback", lambda host: False)
    message = owe(cast.officer)
    drain()
    assert again(message).last_error == ErrorCode.CONFIGURATION
    assert sink.received == []
    assert sink.attempts == []


def test_a_certificate_that_does_not_hold_is_transient(cast, sink, settings):
    settings.EMAIL_USE_SSL = True
    message = owe(cast.officer)
    drain()
    assert again(message).last_error == ErrorCode.TRANSIENT


def test_one_row_that_cannot_be_written_blocks_nobody_and_is_dead_after_three(cast, sink, caplog):
    broken = owe(cast.officer, kind="no_such_kind", available_at=timezone.now() - MINUTE)
    fine = owe(cast.nurse)
    drain()
    assert again(fine).state == State.SENT
    for _ in range(2):
        assert again(broken).state == State.PENDING
        make_due(broken)
        drain()
    assert (again(broken).state, again(broken).last_error) == (State.DEAD, ErrorCode.RENDERING)
    assert "message_dead" in caplog.text


def test_a_way_of_sending_that_does_not_exist_blocks_nobody(cast, sink):
    strange = owe(cast.officer, channel="pigeon", available_at=timezone.now() - MINUTE)
    owe(cast.nurse)
    assert drain().sent == 1
    assert (again(strange).state, again(strange).last_error) == (State.CANCELLED, ErrorCode.CHANNEL_OFF)


def test_an_exception_nobody_foresaw_counts_as_probably_sent(cast, sink, monkeypatch):
    def fail(self, mail):
        raise LookupError

    monkeypatch.setattr("partners.channels.Email.send", fail)
    message = owe(cast.officer)
    assert drain().failed == 1
    assert again(message).last_error == ErrorCode.AMBIGUOUS


def test_two_days_of_trouble_end_in_the_queue_page(cast, sink):
    old = owe(cast.officer, due_since=timezone.now() - 49 * 60 * MINUTE)
    young = owe(cast.nurse, due_since=timezone.now() - 47 * 60 * MINUTE)
    sink.decide = lambda recipient: refuse("451 4.3.0 Later")
    drain()
    assert (again(old).state, again(old).last_error) == (State.DEAD, ErrorCode.TOO_OLD)
    assert again(young).state == State.PENDING


def test_a_message_that_is_old_but_was_never_tried_is_tried(cast, sink):
    message = owe(cast.officer, due_since=timezone.now() - 100 * 60 * MINUTE)
    drain()
    assert again(message).state == State.SENT


def test_a_mailbox_without_an_address_is_for_a_person_to_mend(cast, sink):
    Organisation.objects.filter(pk=cast.council.pk).update(second_contact="")
    message = Message.objects.create(
        event_id=uuid.uuid4(), kind=Kind.ADDRESS_REFUSED, organisation=cast.council, contact="second"
    )
    drain()
    assert (again(message).state, again(message).last_error) == (State.DEAD, ErrorCode.NO_ADDRESS)


def test_sent_again_by_hand_a_message_has_a_new_life(cast, sink):
    message = owe(cast.officer, due_since=timezone.now() - 49 * 60 * MINUTE)
    sink.decide = lambda recipient: refuse("550 5.1.1 No")
    drain()
    assert leases.send_again(message.id, by=cast.coordinator)
    assert not leases.send_again(message.id, by=cast.coordinator)
    row = again(message)
    assert (row.state, row.attempts, row.last_error) == (State.PENDING, 0, "")
    sink.decide = lambda recipient: refuse("451 4.3.0 Later")
    drain()
    assert again(message).state == State.PENDING


@pytest.mark.parametrize(("attempts", "ceiling"), [(1, 30), (2, 60), (5, 480), (7, 1800), (60, 1800)])
def test_the_backoff_doubles_to_half_an_hour_with_full_jitter(attempts, ceiling):
    waits = [leases.backoff(attempts).total_seconds() for _ in range(300)]
    assert max(waits) <= ceiling
    assert min(waits) < ceiling * 0.1
    assert max(waits) > ceiling * 0.9


# Who is not written to any more -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["suspended", "membership ended", "organisation ended"])
def test_who_left_between_commit_and_sending_is_not_written_to(cast, sink, how):
    message = owe(cast.officer)
    if how == "suspended":
        cast.officer.is_active = False
        cast.officer.save()
    elif how == "membership ended":
        Membership.objects.filter(user=cast.officer).update(ended_at=timezone.now())
    else:
        Organisation.objects.filter(pk=cast.council.pk).update(ends_on=timezone.localdate() - datetime.timedelta(1))
    drain()
    assert (again(message).state, again(message).last_error) == (State.CANCELLED, ErrorCode.RECIPIENT_INACTIVE)
    assert sink.attempts == []


def test_an_organisation_that_ended_gets_no_mail_in_its_mailbox(cast, sink):
    Organisation.objects.filter(pk=cast.council.pk).update(ends_on=timezone.localdate() - datetime.timedelta(1))
    message = Message.objects.create(
        event_id=uuid.uuid4(), kind=Kind.ADDRESS_REFUSED, organisation=cast.council, contact="second"
    )
    owe(cast.nurse)
    assert drain().sent == 1
    assert again(message).state == State.CANCELLED


# Leases ------------------------------------------------------------------------------------------------------------


def test_a_claim_holds_two_minutes_by_the_clock_of_the_database(cast, monkeypatch):
    message = owe(cast.officer)
    ten_minutes_fast = timezone.now() + 10 * MINUTE
    monkeypatch.setattr(timezone, "now", lambda: ten_minutes_fast)
    leases.claim()
    left = Message.objects.annotate(left=F("lease_until") - Now()).get(pk=message.pk).left
    assert 115 < left.total_seconds() <= 120
    assert leases.claim() is None


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_is_wrong_sends_nothing_twice(cast, sink, monkeypatch, minutes):
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + minutes * MINUTE)
    owe(cast.officer)
    drain()
    drain()
    assert len(sink.received) == 1


def test_what_a_dead_process_held_is_taken_over_when_its_lease_ends(cast, sink):
    message = owe(cast.officer)
    leases.claim()
    assert drain().sent == 0
    Message.objects.update(lease_until=Now() - datetime.timedelta(seconds=1))
    assert drain().sent == 1
    row = again(message)
    assert (row.state, row.attempts) == (State.SENT, 2)
    assert ServiceState.objects.get(name=signs.EXPIRED_LEASE).count == 1


def test_who_lost_the_lease_cannot_put_the_row_back(cast):
    owe(cast.officer)
    first = leases.claim()
    Message.objects.update(lease_until=Now() - datetime.timedelta(seconds=1))
    second = leases.claim()
    assert not leases.put_back(first, ErrorCode.TRANSIENT, MINUTE)
    assert not leases.bury(first, ErrorCode.RECIPIENT)
    assert not leases.put_back_unspent(first, ErrorCode.CONFIGURATION)
    assert again(second).lease_token == second.lease_token


def test_that_it_was_sent_is_a_fact_whoever_reports_it(cast):
    owe(cast.officer)
    first = leases.claim()
    Message.objects.update(lease_until=Now() - datetime.timedelta(seconds=1))
    second = leases.claim()
    leases.mark_sent(first)
    assert again(second).state == State.SENT
    assert not leases.put_back(second, ErrorCode.TRANSIENT, MINUTE)
    sent_at = again(second).sent_at
    leases.mark_sent(second)
    assert again(second).sent_at == sent_at


@pytest.mark.django_db(transaction=True)
def test_many_at_once_send_each_message_once(cast, sink):
    messages = [owe(cast.officer) for _ in range(40)]
    threads = [threading.Thread(target=drain_and_close) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(mail.message["Message-ID"] for mail in sink.received) == sorted(
        f"<{message.id}@partnership.example.org>" for message in messages
    )
    assert not Message.objects.exclude(state=State.SENT).exists()


def drain_and_close() -> None:
    try:
        drain()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_claim_reads_a_small_index_and_locks_one_table(cast):
    Message.objects.bulk_create(
        Message(event_id=uuid.uuid4(), kind=Kind.RECEIPT, user=cast.officer, state=State.SENT, sent_at=timezone.now())
        for _ in range(3000)
    )
    owe(cast.officer)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_message")
    with CaptureQueriesContext(connection) as captured:
        assert leases.claim() is not None
    (lock,) = [query["sql"] for query in captured if "SKIP LOCKED" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {lock}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "message_due" in plan
    assert "JOIN" not in lock


# Who asks ------------------------------------------------------------------------------------------------------------


def test_every_way_in_leaves_its_sign_of_life(cast, sink):
    tick()
    assert set(ServiceState.objects.values_list("name", flat=True)) == {signs.DRAIN, signs.BEAT}
    call_command("drain_outbox", verbosity=0)
    assert ServiceState.objects.filter(name=signs.TIMER).exists()


def test_the_command_says_what_it_did(cast, sink, capsys):
    owe(cast.officer)
    call_command("drain_outbox")
    assert capsys.readouterr().out == "1 sent, 0 not sent\n"


def test_a_run_stops_when_its_time_is_up_and_asks_for_another(cast, sink, monkeypatch):
    kicked = []
    monkeypatch.setattr("partners.delivery.kick", lambda: kicked.append(1))
    for _ in range(3):
        owe(cast.officer)
    done = drain(within=0)
    assert (done.sent, done.more, kicked) == (1, True, [1])


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_after_the_250_is_waited_for(cast, sink, process_environment, monkeypatch):
    monkeypatch.setattr(leases, "SAY_IT_AGAIN", (0, 0.1))
    message = owe(cast.officer)
    held = leases.claim()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ours,) = cursor.fetchone()
    with psycopg.connect(process_environment()["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [ours])
    leases.mark_sent(held)
    assert again(message).state == State.SENT


# The daily sign of life -----------------------------------------------------------------------------------------------


def test_the_heartbeat_comes_once_a_day_from_eight_on(cast, sink):
    seven = datetime.datetime(2026, 11, 23, 7, 59, tzinfo=datetime.UTC)
    assert post_heartbeat(seven) == 0
    assert post_heartbeat(seven + MINUTE) == 2
    assert post_heartbeat(seven + 300 * MINUTE) == 0
    assert post_heartbeat(seven + 25 * 60 * MINUTE) == 2
    drain()
    assert len(sink.to(cast.coordinator.email)) == 2


def test_the_heartbeat_task_asks_the_clock(cast, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime.datetime(2026, 7, 1, 7, 0, tzinfo=datetime.UTC))
    heartbeat()
    assert Message.objects.filter(kind=Kind.HEARTBEAT).count() == 2
