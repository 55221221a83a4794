"""Other referrals on the case page: suggestions with why, side by side in coded facts, linking, merging, unlinking."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.models import AccessRecord, Message
from referrals import workflow
from referrals.models import Link, Referral
from tests.conftest import CANARY_ALIAS, CANARY_NAME, CANARY_PHONE, CANARY_STORY, make_organisation, submit_one
from tests.referrals.test_admin_case import address, press, text_of
from tests.referrals.test_admin_handovers import much_has_happened
from tests.referrals.test_admin_queue import fill
from tests.referrals.test_matching import sent


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def part(referral: Referral, act: str, part_id) -> str:
    return f"{address(referral, act)}{part_id}/"


def press_part(client: Client, referral: Referral, act: str, part_id, **data):
    referral.refresh_from_db()
    return client.post(part(referral, act, part_id), {"version": referral.version, **data})


@pytest.fixture
def pair(cast) -> tuple[Referral, Referral]:
    """Two referrals of one person by two organisations."""
    return sent(cast.officer, phone_number=CANARY_PHONE), sent(cast.nurse, phone_number=CANARY_PHONE)


def test_the_case_page_suggests_who_may_be_the_same_and_says_why(pair, coordinator):
    here, there = pair
    response = coordinator.get(address(here))
    page = text_of(response)
    assert "May be the same person" in page
    assert there.reference in page
    assert "Same name" in page
    assert "Same phone number" in page
    assert not [word for word in (CANARY_NAME, CANARY_PHONE, "Testperson") if word in response.content.decode()]


def test_nothing_is_suggested_where_nothing_is_alike(referral, coordinator):
    assert "Nothing suggests that another referral" in text_of(coordinator.get(address(referral)))


def test_side_by_side_shows_coded_facts_and_opens_nothing(cast, pair, coordinator):
    here, there = pair
    response = coordinator.get(part(here, "link", there.pk))
    page = text_of(response)
    for words in ["Same name", "Same phone number", "Council", "Hospital", "Car wash", here.reference, there.reference]:
        assert words in page, words
    for word in (CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_STORY):
        assert word not in response.content.decode()
    assert not AccessRecord.objects.filter(action="open_identity").exists()


@pytest.mark.parametrize(
    ("kind", "words"),
    [("same_person", "The same person"), ("family", "Family"), ("same_operation", "The same operation or place")],
)
def test_two_are_linked_and_both_pages_say_so(pair, coordinator, kind, words):
    here, there = pair
    done = press_part(coordinator, here, "link", there.pk, kind=kind, note="The officer said so")
    assert done.headers["Location"] == address(here)
    assert Link.objects.get().take_out() == {"note": "The officer said so"}
    for one, other in (pair, pair[::-1]):
        page = text_of(coordinator.get(address(one)))
        assert f"Linked {words} {other.reference}" in page
        assert "Linked by You" in page
        assert ("May be the same person" in page) is (kind != "same_person")
        assert "The officer said so" not in page


def test_why_they_are_linked_is_read_with_the_notes(pair, coordinator):
    here, there = pair
    press_part(coordinator, here, "link", there.pk, kind="family", note="The officer said so")
    assert "1 link with its reason, if one was given" in text_of(coordinator.get(address(here)))
    page = text_of(coordinator.post(address(here, "open"), {"part": "notes"}))
    assert f"Why it is linked: referral {there.reference}" in page
    assert "The officer said so" in page
    assert AccessRecord.objects.filter(object_id=here.pk, action="read_notes").count() == 1


def test_a_kind_is_wanted_and_a_link_is_made_once(pair, coordinator):
    here, there = pair
    response = press_part(coordinator, here, "link", there.pk, note="The officer said so")
    assert "Choose what they have to do with each other" in text_of(response)
    assert response.context["form"]["note"].value() == "The officer said so"
    press_part(coordinator, here, "link", there.pk, kind="family")
    again = press_part(coordinator, there, "link", here.pk, kind="family")
    assert "These two are linked in this way already" in text_of(again)
    assert "Linked already: Family" in text_of(again)
    assert Link.objects.count() == 1


def test_a_link_is_taken_away_and_stays_in_the_history(pair, coordinator):
    here, there = pair
    press_part(coordinator, here, "link", there.pk, kind="family")
    link = Link.objects.get()
    assert f"Family: referral {there.reference}" in text_of(coordinator.get(part(here, "unlink", link.pk)))
    assert press_part(coordinator, here, "unlink", link.pk).status_code == 302
    page = text_of(coordinator.get(address(there)))
    assert "Linked by You" not in page
    assert "You took a link to another referral away" in page
    assert press_part(coordinator, here, "unlink", link.pk).status_code == 404


def test_a_link_of_other_referrals_is_not_there(cast, pair, referral, coordinator):
    press_part(coordinator, pair[0], "link", pair[1].pk, kind="family")
    assert coordinator.get(part(referral, "unlink", Link.objects.get().pk)).status_code == 404


def test_a_referral_is_merged_as_a_duplicate(cast, pair, coordinator):
    here, there = pair
    Message.objects.all().delete()
    assert f"Merge this referral into {there.reference}" in text_of(coordinator.get(part(here, "link", there.pk)))
    assert press_part(coordinator, here, "merge", there.pk).headers["Location"] == address(here)
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.status, here.withdrawal_reason, there.status) == ("withdrawn", "duplicate", "submitted")
    assert Link.objects.get().kind == "same_person"
    assert not Message.objects.filter(user=cast.nurse).exists()
    assert "This one is the duplicate" in text_of(coordinator.get(address(here)))


def test_who_merges_is_told_what_a_colleague_did_meanwhile(cast, pair, coordinator):
    here, there = pair
    workflow.start_triage(referral_id=here.pk, by=cast.coordinator2, version=1)
    response = coordinator.post(part(here, "merge", there.pk), {"version": 1})
    assert response.status_code == 409
    assert "This referral changed while you had it open" in text_of(response)
    assert "Test Coordinator2 took it" in text_of(response)
    assert not Link.objects.exists()
    assert coordinator.post(part(here, "merge", there.pk), {"version": 2}).status_code == 302


def test_merging_is_a_button_that_asks_into_which_and_suggests_some(cast, pair, coordinator):
    here, there = pair
    assert "duplicate" in [slug for slug, _ in coordinator.get(address(here)).context["acts"]]
    asked = coordinator.get(address(here, "duplicate"))
    assert "May be the same person" in text_of(asked)
    assert part(here, "merge", there.pk) in asked.content.decode()
    assert CANARY_NAME not in asked.content.decode()
    typed = coordinator.post(address(here, "duplicate"), {"version": 1, "reference": there.reference.lower()})
    assert typed.headers["Location"] == part(here, "merge", there.pk)
    nothing = coordinator.post(address(here, "duplicate"), {"version": 1, "reference": "AAA-AAA-AAA"})
    assert "No referral that you can see has this reference" in text_of(nothing)
    here.refresh_from_db()
    assert here.status == "submitted"


def test_nothing_is_merged_into_what_was_withdrawn(pair, coordinator):
    here, there = pair
    press(coordinator, there, "withdraw", reason="logged_in_error")
    assert "Merge this referral" not in text_of(coordinator.get(part(here, "link", there.pk)))
    assert "Choose the one that goes on" in text_of(press_part(coordinator, here, "merge", there.pk))
    here.refresh_from_db()
    assert here.status == "submitted"


@pytest.mark.parametrize("typed", ["{}", " {} ", "plain"])
def test_any_two_are_linked_by_reference_however_it_is_typed(cast, referral, coordinator, typed):
    other = submit_one(cast.nurse)
    typed = other.reference.replace("-", "").lower() if typed == "plain" else typed.format(other.reference)
    done = press(coordinator, referral, "link-to", reference=typed)
    assert done.headers["Location"] == part(referral, "link", other.pk)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Enter the reference of the other referral"),
        ("CCC-CCC-CCC", "No referral that you can see has this reference"),
        ("'; DROP TABLE", "No referral that you can see has this reference"),
        ("x" * 21, "at most 20 characters"),
    ],
)
def test_a_reference_that_leads_nowhere_is_said_at_the_field(referral, coordinator, typed, error):
    assert error in text_of(press(coordinator, referral, "link-to", reference=typed))


def test_a_referral_is_not_linked_to_itself(referral, coordinator):
    assert "That is this referral itself" in text_of(
        press(coordinator, referral, "link-to", reference=referral.reference)
    )
    assert coordinator.get(part(referral, "link", referral.pk)).status_code == 404


def test_what_a_coordinator_may_not_see_is_nowhere(cast, pair, sign_in, coordinator):
    """Not among the suggestions, not among the links, not by its reference, and not by its address."""
    here, there = pair
    press_part(coordinator, here, "link", there.pk, kind="family")
    link = Link.objects.get()
    elsewhere = make_organisation("elsewhere")
    cast.coordinator2.memberships.update(organisation=elsewhere)
    workflow.exclude(referral_id=there.pk, organisation=elsewhere, reason="A relative", by=cast.coordinator)
    client = sign_in(Client(), cast.coordinator2)
    response = client.get(address(here))
    assert there.reference not in response.content.decode()
    assert str(there.pk) not in response.content.decode()
    assert "link with its reason" not in text_of(response)
    for act, pk in (("link", there.pk), ("merge", there.pk), ("unlink", link.pk)):
        assert client.get(part(here, act, pk)).status_code == 404
        assert press_part(client, here, act, pk, kind="family").status_code == 404
    assert "No referral that you can see" in text_of(press(client, here, "link-to", reference=there.reference))


@pytest.mark.parametrize("count", [10, 100_000])
def test_the_case_page_costs_under_25_queries_with_suggestions_and_links(cast, coordinator, count):
    fill(cast, count - 1)
    referral = much_has_happened(cast)
    others = [submit_one(cast.officer) for _ in range(8)]
    for other, kind in zip(others, ["family", "same_person", "same_operation"], strict=False):
        workflow.link(referral_id=referral.pk, other_id=other.pk, kind=kind, by=cast.coordinator, note="Said so")
    coordinator.get(address(referral))
    with CaptureQueriesContext(connection) as context:
        page = text_of(coordinator.get(address(referral)))
    assert "May be the same person" in page
    assert "Linked by You" in page
    assert len(context) < 25, "\n".join(query["sql"][:150] for query in context)
