"""The dead-man rule: a referral nobody has opened in time tells more people, once."""

import datetime
import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from partners.delivery import drain
from partners.models import Kind, Message, Partnership
from referrals.models import Referral
from referrals.statuses import Move
from referrals.tasks import escalate_all, escalate_unopened
from referrals.workflow import open_case, start_triage
from tests.conftest import submit_one

MINUTE = datetime.timedelta(minutes=1)


def came_in(referral: Referral, minutes_ago: int) -> None:
    Referral.objects.filter(pk=referral.pk).update(submitted_at=timezone.now() - minutes_ago * MINUTE)


def told(referral) -> int:
    return Message.objects.filter(referral_id=referral.id, kind=Kind.REFERRAL_UNOPENED).count()


@pytest.mark.parametrize(
    ("priority", "minutes", "escalated"),
    [("standard", 29, 0), ("standard", 31, 1), ("urgent", 29, 0), ("immediate", 9, 0), ("immediate", 11, 1)],
)
def test_after_half_an_hour_or_ten_minutes_in_danger(cast, priority, minutes, escalated):
    referral = submit_one(cast.officer, priority=priority)
    came_in(referral, minutes)
    assert escalate_all(timezone.now()) == escalated
    assert told(referral) == escalated * 3


def test_the_minutes_are_the_partnerships(cast, referral):
    Partnership.objects.update(unopened_minutes=120)
    came_in(referral, 60)
    assert escalate_all(timezone.now()) == 0


def test_it_happens_once(cast, referral):
    came_in(referral, 31)
    escalate_unopened()
    escalate_unopened()
    assert referral.events.filter(move=Move.ESCALATE).count() == 1
    assert told(referral) == 3


def test_what_somebody_opened_or_took_is_left_alone(cast):
    opened, taken = submit_one(cast.officer), submit_one(cast.officer)
    open_case(referral_id=opened.id, by=cast.coordinator)
    start_triage(referral_id=taken.id, by=cast.coordinator, version=1)
    for referral in (opened, taken):
        came_in(referral, 60)
    assert escalate_all(timezone.now()) == 0


def test_a_mail_that_was_accepted_and_swallowed_is_caught(cast, referral, sink):
    """The mail server took it and nobody saw it: only the unopened case tells."""
    drain()
    came_in(referral, 31)
    escalate_unopened()
    drain()
    assert len(sink.to(cast.coordinator.email)) == 2
    assert len(sink.to("duty@partnership-team.example.org")) == 1


def test_the_command_needs_no_broker(cast, referral, capsys):
    came_in(referral, 31)
    call_command("escalate")
    assert capsys.readouterr().out == "1 referrals escalated\n"


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_tell_people_once(cast):
    referrals = [submit_one(cast.officer) for _ in range(4)]
    for referral in referrals:
        came_in(referral, 31)
    counts: list[int] = []

    def go():
        try:
            counts.append(escalate_all(timezone.now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counts) == 4
    assert [told(referral) for referral in referrals] == [3, 3, 3, 3]
