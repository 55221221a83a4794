"""The search for a person: by POST alone, what sounds alike too, coded rows only, and nothing typed is kept."""

import logging

import pytest
from django.test import Client

from partners.models import AccessRecord
from referrals import workflow
from tests.conftest import CANARY_NAME, CANARY_PHONE, CANARY_STORY, make_organisation, submit_one
from tests.referrals.test_admin_case import text_of

ADDRESS = "/admin/referrals/people/"
PURPOSE = "A partner asked whether we know of them"


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def search(client: Client, purpose: str = PURPOSE, **typed):
    return client.post(ADDRESS, {"purpose": purpose, **typed})


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"name": "Testperson Zebulina"}, "Same name"),
        ({"name": "Sebulina Testpersson"}, "Names sound alike"),
        ({"phone": "+44 7700 900 123"}, "Same phone number"),
    ],
)
def test_a_person_is_found_exactly_and_by_sound_as_coded_rows(referral, coordinator, typed, why):
    response = search(coordinator, **typed)
    page = text_of(response)
    assert "1 referral may be about this person" in page
    for words in [referral.reference, why, "Forced labour", "Car wash", "Council"]:
        assert words in page, words
    assert CANARY_STORY not in response.content.decode()
    assert not AccessRecord.objects.filter(action="open_identity").exists()


def test_nobody_is_found_and_the_page_says_what_to_try(referral, coordinator):
    assert "0 referrals may be about this person" in text_of(search(coordinator, name="Nobody Inparticular"))


def test_the_search_and_its_purpose_are_on_the_access_log_and_its_words_are_nowhere(referral, coordinator, caplog):
    with caplog.at_level(logging.DEBUG):
        response = search(coordinator, name=f"{CANARY_NAME} Testperson", phone=CANARY_PHONE)
    record = AccessRecord.objects.get(action="search")
    assert record.purpose == PURPOSE
    assert "no-store" in response.headers["Cache-Control"]
    assert response.request["QUERY_STRING"] == ""
    assert CANARY_NAME not in "".join(
        f"{row.getMessage()}" for row in caplog.records if row.name != "django.db.backends"
    )
    assert CANARY_NAME not in str(dict(coordinator.session))
    title = response.content.decode().split("<title>")[1].split("</title>")[0]
    assert CANARY_NAME not in title


def test_an_address_with_a_name_searches_nothing(referral, coordinator):
    response = coordinator.get(ADDRESS, {"name": f"{CANARY_NAME} Testperson", "purpose": PURPOSE})
    assert CANARY_NAME not in response.content.decode()
    assert not AccessRecord.objects.filter(action="search").exists()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"name": CANARY_NAME}, "Give two names, or one name with a date of birth"),
        ({}, "Give two names, or one name with a date of birth"),
        ({"name": "Zebulina Testperson", "purpose": ""}, "Enter your reason"),
        ({"name": "Zebulina Testperson", "purpose": "curious"}, "must have at least 15 characters"),
        ({"name": "Zebulina Testperson", "purpose": "x" * 251}, "must be 250 characters or fewer"),
        ({"name": "Zebulina Testperson", "purpose": "Is Zebulina known to us already?"}, "must not name the person"),
        ({"phone": CANARY_PHONE, "purpose": f"Who rang from {CANARY_PHONE} today"}, "must not name the person"),
        ({"name": "a" * 201}, "must be 200 characters or fewer"),
        ({"name": "Zebulina\x00 Testperson"}, "invisible control character"),
        ({"name": "Zebulina", "born_day": "31", "born_month": "6", "born_year": "1998"}, "must be a real date"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_searched(referral, coordinator, typed, error):
    response = search(coordinator, **typed)
    assert error in text_of(response)
    assert response.context["found"] is None
    assert response.context["form"]["name"].value() == typed.get("name")
    assert not AccessRecord.objects.filter(action="search").exists()


def test_ten_searches_an_hour_are_enough(referral, coordinator):
    for _ in range(10):
        search(coordinator, phone=CANARY_PHONE)
    response = search(coordinator, phone=CANARY_PHONE)
    assert "You can search for people 10 times an hour" in text_of(response)
    assert response.context["found"] is None


def test_what_a_coordinator_may_not_see_is_not_found(cast, sign_in):
    hidden, seen = submit_one(cast.nurse), submit_one(cast.officer)
    elsewhere = make_organisation("elsewhere")
    cast.coordinator2.memberships.update(organisation=elsewhere)
    workflow.exclude(referral_id=hidden.pk, organisation=elsewhere, reason="A relative", by=cast.coordinator)
    page = text_of(search(sign_in(Client(), cast.coordinator2), phone=CANARY_PHONE))
    assert "1 referral may be about this person" in page
    assert seen.reference in page
    assert hidden.reference not in page


@pytest.mark.parametrize("who", ["officer", "lead", "responder", "viewer", "auditor", "sysadmin"])
def test_nobody_else_finds_the_page(cast, sign_in, referral, who):
    client = sign_in(Client(), cast.people[who])
    assert client.get(ADDRESS).status_code == 404
    assert search(client, name="Zebulina Testperson").status_code == 404
    assert not AccessRecord.objects.filter(action="search").exists()
