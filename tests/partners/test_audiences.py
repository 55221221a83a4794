"""Who is told of a hand-over: the organisation that is asked, the person who has it, whoever stands behind them."""

import datetime
import uuid

import pytest
from django.db import transaction

from partners.audiences import Event, Recipient, recipients
from partners.hours import LONDON
from partners.leases import claim
from partners.models import Audience, ErrorCode, Kind, Membership, Message, NotificationRule, Organisation, State
from partners.outbox import acknowledge, acknowledge_organisation, cancel_for, owed, post, post_missing, post_to
from partners.roles import Role
from tests.conftest import make_organisation, make_person

NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)
TO_RECEIVERS = [Kind.HAND_OVER_OFFERED, Kind.HAND_OVER_CHASED, Kind.HAND_OVER_ANSWERED]


@pytest.fixture
def beacon(cast) -> Organisation:
    """An organisation that is asked for help, with two responders and a lead."""
    made = make_organisation("care-centre", receives_referrals=True)
    for name, role in [("bea", Role.RESPONDER), ("ben", Role.RESPONDER), ("lea", Role.LEAD)]:
        cast.people[name] = make_person(name, role, made)
    make_person("reader", Role.VIEWER, made)
    return made


def an_event(cast, organisation=None, **fields) -> Event:
    standard = {"referral_id": uuid.uuid4(), "reference": "TEST234", "owner": cast.coordinator}
    fields = standard | {"referrer": cast.officer} | fields
    return Event(id=uuid.uuid4(), organisation=organisation, **fields)


def told(rows) -> set[str]:
    """`name` for a person, `organisation/contact` for a mailbox."""
    return {row.user.email.split("@")[0] if row.user else f"{row.organisation.slug}/{row.contact}" for row in rows}


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def posted(kind: Kind, event: Event) -> None:
    with transaction.atomic():
        post(kind, event)


# ---- Who is meant ---------------------------------------------------------------------------------------------------


def test_every_audience_can_be_asked_for_with_and_without_an_organisation(cast, beacon):
    for audience in Audience.values:
        for organisation in (None, beacon):
            found = recipients(audience, an_event(cast, organisation), NOON)
            assert all((person.user is None) != (person.organisation is None) for person in found)


def test_every_standard_rule_names_an_audience_and_every_event_kind_has_a_rule(cast):
    kinds = set(NotificationRule.objects.values_list("kind", flat=True))
    assert set(NotificationRule.objects.values_list("audience", flat=True)) <= set(Audience.values)
    assert set(Kind.values) - kinds == {
        Kind.ADDRESS_REFUSED, Kind.COVER_BEGINS, Kind.INVITATION, Kind.SECOND_STEP_CHANGED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "who"),
    [
        (Kind.REFERRAL_ASSIGNED, {"coordinator"}),
        (Kind.HAND_OVER_OFFERED, {"care-centre/mailbox", "bea", "ben"}),
        (Kind.HAND_OVER_CHASED, {"care-centre/second", "lea"}),
        (Kind.HAND_OVER_UNANSWERED, {"coordinator"}),
        (Kind.HAND_OVER_RING, {"coordinator"}),
        (Kind.HAND_OVER_ACCEPTED, {"coordinator"}),
        (Kind.HAND_OVER_DECLINED, {"coordinator"}),
        (Kind.HAND_OVER_QUESTION, {"coordinator"}),
        (Kind.HAND_OVER_ANSWERED, {"care-centre/mailbox", "bea", "ben"}),
        (Kind.HAND_OVER_COMPLETED, {"coordinator"}),
        (Kind.HAND_OVER_REVOKED, {"care-centre/mailbox", "bea", "ben"}),
        (Kind.PASSED_ON, {"officer"}),
        (Kind.PARTNER_ACCEPTED, {"officer"}),
        (Kind.CONSENT_CHANGED, {"coordinator"}),
        (Kind.NRM_PROGRESS, {"officer"}),
        (Kind.NRM_STEP, {"coordinator"}),
        (Kind.NRM_CLOCK, {"coordinator"}),
        (Kind.RECEPTION_CENTRE, {"coordinator", "coordinator2"}),
    ],
)
def test_the_standard_rules_tell_the_right_people(cast, beacon, kind, who):
    assert told(owed(kind, an_event(cast, beacon), NOON)) == who


def test_once_somebody_has_it_they_and_the_mailbox_are_told(cast, beacon):
    event = an_event(cast, beacon, responder=cast.ben)
    assert told(owed(Kind.HAND_OVER_ANSWERED, event, NOON)) == {"care-centre/mailbox", "ben"}
    assert told(owed(Kind.NRM_STEP, event, NOON)) == {"coordinator", "ben"}
    assert told(owed(Kind.NRM_STEP, an_event(cast, responder=cast.ben), NOON)) == {"coordinator", "ben"}


def test_a_lead_may_be_the_one_who_has_it(cast, beacon):
    event = an_event(cast, beacon, responder=cast.lea)
    assert told(owed(Kind.HAND_OVER_ANSWERED, event, NOON)) == {"care-centre/mailbox", "lea"}


def test_when_that_person_has_gone_elsewhere_the_organisation_is_told_and_not_they(cast, beacon):
    Membership.objects.filter(user=cast.ben).update(ended_at=now())
    Membership.objects.create(user=cast.ben, organisation=cast.hospital, role=Role.RESPONDER)
    event = an_event(cast, beacon, responder=cast.ben)
    assert told(owed(Kind.HAND_OVER_ANSWERED, event, NOON)) == {"care-centre/mailbox", "bea"}
    assert told(owed(Kind.NRM_STEP, event, NOON)) == {"coordinator", "care-centre/mailbox"}


def test_without_an_organisation_nobody_there_is_told(cast, beacon):
    assert [owed(kind, an_event(cast), NOON) for kind in TO_RECEIVERS] == [[], [], []]


def test_people_who_are_suspended_or_left_are_not_told(cast, beacon):
    Membership.objects.filter(user=cast.bea).update(ended_at=now())
    type(cast.ben).objects.filter(pk=cast.ben.pk).update(is_active=False)
    assert told(owed(Kind.HAND_OVER_OFFERED, an_event(cast, beacon), NOON)) == {"care-centre/mailbox"}


def test_an_organisation_without_a_second_contact_has_its_leads_told(cast, beacon):
    beacon.second_contact = ""
    assert told(owed(Kind.HAND_OVER_CHASED, an_event(cast, beacon), NOON)) == {"lea"}


def test_whoever_opens_reception_centres_today_is_told_by_mailbox(cast):
    make_organisation("county", opens_reception_centre=True)
    make_organisation("old-county", opens_reception_centre=True, ends_on=datetime.date(2026, 1, 1))
    rows = owed(Kind.RECEPTION_CENTRE, Event(id=uuid.uuid4(), reference="OP-1"), NOON)
    assert told(rows) == {"county/mailbox", "coordinator", "coordinator2"}


def test_a_message_knows_whom_the_rule_meant_and_which_organisation_was_asked(cast, beacon):
    [row] = owed(Kind.PASSED_ON, an_event(cast, beacon), NOON)
    assert (row.audience, row.about) == (Audience.REFERRER, beacon)
    posted(Kind.HAND_OVER_OFFERED, an_event(cast, beacon))
    assert set(Message.objects.values_list("audience", "about")) == {("receiving_organisation", beacon.pk)}
    with transaction.atomic():
        post_to(Kind.INVITATION, Event(id=uuid.uuid4()), [Recipient(user=cast.nurse)])
    assert Message.objects.filter(audience="", about=None).count() == 1


# ---- What is taken back is not sent ---------------------------------------------------------------------------------


def test_what_waits_for_an_organisation_is_cancelled_and_only_that(cast, beacon):
    event = an_event(cast, beacon, responder=None, referrer=cast.bea)  # one of its own people made the referral
    for kind in (Kind.HAND_OVER_OFFERED, Kind.HAND_OVER_CHASED, Kind.HAND_OVER_ACCEPTED, Kind.PASSED_ON):
        posted(kind, event)
    posted(Kind.HAND_OVER_OFFERED, an_event(cast, beacon))  # another referral
    posted(Kind.HAND_OVER_OFFERED, an_event(cast, cast.hospital, referral_id=event.referral_id))
    Message.objects.filter(user=cast.ben, referral_id=event.referral_id).update(state=State.DEAD)
    assert cancel_for(event.referral_id, beacon) == 5
    assert cancel_for(event.referral_id, beacon) == 0
    cancelled = Message.objects.filter(state=State.CANCELLED)
    assert told(cancelled) == {"care-centre/mailbox", "care-centre/second", "bea", "ben", "lea"}
    assert set(cancelled.values_list("last_error", flat=True)) == {ErrorCode.RECALLED}
    left = Message.objects.filter(referral_id=event.referral_id, state=State.PENDING)
    assert told(left) == {"bea", "coordinator", "hospital/mailbox", "responder"}


def test_what_was_sent_stays_sent_and_that_it_was_taken_back_is_still_told(cast, beacon):
    event = an_event(cast, beacon)
    posted(Kind.HAND_OVER_OFFERED, event)
    Message.objects.update(state=State.SENT, sent_at=now())
    posted(Kind.HAND_OVER_REVOKED, event)
    assert cancel_for(event.referral_id, beacon) == 0


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_being_sent_is_let_go_and_nothing_is_left_to_claim(cast, beacon):
    event = an_event(cast, beacon)
    posted(Kind.HAND_OVER_OFFERED, event)
    assert claim() is not None
    assert cancel_for(event.referral_id, beacon) == 3
    assert claim() is None


def test_somebody_who_changed_sides_keeps_what_the_new_organisation_was_asked(cast, beacon):
    event = an_event(cast, cast.hospital)
    Membership.objects.filter(user=cast.bea).update(ended_at=now())
    Membership.objects.create(user=cast.bea, organisation=cast.hospital, role=Role.RESPONDER)
    posted(Kind.HAND_OVER_OFFERED, event)
    assert cancel_for(event.referral_id, beacon) == 0
    assert cancel_for(event.referral_id, cast.hospital) == 3


def test_the_round_that_looks_for_forgotten_messages_writes_no_cancelled_one_again(cast, beacon):
    event = an_event(cast, beacon)
    posted(Kind.HAND_OVER_OFFERED, event)
    cancel_for(event.referral_id, beacon)
    assert post_missing(Kind.HAND_OVER_OFFERED, event, now()) == 0


# ---- What that round adds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.value.startswith(("hand_over", "nrm", "pa", "con"))])
def test_it_finds_what_was_never_written_and_nothing_twice(cast, beacon, kind):
    event = an_event(cast, beacon, responder=cast.ben)
    missing = post_missing(kind, event, now())
    assert missing == len(owed(kind, event, NOON)) > 0
    assert post_missing(kind, event, now()) == 0


@pytest.mark.parametrize("kind", [Kind.HAND_OVER_ANSWERED, Kind.NRM_STEP])
def test_a_hand_over_that_changed_hands_does_not_tell_the_next_person_of_old_news(cast, beacon, kind):
    event = an_event(cast, beacon, responder=cast.ben)
    posted(kind, event)
    later = Event(id=event.id, organisation=beacon, responder=cast.bea, owner=cast.coordinator2)
    assert post_missing(kind, later, now()) == 0
    Message.objects.filter(user=cast.ben).delete()
    assert post_missing(kind, later, now()) == 1


def test_the_mailbox_is_missed_even_when_the_person_was_told(cast, beacon):
    event = an_event(cast, beacon, responder=cast.ben)
    posted(Kind.HAND_OVER_ANSWERED, event)
    Message.objects.filter(organisation=beacon).delete()
    assert post_missing(Kind.HAND_OVER_ANSWERED, event, now()) == 1


def test_that_the_first_responder_was_told_does_not_hide_that_the_owner_was_not(cast, beacon):
    event = an_event(cast, beacon, responder=cast.ben)
    posted(Kind.NRM_STEP, event)
    Message.objects.filter(user=cast.coordinator).delete()
    assert post_missing(Kind.NRM_STEP, event, now()) == 1


# ---- Acting --------------------------------------------------------------------------------------------------------


def test_when_one_has_acted_nobody_else_in_the_organisation_is_waited_for(cast, beacon):
    event = an_event(cast, beacon, referrer=cast.bea)
    for kind in (Kind.HAND_OVER_OFFERED, Kind.HAND_OVER_CHASED, Kind.PASSED_ON, Kind.HAND_OVER_UNANSWERED):
        posted(kind, event)
    posted(Kind.HAND_OVER_OFFERED, an_event(cast, beacon))
    assert acknowledge(cast.lea, event.referral_id) == 1
    assert acknowledge_organisation(beacon, event.referral_id) == 4
    assert acknowledge_organisation(beacon, event.referral_id) == 0
    seen = Message.objects.filter(acknowledged_at__isnull=False)
    assert told(seen) == {"care-centre/mailbox", "care-centre/second", "bea", "ben", "lea"}
    assert not seen.filter(kind__in=[Kind.PASSED_ON, Kind.HAND_OVER_UNANSWERED]).exists()
