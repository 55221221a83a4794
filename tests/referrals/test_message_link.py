"""The link in a message: it brings its recipient to the right page, and nobody else to anything."""

import uuid
from urllib.parse import unquote

import pytest
from django.urls import reverse

from partners.models import Kind, Membership, Message
from partners.roles import Role
from tests.conftest import make_person, submit_one


def message_to(user, kind, referral=None) -> Message:
    rows = Message.objects.filter(user=user, kind=kind)
    return (rows.filter(referral_id=referral.id) if referral else rows).get()


def link(message) -> str:
    return reverse("message_link", args=[message.id])


def test_a_referrer_comes_to_the_status_with_a_code_alone(client, cast, referral, sign_in):
    message = message_to(cast.officer, Kind.RECEIPT)
    answer = sign_in(client, cast.officer, second_factor=False).get(link(message))
    assert answer["Location"] == reverse("referral_status", args=[referral.id])
    message.refresh_from_db()
    assert message.acknowledged_at is not None


def test_a_coordinator_comes_to_the_case_in_the_admin(client, cast, referral, sign_in):
    message = message_to(cast.coordinator, Kind.REFERRAL_SUBMITTED)
    answer = sign_in(client, cast.coordinator).get(link(message))
    assert answer["Location"] == reverse("admin:referrals_referral_change", args=[referral.id])
    message.refresh_from_db()
    assert message.acknowledged_at is not None


def test_a_coordinator_with_a_code_alone_shows_the_second_step_before_anything_is_noted(
    client, cast, referral, sign_in
):
    message = message_to(cast.coordinator, Kind.REFERRAL_SUBMITTED)
    answer = sign_in(client, cast.coordinator, second_factor=False).get(link(message))
    assert answer["Location"].startswith(reverse("second_factor"))
    assert link(message) in unquote(answer["Location"])
    message.refresh_from_db()
    assert message.acknowledged_at is None


def test_a_stranger_signs_in_first_and_learns_nothing(client, cast, referral):
    there = client.get(link(message_to(cast.officer, Kind.RECEIPT)))
    missing = client.get(reverse("message_link", args=[uuid.uuid4()]))
    assert there.status_code == missing.status_code == 302
    assert there["Location"].split("?")[0] == missing["Location"].split("?")[0] == reverse("account_login")


@pytest.mark.parametrize("name", ["colleague", "lead", "nurse", "coordinator2", "viewer", "auditor", "sysadmin"])
def test_somebody_elses_message_is_not_there(client, cast, referral, sign_in, name):
    message = message_to(cast.officer, Kind.RECEIPT)
    assert sign_in(client, getattr(cast, name)).get(link(message)).status_code == 404
    assert sign_in(client, getattr(cast, name)).get(link(Message(id=uuid.uuid4()))).status_code == 404
    message.refresh_from_db()
    assert message.acknowledged_at is None


def test_who_moved_to_another_organisation_does_not_get_back_to_the_case(client, cast, referral, sign_in):
    message = message_to(cast.officer, Kind.RECEIPT)
    membership = Membership.objects.get(user=cast.officer)
    membership.ended_at = membership.started_at
    membership.save()
    Membership.objects.create(user=cast.officer, organisation=cast.hospital, role=Role.REFERRER)
    assert sign_in(client, cast.officer).get(link(message)).status_code == 404


def test_one_click_notes_all_messages_of_the_reader_about_that_case_only(client, cast, referral, sign_in):
    other = submit_one(cast.officer)
    extra = Message.objects.create(
        event_id=uuid.uuid4(), kind=Kind.TRIAGE_STARTED, user=cast.officer, referral_id=referral.id
    )
    sign_in(client, cast.officer).get(link(extra))
    assert Message.objects.filter(user=cast.officer, acknowledged_at__isnull=False).count() == 2
    assert message_to(cast.officer, Kind.RECEIPT, other).acknowledged_at is None


def test_a_mailbox_is_answered_for_by_a_coordinator(client, cast, sign_in):
    referral = submit_one(cast.officer, priority="immediate")
    message = Message.objects.get(organisation=cast.partnership_team)
    assert sign_in(client, cast.nurse).get(link(message)).status_code == 404
    assert sign_in(client, cast.sysadmin).get(link(message)).status_code == 404
    answer = sign_in(client, cast.coordinator).get(link(message))
    assert answer["Location"] == reverse("admin:referrals_referral_change", args=[referral.id])
    message.refresh_from_db()
    assert message.acknowledged_at is not None


def test_the_daily_sign_of_life_leads_to_the_list(client, cast, sign_in):
    message = Message.objects.create(event_id=uuid.uuid4(), kind=Kind.HEARTBEAT, user=cast.coordinator)
    answer = sign_in(client, cast.coordinator).get(link(message))
    assert answer["Location"] == reverse("admin:referrals_referral_changelist")


@pytest.mark.parametrize("role", [Role.REFERRER, Role.VIEWER, Role.RESPONDER])
def test_an_invitation_leads_home_whatever_the_role(client, cast, sign_in, role):
    person = make_person("invited", role, cast.council)
    message = Message.objects.create(event_id=uuid.uuid4(), kind=Kind.INVITATION, user=person)
    answer = sign_in(client, person, second_factor=False).get(link(message))
    assert answer["Location"] == reverse("home")


@pytest.mark.parametrize(
    ("name", "target"), [("lead", "people"), ("officer", "home"), ("coordinator", "message_queue")]
)
def test_a_refused_address_leads_to_where_it_can_be_put_right(client, cast, referral, sign_in, name, target):
    user = getattr(cast, name)
    message = Message.objects.create(
        event_id=uuid.uuid4(),
        kind=Kind.ADDRESS_REFUSED,
        organisation=user.organisation,
        contact="second",
        referral_id=referral.id,
    )
    assert sign_in(client, user).get(link(message))["Location"] == reverse(target)


def test_only_reading_is_possible(client, cast, referral, sign_in):
    message = message_to(cast.officer, Kind.RECEIPT)
    assert sign_in(client, cast.officer).post(link(message)).status_code == 405
