"""A referral that came in before this system did keeps its days, and its history says that it was entered later."""

import datetime

import pytest
from django.utils import timezone

from partners.hours import LONDON
from partners.models import AccessRecord, Kind, Message
from referrals.statuses import FeedbackBand, Outcome, WithdrawalReason
from referrals.workflow import answer_information, close, request_information, start_triage, submit, withdraw
from tests.conftest import a_submission, make_draft, submit_one

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=LONDON)
DAY = datetime.timedelta(days=1)


def carried_over(by, at=MONDAY, **changes):
    return submit(by=by, draft_id=make_draft(by).pk, submission=a_submission(**changes), at=at)


def test_it_keeps_the_day_it_came_in_and_the_deadline_of_that_day(cast):
    referral = carried_over(cast.officer)
    referral.refresh_from_db()
    assert referral.submitted_at == MONDAY
    assert referral.due_at == datetime.datetime(2026, 3, 3, 17, 0, tzinfo=LONDON)


def test_each_move_keeps_its_day(cast):
    referral = carried_over(cast.officer)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1, at=MONDAY + DAY)
    asked = request_information(
        referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=2, at=MONDAY + 2 * DAY
    )
    assert asked.due_at == datetime.datetime(2026, 3, 6, 17, 0, tzinfo=LONDON)
    answer_information(referral_id=referral.id, answer="Nights", by=cast.officer, at=MONDAY + 3 * DAY)
    closed = close(
        referral_id=referral.id,
        outcome=Outcome.SAFEGUARDING,
        band=FeedbackBand.PASSED_ON,
        by=cast.coordinator,
        version=4,
        at=MONDAY + 9 * DAY,
    )
    assert [event.at for event in referral.events.all()] == [MONDAY + n * DAY for n in (0, 1, 2, 3, 9)]
    assert [note.at for note in referral.notes.all()] == [MONDAY + 2 * DAY, MONDAY + 3 * DAY]
    assert (closed.opened_at, closed.closed_at) == (MONDAY + DAY, MONDAY + 9 * DAY)


def test_the_history_says_when_it_was_really_entered(cast):
    before = timezone.now().replace(microsecond=0)
    referral = carried_over(cast.officer)
    withdraw(
        referral_id=referral.id, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=1, at=MONDAY + DAY
    )
    for event in referral.events.all():
        assert before <= datetime.datetime.fromisoformat(event.facts["recorded_at"]) <= timezone.now()


def test_what_happens_now_carries_no_such_note(cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    assert not referral.events.filter(facts__has_key="recorded_at").exists()


def test_access_and_messages_are_of_now(cast):
    before = timezone.now()
    referral = carried_over(cast.officer)
    assert AccessRecord.objects.get(object_id=referral.id).at >= before
    assert Message.objects.get(referral_id=referral.id, kind=Kind.RECEIPT).available_at >= before


def test_nothing_is_carried_over_from_the_future(cast):
    with pytest.raises(ValueError, match="happened before now"):
        carried_over(cast.officer, at=timezone.now() + DAY)
    referral = submit_one(cast.officer)
    with pytest.raises(ValueError, match="happened before now"):
        start_triage(referral_id=referral.id, by=cast.coordinator, version=1, at=timezone.now() + DAY)
    referral.refresh_from_db()
    assert referral.owner is None
