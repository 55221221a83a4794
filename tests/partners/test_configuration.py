"""The history of the settings: whoever changes one leaves who, when, and how it was; it is read and never rewritten."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from partners.configuration import kind_in_words
from partners.models import (
    AccountChange,
    AppendOnlyError,
    Area,
    ClosedDay,
    ConfigurationChange,
    Duty,
    Limit,
    NotificationRule,
    Organisation,
    Partnership,
    SupportLine,
    User,
)
from partners.roles import Role
from tests.partners.settings_pages import address, form_of, save

MAY_READ = {Role.COORDINATOR, Role.AUDITOR, Role.SYSADMIN}


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


def values(change: ConfigurationChange) -> dict[str, tuple[str, str]]:
    return {what: (before, after) for what, before, after in change.changes}


def test_a_change_keeps_who_when_before_and_after(cast, coordinator):
    save(coordinator, cast.hospital, urgent_phone="01632 960 111", role_mailbox="new@hospital.example.org")
    change = ConfigurationChange.objects.get()
    assert (change.by, change.act, change.name) == (cast.coordinator, "changed", "Hospital")
    assert values(change) == {
        "Urgent phone": ("", "01632 960 111"),
        "Role mailbox": ("referrals@hospital.example.org", "new@hospital.example.org"),
    }
    page = coordinator.get(address(Organisation, cast.hospital.pk, "history")).content.decode()
    assert cast.coordinator.full_name in page
    assert "referrals@hospital.example.org" in page
    assert "new@hospital.example.org" in page


def test_areas_and_what_belongs_to_an_organisation_are_part_of_its_history(cast, coordinator):
    area = Area.objects.get()
    more = {"standings-0-kind": "section_52", "standings-0-starts_on": "2026-01-01", "standings-0-source": "A law"}
    save(coordinator, cast.hospital, areas=[area.pk], **more)
    found = values(ConfigurationChange.objects.get())
    assert found["Areas"] == ("", "Northtown")
    assert found["Standings"] == (
        "",
        "Under the duty to notify (section 52), from 1 January 2026, source A law",
    )


def test_saving_without_a_change_leaves_nothing(cast, coordinator):
    save(coordinator, cast.hospital)
    assert not ConfigurationChange.objects.exists()


def test_what_is_added_and_removed_stays_known(cast, coordinator):
    response = coordinator.post(address(ClosedDay, "add"), {"day": "2026-12-24", "reason": "Christmas Eve"})
    assert response.status_code == 302
    row = ClosedDay.objects.get()
    assert coordinator.post(address(ClosedDay, row.pk, "delete"), {"post": "yes"}).status_code == 302
    removed, added = ConfigurationChange.objects.order_by("-at")
    assert (added.act, removed.act) == ("added", "removed")
    assert values(added)["Day"] == ("", "24 December 2026")
    assert values(removed)["Reason"] == ("Christmas Eve", "")
    page = coordinator.get("/audit/settings/").content.decode()
    assert page.count("Christmas Eve") == 2


@pytest.mark.parametrize("model", [Partnership, NotificationRule, Limit, SupportLine, Area])
def test_every_page_of_settings_keeps_it(cast, coordinator, model):
    SupportLine.objects.create(slug="line", name="Line", purpose="other", phone="01632 960 123")
    row = model.objects.first()
    change = {
        Partnership: {"answer_days": 3},
        NotificationRule: {"quiet_from": "22:00", "quiet_until": "07:00"},
        Limit: {"source": "Another decision"},
        SupportLine: {"note": "Say who you are"},
        Area: {"name": "Norton"},
    }[model]
    save(coordinator, row, **change)
    found = ConfigurationChange.objects.get(kind=model._meta.model_name, object_id=str(row.pk))
    assert len(found.changes) == len(change)


def test_an_account_has_its_own_record_and_names_nobody_here(cast, coordinator):
    change = address(User, cast.nurse.pk, "change")
    coordinator.post(change, form_of(coordinator.get(change)) | {"full_name": "Renamed"})
    shift = {"user": cast.coordinator2.pk, "starts_at_0": "2026-12-01", "starts_at_1": "09:00"}
    shift |= {"ends_at_0": "2026-12-01", "ends_at_1": "17:00"}
    assert coordinator.post(address(Duty, "add"), shift).status_code == 302
    everything = str(list(ConfigurationChange.objects.values()))
    assert f"Account {cast.coordinator2.pk}" in everything
    assert not [user for user in cast.people.values() if user.full_name in everything or user.email in everything]
    assert not AccountChange.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_coordinators_administrators_and_auditors_read_all_of_it(cast, coordinator, sign_in, role):
    save(coordinator, cast.hospital, urgent_phone="01632 960 111")
    who = {user.role: user for user in cast.people.values()}[role]
    response = sign_in(Client(), who).get("/audit/settings/")
    assert response.status_code == (200 if role in MAY_READ else 404)
    if role in MAY_READ:
        assert "01632 960 111" in response.content.decode()
        assert "Test Coordinator" in response.content.decode()


def test_it_is_narrowed_to_one_kind(cast, coordinator):
    save(coordinator, cast.hospital, urgent_phone="01632 960 111")
    save(coordinator, Partnership.objects.get(), answer_days=3)
    page = coordinator.get("/audit/settings/", {"kind": "partnership"}).content.decode()
    assert "Working days a referrer has to answer" in page
    assert "01632 960 111" not in page
    assert "Choose a setting from the list" in coordinator.get("/audit/settings/", {"kind": "x"}).content.decode()


def test_the_way_there_is_on_the_first_page_and_on_the_access_log(cast, coordinator, sign_in):
    assert 'href="/audit/settings/"' in coordinator.get("/admin/").content.decode()
    assert 'href="/audit/settings/"' in sign_in(Client(), cast.auditor).get("/audit/").content.decode()


@pytest.mark.parametrize(
    "statement", ["UPDATE partners_configurationchange SET name = 'x'", "DELETE FROM partners_configurationchange"]
)
def test_the_database_refuses_to_rewrite_it(cast, coordinator, statement):
    save(coordinator, cast.hospital, urgent_phone="01632 960 111")
    with pytest.raises(DatabaseError, match="append"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("partners_configurationchange"))
    change = ConfigurationChange.objects.get()
    with pytest.raises(AppendOnlyError):
        change.save()
    with pytest.raises(AppendOnlyError):
        change.delete()


def test_a_kind_that_is_gone_still_has_a_name():
    assert kind_in_words("limit") == "Clock or threshold"
    assert kind_in_words("teapot") == "Teapot"


def test_what_was_typed_is_shown_as_text(cast, coordinator):
    save(coordinator, Area.objects.get(), name="<script>alert(1)</script>")
    page = coordinator.get("/audit/settings/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_a_refused_form_leaves_nothing(cast, coordinator):
    change = address(Organisation, cast.hospital.pk, "change")
    data = form_of(coordinator.get(change)) | {"ends_on": "2001-01-01"}
    assert coordinator.post(change, data).status_code == 200
    assert not ConfigurationChange.objects.exists()
    cast.hospital.refresh_from_db()
    assert cast.hospital.ends_on is None
    assert datetime.date(2001, 1, 1) < cast.hospital.starts_on
