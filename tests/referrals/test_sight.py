"""Who stops seeing, and stops hearing of, a referral: the ways in which it could have leaked or been forgotten."""

import datetime
import threading

import pytest
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from partners.models import Kind, Membership, Message, State, User
from partners.roles import Role
from referrals import disclose, workflow
from referrals.handover_states import DeclineReason, HandOverOutcome, HandOverStatus, OverrideReason, RevokeReason
from referrals.models import Exclusion, HandOver, NrmCase, Referral
from referrals.nrm_stages import NrmStage
from referrals.pathways import Pathway
from referrals.statuses import FeedbackBand, NextActor, Outcome, Status, WithdrawalReason
from referrals.submission import ConsentGiven
from referrals.tasks import write_missing_messages
from tests.conftest import make_organisation, make_person, submit_one

WHY = "The exploiter is on the way there"


def consents(**states):
    return [ConsentGiven(kind=kind, state=state) for kind, state in states.items()]


def in_triage(cast, by=None, **changes):
    referral = submit_one(by or cast.nurse, **changes)
    return workflow.start_triage(referral_id=referral.pk, by=cast.coordinator, version=referral.version)


def offer(cast, referral, to, pathway, **more):
    version = Referral.objects.get(pk=referral.pk).version
    offers = [workflow.Offer(to, pathway, **more)]
    return workflow.hand_over(referral_id=referral.pk, offers=offers, by=cast.coordinator, version=version)[0]


def accept(row, by):
    return workflow.accept(hand_over_id=row.pk, by=by, version=HandOver.objects.get(pk=row.pk).version)


def complete(row, by):
    return workflow.complete(hand_over_id=row.pk, by=by, version=row.version, outcome=HandOverOutcome.SUPPORT_GIVEN)


def close(cast, referral):
    version = Referral.objects.get(pk=referral.pk).version
    about = {"referral_id": referral.pk, "by": cast.coordinator, "version": version}
    workflow.close(**about, outcome=Outcome.SUPPORTED_LOCALLY, band=FeedbackBand.HELP_IN_PLACE)


def moves_to(user, organisation, role=Role.RESPONDER):
    Membership.objects.active().filter(user=user).update(ended_at=timezone.now())
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return User.objects.get(pk=user.pk)


def told(referral, kind, **more):
    rows = Message.objects.filter(referral_id=referral.pk, kind=kind, **more)
    return {row.user.email if row.user else row.organisation.slug for row in rows}


@pytest.fixture
def beacons(cast):
    """A hand-over that Beacon has accepted."""
    made = offer(cast, in_triage(cast), cast.beacon, Pathway.BEACON)
    return accept(made, cast.beacon_worker)


# --- Sight --------------------------------------------------------------------------------------------------------


def test_withdrawn_consent_takes_the_case_also_from_who_has_finished(cast, beacons):
    complete(beacons, cast.beacon_worker)
    workflow.record_consents(referral_id=beacons.referral_id, given=consents(beacon="withdrawn"), by=cast.nurse)
    assert HandOver.objects.get().status == HandOverStatus.REVOKED
    assert not Referral.objects.visible_to(cast.beacon_worker).exists()
    assert (Referral.objects.get().status, Referral.objects.get().next_actor) == (
        Status.IN_TRIAGE,
        NextActor.COORDINATOR,
    )


def test_the_answer_sheet_goes_with_the_consent_also_after_the_case_was_closed(cast):
    referral = in_triage(cast, consents=consents(nrm="given"))
    row = accept(offer(cast, referral, cast.constabulary, Pathway.NRM), cast.police_officer)
    complete(row, cast.police_officer)
    close(cast, referral)
    assert NrmCase.objects.visible_to(cast.police_officer).exists()
    workflow.record_consents(referral_id=referral.pk, given=consents(nrm="withdrawn"), by=cast.coordinator)
    assert not NrmCase.objects.visible_to(cast.police_officer).exists()
    assert Referral.objects.get().status == Status.CLOSED


def test_reopening_a_case_that_the_person_withdrew_shows_it_to_nobody_again(cast, beacons):
    complete(beacons, cast.beacon_worker)
    about = {"referral_id": beacons.referral_id, "by": cast.coordinator}
    version = Referral.objects.get().version
    workflow.withdraw(**about, version=version, reason=WithdrawalReason.CONSENT_WITHDRAWN)
    workflow.reopen(**about, version=Referral.objects.get().version)
    assert not Referral.objects.visible_to(cast.beacon_worker).exists()


def test_another_hand_over_to_the_first_responder_does_not_keep_the_answer_sheet_open(cast):
    referral = in_triage(cast, consents=consents(nrm="given", police="given"))
    for pathway in (Pathway.NRM, Pathway.POLICE):
        accept(offer(cast, referral, cast.constabulary, pathway), cast.police_officer)
    workflow.record_consents(referral_id=referral.pk, given=consents(nrm="withdrawn"), by=cast.nurse)
    assert HandOver.objects.seen_by(cast.police_officer).get().pathway == Pathway.POLICE
    assert not NrmCase.objects.visible_to(cast.police_officer).exists()


def test_what_was_read_before_it_was_taken_back_opens_nothing(cast, beacons):
    stale = HandOver.objects.select_related("referral").get()
    workflow.revoke(hand_over_id=stale.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    for opener in (disclose.open_limited, disclose.open_hand_over_notes):
        with pytest.raises(PermissionError):
            opener(stale, by=cast.beacon_worker)


def test_a_completed_hand_over_opens_nothing_once_the_case_is_closed_or_kept_from_it(cast, beacons):
    row = complete(beacons, cast.beacon_worker)
    assert disclose.open_limited(row, by=cast.beacon_worker)
    workflow.exclude(referral_id=row.referral_id, organisation=cast.beacon, reason="A relative", by=cast.coordinator)
    assert not HandOver.objects.seen_by(cast.beacon_worker).exists()
    Exclusion.objects.all().delete()
    close(cast, row.referral)
    with pytest.raises(PermissionError):
        disclose.open_limited(row, by=cast.beacon_worker)


def test_only_somebody_who_may_act_can_be_named(cast):
    referral = in_triage(cast)
    for who in (make_person("reader", Role.VIEWER, cast.beacon), make_person("gone", Role.RESPONDER, cast.beacon)):
        User.objects.filter(email__startswith="gone").update(is_active=False)
        with pytest.raises(workflow.Refused, match="does not work for"):
            offer(cast, referral, cast.beacon, Pathway.BEACON, responder=User.objects.get(pk=who.pk))


def test_a_named_person_who_has_left_does_not_get_what_a_colleague_accepts(cast):
    referral = in_triage(cast, consents=consents(nrm="given"))
    row = offer(cast, referral, cast.constabulary, Pathway.NRM, responder=cast.police_officer)
    moves_to(cast.police_officer, cast.beacon)
    stand_in = make_person("standin", Role.RESPONDER, cast.constabulary)
    assert accept(row, stand_in).responder == stand_in
    assert NrmCase.objects.visible_to(stand_in).exists()


# --- Consent and overrides ----------------------------------------------------------------------------------------


def test_a_reason_that_was_not_needed_does_not_keep_a_hand_over_when_the_consent_goes(cast):
    referral = in_triage(cast, consents=consents(police="given"))
    forced = {"override": OverrideReason.DANGER, "why": WHY}
    row = offer(cast, referral, cast.constabulary, Pathway.POLICE, **forced)
    assert (row.override_reason, row.notes.get().take_out()["text"]) == ("", WHY)
    workflow.record_consents(referral_id=referral.pk, given=consents(police="withdrawn"), by=cast.nurse)
    assert HandOver.objects.get().status == HandOverStatus.REVOKED


def test_the_same_offer_twice_is_refused_and_not_a_fault(cast):
    referral = in_triage(cast)
    offers = [workflow.Offer(cast.beacon, Pathway.BEACON)] * 2
    with pytest.raises(workflow.Refused, match="twice"):
        workflow.hand_over(referral_id=referral.pk, offers=offers, by=cast.coordinator, version=referral.version)


def test_after_a_withdrawal_a_reopened_case_rests_on_nothing_that_was_given_before(cast):
    referral = in_triage(cast)
    about = {"referral_id": referral.pk, "by": cast.coordinator}
    workflow.withdraw(**about, version=referral.version, reason=WithdrawalReason.CONSENT_WITHDRAWN)
    workflow.reopen(**about, version=Referral.objects.get().version)
    with pytest.raises(workflow.Refused, match="consent"):
        offer(cast, referral, cast.beacon, Pathway.BEACON)


def test_there_is_one_first_responder_at_a_time(cast):
    referral = in_triage(cast, by=cast.officer, consents=consents(nrm="given"))
    first = offer(cast, referral, cast.constabulary, Pathway.NRM)
    second = offer(cast, referral, cast.council, Pathway.NRM)
    accept(first, cast.police_officer)
    with pytest.raises(workflow.Refused, match="Another first responder"):
        accept(second, cast.lead)
    workflow.revoke(hand_over_id=second.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    with pytest.raises(workflow.Refused, match="Constabulary has accepted it as first responder"):
        offer(cast, referral, cast.council, Pathway.NRM)
    assert NrmCase.objects.get().first_responder == cast.police_officer


# --- Who is told --------------------------------------------------------------------------------------------------


def test_a_clock_of_the_nrm_is_not_told_to_who_has_lost_the_case_or_left(cast):
    referral = in_triage(cast, consents=consents(nrm="given"))
    row = accept(offer(cast, referral, cast.constabulary, Pathway.NRM), cast.police_officer)
    NrmCase.objects.update(next_clock="draft_warning", next_on=timezone.localdate())
    moves_to(cast.police_officer, cast.hospital)
    workflow.tell_of_clock(referral_id=referral.pk, today=timezone.localdate())
    assert told(referral, Kind.NRM_CLOCK) == {cast.coordinator.email, "constabulary"}
    workflow.revoke(hand_over_id=row.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    Message.objects.all().delete()
    NrmCase.objects.update(next_clock="draft_expires", next_on=timezone.localdate())
    workflow.tell_of_clock(referral_id=referral.pk, today=timezone.localdate())
    assert told(referral, Kind.NRM_CLOCK) == {cast.coordinator.email}


def test_a_referrer_who_works_elsewhere_now_is_told_nothing_and_asked_nothing(cast):
    referral = in_triage(cast)
    moves_to(cast.nurse, cast.beacon)
    offer(cast, referral, cast.constabulary, Pathway.CHILDRENS_SERVICES)
    assert not told(referral, Kind.PASSED_ON)
    version = Referral.objects.get().version
    about = {"referral_id": referral.pk, "by": cast.coordinator, "version": version}
    with pytest.raises(workflow.Refused, match="does not work there"):
        workflow.request_information(**about, question="Which shift?")


def test_news_for_an_owner_who_has_gone_reaches_another_coordinator(cast, beacons):
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    reason = DeclineReason.NO_CAPACITY
    workflow.decline(hand_over_id=beacons.pk, reason=reason, by=cast.beacon_worker, version=beacons.version)
    assert told(beacons.referral, Kind.HAND_OVER_DECLINED) == {cast.coordinator2.email}


def test_news_of_a_closed_case_passes_by_an_owner_who_must_not_know(cast):
    elsewhere = make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    referral = submit_one(cast.nurse)
    workflow.start_triage(referral_id=referral.pk, by=elsewhere, version=1)
    close(cast, referral)
    workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
    workflow.record_consents(referral_id=referral.pk, given=consents(beacon="withdrawn"), by=cast.nurse)
    assert told(referral, Kind.CONSENT_CHANGED) == {cast.coordinator.email, cast.coordinator2.email}


def test_a_case_is_not_given_to_a_coordinator_who_must_not_know(cast):
    elsewhere = make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    referral = in_triage(cast, exclude=["beacon"], exclude_reason="Close")
    with pytest.raises(workflow.NotAllowed):
        workflow.assign(referral_id=referral.pk, to=elsewhere, by=cast.coordinator, version=referral.version)


def test_an_exclusion_stops_what_is_on_its_way_to_a_coordinator_there(cast):
    elsewhere = make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    referral = submit_one(cast.nurse)
    assert elsewhere.email in told(referral, Kind.REFERRAL_SUBMITTED, state=State.PENDING)
    workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
    assert elsewhere.email not in told(referral, Kind.REFERRAL_SUBMITTED, state=State.PENDING)
    assert cast.coordinator.email in told(referral, Kind.REFERRAL_SUBMITTED, state=State.PENDING)


def test_lifting_an_exclusion_tells_nobody_of_old_news(cast):
    make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    referral = submit_one(cast.nurse, exclude=["beacon"], exclude_reason="Close")
    workflow.lift_exclusion(exclusion_id=referral.exclusions.get().pk, by=cast.coordinator)
    assert write_missing_messages(timezone.now()) == 0


def test_what_a_lead_accepts_is_not_taken_for_a_message_that_was_forgotten(cast):
    made = make_organisation("small", receives_referrals=True)
    lead = make_person("small-lead", Role.LEAD, made)
    accept(offer(cast, in_triage(cast), made, Pathway.BEACON), lead)
    assert write_missing_messages(timezone.now()) == 0


def test_taking_one_thing_back_leaves_the_message_of_another(cast):
    referral = in_triage(cast)
    row = offer(cast, referral, cast.beacon, Pathway.BEACON)
    other = offer(cast, referral, cast.beacon, Pathway.CHILDRENS_SERVICES)
    workflow.revoke(hand_over_id=row.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    waiting = Message.objects.filter(kind=Kind.HAND_OVER_OFFERED, state=State.PENDING)
    event = referral.events.get(move="hand_over", facts__hand_over=str(other.pk))
    assert set(waiting.values_list("event_id", flat=True)) == {event.pk}


def test_what_was_declined_is_not_announced_any_more(cast):
    row = offer(cast, in_triage(cast), cast.beacon, Pathway.BEACON)
    workflow.decline(hand_over_id=row.pk, reason=DeclineReason.OTHER, by=cast.beacon_worker, version=1)
    assert not Message.objects.filter(kind=Kind.HAND_OVER_OFFERED, state=State.PENDING).exists()


# --- The NRM ------------------------------------------------------------------------------------------------------


def record(referral, stage, by, days_ago=0):
    on = timezone.localdate() - datetime.timedelta(days=days_ago)
    version = NrmCase.objects.get().version
    return workflow.record_stage(referral_id=referral.pk, stage=stage, on=on, by=by, version=version)


def test_somebody_who_declined_and_consents_later_gets_a_referral_with_stages_of_its_own(cast):
    referral = in_triage(cast, consents=consents(nrm="refused"))
    row = accept(offer(cast, referral, cast.constabulary, Pathway.DUTY_TO_NOTIFY), cast.police_officer)
    record(referral, NrmStage.NOTIFIED, cast.police_officer)
    workflow.complete(
        hand_over_id=row.pk,
        by=cast.police_officer,
        version=HandOver.objects.get().version,
        outcome=HandOverOutcome.NOTIFIED,
    )
    workflow.record_consents(referral_id=referral.pk, given=consents(nrm="given"), by=cast.nurse)
    accept(offer(cast, referral, cast.constabulary, Pathway.NRM), cast.police_officer)
    assert record(referral, NrmStage.SUBMITTED, cast.police_officer).stage == NrmStage.SUBMITTED


def test_a_clock_that_runs_out_before_one_that_was_told_of_is_told_of_too(cast):
    referral = in_triage(cast, consents=consents(nrm="given"))
    accept(offer(cast, referral, cast.constabulary, Pathway.NRM), cast.police_officer)
    NrmCase.objects.update(
        told_of_clock="2099-01-01 outcome_chase",
        stage=NrmStage.SUBMITTED,
        began={"submitted": (timezone.localdate() - datetime.timedelta(days=9)).isoformat()},
    )
    case = record(referral, NrmStage.RG_NEGATIVE, cast.police_officer, days_ago=2)
    assert case.next_clock == "reconsideration"


# --- Two at once --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_case_while_it_is_kept_from_them_does_not_get_it(cast):
    elsewhere = make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    referral, outcome = submit_one(cast.nurse), []

    def write():
        try:
            workflow.add_note(referral_id=referral.pk, by=elsewhere, text="I have it")
            outcome.append("written")
        except Referral.DoesNotExist:
            outcome.append("not there")
        finally:
            close_old_connections()
            connection.close()

    other = threading.Thread(target=write)
    with transaction.atomic():
        workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
        other.start()
        wait_until_somebody_waits()
    other.join(10)
    assert outcome == ["not there"]


def wait_until_somebody_waits() -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("nobody waits for the lock")
