"""The database refuses impossible states; each refusal is tried here (design, principle 5)."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from partners.models import (
    Absence,
    Agreement,
    Area,
    BoardAudience,
    BoardPost,
    BoardReading,
    BoardWithdrawal,
    ClosedDay,
    Duty,
    Membership,
    Message,
    NotificationRule,
    OpeningHours,
    Organisation,
    Partnership,
    Standing,
    SupportLine,
    User,
)
from tests.conftest import LONG_AGO

DAY = datetime.date(2026, 11, 23)
BEFORE = datetime.date(2016, 1, 1)
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize("place", [{"tile_row": 1}, {"tile_column": 1}, {"tile_row": 0, "tile_column": 1}])
def test_a_place_on_the_map_has_a_row_and_a_column(db, place):
    with refused("partners_area_has_row_and_column_or_neither"), transaction.atomic():
        Area.objects.create(code="x", name="X", starts_on=DAY, **place)


def test_nothing_ends_before_it_starts(cast):
    with refused("partners_area_ends_after_start"), transaction.atomic():
        Area.objects.create(code="x", name="X", starts_on=DAY, ends_on=BEFORE)
    with refused("partners_organisation_ends_after_start"), transaction.atomic():
        Organisation.objects.filter(pk=cast.council.pk).update(ends_on=BEFORE)
    with refused("partners_standing_ends_after_start"), transaction.atomic():
        Standing.objects.filter(organisation=cast.council).update(ends_on=BEFORE)
    with refused("partners_supportline_ends_after_start"), transaction.atomic():
        SupportLine.objects.create(slug="x", name="X", purpose="other", phone="1", starts_on=DAY, ends_on=BEFORE)
    with refused("duty_ends_after_start"), transaction.atomic():
        Duty.objects.create(user=cast.coordinator, starts_at=NOON, ends_at=NOON)
    with refused("agreement_review_after_signature"), transaction.atomic():
        Agreement.objects.create(organisation=cast.council, signed_on=DAY, review_on=DAY)
    with refused("membership_ends_after_start"), transaction.atomic():
        Membership.objects.filter(user=cast.officer).update(ended_at=NOON - datetime.timedelta(days=9999))


def test_an_organisation_is_not_its_own_successor(cast):
    with refused("organisation_is_not_its_own_successor"), transaction.atomic():
        Organisation.objects.filter(pk=cast.council.pk).update(successor=cast.council)


def test_an_organisation_that_receives_has_a_mailbox(cast):
    with refused("organisation_that_receives_has_a_mailbox"), transaction.atomic():
        Organisation.objects.filter(pk=cast.council.pk).update(receives_referrals=True, role_mailbox="")


def test_an_organisation_that_opens_reception_centres_has_a_mailbox(cast):
    with refused("organisation_that_opens_centres_has_a_mailbox"), transaction.atomic():
        Organisation.objects.filter(pk=cast.council.pk).update(opens_reception_centre=True, role_mailbox="")


def test_one_standing_of_a_kind_at_a_time(cast):
    with refused("one_open_standing_of_a_kind"), transaction.atomic():
        Standing.objects.create(organisation=cast.council, kind="first_responder", starts_on=LONG_AGO)


def test_one_active_membership_each(cast):
    with refused("one_active_membership_each"), transaction.atomic():
        Membership.objects.create(user=cast.officer, organisation=cast.hospital, role="referrer")


def test_a_role_is_one_of_the_table(cast):
    with refused("membership_role_is_known"), transaction.atomic():
        Membership.objects.filter(user=cast.officer).update(role="king")


def test_an_address_is_one_account_whatever_the_case(cast):
    with refused("user_email_whatever_the_case"), transaction.atomic():
        User.objects.create(email=cast.officer.email.upper())


def test_there_is_one_partnership(cast):
    with refused("there_is_one_partnership"), transaction.atomic():
        Partnership.objects.bulk_create([Partnership(pk=2)])


def test_opening_hours_make_sense(cast):
    line = SupportLine.objects.create(slug="x", name="X", purpose="other", phone="1")
    noon = datetime.time(12)
    with refused("opening_hours_close_after_open"), transaction.atomic():
        OpeningHours.objects.create(line=line, weekday=0, opens=noon, closes=noon)
    with refused("opening_hours_weekday_is_a_weekday"), transaction.atomic():
        OpeningHours.objects.create(line=line, weekday=7, opens=datetime.time(9), closes=noon)
    ClosedDay.objects.create(line=None, day=DAY)
    with refused("closed_day_once"), transaction.atomic():
        ClosedDay.objects.create(line=None, day=DAY)


def test_a_quiet_time_has_both_ends_and_a_rule_stands_once(cast):
    with refused("quiet_time_has_both_ends"), transaction.atomic():
        NotificationRule.objects.filter(kind="receipt").update(quiet_from=datetime.time(22))
    with refused("one_rule_each"), transaction.atomic():
        NotificationRule.objects.create(kind="receipt", audience="referrer", channel="email")


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("message_has_one_recipient", {"contact": "mailbox"}),
        ("message_has_one_recipient", {"user": None}),
        ("message_lease_while_sending", {"state": "sending"}),
        ("message_lease_while_sending", {"lease_token": uuid.UUID(int=1)}),
        ("message_sent_has_a_time", {"state": "sent"}),
        ("message_sent_has_a_time", {"sent_at": Now()}),
        ("message_state_is_known", {"state": "lost"}),
    ],
)
def test_an_impossible_message_is_refused(referral, constraint, changes):
    message = Message.objects.filter(referral_id=referral.id).first()
    with refused(constraint), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**changes)


def test_one_message_for_a_person_and_an_event(cast, referral):
    message = Message.objects.filter(referral_id=referral.id, user=cast.officer).get()
    with refused("one_message_a_person_an_event"), transaction.atomic():
        Message.objects.create(event_id=message.event_id, user=cast.officer, kind=message.kind)


def test_one_message_for_a_mailbox_and_an_event(cast):
    row = {"event_id": uuid.uuid4(), "organisation": cast.council, "contact": "second", "kind": "heartbeat"}
    Message.objects.create(**row)
    with refused("one_message_a_mailbox_an_event"), transaction.atomic():
        Message.objects.create(**row)


def test_an_impossible_post_is_refused(cast):
    words = {"written_by": cast.coordinator, "title": "A pattern", "text": "Seen in the north"}
    post, own = BoardPost.objects.create(**words), uuid.uuid4()
    with refused("board_post_does_not_replace_itself"), transaction.atomic():
        BoardPost.objects.create(**words, id=own, replaces_id=own)
    with refused("board_post_ends_after_it_was_written"), transaction.atomic():
        BoardPost.objects.create(**words, at=NOON, valid_until=DAY - datetime.timedelta(days=1))
    for empty in ({"title": " "}, {"text": "\n"}):
        with refused("board_post_says_something"), transaction.atomic():
            BoardPost.objects.create(**words | empty)
    BoardPost.objects.create(**words, replaces=post)
    with refused("replaces_id"), transaction.atomic():
        BoardPost.objects.create(**words, replaces=post)


def test_the_last_day_of_a_post_is_counted_in_london(cast):
    words = {"written_by": cast.coordinator, "title": "A pattern", "text": "Seen in the north"}
    late = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC)  # half past midnight on 2 July
    BoardPost.objects.create(**words, at=late, valid_until=datetime.date(2026, 7, 2))
    with refused("board_post_ends_after_it_was_written"), transaction.atomic():
        BoardPost.objects.create(**words, at=late, valid_until=datetime.date(2026, 7, 1))


def test_what_belongs_to_a_post_is_there_once(cast):
    post = BoardPost.objects.create(written_by=cast.coordinator, title="A pattern", text="Seen in the north")
    for model, row, constraint in [
        (BoardAudience, {"organisation": cast.council}, "one_audience_row_an_organisation"),
        (BoardReading, {"organisation": cast.council, "user": cast.officer}, "one_reading_a_person_and_post"),
        (BoardWithdrawal, {"by": cast.coordinator, "reason": "Wrong county"}, "boardwithdrawal_pkey"),
    ]:
        model.objects.create(post=post, **row)
        with refused(constraint), transaction.atomic():
            model.objects.create(post=post, **row)
    other = BoardPost.objects.create(written_by=cast.coordinator, title="A pattern", text="Seen in the north")
    with refused("board_withdrawal_says_why"), transaction.atomic():
        BoardWithdrawal.objects.create(post=other, by=cast.coordinator, reason=" ")


def test_an_absence_ends_after_it_starts_has_another_as_cover_and_no_other_beside_it(cast):
    def away(**changes):
        standard = {"user": cast.coordinator, "cover": cast.coordinator2, "starts_on": DAY, "ends_on": DAY}
        return Absence.objects.create(recorded_by=cast.coordinator, **(standard | changes))

    with refused("absence_ends_after_start"), transaction.atomic():
        away(ends_on=BEFORE)
    with refused("nobody_covers_for_themselves"), transaction.atomic():
        away(cover=cast.coordinator)
    with refused("absence_is_ended_by_somebody"), transaction.atomic():
        away(ended_at=NOON)
    with refused("absence_is_ended_by_somebody"), transaction.atomic():
        away(ended_by=cast.coordinator)
    first = away(ends_on=DAY + datetime.timedelta(days=2))
    with refused("one_absence_of_a_person_a_day"), transaction.atomic():
        away(starts_on=first.ends_on, ends_on=first.ends_on)
    away(starts_on=first.ends_on + datetime.timedelta(days=1), ends_on=first.ends_on + datetime.timedelta(days=1))
    away(user=cast.coordinator2, cover=cast.coordinator)
    Absence.objects.filter(pk=first.pk).update(ended_at=NOON, ended_by=cast.coordinator)
    away()
