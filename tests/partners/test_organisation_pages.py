"""Organisations and areas in the admin: one begins, is renamed and ends, and whatever carried it keeps it."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from partners.models import Area, ConfigurationChange, Membership, Organisation, SupportLine
from partners.roles import Role
from referrals.models import Referral
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from referrals.workflow import Offer, hand_over, record_consents, start_triage
from tests.conftest import make_person, submit_one
from tests.partners.settings_pages import address, form_of, save

DAY = datetime.timedelta(days=1)


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


def end(client: Client, row, **more):
    change = address(row, row.pk, "change")
    return client.post(change, form_of(client.get(change)) | {"ends_on": str(timezone.localdate())} | more)


@pytest.fixture
def handed_over(cast, referral) -> Referral:
    """A referral that the victim care centre was asked to take."""
    record_consents(referral_id=referral.id, given=[ConsentGiven(kind="beacon", state="given")], by=cast.coordinator)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=Referral.objects.get(pk=referral.pk).version)
    version = Referral.objects.get(pk=referral.pk).version
    offers = [Offer(cast.beacon, Pathway.BEACON)]
    hand_over(referral_id=referral.id, offers=offers, by=cast.coordinator, version=version)
    return referral


@pytest.mark.parametrize("who", ["coordinator", "sysadmin"])
def test_the_page_says_what_hangs_on_an_organisation_and_asks_before_it_ends(cast, sign_in, handed_over, who):
    client = sign_in(Client(), cast.people[who])
    SupportLine.objects.create(
        slug="x", name="X", purpose="other", phone="01632 960 123", organisation=cast.beacon, always_open=True
    )
    page = client.get(address(cast.beacon, cast.beacon.pk, "change")).content.decode()
    for words in ("People with an account: 2", "Open hand-overs: 1", "Support lines: 1"):
        assert words in page
    assert handed_over.reference not in page
    refused = end(client, cast.beacon)
    assert "open hand-overs: 1" in refused.content.decode()
    cast.beacon.refresh_from_db()
    assert cast.beacon.ends_on is None
    assert not ConfigurationChange.objects.exists()
    assert end(client, cast.beacon, read_what_hangs="on").status_code == 302
    cast.beacon.refresh_from_db()
    assert cast.beacon.ends_on == timezone.localdate()
    assert Membership.objects.filter(organisation=cast.beacon).count() == 2


def test_one_on_which_nothing_hangs_ends_without_a_question(cast, coordinator):
    Membership.objects.filter(organisation=cast.hospital).delete()
    assert (
        "Nothing: it can end at any time."
        in coordinator.get(address(cast.hospital, cast.hospital.pk, "change")).content.decode()
    )
    assert end(coordinator, cast.hospital).status_code == 302


def test_the_last_coordinators_are_not_locked_out(cast, coordinator):
    refused = end(coordinator, cast.partnership_team, read_what_hangs="on")
    assert "nobody could triage any more" in refused.content.decode()
    make_person("another", Role.COORDINATOR, cast.council)
    assert end(coordinator, cast.partnership_team, read_what_hangs="on").status_code == 302


def test_an_organisation_does_not_begin_later_while_all_coordinators_work_there(cast, coordinator):
    tomorrow = {"starts_on": timezone.localdate() + DAY}
    change = address(cast.partnership_team, cast.partnership_team.pk, "change")
    refused = coordinator.post(change, form_of(coordinator.get(change)) | tomorrow)
    assert "nobody could triage until then" in refused.content.decode()


def test_two_hosts_of_coordinators_do_not_end_one_after_the_other(cast, coordinator):
    make_person("another", Role.COORDINATOR, cast.council)
    Organisation.objects.filter(pk=cast.council.pk).update(ends_on=timezone.localdate() + 5 * DAY)
    last = {"ends_on": timezone.localdate() + 6 * DAY, "read_what_hangs": "on"}
    assert "nobody could triage any more" in end(coordinator, cast.partnership_team, **last).content.decode()


def test_one_that_has_a_last_day_already_is_changed_without_the_question(cast, coordinator):
    Organisation.objects.filter(pk=cast.beacon.pk).update(ends_on=timezone.localdate() + 30 * DAY)
    save(coordinator, Organisation.objects.get(pk=cast.beacon.pk), urgent_phone="01632 960 222")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"urgent_phone": "ring us"}, "Enter a phone number"),
        ({"role_mailbox": "not an address"}, "Enter a valid email address"),
        ({"email_domains": "@Hospital.example.org"}, "Please correct the error below."),
        ({"successor": "self"}, "cannot be its own successor"),
        ({"receives_referrals": "on", "role_mailbox": ""}, "needs a shared mailbox"),
        ({"name": "Council"}, "already exists"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(cast, coordinator, changes, words):
    change = address(cast.hospital, cast.hospital.pk, "change")
    if changes.get("successor"):
        changes = {"successor": cast.hospital.pk}
    assert words in coordinator.post(change, form_of(coordinator.get(change)) | changes).content.decode()


def test_a_new_one_can_be_handed_a_referral_and_is_a_first_responder(cast, coordinator):
    data = form_of(coordinator.get(address(Organisation, "add"))) | {
        "name": "New Refuge",
        "slug": "new-refuge",
        "kind": "charity",
        "sector": "voluntary",
        "areas": [Area.objects.get().pk],
        "role_mailbox": "team@refuge.example.org",
        "second_contact": "duty@refuge.example.org",
        "urgent_phone": "01632 960 333",
        "email_domains": "refuge.example.org",
        "receives_referrals": "on",
        "starts_on": "2026-01-01",
        "standings-0-kind": "first_responder",
        "standings-0-starts_on": "2026-01-01",
    }
    response = coordinator.post(address(Organisation, "add"), data)
    assert response.status_code == 302, response.context["errors"]
    made = Organisation.objects.get(slug="new-refuge")
    assert made.has_standing("first_responder", timezone.localdate())
    assert ConfigurationChange.objects.get().act == "added"


# ---- Areas ----------------------------------------------------------------------------------------------------------


def test_a_district_is_added_with_a_short_name_made_from_its_name(coordinator):
    data = {"name": "East Northtown", "kind": "district", "starts_on": "2026-01-01"}
    assert coordinator.post(address(Area, "add"), data).status_code == 302
    assert Area.objects.get(name="East Northtown").code == "east-northtown"
    again = coordinator.post(address(Area, "add"), data)
    assert "already exists" in again.content.decode()


def test_a_district_is_renamed_and_ended_and_referrals_keep_theirs(cast, coordinator):
    area = Area.objects.get()
    referral = submit_one(cast.officer)
    data = {"name": "New Northtown", "kind": "district", "starts_on": str(timezone.localdate())}
    coordinator.post(address(Area, "add"), data)
    new = Area.objects.get(name="New Northtown")
    save(coordinator, area, name="Old Northtown", ends_on=str(timezone.localdate() - DAY), successor=new.pk)
    referral.refresh_from_db()
    assert referral.district.name == "Old Northtown"
    page = coordinator.get(f"/admin/referrals/referral/{referral.pk}/change/").content.decode()
    assert "Old Northtown" in page
    assert list(Area.objects.in_force(timezone.localdate())) == [new]
    history = coordinator.get(address(Area, area.pk, "history")).content.decode()
    assert "Northtown" in history
    assert "Old Northtown" in history
    assert "Ended" in coordinator.get(address(Area)).content.decode()


def test_an_area_is_not_its_own_successor_and_does_not_end_before_it_begins(coordinator):
    area = Area.objects.get()
    change = address(area, area.pk, "change")
    form = form_of(coordinator.get(change))
    assert "cannot be its own successor" in coordinator.post(change, form | {"successor": area.pk}).content.decode()
    refused = coordinator.post(change, form | {"ends_on": "2001-01-01"})
    assert "The last day cannot be before the first." in refused.content.decode()
