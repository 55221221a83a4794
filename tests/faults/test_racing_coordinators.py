"""Several people act on one referral in the same instant: one wins, the others are told, nothing is lost (R11)."""

import threading
import time

import pytest
from django.db import connection, transaction

from partners.models import Kind, Message
from referrals.models import Referral
from referrals.statuses import Move
from referrals.workflow import ChangedMeanwhile, answer_information, assign, request_information, start_triage
from tests.conftest import submit_one
from tests.faults.test_one_draft_many_clicks import all_at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
RACERS = 20


def test_of_twenty_coordinators_who_take_one_referral_one_has_it_and_nineteen_are_told(cast):
    referral = submit_one(cast.officer)
    people = [cast.coordinator, cast.coordinator2]
    results = all_at_once(lambda n: start_triage(referral_id=referral.id, by=people[n % 2], version=1), RACERS)
    told = [result for result in results if isinstance(result, ChangedMeanwhile)]
    assert len(told) == RACERS - 1
    assert {tuple(event.move for event in error.since) for error in told} == {(Move.START_TRIAGE,)}
    assert Referral.objects.get().events.filter(move=Move.START_TRIAGE).count() == 1
    assert Message.objects.filter(kind=Kind.TRIAGE_STARTED).count() == 1


def test_an_answer_that_waits_for_an_assignment_goes_to_the_new_owner_alone(cast):
    referral = submit_one(cast.officer)
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=1)
    failed = []

    def answer() -> None:
        try:
            answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    waiting = threading.Thread(target=answer)
    with transaction.atomic():
        assign(referral_id=referral.id, to=cast.coordinator2, by=cast.coordinator, version=2)
        waiting.start()
        time.sleep(0.5)  # until it stands at the lock
    waiting.join(20)
    assert failed == []
    told = Message.objects.filter(kind=Kind.INFORMATION_ANSWERED).values_list("user__email", flat=True)
    assert list(told) == [cast.coordinator2.email]
