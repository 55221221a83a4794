"""The auditor's page: who looked at what, and nothing of what they saw."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from partners.access import record_access
from partners.models import AccessRecord
from referrals.disclose import open_identity, open_location
from referrals.workflow import open_case
from tests.conftest import CANARY_NAME, CANARY_PLACE, CANARY_STORY

Action = AccessRecord.Action


@pytest.fixture
def auditor(cast, sign_in) -> Client:
    """The auditor's browser."""
    return sign_in(Client(), cast.auditor)


def seen(response) -> list[tuple]:
    return [(row["record"].user.pk, row["record"].action) for row in response.context["rows"]]


def test_it_says_who_looked_at_what_and_why_and_nothing_of_the_case(cast, referral, auditor):
    open_case(referral_id=referral.id, by=cast.coordinator)
    open_identity(referral, by=cast.coordinator)
    open_location(referral, by=cast.coordinator2, purpose="To arrange a visit")
    page = auditor.get("/audit/").content.decode()
    for words in [
        referral.reference,
        cast.coordinator.full_name,
        "Opened the identity and account",
        "To arrange a visit",
    ]:
        assert words in page
    assert not [word for word in (CANARY_NAME, CANARY_PLACE, CANARY_STORY, "Forced labour") if word in page]


def test_looking_at_the_log_is_on_the_log(cast, auditor):
    assert "Looked at the access log" in auditor.get("/audit/").content.decode()
    assert AccessRecord.objects.get().user == cast.auditor


@pytest.mark.parametrize("who", ["officer", "lead", "responder", "viewer", "coordinator", "sysadmin"])
def test_for_everybody_else_the_page_is_not_there(cast, sign_in, who):
    assert sign_in(Client(), cast.people[who]).get("/audit/").status_code == 404


def test_it_is_narrowed_down_by_reference_person_act_and_day(cast, referral, auditor):
    open_case(referral_id=referral.id, by=cast.coordinator)
    open_identity(referral, by=cast.coordinator2)
    today, tomorrow = timezone.localdate(), timezone.localdate() + datetime.timedelta(days=1)
    submitted = (cast.officer.pk, Action.SUBMIT)
    viewed, identity = (cast.coordinator.pk, Action.VIEW), (cast.coordinator2.pk, Action.OPEN_IDENTITY)
    for question, expected in [
        ({"reference": referral.reference.lower()}, [identity, viewed, submitted]),
        ({"person": cast.coordinator.pk}, [viewed]),
        ({"act": "open_identity"}, [identity]),
        ({"reference": referral.reference, "since": today, "until": today}, [identity, viewed, submitted]),
        ({"since": tomorrow}, []),
        ({"reference": "K7P-4TX-9WM"}, []),
    ]:
        assert seen(auditor.get("/audit/", question)) == expected, question


@pytest.mark.parametrize(
    "question",
    [
        {"since": "2026-02-31"},
        {"since": "2026-03-02", "until": "2026-03-01"},
        {"person": "²"},
        {"person": "9" * 40},
        {"act": "x"},
        {"reference": "\x00"},
        {"reference": "x" * 1000},
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_an_error(auditor, question):
    response = auditor.get("/audit/", question)
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "²", "\x00"])
def test_a_page_that_does_not_exist_is_never_a_crash(auditor, page):
    assert auditor.get("/audit/", {"page": page}).status_code == 200


def test_a_long_log_comes_in_pages_of_constant_cost(cast, auditor, django_assert_max_num_queries):
    for _ in range(120):
        record_access(by=cast.coordinator, action=Action.LIST, object_kind="referral")
    with django_assert_max_num_queries(20):
        first = auditor.get("/audit/")
    assert len(first.context["rows"]) == 50
    assert first.context["page_obj"].paginator.num_pages == 3
    assert 'rel="next"' in first.content.decode()
