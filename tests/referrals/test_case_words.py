"""What a text for the message board must not take from a case: references and names, found without opening any."""

import time

import pytest

from partners.board.posting import ContentRefused, publish
from partners.board.screening import Kind, screen
from partners.models import AccessRecord, Membership
from referrals.case_words import case_words
from referrals.models import PersonKey
from referrals.references import new_operation_reference
from referrals.workflow import exclude, start_triage, withdraw
from tests.conftest import CANARY_NAME, submit_one
from tests.partners.test_board import new_post


def person(**names) -> dict:
    return {"person": {"given_names": "Maria", "family_name": "de Souza Lima", "known_as": ""} | names}


def words(text: str, by) -> list[str]:
    return [found.words for found in case_words(text, by) if found.kind is Kind.NAME]


@pytest.mark.parametrize(
    "text",
    [
        "We met Maria Lima there.",
        "We met MARIA LIMA there.",
        "we met maria lima there",
        "Lima, Maria",
        "Maria de Souza works there",
        "Maria de Souza Lima works there",
        "Mária\u00a0Líma",
        "Maria 'Rosa' Lima",
    ],
)
def test_a_name_in_an_open_referral_is_found_however_it_is_written(cast, text):
    submit_one(cast.officer, secret=person())
    assert words(text, cast.coordinator)


@pytest.mark.parametrize(
    "text",
    [
        "Maria",
        "Maria. Lima is in Peru.",
        "Maria\nLima",
        "Maria came with four other people from Lima",
        "Marian Limare",
        "",
        "...",
    ],
)
def test_one_name_alone_or_two_in_different_sentences_are_none(cast, text):
    submit_one(cast.officer, secret=person())
    assert not words(text, cast.coordinator)


def test_short_names_count_where_they_are_written_as_names(cast):
    submit_one(cast.officer, secret=person(given_names="An", family_name="Do"))
    assert words("We met An Do", cast.coordinator) == ["An Do"]
    assert not words("do an interview", cast.coordinator)


def test_only_the_words_are_said_and_never_the_referral(cast):
    referral = submit_one(cast.officer)
    found = case_words(f"About {CANARY_NAME} Testperson", cast.coordinator)
    assert [str(one) for one in found] == [f"“{CANARY_NAME} Testperson” looks like the name of somebody in a referral"]
    assert referral.reference not in str(found)


def test_a_closed_referral_and_one_that_must_be_kept_from_somebody_are_not_compared(cast):
    gone = submit_one(cast.officer, secret=person())
    text = "Maria Lima"
    assert words(text, cast.coordinator)
    Membership.objects.filter(user=cast.coordinator2).update(organisation=cast.hospital)
    start_triage(referral_id=gone.id, by=cast.coordinator, version=1)
    exclude(referral_id=gone.id, organisation=cast.hospital, reason="She works there", by=cast.coordinator)
    assert not words(text, type(cast.coordinator2).objects.get(pk=cast.coordinator2.pk))
    gone.refresh_from_db()
    withdraw(referral_id=gone.id, by=cast.coordinator, version=gone.version, reason="logged_in_error")
    assert not words(text, cast.coordinator)


def test_nobody_but_a_coordinator_learns_anything(cast):
    submit_one(cast.nurse, secret=person())
    for who in (cast.officer, cast.lead, cast.viewer, cast.sysadmin, cast.auditor):
        assert not words("Maria Lima", who)


def test_references_are_found_with_and_without_their_hyphens(cast):
    referral, operation = submit_one(cast.officer), new_operation_reference()
    plain = "K7P4TX9WM"
    text = f"See {referral.reference}, {referral.reference.lower()}, k7p 4tx 9wm, {plain} and {operation}."
    found = [one.words for one in case_words(text, cast.coordinator) if one.kind is Kind.REFERENCE]
    assert set(found) == {referral.reference, referral.reference.lower(), "k7p 4tx 9wm", plain, operation}


@pytest.mark.parametrize("text", ["why try cry", "WHY TRY GYM", "my gym fry", "RHYTHM", "2026-11-23", "MHCLG DWP HMRC"])
def test_words_are_no_references(cast, text):
    assert not case_words(text, cast.coordinator)


def test_the_check_is_part_of_sending_and_opens_no_case(cast):
    submit_one(cast.officer)
    before = AccessRecord.objects.exclude(action=AccessRecord.Action.CHECK_TEXT).count()
    named = new_post(text=f"Somebody called {CANARY_NAME} Testperson was seen.")
    with pytest.raises(ContentRefused) as refused:
        publish(by=cast.coordinator, new=named)
    assert [found.kind for found in refused.value.findings] == [Kind.NAME]
    publish(by=cast.coordinator, new=named, confirmed={Kind.NAME})
    assert AccessRecord.objects.exclude(action=AccessRecord.Action.CHECK_TEXT).count() == before
    with pytest.raises(ContentRefused) as refused:
        publish(by=cast.coordinator, new=new_post(text="About K7P-4TX-9WM"), confirmed=set(Kind))
    assert [found.kind for found in refused.value.findings] == [Kind.REFERENCE]


def test_a_long_text_is_one_query_and_quick_beside_many_keys(cast, django_assert_max_num_queries):
    referral = submit_one(cast.officer, secret=person())
    rows = (PersonKey(referral=referral, kind="name", key=n.to_bytes(16), kid="k") for n in range(20_000))
    PersonKey.objects.bulk_create(rows, batch_size=5_000)
    text = " ".join(f"Word{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}" for n in range(1_400)) + " Maria Lima"
    cast.coordinator.may("triage")
    started = time.monotonic()
    with django_assert_max_num_queries(1):
        assert words(text[-9_900:], cast.coordinator) == ["Maria Lima"]
    assert time.monotonic() - started < 1
    assert [found.kind for found in screen(text[-9_900:], by=cast.coordinator)] == [Kind.NAME]
