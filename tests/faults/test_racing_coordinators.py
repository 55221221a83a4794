"""Several people act on one referral in the same instant: one wins, the others are told, nothing is lost (R11)."""

import threading
import time

import pytest
from django.db import connection, transaction

from partners.models import Kind, Message
from referrals import workflow
from referrals.handover_states import HandOverStatus, RevokeReason
from referrals.models import HandOver, Referral
from referrals.pathways import Pathway
from referrals.statuses import Move, NextActor, Status
from referrals.submission import ConsentGiven
from referrals.workflow import ChangedMeanwhile, answer_information, assign, request_information, start_triage
from tests.conftest import submit_one
from tests.faults.test_one_draft_many_clicks import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
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


def test_of_eight_who_give_the_same_four_away_one_does_and_nobody_waits_for_ever(cast):
    rows = [submit_one(cast.officer) for _ in range(4)]
    for row in rows:
        start_triage(referral_id=row.pk, by=cast.coordinator, version=1)
    lot, people = [workflow.Chosen(row.pk, 2) for row in rows], [cast.coordinator, cast.coordinator2]

    def give(number: int) -> list[Referral]:
        some = lot[:: 1 if number % 2 else -1][: 4 - number % 2]
        return workflow.assign_together(chosen=some, to=cast.coordinator2, by=people[number % 2])

    results = all_at_once(give, 8)
    won = [result for result in results if isinstance(result, list)]
    assert len(won) == 1
    assert [type(result) for result in results if result not in won] == [workflow.NotTogether] * 7
    assert Referral.objects.filter(owner=cast.coordinator2, version=3).count() == len(won[0])


def offered(cast) -> HandOver:
    referral = submit_one(cast.officer)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    offers = [workflow.Offer(cast.beacon, Pathway.BEACON)]
    return workflow.hand_over(referral_id=referral.id, offers=offers, by=cast.coordinator, version=2)[0]


def test_of_twenty_who_accept_at_once_one_has_it_and_nineteen_are_told_who(cast):
    made, people = offered(cast), [cast.beacon_worker, cast.beacon_worker2]
    results = all_at_once(lambda n: workflow.accept(hand_over_id=made.pk, by=people[n % 2], version=1), RACERS)
    late = [result for result in results if isinstance(result, workflow.TakenMeanwhile)]
    assert len(late) == RACERS - 1
    winner = HandOver.objects.get().accepted_by
    assert {error.hand_over.accepted_by for error in late} == {winner}
    assert Message.objects.filter(kind=Kind.HAND_OVER_ACCEPTED).count() == 1


def test_accepting_and_withdrawing_consent_at_once_end_in_a_stub_whoever_comes_first(cast):
    made = offered(cast)
    given = [ConsentGiven(kind="beacon", state="withdrawn")]

    def act(n: int) -> object:
        if n % 2:
            return workflow.accept(hand_over_id=made.pk, by=cast.beacon_worker, version=1)
        return workflow.record_consents(referral_id=made.referral_id, given=given, by=cast.officer)

    all_at_once(act, 10)
    assert HandOver.objects.get().status == HandOverStatus.REVOKED
    referral = Referral.objects.get()
    assert (referral.status, referral.next_actor) == (Status.IN_TRIAGE, NextActor.COORDINATOR)
    assert not Referral.objects.visible_to(cast.beacon_worker).exists()


def test_chasing_revoking_and_opening_at_once_never_stand_in_each_others_way(cast):
    made = offered(cast)
    due = made.chase_at

    def act(n: int) -> object:
        if n % 3 == 0:
            return workflow.chase(hand_over_id=made.pk, now=due)
        if n % 3 == 1:
            return workflow.open_hand_over(hand_over_id=made.pk, by=cast.beacon_worker)
        return workflow.revoke(hand_over_id=made.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)

    results = all_at_once(act, 12)
    assert not [result for result in results if "deadlock" in str(result)]
    assert HandOver.objects.get().status == HandOverStatus.REVOKED
