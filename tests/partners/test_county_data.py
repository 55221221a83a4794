"""Hertfordshire's data as it is shipped, and what loading it again does."""

import datetime
import re
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from partners.county.load import Result, load_county
from partners.hours import Stretch, is_open
from partners.limits import current_limits
from partners.models import Agreement, Area, Limit, LimitKey, Organisation, Partnership, Standing, SupportLine
from tests.county_folder import HERTFORDSHIRE, append, cells, copy_of_hertfordshire, set_cell

TODAY = datetime.date(2026, 11, 23)
pytestmark = pytest.mark.django_db  # each test takes back what it does, inside the transaction that holds the county
FRO, S52 = Standing.Kind.FIRST_RESPONDER, Standing.Kind.SECTION_52


@pytest.fixture(scope="module")
def hertfordshire(django_db_setup, django_db_blocker) -> Result:
    """The county, loaded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_county(HERTFORDSHIRE)
        transaction.set_rollback(True)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the folder that a test may edit."""
    return copy_of_hertfordshire(tmp_path)


# --- Hertfordshire ---------------------------------------------------------------------------------------------------


def test_hertfordshire_has_45_organisations_and_ten_districts(hertfordshire):
    assert Organisation.objects.count() == 45
    assert Area.objects.filter(kind=Area.Kind.DISTRICT).count() == 10
    assert Partnership.current().name == "Hertfordshire Modern Slavery Partnership"


def test_every_district_of_hertfordshire_has_a_place_of_its_own_on_the_map(hertfordshire):
    places = list(Area.objects.filter(kind=Area.Kind.DISTRICT).values_list("tile_row", "tile_column"))
    assert all(row and column for row, column in places)
    assert len(set(places)) == 10
    assert dict(Area.objects.values_list("code", "tile_row"))["north-hertfordshire"] == 1


def test_every_council_is_a_first_responder_under_section_52(hertfordshire):
    councils = Organisation.objects.filter(kind__in=["county_council", "district_council", "fire"])
    assert councils.count() == 14
    assert all(council.has_standing(FRO, TODAY) and council.has_standing(S52, TODAY) for council in councils)


@pytest.mark.parametrize(
    "slug",
    [
        "west-hertfordshire-teaching-hospitals-nhs-trust",
        "probation-service",
        "department-for-work-and-pensions",
        "beacon-victim-care-centre",
        "shiva-foundation",
        "office-of-the-police-and-crime-commissioner",
        "clarion-housing",
        "hertfordshire-modern-slavery-partnership-team",
    ],
)
def test_who_is_not_on_the_home_office_list_has_no_standing(hertfordshire, slug):
    assert not Organisation.objects.get(slug=slug).standings.exists()


@pytest.mark.parametrize("slug", ["salvation-army", "medaille-trust", "barnardos", "nspcc", "border-force"])
def test_charities_and_the_border_force_refer_but_have_no_duty_to_notify(hertfordshire, slug):
    organisation = Organisation.objects.get(slug=slug)
    assert organisation.has_standing(FRO, TODAY)
    assert not organisation.has_standing(S52, TODAY)


def test_no_standing_in_the_list_lacks_its_source(hertfordshire):
    assert not Standing.objects.filter(source="").exists()


def test_the_labour_abuse_authority_ended_and_the_fair_work_agency_followed_the_next_day(hertfordshire):
    old = Organisation.objects.get(slug="gangmasters-and-labour-abuse-authority")
    assert old.successor.slug == "fair-work-agency"
    assert old.ends_on + datetime.timedelta(days=1) == old.successor.starts_on
    assert not old.has_standing(FRO, TODAY)
    assert not old.is_in_force(TODAY)
    assert old.successor.has_standing(FRO, TODAY)


def test_the_commissioner_has_a_planned_end(hertfordshire):
    commissioner = Organisation.objects.get(slug="office-of-the-police-and-crime-commissioner")
    assert commissioner.is_in_force(datetime.date(2028, 5, 1))
    assert not commissioner.is_in_force(datetime.date(2028, 6, 1))


def test_no_real_address_can_be_written_to(hertfordshire):
    for organisation in Organisation.objects.all():
        addresses = [organisation.role_mailbox, organisation.second_contact]
        hosts = organisation.email_domains + [address.partition("@")[2] for address in addresses if address]
        assert hosts
        assert all(host.endswith(".example.org") for host in hosts), organisation.slug
    assert Partnership.current().mailbox.endswith(".example.org")


def test_the_organisations_phones_are_from_the_range_kept_for_drama(hertfordshire):
    phones = [o.urgent_phone for o in Organisation.objects.exclude(urgent_phone="")] + [Partnership.current().phone]
    assert all(re.fullmatch(r"01632 960\d{3}", phone) for phone in phones)
    assert len(set(phones)) == len(phones)


def test_the_public_lines_are_the_real_ones_and_only_they(hertfordshire):
    lines = SupportLine.objects.in_force(TODAY)
    assert {line.slug: line.phone for line in lines} == {
        "emergency": "999",
        "police": "101",
        "modern-slavery-helpline": "08000 121 700",
        "beacon": "03000 11 55 55",
        "salvation-army": "0800 808 3733",
        "childrens-services": "0300 123 4043",
        "adult-care-services": "0300 123 4042",
        "guardians": "0800 043 4303",
        "competent-authority": "0300 072 4345",
        "crimestoppers": "0800 555 111",
        "childline": "0800 1111",
    }
    assert {line.slug for line in lines if not line.public} == {"guardians", "competent-authority"}


def test_the_helpline_is_not_said_to_be_open_day_and_night(hertfordshire):
    helpline = SupportLine.objects.get(slug="modern-slavery-helpline")
    assert not helpline.always_open
    assert not helpline.hours.exists()
    assert "24" not in helpline.note


def test_beacons_hours_are_loaded(hertfordshire):
    hours = [Stretch(h.weekday, h.opens, h.closes) for h in SupportLine.objects.get(slug="beacon").hours.all()]
    at = lambda *when: datetime.datetime(*when, tzinfo=datetime.UTC)  # noqa: E731
    assert is_open(at(2026, 11, 23, 19, 59), hours)
    assert not is_open(at(2026, 11, 23, 20, 0), hours)
    assert is_open(at(2026, 11, 28, 16, 59), hours)
    assert not is_open(at(2026, 11, 29, 12, 0), hours)


def test_whoever_can_be_handed_a_referral_has_signed_an_agreement(hertfordshire):
    receivers = Organisation.objects.filter(receives_referrals=True)
    councils = set(Organisation.objects.filter(kind="district_council").values_list("slug", flat=True))
    assert {o.slug for o in receivers} - councils == {
        "beacon-victim-care-centre",
        "hertfordshire-adult-care-services",
        "hertfordshire-childrens-services",
        "hertfordshire-constabulary",
        "hertfordshire-county-council",
        "salvation-army",
    }
    assert len(receivers) == 6 + 10
    assert all(organisation.agreement_on(TODAY) for organisation in receivers)


def test_whoever_can_be_handed_a_referral_can_be_chased_and_rung(hertfordshire):
    receivers = Organisation.objects.filter(receives_referrals=True)
    assert all(o.role_mailbox and o.second_contact and o.urgent_phone for o in receivers)
    assert all(o.role_mailbox != o.second_contact for o in receivers)


def test_the_county_council_opens_reception_centres_and_names_its_services_in_the_home_office_form(hertfordshire):
    assert Organisation.objects.get(opens_reception_centre=True).slug == "hertfordshire-county-council"
    named = {o.name_in_nrm_form for o in Organisation.objects.filter(kind__in=["county_council", "fire"])}
    assert named == {"Hertfordshire County Council"}
    assert Organisation.objects.get(slug="nspcc").name_in_nrm_form == "NSPCC"


def test_the_countys_clocks_are_the_standard_ones(hertfordshire):
    """The file is where a county changes them; here nothing differs from what the migration wrote."""
    assert Limit.objects.count() == len(cells(HERTFORDSHIRE, "clocks.csv"))
    assert not [name for name in hertfordshire.changed if name.startswith("clocks.csv")]
    assert set(current_limits(TODAY).rows) == set(LimitKey.values)


def test_a_county_may_change_a_clock_from_a_day_on(hertfordshire, folder):
    set_cell(folder, "clocks.csv", "chase_ring", "ends_on", "2026-12-31")
    append(folder / "clocks.csv", "chase_ring,60,working_minutes,2027-01-01,,Agreed at the December meeting,\n")
    result = load_county(folder)
    assert result.added == ["clocks.csv: chase_ring 2027-01-01"]
    assert result.changed == {"clocks.csv: chase_ring 2017-05-01": "ends_on"}
    assert current_limits(TODAY).amount(LimitKey.CHASE_RING) == 300
    assert current_limits(datetime.date(2027, 1, 1)).amount(LimitKey.CHASE_RING) == 60


def test_one_team_hosts_the_coordinators(hertfordshire):
    host = Organisation.objects.get(coordinates=True)
    assert host.slug == "hertfordshire-modern-slavery-partnership-team"
    assert host.second_contact


# --- Loading again ---------------------------------------------------------------------------------------------------


def test_loading_a_second_time_changes_nothing(hertfordshire):
    again = load_county(HERTFORDSHIRE)
    assert (again.added, again.changed) == ([], {})
    assert again.same == hertfordshire.rows
    assert Agreement.objects.count() == len(cells(HERTFORDSHIRE, "agreements.csv"))


def test_a_changed_value_is_taken_over_and_named(hertfordshire, folder):
    set_cell(folder, "organisations.csv", "clarion-housing", "role_mailbox", "new@clarion-housing.example.org")
    set_cell(folder, "support_lines.csv", "beacon", "hours", "Mon-Fri 09:00-17:00")
    result = load_county(folder)
    assert result.changed == {
        "organisations.csv: clarion-housing": "role_mailbox",
        "support_lines.csv: beacon": "hours",
    }
    assert Organisation.objects.get(slug="clarion-housing").role_mailbox == "new@clarion-housing.example.org"
    assert SupportLine.objects.get(slug="beacon").hours.count() == 5


def test_only_new_leaves_what_staff_have_edited(hertfordshire, folder):
    Organisation.objects.filter(slug="clarion-housing").update(short_name="Edited by staff")
    Organisation.objects.filter(slug="barnardos").update(slug="left-over")
    Organisation.objects.filter(slug="left-over").update(name="Left over")
    result = load_county(folder, only_new=True)
    assert "organisations.csv: barnardos" in result.added
    assert result.changed == {}
    assert Organisation.objects.get(slug="clarion-housing").short_name == "Edited by staff"


def test_what_the_files_do_not_hold_is_left_alone(hertfordshire, folder):
    Organisation.objects.create(slug="extra", name="Extra", kind="charity")
    load_county(folder)
    assert Organisation.objects.filter(slug="extra").exists()


def test_a_standing_can_end_and_begin_again(hertfordshire, folder):
    set_cell(folder, "standings.csv", "fair-work-agency", "ends_on", "2026-10-31")
    append(folder / "standings.csv", "fair-work-agency,first_responder,2026-12-01,,A new list\n")
    load_county(folder)
    agency = Organisation.objects.get(slug="fair-work-agency")
    assert not agency.has_standing(FRO, TODAY)
    assert agency.has_standing(FRO, datetime.date(2026, 12, 1))


def test_days_may_be_written_as_a_british_spreadsheet_saves_them(hertfordshire, folder):
    set_cell(folder, "areas.csv", "watford", "starts_on", "01/05/2017")
    assert load_county(folder).changed == {}


def test_a_file_saved_by_a_spreadsheet_with_a_mark_and_empty_lines_is_read(hertfordshire, folder):
    text = (folder / "areas.csv").read_text().replace("\n", "\r\n")
    (folder / "areas.csv").write_text("\ufeff" + text + ",,,,,,\r\n\r\n", newline="")
    assert load_county(folder).changed == {}


def test_today_is_after_every_signature_in_the_file(hertfordshire):
    assert not Agreement.objects.filter(signed_on__gt=timezone.localdate()).exists()
