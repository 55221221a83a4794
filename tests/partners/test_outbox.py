"""The outbox: what is owed is written once, with the event, for whom the rules name, in their own time."""

import datetime
import uuid

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from partners.hours import LONDON
from partners.models import (
    Audience,
    Channel,
    Duty,
    Kind,
    Membership,
    Message,
    NotificationRule,
    ServiceState,
    State,
)
from partners.outbox import Event, Recipient, acknowledge, owed, post, post_missing, post_to, quiet_end
from partners.roles import Role
from tests.conftest import make_person

NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)


def an_event(cast, **fields) -> Event:
    return Event(id=uuid.uuid4(), referral_id=uuid.uuid4(), reference="TEST234", referrer=cast.officer, **fields)


def addresses(rows) -> set[str]:
    return {row.user.email if row.user else f"{row.organisation.slug}/{row.contact}" for row in rows}


def test_everybody_on_duty_is_told_and_nobody_else(cast):
    Duty.objects.create(user=cast.coordinator2, starts_at=NOON, ends_at=NOON + datetime.timedelta(hours=1))
    assert addresses(owed(Kind.REFERRAL_SUBMITTED, an_event(cast), NOON)) == {cast.coordinator2.email}


def test_with_nobody_on_duty_every_coordinator_is_told(cast):
    rows = owed(Kind.REFERRAL_SUBMITTED, an_event(cast), NOON)
    assert addresses(rows) == {cast.coordinator.email, cast.coordinator2.email}


def test_the_owner_hears_of_an_answer_and_without_one_who_is_on_duty(cast):
    assert addresses(owed(Kind.INFORMATION_ANSWERED, an_event(cast, owner=cast.coordinator), NOON)) == {
        cast.coordinator.email
    }
    assert len(owed(Kind.INFORMATION_ANSWERED, an_event(cast), NOON)) == 2


def test_immediate_danger_goes_to_the_second_contact_too(cast):
    rows = owed(Kind.REFERRAL_IMMEDIATE, an_event(cast), NOON)
    assert "partnership-team/second" in addresses(rows)


def test_a_rule_that_is_off_tells_nobody(cast):
    NotificationRule.objects.filter(kind=Kind.RECEIPT).update(active=False)
    assert owed(Kind.RECEIPT, an_event(cast), NOON) == []


def test_an_event_posted_twice_owes_each_recipient_one_message(cast):
    event = an_event(cast)
    for _ in range(2):
        with transaction.atomic():
            post(Kind.REFERRAL_IMMEDIATE, event)
    assert Message.objects.count() == 3


def test_the_database_refuses_a_second_row_for_the_same_person(cast):
    event = uuid.uuid4()
    Message.objects.create(event_id=event, kind=Kind.RECEIPT, user=cast.officer)
    with pytest.raises(IntegrityError):
        Message.objects.create(event_id=event, kind=Kind.RECEIPT, user=cast.officer)


@pytest.mark.django_db(transaction=True)
def test_posting_outside_a_transaction_is_refused(cast):
    with pytest.raises(transaction.TransactionManagementError):
        post(Kind.RECEIPT, an_event(cast))


@pytest.mark.django_db(transaction=True)
def test_what_is_posted_in_a_transaction_that_fails_is_not_owed(cast):
    with transaction.atomic():
        post(Kind.RECEIPT, an_event(cast))
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_post_to_asks_no_rule(cast):
    NotificationRule.objects.all().delete()
    with transaction.atomic():
        post_to(Kind.INVITATION, Event(id=uuid.uuid4()), [Recipient(user=cast.nurse)], channel=Channel.SMS)
    message = Message.objects.get()
    assert (message.user, message.channel, message.state) == (cast.nurse, Channel.SMS, State.PENDING)


@pytest.mark.parametrize(
    ("start", "end", "at", "leaves"),
    [
        ("22:00", "07:30", "23:15", "24 07:30"),
        ("22:00", "07:30", "06:00", "23 07:30"),
        ("22:00", "07:30", "07:30", None),
        ("22:00", "07:30", "12:00", None),
        ("12:00", "14:00", "13:59", "23 14:00"),
        ("12:00", "14:00", "14:00", None),
    ],
)
def test_quiet_time_ends_when_the_rule_says(start, end, at, leaves):
    rule = NotificationRule(quiet_from=datetime.time.fromisoformat(start), quiet_until=datetime.time.fromisoformat(end))
    now = datetime.datetime.combine(NOON.date(), datetime.time.fromisoformat(at), LONDON)
    end_of_it = quiet_end(rule, now)
    assert (f"{end_of_it:%d %H:%M}" if end_of_it else None) == leaves


def test_quiet_time_that_ends_in_the_night_the_clocks_go_back_ends_by_the_local_clock():
    rule = NotificationRule(quiet_from=datetime.time(22), quiet_until=datetime.time(7))
    saturday = datetime.datetime(2026, 10, 24, 23, 0, tzinfo=LONDON)
    assert quiet_end(rule, saturday).astimezone(datetime.UTC).hour == 7


def test_a_message_in_quiet_time_is_not_due_and_not_late(cast):
    NotificationRule.objects.filter(kind=Kind.RECEIPT).update(
        quiet_from=datetime.time(0, 0), quiet_until=datetime.time(23, 59)
    )
    event = an_event(cast)
    with transaction.atomic():
        post(Kind.RECEIPT, event, now=datetime.datetime.now(LONDON).replace(hour=0, minute=1))
    assert Message.objects.count() == 1
    assert not Message.objects.to_send().filter(available_at__gt=datetime.datetime.now(datetime.UTC)).exists()
    tomorrow = datetime.datetime.now(LONDON) + datetime.timedelta(days=1)
    Message.objects.update(available_at=tomorrow, due_since=tomorrow)
    assert not Message.objects.to_send().exists()
    assert not Message.objects.unsent().exists()


def test_acting_acknowledges_every_message_about_the_case(cast):
    event = an_event(cast)
    with transaction.atomic():
        post(Kind.REFERRAL_IMMEDIATE, event)
        post(Kind.RECEIPT, event)
    assert acknowledge(cast.coordinator, event.referral_id) == 1
    assert acknowledge(cast.coordinator, event.referral_id) == 0
    assert Message.objects.filter(acknowledged_at__isnull=False).get().user == cast.coordinator


# What reconcile may add --------------------------------------------------------------------------------------------


@pytest.fixture
def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def test_a_missing_message_is_written_and_one_that_is_there_is_left_alone(cast, now):
    event = an_event(cast)
    with transaction.atomic():
        post(Kind.REFERRAL_SUBMITTED, event)
    kept = Message.objects.get(user=cast.coordinator)
    Message.objects.filter(user=cast.coordinator2).delete()
    assert post_missing(Kind.REFERRAL_SUBMITTED, event, now) == 1
    assert post_missing(Kind.REFERRAL_SUBMITTED, event, now) == 0
    assert Message.objects.get(user=cast.coordinator) == kept


def test_a_coordinator_who_joined_later_is_owed_nothing(cast, now):
    event = an_event(cast)
    with transaction.atomic():
        post(Kind.REFERRAL_SUBMITTED, event)
    make_person("newcomer", Role.COORDINATOR, cast.partnership_team)
    assert post_missing(Kind.REFERRAL_SUBMITTED, event, now) == 0


def test_a_rule_that_was_changed_later_asks_for_nothing(cast, now):
    event = an_event(cast)
    with transaction.atomic():
        post(Kind.RECEIPT, event)
    NotificationRule.objects.create(kind=Kind.RECEIPT, audience=Audience.ALL_COORDINATORS)
    assert post_missing(Kind.RECEIPT, event, now) == 0


def test_a_case_that_changed_hands_does_not_tell_its_new_owner_of_old_news(cast, now):
    event = an_event(cast, owner=cast.coordinator)
    with transaction.atomic():
        post(Kind.INFORMATION_ANSWERED, event)
    later = Event(id=event.id, referral_id=event.referral_id, owner=cast.coordinator2)
    assert post_missing(Kind.INFORMATION_ANSWERED, later, now) == 0


def test_somebody_who_left_since_is_owed_nothing(cast, now):
    Membership.objects.filter(user=cast.coordinator2).update(ended_at=now)
    event = an_event(cast)
    assert post_missing(Kind.REFERRAL_SUBMITTED, event, now) == 1
    assert not ServiceState.objects.exists()
