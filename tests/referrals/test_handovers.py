"""Hand-overs: who is asked, who sees what, who is told, and whose move it is."""

import datetime

import pytest
from django.utils import timezone

from partners.models import Kind, Message, Standing, User
from partners.roles import Role
from referrals import disclose, workflow
from referrals.handover_states import (
    DeclineReason,
    HandOverMoveNotAllowed,
    HandOverOutcome,
    HandOverStatus,
    OverrideReason,
    RevokeReason,
)
from referrals.models import Exclusion, HandOver, NrmCase, Referral
from referrals.nrm_stages import NrmStage, StageNotAllowed
from referrals.pathways import Pathway
from referrals.statuses import FeedbackBand, Move, NextActor, Outcome, Status, WithdrawalReason
from referrals.submission import ConsentGiven
from tests.conftest import CANARY_NAME, CANARY_PLACE, make_organisation, make_person, submit_one


def told(referral, kind):
    rows = Message.objects.filter(referral_id=referral.id, kind=kind)
    return {row.user.email if row.user else row.organisation.slug for row in rows}


def in_triage(by, coordinator, **changes):
    referral = submit_one(by, **changes)
    return workflow.start_triage(referral_id=referral.pk, by=coordinator, version=referral.version)


def offer(referral, by, organisation, pathway=Pathway.BEACON, **more):
    fresh = Referral.objects.get(pk=referral.pk)
    offers = [workflow.Offer(organisation, pathway, **more)]
    return workflow.hand_over(referral_id=referral.pk, offers=offers, by=by, version=fresh.version)[0]


def consents(**states):
    return [ConsentGiven(kind=kind, state=state) for kind, state in states.items()]


@pytest.fixture
def taken(cast):
    return in_triage(cast.officer, cast.coordinator)


@pytest.fixture
def offered(cast, taken):
    return offer(taken, cast.coordinator, cast.beacon)


@pytest.fixture
def accepted(cast, offered):
    return workflow.accept(hand_over_id=offered.pk, by=cast.beacon_worker, version=offered.version)


def test_offering_tells_the_organisation_and_the_referrer_and_waits_for_the_partner(cast, offered):
    referral = Referral.objects.get(pk=offered.referral_id)
    assert (referral.status, referral.next_actor) == (Status.WITH_PARTNERS, NextActor.PARTNER)
    assert referral.due_at == offered.due_at
    assert told(referral, Kind.HAND_OVER_OFFERED) == {"beacon", cast.beacon_worker.email, cast.beacon_worker2.email}
    assert told(referral, Kind.PASSED_ON) == {cast.officer.email}


def test_only_the_receiving_organisation_and_coordinators_see_a_hand_over(cast, offered):
    seen_by = {name for name, user in cast.people.items() if HandOver.objects.visible_to(user).exists()}
    assert seen_by == {"beacon_worker", "beacon_worker2", "coordinator", "coordinator2"}


def test_an_organisation_sees_coded_facts_until_it_accepts(cast, offered):
    with pytest.raises(PermissionError):
        disclose.open_limited(offered, by=cast.beacon_worker)


def test_beacon_sees_who_the_person_is_and_neither_the_account_nor_where_they_are(cast, accepted):
    secret, location = disclose.open_limited(accepted, by=cast.beacon_worker)
    assert secret["person"]["given_names"] == CANARY_NAME
    assert "account" not in secret
    assert CANARY_PLACE not in str(location)


def test_the_first_of_two_people_wins_and_the_other_is_told_by_whom(cast, offered):
    workflow.accept(hand_over_id=offered.pk, by=cast.beacon_worker, version=1)
    with pytest.raises(workflow.TakenMeanwhile) as late:
        workflow.accept(hand_over_id=offered.pk, by=cast.beacon_worker2, version=1)
    assert late.value.hand_over.accepted_by == cast.beacon_worker


def test_declining_takes_sight_away_and_gives_the_coordinator_the_move(cast, accepted):
    workflow.decline(
        hand_over_id=accepted.pk, reason=DeclineReason.NO_CAPACITY, by=cast.beacon_worker, version=accepted.version
    )
    referral = Referral.objects.get(pk=accepted.referral_id)
    assert (referral.status, referral.next_actor) == (Status.IN_TRIAGE, NextActor.COORDINATOR)
    assert not Referral.objects.visible_to(cast.beacon_worker).exists()
    stub = HandOver.objects.visible_to(cast.beacon_worker).get()
    with pytest.raises(PermissionError):
        disclose.open_limited(stub, by=cast.beacon_worker)
    assert told(referral, Kind.HAND_OVER_DECLINED) == {cast.coordinator.email}


def test_a_question_of_a_partner_is_the_coordinators_move_and_the_answer_gives_it_back(cast, accepted):
    asked = workflow.ask_coordinator(
        hand_over_id=accepted.pk, question="Which language?", by=cast.beacon_worker, version=accepted.version
    )
    referral = Referral.objects.get(pk=accepted.referral_id)
    assert (asked.status, referral.next_actor) == (HandOverStatus.MORE_INFORMATION, NextActor.COORDINATOR)
    answered = workflow.answer_partner(hand_over_id=accepted.pk, answer="Ruritanian", by=cast.coordinator)
    referral.refresh_from_db()
    assert (answered.status, referral.next_actor) == (HandOverStatus.ACCEPTED, NextActor.PARTNER)
    texts = [text for _, text in disclose.open_hand_over_notes(answered, by=cast.beacon_worker)]
    assert texts == ["Which language?", "Ruritanian"]


def test_a_partners_question_reaches_the_coordinator_even_while_the_referrer_has_the_move(cast, accepted):
    referral = Referral.objects.get(pk=accepted.referral_id)
    workflow.request_information(
        referral_id=referral.pk, question="Which days?", by=cast.coordinator, version=referral.version
    )
    assert not Referral.objects.waiting_for(cast.coordinator, timezone.now()).exists()
    workflow.ask_coordinator(
        hand_over_id=accepted.pk, question="Which language?", by=cast.beacon_worker, version=accepted.version
    )
    assert Referral.objects.waiting_for(cast.coordinator, timezone.now()).exists()


def test_the_cases_of_a_suspended_coordinator_wait_for_every_other(cast, taken):
    assert not Referral.objects.waiting_for(cast.coordinator2, timezone.now()).exists()
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    reader = User.objects.get(pk=cast.coordinator2.pk)  # as in another request
    assert Referral.objects.waiting_for(reader, timezone.now()).exists()


def test_nobody_rings_about_a_hand_over_that_has_ended(cast, offered):
    workflow.revoke(hand_over_id=offered.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    with pytest.raises(workflow.Refused, match="has ended"):
        workflow.record_ringing(hand_over_id=offered.pk, reached=True, by=cast.coordinator)


def test_the_sheet_opens_for_nobody_else_whoever_asks(cast, nrm):
    with pytest.raises(PermissionError):
        disclose.open_sheet(nrm, by=cast.nurse)


def test_before_it_accepts_an_organisation_is_not_told_a_name_in_an_answer(cast, offered):
    opened = workflow.open_hand_over(hand_over_id=offered.pk, by=cast.beacon_worker)
    workflow.ask_coordinator(
        hand_over_id=opened.pk, question="Who is it?", by=cast.beacon_worker, version=opened.version
    )
    with pytest.raises(workflow.NamesThePerson):
        workflow.answer_partner(hand_over_id=opened.pk, answer=f"It is {CANARY_NAME}", by=cast.coordinator)


def test_completing_gives_the_coordinator_the_move_and_closing_is_then_possible(cast, accepted):
    with pytest.raises(workflow.Refused, match="Still open with Beacon"):
        close(accepted.referral_id, cast.coordinator)
    workflow.complete(
        hand_over_id=accepted.pk, outcome=HandOverOutcome.SUPPORT_GIVEN, by=cast.beacon_worker, version=accepted.version
    )
    referral = Referral.objects.get(pk=accepted.referral_id)
    assert (referral.status, referral.next_actor) == (Status.WITH_PARTNERS, NextActor.COORDINATOR)
    assert close(referral.pk, cast.coordinator).status == Status.CLOSED


def close(referral_id, by):
    version = Referral.objects.get(pk=referral_id).version
    return workflow.close(
        referral_id=referral_id,
        outcome=Outcome.SUPPORTED_LOCALLY,
        band=FeedbackBand.HELP_IN_PLACE,
        by=by,
        version=version,
    )


def test_what_has_ended_cannot_be_accepted(cast, offered):
    workflow.revoke(hand_over_id=offered.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    stub = HandOver.objects.get(pk=offered.pk)
    with pytest.raises(HandOverMoveNotAllowed):
        workflow.accept(hand_over_id=stub.pk, by=cast.beacon_worker, version=stub.version)


def test_nobody_accepts_in_the_name_of_another_organisation(cast, offered):
    with pytest.raises(HandOver.DoesNotExist):
        workflow.accept(hand_over_id=offered.pk, by=cast.police_officer, version=1)
    with pytest.raises(workflow.NotAllowed):
        workflow.accept(hand_over_id=offered.pk, by=cast.coordinator, version=1)


def test_a_hand_over_needs_the_consent_of_its_pathway(cast, taken):
    with pytest.raises(workflow.Refused, match="consent"):
        offer(taken, cast.coordinator, cast.constabulary, Pathway.NRM)
    assert not HandOver.objects.exists()


def test_a_coordinator_may_override_missing_consent_with_a_reason_that_is_kept(cast, taken):
    with pytest.raises(workflow.Refused, match="15 characters"):
        offer(taken, cast.coordinator, cast.constabulary, Pathway.POLICE, override=OverrideReason.DANGER, why="short")
    why = "The exploiter is on the way to the address"
    made = offer(taken, cast.coordinator, cast.constabulary, Pathway.POLICE, override=OverrideReason.DANGER, why=why)
    event = taken.events.filter(move=Move.HAND_OVER).get()
    assert (made.override_reason, event.facts["override"]) == ("danger", "danger")
    assert made.notes.get(kind="override").take_out()["text"] == why


def test_closed_organisations_and_those_that_take_no_referrals_are_refused(cast, taken):
    gone = make_organisation("gone", receives_referrals=True, ends_on=datetime.date(2020, 1, 1))
    with pytest.raises(workflow.Refused, match="closed"):
        offer(taken, cast.coordinator, gone)
    with pytest.raises(workflow.Refused, match="cannot be handed"):
        offer(taken, cast.coordinator, cast.hospital)


def test_only_a_first_responder_organisation_gets_the_nrm(cast):
    taken = in_triage(cast.officer, cast.coordinator, consents=consents(nrm="given"))
    with pytest.raises(workflow.Refused, match="not a first responder"):
        offer(taken, cast.coordinator, cast.beacon, Pathway.NRM)
    cast.constabulary.standings.filter(kind=Standing.Kind.FIRST_RESPONDER).update(ends_on="2020-01-01")
    with pytest.raises(workflow.Refused, match="not a first responder"):
        offer(taken, cast.coordinator, cast.constabulary, Pathway.NRM)


def test_a_duty_to_notify_is_never_made_about_a_child(cast):
    taken = in_triage(cast.nurse, cast.coordinator, age_group="unsure")
    with pytest.raises(workflow.Refused, match="never made about a child"):
        offer(taken, cast.coordinator, cast.constabulary, Pathway.DUTY_TO_NOTIFY)


def test_withdrawn_consent_revokes_at_once_and_leaves_a_stub(cast, accepted):
    given = consents(beacon="withdrawn")
    workflow.record_consents(referral_id=accepted.referral_id, given=given, by=cast.officer)
    stub = HandOver.objects.visible_to(cast.beacon_worker).get()
    assert (stub.status, stub.revoke_reason) == (HandOverStatus.REVOKED, RevokeReason.CONSENT_WITHDRAWN)
    assert not Referral.objects.visible_to(cast.beacon_worker).exists()
    referral = Referral.objects.get(pk=accepted.referral_id)
    assert (referral.status, referral.next_actor) == (Status.IN_TRIAGE, NextActor.COORDINATOR)
    assert told(referral, Kind.CONSENT_CHANGED) == {cast.coordinator.email}
    assert "beacon" in told(referral, Kind.HAND_OVER_REVOKED)


def test_somebody_who_is_not_on_the_case_cannot_record_a_consent(cast, offered):
    for who in (cast.beacon_worker, cast.police_officer, cast.lead):
        with pytest.raises((workflow.NotAllowed, Referral.DoesNotExist)):
            workflow.record_consents(referral_id=offered.referral_id, given=consents(beacon="given"), by=who)


def test_withdrawing_the_referral_takes_every_hand_over_back(cast, accepted):
    referral = Referral.objects.get(pk=accepted.referral_id)
    workflow.withdraw(
        referral_id=referral.pk, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=referral.version
    )
    assert HandOver.objects.get().status == HandOverStatus.REVOKED


# --- Do not share ------------------------------------------------------------------------------------------------


def test_an_excluded_organisation_loses_everything_without_a_word(cast, accepted):
    Message.objects.all().delete()
    workflow.exclude(
        referral_id=accepted.referral_id, organisation=cast.beacon, reason="A relative works there", by=cast.coordinator
    )
    for user in (cast.beacon_worker, cast.beacon_worker2):
        assert not HandOver.objects.visible_to(user).exists()
        assert not Referral.objects.visible_to(user).exists()
    assert not Message.objects.filter(kind=Kind.HAND_OVER_REVOKED).exists()


def test_an_excluded_organisation_is_refused_with_the_words_of_any_other(cast, taken):
    workflow.exclude(
        referral_id=taken.pk, organisation=cast.beacon, reason="A relative works there", by=cast.coordinator
    )
    with pytest.raises(workflow.Refused) as excluded:
        offer(taken, cast.coordinator, cast.beacon)
    with pytest.raises(workflow.Refused) as other:
        offer(taken, cast.coordinator, cast.hospital)
    assert str(excluded.value).replace("Beacon", "") == str(other.value).replace("Hospital", "")


def test_the_lead_of_an_excluded_organisation_does_not_see_it_but_who_logged_it_does(cast, taken):
    workflow.exclude(
        referral_id=taken.pk, organisation=cast.council, reason="A relative works there", by=cast.coordinator
    )
    assert not Referral.objects.visible_to(cast.lead).exists()
    assert Referral.objects.visible_to(cast.officer).exists()


def test_a_referral_is_never_kept_from_the_last_coordinators(cast, taken):
    with pytest.raises(workflow.Refused, match="You work there"):
        workflow.exclude(referral_id=taken.pk, organisation=cast.partnership_team, reason="Close", by=cast.coordinator)
    elsewhere = make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    with pytest.raises(workflow.Refused, match="No coordinator outside"):
        workflow.exclude(referral_id=taken.pk, organisation=cast.partnership_team, reason="Close", by=elsewhere)
    left = submit_one(cast.officer, exclude=["partnership-team", "beacon"], exclude_reason="Close")
    assert [row.organisation for row in left.exclusions.all()] == [cast.beacon]


def test_a_coordinator_of_an_excluded_organisation_gives_the_referral_up(cast):
    elsewhere = make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    taken = in_triage(cast.officer, elsewhere)
    workflow.exclude(referral_id=taken.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
    assert Referral.objects.get().owner == cast.coordinator
    assert not Referral.objects.visible_to(elsewhere).exists()


def test_lifting_an_exclusion_takes_a_second_person(cast, taken):
    made = workflow.exclude(
        referral_id=taken.pk, organisation=cast.beacon, reason="A relative works there", by=cast.coordinator
    )
    with pytest.raises(workflow.Refused, match="Somebody else"):
        workflow.lift_exclusion(exclusion_id=made.pk, by=cast.coordinator)
    workflow.lift_exclusion(exclusion_id=made.pk, by=cast.coordinator2)
    assert not Exclusion.objects.in_force().exists()


def test_who_is_left_out_at_submit_is_never_told(cast):
    referral = submit_one(cast.officer, exclude=["beacon"], exclude_reason="A relative works there")
    assert referral.exclusions.get().organisation == cast.beacon
    assert referral.recommendations.get().facts["conflict"] is True


# --- Chasing -----------------------------------------------------------------------------------------------------


def test_a_silent_organisation_is_chased_in_three_steps_and_then_rung(cast, offered):
    for step, kind in enumerate([Kind.HAND_OVER_CHASED, Kind.HAND_OVER_UNANSWERED, Kind.HAND_OVER_RING], 1):
        waiting = HandOver.objects.get()
        assert workflow.chase(hand_over_id=waiting.pk, now=waiting.chase_at)
        assert HandOver.objects.get().chased == step
        assert Message.objects.filter(kind=kind).exists()
    silent = HandOver.objects.get()
    assert silent.chase_at is None
    assert silent.needs_ringing
    assert Referral.objects.get().next_actor == NextActor.COORDINATOR


def test_chasing_stops_when_anybody_there_opens_it(cast, offered):
    due = offered.chase_at
    workflow.open_hand_over(hand_over_id=offered.pk, by=cast.beacon_worker2)
    assert not workflow.chase(hand_over_id=offered.pk, now=due)
    assert not HandOver.objects.to_chase(due).exists()


def test_reaching_them_by_phone_ends_the_chasing(cast, offered):
    HandOver.objects.update(chased=3, chase_at=None)
    rung = workflow.record_ringing(hand_over_id=offered.pk, reached=True, by=cast.coordinator)
    assert not rung.needs_ringing
    assert Referral.objects.get().next_actor == NextActor.PARTNER


# --- The NRM -----------------------------------------------------------------------------------------------------


@pytest.fixture
def nrm(cast):
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(nrm="given"))
    made = offer(taken, cast.coordinator, cast.constabulary, Pathway.NRM)
    workflow.accept(hand_over_id=made.pk, by=cast.police_officer, version=made.version)
    return NrmCase.objects.get()


def record(case, stage, by, days_ago=0, **more):
    on = timezone.localdate() - datetime.timedelta(days=days_ago)
    version = NrmCase.objects.get(pk=case.pk).version
    return workflow.record_stage(referral_id=case.pk, stage=stage, on=on, by=by, version=version, **more)


def test_who_accepts_the_nrm_is_the_named_first_responder(cast, nrm):
    assert nrm.first_responder == cast.police_officer
    assert {n for n, u in cast.people.items() if NrmCase.objects.visible_to(u).exists()} == {
        "police_officer",
        "coordinator",
        "coordinator2",
    }


def test_another_first_responder_can_be_named_and_goes_on_with_what_is_there(cast, nrm):
    workflow.save_answers(referral_id=nrm.pk, given={"birthplace": "Ruritania"}, by=cast.police_officer, version=1)
    stand_in = make_person("standin", Role.REFERRER, cast.constabulary)
    row = HandOver.objects.get()
    workflow.name_responder(hand_over_id=row.pk, responder=stand_in, by=cast.police_officer)
    assert not NrmCase.objects.visible_to(cast.police_officer).exists()
    case = NrmCase.objects.visible_to(stand_in).get()
    assert case.take_out()["given"] == {"birthplace": "Ruritania"}
    assert stand_in.email in told(nrm.referral, Kind.HAND_OVER_OFFERED)
    with pytest.raises(workflow.Refused, match="works for Constabulary"):
        workflow.name_responder(hand_over_id=row.pk, responder=cast.nurse, by=cast.coordinator)


def test_a_decision_before_the_submission_is_refused_with_the_reason(cast, nrm):
    with pytest.raises(StageNotAllowed, match="cannot follow"):
        record(nrm, NrmStage.RG_POSITIVE, cast.police_officer)
    record(nrm, NrmStage.SUBMITTED, cast.police_officer)
    with pytest.raises(StageNotAllowed, match="must not be before"):
        record(nrm, NrmStage.RG_POSITIVE, cast.police_officer, days_ago=3)


def test_a_stage_in_the_future_is_refused(cast, nrm):
    with pytest.raises(StageNotAllowed, match="in the past"):
        record(nrm, NrmStage.SUBMITTED, cast.police_officer, days_ago=-1)


def test_recording_a_decision_tells_the_referrer_that_there_is_news(cast, nrm):
    record(nrm, NrmStage.SUBMITTED, cast.police_officer, home_office_reference="NRM-TEST-1")
    record(nrm, NrmStage.RG_POSITIVE, cast.police_officer)
    assert cast.nurse.email in told(nrm.referral, Kind.NRM_PROGRESS)
    assert NrmCase.objects.get().take_out()["home_office_reference"] == "NRM-TEST-1"


def test_the_clock_of_a_draft_warns_at_21_days_and_ends_at_28(cast, nrm):
    on = timezone.localdate() - datetime.timedelta(days=1)
    NrmCase.objects.update(began={"preparing": on.isoformat()})
    case = record(nrm, NrmStage.HOME_OFFICE_DRAFT, cast.police_officer, days_ago=1)
    assert (case.next_clock, case.next_on - on) == ("draft_warning", datetime.timedelta(days=21))
    assert workflow.tell_of_clock(referral_id=case.pk, today=case.next_on)
    case = NrmCase.objects.get()
    assert (case.next_clock, case.next_on - on) == ("draft_expires", datetime.timedelta(days=28))
    assert cast.police_officer.email in told(case.referral, Kind.NRM_CLOCK)


def test_only_one_of_two_people_saves_the_sheet(cast, nrm):
    workflow.save_answers(referral_id=nrm.pk, given={"birthplace": "Ruritania"}, by=cast.police_officer, version=1)
    with pytest.raises(workflow.SheetChanged):
        workflow.save_answers(referral_id=nrm.pk, given={"birthplace": "Elsewhere"}, by=cast.coordinator, version=1)
    assert NrmCase.objects.get().take_out()["given"] == {"birthplace": "Ruritania"}


def test_withdrawing_the_nrm_consent_takes_the_answer_sheet_away(cast, nrm):
    workflow.record_consents(referral_id=nrm.pk, given=consents(nrm="withdrawn"), by=cast.nurse)
    assert not NrmCase.objects.visible_to(cast.police_officer).exists()
    assert NrmCase.objects.visible_to(cast.coordinator).exists()


def test_the_rules_are_asked_at_submit_and_again_when_the_person_decides(cast):
    referral = submit_one(cast.nurse, consents=consents(nrm="not_asked", beacon="given"))
    assert referral.rules_version
    assert "nrm" not in referral.pathways
    workflow.record_consents(referral_id=referral.pk, given=consents(nrm="given"), by=cast.nurse)
    referral = Referral.objects.get()
    assert "nrm" in referral.pathways
    assert referral.recommendations.count() == 2
