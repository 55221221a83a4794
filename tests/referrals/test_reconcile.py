"""The system's rounds: what a code path forgot is found within the week, and a draft nobody sent is wiped."""

import datetime

from django.core.management import call_command
from django.utils import timezone

from partners.models import Duty, ErrorCode, Kind, Membership, Message, ServiceState, State, User
from partners.roles import Role
from referrals.models import Draft, ReferralEvent
from referrals.tasks import expire_drafts, reconcile, wipe_expired_drafts, write_missing_messages
from referrals.workflow import answer_information, assign, request_information, start_triage, submit
from tests.conftest import CANARY_STORY, a_submission, make_draft, make_person, submit_one

DAY = datetime.timedelta(days=1)


def test_when_all_is_well_nothing_is_added_and_nobody_is_alarmed(cast, referral, caplog):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=2)
    answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
    before = Message.objects.count()
    reconcile()
    assert Message.objects.count() == before
    assert "messages_were_missing" not in caplog.text
    assert not ServiceState.objects.filter(name="reconciled").exists()


def test_what_was_forgotten_is_written_and_raises_the_alarm(cast, referral, caplog):
    Message.objects.filter(kind=Kind.REFERRAL_SUBMITTED).delete()
    assert write_missing_messages(timezone.now()) == 2
    told = Message.objects.filter(kind=Kind.REFERRAL_SUBMITTED)
    assert {message.user for message in told} == {cast.coordinator, cast.coordinator2}
    assert {message.reference for message in told} == {referral.reference}
    assert [record.levelname for record in caplog.records if "messages_were_missing" in record.getMessage()] == [
        "ERROR"
    ]
    assert ServiceState.objects.get(name="reconciled").count == 2
    assert write_missing_messages(timezone.now()) == 0


def test_immediate_danger_owes_its_own_message(cast):
    submit_one(cast.officer, priority="immediate")
    Message.objects.all().delete()
    write_missing_messages(timezone.now())
    assert set(Message.objects.values_list("kind", flat=True)) == {Kind.REFERRAL_IMMEDIATE, Kind.RECEIPT}
    assert Message.objects.filter(organisation=cast.partnership_team, contact="second").exists()


def test_older_events_are_left_alone(cast, referral):
    Message.objects.all().delete()
    assert write_missing_messages(timezone.now() + 8 * DAY) == 0


def test_a_coordinator_who_joined_since_gets_no_old_news(cast, referral):
    make_person("newcomer", Role.COORDINATOR, cast.partnership_team)
    assert write_missing_messages(timezone.now()) == 0


def test_a_shift_that_is_changed_afterwards_tells_nobody_of_what_came_in_then(cast):
    now = timezone.now()
    shift = Duty.objects.create(user=cast.coordinator, starts_at=now - DAY, ends_at=now + DAY)
    submit_one(cast.officer)
    shift.user = cast.coordinator2
    shift.save(update_fields=["user"])
    assert write_missing_messages(timezone.now()) == 0


def test_whoever_was_on_duty_and_is_suspended_later_was_told_in_the_name_of_all(cast):
    now = timezone.now()
    Duty.objects.create(user=cast.coordinator, starts_at=now - DAY, ends_at=now + DAY)
    submit_one(cast.officer)
    Message.objects.filter(user=cast.coordinator).update(state=State.SENT, sent_at=now)
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    assert write_missing_messages(timezone.now()) == 0


def test_a_sheet_that_was_typed_in_later_is_looked_at_with_those_who_were_on_duty_then(cast):
    now = timezone.now()
    # Nobody was on duty when it came in: then everybody would have been told.
    submit(by=cast.officer, draft_id=make_draft(cast.officer).pk, submission=a_submission(), at=now - 2 * DAY)
    Message.objects.exclude(kind=Kind.RECEIPT).exclude(user=cast.coordinator).delete()
    Duty.objects.create(user=cast.coordinator, starts_at=now - DAY / 24, ends_at=now + DAY)
    assert write_missing_messages(timezone.now()) == 0


def test_when_the_only_one_on_duty_left_before_reading_the_others_are_told(cast):
    now = timezone.now()
    Duty.objects.create(user=cast.coordinator, starts_at=now - DAY, ends_at=now + DAY)
    submit_one(cast.officer)
    unread = Message.objects.filter(user=cast.coordinator)
    unread.update(state=State.CANCELLED, last_error=ErrorCode.RECIPIENT_INACTIVE)
    Membership.objects.filter(user=cast.coordinator).update(ended_at=now)
    assert write_missing_messages(timezone.now()) == 1
    assert Message.objects.filter(user=cast.coordinator2, kind=Kind.REFERRAL_SUBMITTED).exists()


def test_a_case_that_changed_hands_sends_nobody_anything(cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=2)
    answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
    assign(referral_id=referral.id, to=cast.coordinator2, by=cast.coordinator, version=4)
    assert write_missing_messages(timezone.now()) == 0


def test_every_event_that_owes_something_is_looked_at(cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    owing = Message.objects.values_list("event_id", flat=True).distinct().count()
    assert owing == ReferralEvent.objects.count()
    Message.objects.all().delete()
    write_missing_messages(timezone.now())
    assert Message.objects.values_list("event_id", flat=True).distinct().count() == owing


def test_the_command_needs_no_broker(cast, referral, capsys):
    Message.objects.filter(kind=Kind.RECEIPT).delete()
    call_command("reconcile")
    assert capsys.readouterr().out == "1 messages were missing\n"


# Drafts ------------------------------------------------------------------------------------------------------------


def a_typed_draft(user, expires_at) -> Draft:
    draft = make_draft(user)
    draft.put({"answers": {"happened": {"what_was_seen": CANARY_STORY}}, "typed": {}, "done": []})
    draft.expires_at = expires_at
    draft.save()
    return draft


def test_an_expired_draft_is_emptied_and_its_row_stays(cast):
    now = timezone.now()
    old = a_typed_draft(cast.officer, now - DAY)
    live = a_typed_draft(cast.officer, now + DAY)
    expire_drafts()
    assert Draft.objects.get(pk=old.pk).take_out() == {}
    assert Draft.objects.get(pk=live.pk).take_out()["answers"]
    assert list(Draft.objects.of(cast.officer).live(now)) == [live]
    assert wipe_expired_drafts(now) == 0


def test_a_sent_draft_is_none_of_its_business(cast, referral):
    Draft.objects.update(expires_at=timezone.now() - DAY)
    assert wipe_expired_drafts(timezone.now()) == 0
