"""Filters that coordinators name, keep for themselves or share."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from partners.models import Membership
from referrals.admin.saved import MOST_SAVED
from referrals.models import SavedFilter
from tests.conftest import submit_one

QUEUE = "/admin/referrals/referral/"
SAVED = QUEUE + "filters/"
CHILDREN = SAVED + "?show=open&age=child"


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def colleague(cast, sign_in) -> Client:
    """Another coordinator's browser."""
    return sign_in(Client(), cast.coordinator2)


def test_a_filter_is_saved_under_a_name_and_finds_the_same_again(cast, coordinator):
    child, _ = submit_one(cast.officer, age_group="child"), submit_one(cast.officer)
    assert "Age: Under 18" in coordinator.get(CHILDREN).content.decode()
    assert coordinator.post(CHILDREN, {"name": " Children "}).url == QUEUE + "?age=child&show=open"
    offered = coordinator.get(QUEUE).context["saved"]
    assert [(one["name"], one["own"]) for one in offered] == [("Children", True)]
    found = coordinator.get(offered[0]["url"]).context["cl"].result_list
    assert [row.reference for row in found] == [child.reference]


def test_only_a_shared_filter_is_seen_by_colleagues(cast, coordinator, colleague):
    coordinator.post(CHILDREN, {"name": "Shared", "shared": "on"})
    coordinator.post(CHILDREN, {"name": "Private"})
    assert [one["name"] for one in colleague.get(QUEUE).context["saved"]] == ["Shared"]
    assert [one["name"] for one in coordinator.get(QUEUE).context["saved"]] == ["Private", "Shared"]


def test_a_filter_keeps_what_is_on_offer_and_nothing_that_was_searched(coordinator):
    coordinator.post(SAVED + "?show=mine&age=martian&q=K7P-4TX-9WM&owner=me&after=0.1.0", {"name": "Mine"})
    assert SavedFilter.objects.get().query == "owner=me&show=mine"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Enter a name for the filter"),
        ("x" * 41, "The name"),
        ("CHILDREN", "You have a filter of this name already"),
    ],
)
def test_a_name_that_cannot_be_is_said_at_its_field(coordinator, name, words):
    coordinator.post(CHILDREN, {"name": "Children"})
    page = coordinator.post(CHILDREN, {"name": name})
    assert words in page.content.decode()
    assert "error-summary" in page.content.decode()
    assert SavedFilter.objects.count() == 1


def test_without_a_choice_there_is_nothing_to_save(coordinator):
    assert coordinator.post(SAVED, {"name": "Everything"}).status_code == 200
    assert not SavedFilter.objects.exists()


def test_a_filter_is_removed_by_its_owner_alone(cast, coordinator, colleague):
    coordinator.post(CHILDREN, {"name": "Children", "shared": "on"})
    address = f"{SAVED}{SavedFilter.objects.get().pk}/remove/"
    assert colleague.post(address).status_code == 404
    assert coordinator.get(address).url == SAVED
    assert SavedFilter.objects.exists()
    assert coordinator.post(address).url == SAVED
    assert not SavedFilter.objects.exists()


def test_a_name_is_text_and_nothing_else(coordinator, colleague):
    coordinator.post(CHILDREN, {"name": "<img src=x onerror=alert(1)>", "shared": "on"})
    for reader in (coordinator, colleague):
        for address in (QUEUE, SAVED):
            page = reader.get(address).content.decode()
            assert "<img src=x" not in page
            assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_nobody_keeps_more_than_thirty(cast, coordinator):
    names = [f"Filter {number}" for number in range(MOST_SAVED)]
    SavedFilter.objects.bulk_create(SavedFilter(owner=cast.coordinator, name=n, query="show=open") for n in names)
    assert "Remove one before you save another" in coordinator.post(CHILDREN, {"name": "Another"}).content.decode()
    assert SavedFilter.objects.count() == MOST_SAVED


def test_what_somebody_shared_stays_when_they_leave(cast, coordinator, colleague):
    coordinator.post(CHILDREN, {"name": "Shared", "shared": "on"})
    coordinator.post(CHILDREN, {"name": "Private"})
    Membership.objects.filter(user=cast.coordinator).update(ended_at=timezone.now())
    assert [one["name"] for one in colleague.get(QUEUE).context["saved"]] == ["Shared"]
    assert colleague.get(QUEUE + "?age=child&show=open").status_code == 200


@pytest.mark.parametrize("who", ["officer", "lead", "responder", "auditor", "sysadmin"])
def test_nobody_else_sees_a_saved_filter(cast, coordinator, who):
    coordinator.post(CHILDREN, {"name": "Children", "shared": "on"})
    assert not SavedFilter.objects.visible_to(cast.people[who]).exists()


def test_the_database_keeps_one_filter_a_name(cast):
    SavedFilter.objects.create(owner=cast.coordinator, name="Children", query="age=child&show=open")
    with pytest.raises(IntegrityError, match="one_saved_filter_a_name"), transaction.atomic():
        SavedFilter.objects.create(owner=cast.coordinator, name="CHILDREN", query="show=open")
    with pytest.raises(IntegrityError, match="saved_filter_has_a_name"), transaction.atomic():
        SavedFilter.objects.create(owner=cast.coordinator, name="", query="show=open")
