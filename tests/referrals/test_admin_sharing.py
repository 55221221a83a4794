"""Do not share: a coordinator keeps an organisation out, another one lifts it, and nobody else can notice."""

import pytest
from django.test import Client

from partners.models import AccessRecord
from referrals import workflow
from referrals.models import Exclusion, Referral
from tests.conftest import make_organisation
from tests.referrals.handing import handed, taken
from tests.referrals.test_admin_case import address, press, text_of


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def colleague(cast, sign_in) -> Client:
    """The other coordinator's browser."""
    return sign_in(Client(), cast.coordinator2)


def lift(referral, row):
    return f"{address(referral, 'lift')}{row.pk}/"


def test_an_organisation_is_kept_out_and_why_is_sealed(cast, coordinator):
    referral = taken(cast)
    press(coordinator, referral, "exclude", organisation=cast.beacon.pk, reason="A relative works there")
    row = Exclusion.objects.get()
    assert row.take_out() == {"reason": "A relative works there"}
    page = text_of(coordinator.get(address(referral)))
    assert "Do not share with Beacon You" in page
    assert "Another coordinator can lift this" in page
    assert "You decided not to share it with Beacon" in page
    assert "A relative works there" not in page


def test_why_is_opened_with_the_notes_and_the_look_is_recorded(cast, coordinator):
    referral = taken(cast)
    workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="A relative", by=cast.coordinator2)
    assert "1 reason for not sharing it" in text_of(coordinator.get(address(referral)))
    page = text_of(coordinator.post(address(referral, "open"), {"part": "notes"}))
    assert "Why it is not shared: Beacon" in page
    assert "A relative" in page
    assert AccessRecord.objects.filter(object_id=referral.pk, action="read_notes").count() == 1


def test_what_the_organisation_has_is_taken_back(cast, coordinator):
    referral = taken(cast)
    row = handed(cast, referral, cast.beacon)
    press(coordinator, referral, "exclude", organisation=cast.beacon.pk, reason="A relative works there")
    row.refresh_from_db()
    assert row.status == "revoked"
    assert "The organisation was not told" in text_of(coordinator.get(address(referral)))
    assert not Referral.objects.visible_to(cast.beacon_worker).exists()


@pytest.mark.parametrize("who", ["partnership_team", "beacon", "closed"])
def test_the_coordinators_own_and_those_already_kept_out_are_not_on_offer(cast, coordinator, who):
    referral = taken(cast)
    workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="A relative", by=cast.coordinator)
    closed = make_organisation("closed", ends_on="2020-01-01")
    organisation = closed if who == "closed" else getattr(cast, who)
    response = press(coordinator, referral, "exclude", organisation=organisation.pk, reason="Another relative")
    assert "Choose an organisation from the list" in text_of(response)
    assert response.context["form"]["reason"].value() == "Another relative"
    assert Exclusion.objects.count() == 1


def test_a_reason_is_wanted(cast, coordinator):
    response = press(coordinator, taken(cast), "exclude", organisation=cast.beacon.pk, reason=" ")
    assert "Enter the reason" in text_of(response)
    assert response.context["form"]["organisation"].value() == str(cast.beacon.pk)


def test_it_takes_a_second_person_to_lift_it(cast, coordinator, colleague):
    referral = taken(cast)
    workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="A relative", by=cast.coordinator)
    row = Exclusion.objects.get()
    refused = coordinator.post(lift(referral, row), {"version": referral.version})
    assert "Somebody else has to lift it: you added it yourself" in text_of(refused)
    assert "Allow sharing again" in text_of(colleague.get(address(referral)))
    assert colleague.post(lift(referral, row), {"version": referral.version}).status_code == 302
    row.refresh_from_db()
    assert row.lifted_by == cast.coordinator2
    page = text_of(coordinator.get(address(referral)))
    assert "lifted by Test Coordinator2" in page
    assert "Test Coordinator2 allowed sharing with Beacon again" in page
    assert colleague.get(lift(referral, row)).status_code == 404


def test_an_exclusion_of_another_referral_is_not_there(cast, coordinator):
    mine, other = taken(cast), taken(cast)
    row = workflow.exclude(referral_id=other.pk, organisation=cast.beacon, reason="A relative", by=cast.coordinator2)
    assert coordinator.get(lift(mine, row)).status_code == 404


def test_an_excluded_coordinator_finds_nothing(cast, sign_in):
    """A coordinator whose own organisation is kept out sees neither the case nor any of its acts."""
    elsewhere = make_organisation("elsewhere")
    cast.coordinator2.memberships.update(organisation=elsewhere)
    referral = taken(cast)
    workflow.exclude(referral_id=referral.pk, organisation=elsewhere, reason="A relative", by=cast.coordinator)
    client = sign_in(Client(), cast.coordinator2)
    for act in ("change", "consent", "hand-over", "exclude", "note"):
        assert client.get(address(referral, act)).status_code == 404
