"""Somebody is given work while their membership is being ended: it is refused, or they stay. Nothing slips through."""

import threading
import time

import pytest
from django.db import connection, transaction

from partners import accounts
from partners.absences import record_absence
from partners.accounts import MustBeHandedOn
from partners.models import Absence, User
from referrals import workflow
from referrals.models import HandOver, Referral
from referrals.pathways import Pathway
from tests.conftest import submit_one
from tests.faults.test_one_draft_many_clicks import all_at_once
from tests.referrals.handing import handed, taken

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def fresh(user: User) -> User:
    """As another request reads the account."""
    return User.objects.get(pk=user.pk)


def behind(first, second) -> list:
    """What `second` gives or raises when it comes while the transaction of `first` is still open."""
    results: list = []

    def run() -> None:
        try:
            results.append(second())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    waiting = threading.Thread(target=run)
    with transaction.atomic():
        first()
        waiting.start()
        time.sleep(0.4)  # until it stands at the lock
        assert results == []
    waiting.join(20)
    return results


def end(cast, user: User):
    return accounts.end_membership(by=fresh(cast.coordinator), membership=fresh(user).membership)


def test_an_ending_that_waits_for_an_assignment_is_refused(cast):
    referral = taken(cast)
    given = {"referral_id": referral.pk, "to": fresh(cast.coordinator2), "by": cast.coordinator}
    results = behind(lambda: workflow.assign(version=referral.version, **given), lambda: end(cast, cast.coordinator2))
    assert isinstance(results[0], MustBeHandedOn)
    assert Referral.objects.get().owner == cast.coordinator2
    assert fresh(cast.coordinator2).role == "coordinator"


def test_an_assignment_that_waits_for_an_ending_is_refused(cast):
    referral, remembered = taken(cast), fresh(cast.coordinator2)
    assert remembered.role == "coordinator"
    given = {"referral_id": referral.pk, "to": remembered, "by": cast.coordinator, "version": referral.version}
    results = behind(lambda: end(cast, cast.coordinator2), lambda: workflow.assign(**given))
    assert isinstance(results[0], workflow.NotAllowed)
    assert Referral.objects.get().owner == cast.coordinator


def test_who_takes_a_referral_while_they_are_being_ended_does_not_get_it(cast):
    referral, remembered = submit_one(cast.officer), fresh(cast.coordinator2)
    assert remembered.role == "coordinator"
    take = {"referral_id": referral.pk, "by": remembered, "version": 1}
    results = behind(lambda: end(cast, cast.coordinator2), lambda: workflow.start_triage(**take))
    assert isinstance(results[0], workflow.NotAllowed)
    assert Referral.objects.get().owner is None


def test_who_accepts_while_they_are_being_ended_does_not_get_it(cast):
    made, remembered = handed(cast, taken(cast), cast.beacon), fresh(cast.beacon_worker)
    assert remembered.role == "responder"
    results = behind(
        lambda: end(cast, cast.beacon_worker),
        lambda: workflow.accept(hand_over_id=made.pk, by=remembered, version=1),
    )
    assert isinstance(results[0], workflow.NotAllowed | HandOver.DoesNotExist)
    assert HandOver.objects.get().responder is None


def test_an_ending_that_waits_for_an_acceptance_is_refused(cast):
    made = handed(cast, taken(cast), cast.beacon)
    results = behind(
        lambda: workflow.accept(hand_over_id=made.pk, by=cast.beacon_worker, version=1),
        lambda: end(cast, cast.beacon_worker),
    )
    assert isinstance(results[0], MustBeHandedOn)


def test_whoever_is_named_while_they_are_being_ended_is_refused(cast):
    made, remembered = handed(cast, taken(cast), cast.beacon), fresh(cast.beacon_worker)
    results = behind(
        lambda: end(cast, cast.beacon_worker),
        lambda: workflow.name_responder(hand_over_id=made.pk, responder=remembered, by=cast.coordinator),
    )
    assert isinstance(results[0], workflow.Refused)
    assert HandOver.objects.get().responder is None


def test_many_assignments_and_endings_at_once_leave_no_referral_with_somebody_who_is_gone(cast):
    referrals = [taken(cast) for _ in range(ROUNDS)]

    def act(n: int) -> object:
        if n == ROUNDS // 2:
            return end(cast, cast.coordinator2)
        referral, to = referrals[n % ROUNDS], fresh(cast.coordinator2)
        return workflow.assign(referral_id=referral.pk, to=to, by=fresh(cast.coordinator), version=referral.version)

    results = all_at_once(act, ROUNDS)
    assert not [result for result in results if "deadlock" in str(result)]
    gone = fresh(cast.coordinator2).role is None
    assert gone != Referral.objects.filter(owner=cast.coordinator2).exists()


def test_two_who_hand_on_to_each_other_and_leave_at_once_do_not_wait_in_a_circle(cast):
    """One of them goes; the other has everything, or is refused: no referral is left with somebody who is gone."""
    mine = taken(cast)
    workflow.assign(referral_id=taken(cast).pk, to=cast.coordinator2, by=cast.coordinator, version=2)
    people = [cast.coordinator, cast.coordinator2]

    def leave(n: int) -> object:
        user, to = fresh(people[n]), fresh(people[1 - n])
        with transaction.atomic():
            accounts.hand_on(by=user, user=user, to=to)
            return accounts.end_membership(by=user, membership=user.membership)

    results = all_at_once(leave, 2)
    assert not [result for result in results if "deadlock" in str(result)]
    here = [user for user in people if fresh(user).role]
    assert len(here) == 1
    assert set(Referral.objects.values_list("owner", flat=True)) == {here[0].pk}
    assert mine.pk


def test_two_who_name_each_other_as_cover_at_once_are_not_both_away(cast):
    day = Absence._meta.get_field("starts_on").to_python("2030-01-10")
    people = [cast.coordinator, cast.coordinator2]

    def leave(n: int) -> object:
        user, cover = fresh(people[n % 2]), fresh(people[1 - n % 2])
        return record_absence(by=user, user=user, cover=cover, starts_on=day, ends_on=day)

    results = all_at_once(leave, 8)
    assert sum(isinstance(result, Absence) for result in results) == 1
    assert Absence.objects.count() == 1


def test_offers_that_name_somebody_who_is_being_ended_are_refused(cast):
    referral, remembered = taken(cast), fresh(cast.beacon_worker)
    offers = [workflow.Offer(cast.beacon, Pathway.BEACON, responder=remembered)]
    given = {"referral_id": referral.pk, "offers": offers, "by": cast.coordinator, "version": referral.version}
    results = behind(lambda: end(cast, cast.beacon_worker), lambda: workflow.hand_over(**given))
    assert isinstance(results[0], workflow.Refused)
    assert not HandOver.objects.exists()
