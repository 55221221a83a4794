"""The workflow: what may happen to a referral, who is told, and what each move leaves behind."""

import pytest

from partners.models import AccessRecord, AppendOnlyError, Kind, Message
from referrals.models import Note, ReferralEvent
from referrals.statuses import FeedbackBand, Move, MoveNotAllowed, Outcome, Status, WithdrawalReason
from referrals.workflow import (
    ChangedMeanwhile,
    NamesThePerson,
    NotAllowed,
    SentDifferently,
    answer_information,
    assign,
    close,
    escalate,
    open_case,
    reopen,
    request_information,
    start_triage,
    submit,
    withdraw,
)
from tests.conftest import CANARY_NAME, a_submission, make_draft, submit_one


def told(referral, kind):
    return set(Message.objects.filter(referral_id=referral.id, kind=kind).values_list("user__email", flat=True))


def test_submit_writes_everything_or_nothing(cast):
    referral = submit_one(cast.officer)
    assert referral.status == Status.SUBMITTED
    assert referral.organisation == cast.council
    assert referral.secret.take_out()["person"]["given_names"] == CANARY_NAME
    assert [c.kind for c in referral.consents.all()] == ["beacon", "nrm"]
    assert referral.events.get().move == Move.SUBMIT
    assert AccessRecord.objects.get(object_id=referral.id).action == AccessRecord.Action.SUBMIT


def test_submit_tells_both_coordinators_and_gives_the_referrer_a_receipt(cast):
    referral = submit_one(cast.officer)
    assert told(referral, Kind.REFERRAL_SUBMITTED) == {cast.coordinator.email, cast.coordinator2.email}
    assert told(referral, Kind.RECEIPT) == {cast.officer.email}


def test_immediate_danger_also_tells_the_second_contact(cast):
    referral = submit_one(cast.officer, priority="immediate")
    message = Message.objects.get(referral_id=referral.id, organisation__isnull=False)
    assert (message.kind, message.contact) == (Kind.REFERRAL_IMMEDIATE, "second")


def test_submitting_a_draft_twice_gives_one_referral(cast):
    draft = make_draft(cast.officer)
    first = submit(by=cast.officer, draft_id=draft.pk, submission=a_submission())
    assert submit(by=cast.officer, draft_id=draft.pk, submission=a_submission()) == first
    assert ReferralEvent.objects.count() == 1


def test_submitting_a_draft_again_with_other_answers_is_refused(cast):
    draft = make_draft(cast.officer)
    submit(by=cast.officer, draft_id=draft.pk, submission=a_submission())
    with pytest.raises(SentDifferently):
        submit(by=cast.officer, draft_id=draft.pk, submission=a_submission(setting="farm"))


def test_a_viewer_cannot_submit(cast):
    with pytest.raises(NotAllowed):
        submit_one(cast.viewer)


def test_the_first_opening_is_an_event_and_acknowledges_the_message(cast, referral):
    open_case(referral_id=referral.id, by=cast.coordinator)
    open_case(referral_id=referral.id, by=cast.coordinator)
    referral.refresh_from_db()
    assert referral.opened_at is not None
    assert referral.events.filter(move=Move.OPEN).count() == 1
    assert Message.objects.get(user=cast.coordinator, referral_id=referral.id).acknowledged_at is not None
    assert AccessRecord.objects.filter(action=AccessRecord.Action.VIEW, object_id=referral.id).count() == 2


def test_taking_it_makes_the_coordinator_its_owner_and_tells_the_referrer(cast, referral):
    taken = start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    assert (taken.status, taken.owner) == (Status.IN_TRIAGE, cast.coordinator)
    assert told(referral, Kind.TRIAGE_STARTED) == {cast.officer.email}


def test_taking_it_does_not_change_when_it_was_first_opened(cast, referral):
    opened = open_case(referral_id=referral.id, by=cast.coordinator).opened_at
    taken = start_triage(referral_id=referral.id, by=cast.coordinator2, version=2)
    assert taken.opened_at == opened


def test_the_second_coordinator_is_told_what_changed(cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    with pytest.raises(ChangedMeanwhile) as caught:
        start_triage(referral_id=referral.id, by=cast.coordinator2, version=1)
    assert [event.move for event in caught.value.since] == [Move.START_TRIAGE]


def test_a_question_and_its_answer_are_sealed_and_move_the_referral_back_and_forth(cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    asked = request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=2)
    assert (asked.status, asked.next_actor) == (Status.INFORMATION_REQUESTED, "referrer")
    answered = answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
    assert (answered.status, answered.next_actor) == (Status.IN_TRIAGE, "coordinator")
    assert [note.take_out()["text"] for note in referral.notes.all()] == ["Which shift?", "Nights"]
    assert told(referral, Kind.INFORMATION_ANSWERED) == {cast.coordinator.email}


def test_a_question_that_names_the_person_is_refused(cast, referral):
    with pytest.raises(NamesThePerson) as caught:
        request_information(
            referral_id=referral.id, question=f"Where does {CANARY_NAME} work?", by=cast.coordinator, version=1
        )
    assert caught.value.words == [CANARY_NAME.casefold()]
    assert not Note.objects.exists()


def test_a_colleague_cannot_answer_for_the_referrer(cast, referral):
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=1)
    with pytest.raises(NotAllowed):
        answer_information(referral_id=referral.id, answer="Nights", by=cast.colleague)


def test_close_then_reopen(cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    closed = close(
        referral_id=referral.id,
        outcome=Outcome.SUPPORTED_LOCALLY,
        band=FeedbackBand.HELP_IN_PLACE,
        by=cast.coordinator,
        version=2,
    )
    assert (closed.status, closed.next_actor) == (Status.CLOSED, "nobody")
    assert told(referral, Kind.REFERRAL_CLOSED) == {cast.officer.email}
    reopened = reopen(referral_id=referral.id, by=cast.coordinator2, version=3)
    assert (reopened.status, reopened.owner, reopened.outcome) == (Status.IN_TRIAGE, cast.coordinator2, "")


def test_withdrawing_needs_a_known_move(cast, referral):
    withdraw(referral_id=referral.id, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=1)
    with pytest.raises(MoveNotAllowed):
        withdraw(referral_id=referral.id, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=2)


def test_assigning_goes_to_coordinators_only(cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    with pytest.raises(NotAllowed):
        assign(referral_id=referral.id, to=cast.officer, by=cast.coordinator, version=2)
    moved = assign(referral_id=referral.id, to=cast.coordinator2, by=cast.coordinator, version=2)
    assert moved.owner == cast.coordinator2


def test_an_officer_cannot_triage(cast, referral):
    with pytest.raises(NotAllowed):
        start_triage(referral_id=referral.id, by=cast.officer, version=1)


def test_escalation_tells_every_coordinator_and_the_second_contact(cast, referral):
    escalate(referral_id=referral.id)
    rows = Message.objects.filter(referral_id=referral.id, kind=Kind.REFERRAL_UNOPENED)
    assert {row.user.email if row.user else row.contact for row in rows} == {
        cast.coordinator.email,
        cast.coordinator2.email,
        "second",
    }


def test_history_cannot_be_rewritten(cast, referral):
    event = referral.events.get()
    event.to_status = Status.CLOSED
    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        ReferralEvent.objects.all().delete()
    with pytest.raises(AppendOnlyError):
        referral.consents.all().update(state="given")
