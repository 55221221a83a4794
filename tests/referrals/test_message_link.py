"""The link in a message: it brings its recipient to the right page, and nobody else to anything."""

import uuid
from urllib.parse import unquote

import pytest
from django.urls import reverse

from partners.models import Kind, Membership, Message
from partners.roles import Role
from referrals import workflow
from referrals.handover_states import RevokeReason
from referrals.models import NrmCase
from referrals.nrm_stages import NrmStage
from referrals.pathways import Pathway
from tests.conftest import make_person, submit_one
from tests.referrals.test_handovers import consents, in_triage, offer


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


# --- Hand-overs --------------------------------------------------------------------------------------------------


@pytest.fixture
def offered(cast):
    return offer(in_triage(cast.officer, cast.coordinator), cast.coordinator, cast.beacon)


def page_of(hand_over) -> str:
    return reverse("hand_over", args=[hand_over.pk])


def mailbox_message(organisation, kind) -> Message:
    return Message.objects.get(organisation=organisation, kind=kind)


def test_a_receiving_worker_comes_to_the_hand_over_after_the_second_step(client, cast, offered, sign_in):
    message = message_to(cast.beacon_worker, Kind.HAND_OVER_OFFERED)
    answer = sign_in(client, cast.beacon_worker, second_factor=False).get(link(message))
    assert answer["Location"].startswith(reverse("second_factor"))
    message.refresh_from_db()
    assert message.acknowledged_at is None
    assert sign_in(client, cast.beacon_worker).get(link(message))["Location"] == page_of(offered)
    message.refresh_from_db()
    assert message.acknowledged_at is not None


def test_a_mailbox_message_brings_everybody_who_works_the_inbox_and_nobody_else_there(client, cast, offered, sign_in):
    message = mailbox_message(cast.beacon, Kind.HAND_OVER_OFFERED)
    for person in (cast.beacon_worker, cast.beacon_worker2, make_person("beaconlead", Role.LEAD, cast.beacon)):
        assert sign_in(client, person).get(link(message))["Location"] == page_of(offered)
    for name, role in (("frontline", Role.REFERRER), ("board", Role.VIEWER)):
        person = make_person(name, role, cast.beacon)
        assert sign_in(client, person).get(link(message)).status_code == 404


def test_the_second_contact_comes_to_the_hand_over_too(client, cast, offered, sign_in):
    workflow.chase(hand_over_id=offered.pk, now=offered.chase_at)
    message = mailbox_message(cast.beacon, Kind.HAND_OVER_CHASED)
    assert sign_in(client, cast.beacon_worker2).get(link(message))["Location"] == page_of(offered)


def test_coordinators_come_to_the_case_and_the_referrer_to_the_status(client, cast, offered, sign_in):
    workflow.accept(hand_over_id=offered.pk, by=cast.beacon_worker, version=offered.version)
    case = reverse("admin:referrals_referral_change", args=[offered.referral_id])
    told = message_to(cast.coordinator, Kind.HAND_OVER_ACCEPTED)
    assert sign_in(client, cast.coordinator).get(link(told))["Location"] == case
    mailbox = mailbox_message(cast.beacon, Kind.HAND_OVER_OFFERED)
    assert sign_in(client, cast.coordinator).get(link(mailbox))["Location"] == case
    status = reverse("referral_status", args=[offered.referral_id])
    for kind in (Kind.PASSED_ON, Kind.PARTNER_ACCEPTED):
        assert sign_in(client, cast.officer).get(link(message_to(cast.officer, kind)))["Location"] == status


def test_after_it_was_taken_back_the_link_leads_to_what_is_left_of_it(client, cast, offered, sign_in):
    before = message_to(cast.beacon_worker, Kind.HAND_OVER_OFFERED)
    workflow.revoke(hand_over_id=offered.pk, reason=RevokeReason.SAFETY, by=cast.coordinator)
    for message in (before, message_to(cast.beacon_worker, Kind.HAND_OVER_REVOKED)):
        assert sign_in(client, cast.beacon_worker).get(link(message))["Location"] == page_of(offered)


def test_for_an_excluded_organisation_the_link_leads_nowhere(client, cast, offered, sign_in):
    message = message_to(cast.beacon_worker, Kind.HAND_OVER_OFFERED)
    workflow.exclude(
        referral_id=offered.referral_id, organisation=cast.beacon, reason="A cousin works there", by=cast.coordinator
    )
    assert sign_in(client, cast.beacon_worker).get(link(message)).status_code == 404


def test_each_of_two_hand_overs_to_one_organisation_has_its_own_link(client, cast, sign_in):
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(nrm="given", police="given"))
    made = [offer(taken, cast.coordinator, cast.constabulary, pathway) for pathway in (Pathway.NRM, Pathway.POLICE)]
    mailbox = Message.objects.filter(organisation=cast.constabulary, kind=Kind.HAND_OVER_OFFERED)
    client = sign_in(client, cast.police_officer)
    targets = [client.get(link(message))["Location"] for message in mailbox.order_by("created_at", "id")]
    assert sorted(targets) == sorted(page_of(hand_over) for hand_over in made)


def test_an_officer_who_is_both_referrer_and_first_responder_comes_to_the_right_one_of_the_two(client, cast, sign_in):
    taken = in_triage(cast.officer, cast.coordinator, consents=consents(nrm="given"))
    made = offer(taken, cast.coordinator, cast.council, Pathway.NRM, responder=cast.officer)
    client = sign_in(client, cast.officer)
    receipt, asked = message_to(cast.officer, Kind.RECEIPT), message_to(cast.officer, Kind.HAND_OVER_OFFERED)
    assert client.get(link(receipt))["Location"] == reverse("referral_status", args=[taken.pk])
    assert client.get(link(asked))["Location"] == page_of(made)


def test_news_of_the_nrm_leads_the_first_responder_to_the_answer_sheet_and_the_referrer_to_the_status(
    client, cast, sign_in
):
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(nrm="given"))
    made = offer(taken, cast.coordinator, cast.constabulary, Pathway.NRM)
    workflow.accept(hand_over_id=made.pk, by=cast.police_officer, version=made.version)
    case = NrmCase.objects.get()
    for stage in (NrmStage.SUBMITTED, NrmStage.RG_POSITIVE):
        on, version = case.started_at.date(), NrmCase.objects.get().version
        workflow.record_stage(referral_id=case.pk, stage=stage, on=on, by=cast.coordinator, version=version)
    step = Message.objects.filter(user=cast.police_officer, kind=Kind.NRM_STEP).first()
    sheet = reverse("nrm_sheet", args=[taken.pk])
    assert sign_in(client, cast.police_officer).get(link(step))["Location"] == sheet
    news = Message.objects.filter(user=cast.nurse, kind=Kind.NRM_PROGRESS).first()
    assert sign_in(client, cast.nurse).get(link(news))["Location"] == reverse("referral_status", args=[taken.pk])
    workflow.record_consents(referral_id=taken.pk, given=consents(nrm="withdrawn"), by=cast.nurse)
    assert sign_in(client, cast.police_officer).get(link(step))["Location"] == page_of(made)
