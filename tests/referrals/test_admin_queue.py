"""The coordinators' queue: what it says of a referral, in which order, and to whom."""

import datetime
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from bench.sample import multiply
from partners.models import AccessRecord, Area
from referrals.admin.columns import due_words
from referrals.admin.queue import as_reference
from referrals.models import Referral
from referrals.references import new_reference
from referrals.workflow import assign, close, open_case, request_information, start_triage, withdraw
from tests.conftest import CANARY_NAME, submit_one

QUEUE = "/admin/referrals/referral/"


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def references(response) -> list[str]:
    return [referral.reference for referral in response.context["cl"].result_list]


def shift_due(referral: Referral, **delta) -> None:
    """Put the deadline of a referral at a distance from now, past the workflow."""
    Referral.objects.filter(pk=referral.pk).update(due_at=timezone.now() + datetime.timedelta(**delta))


#: More are copied by PostgreSQL itself.
BY_HAND = 1_000


def fill(cast, count: int) -> None:
    """Referrals straight into the table, as many as a large county's in years."""
    district, now = Area.objects.get(code="northtown"), timezone.now()
    Referral.objects.bulk_create(
        [
            Referral(
                reference=new_reference(),
                submit_key=uuid.uuid4(),
                content_hash=b"x" * 32,
                organisation=cast.council,
                referrer=cast.officer,
                priority=["immediate", "urgent", "standard"][number % 3],
                next_actor="coordinator",
                due_at=now + datetime.timedelta(hours=number % 90 - 30),
                age_group=["adult", "child", "unsure"][number % 3],
                district=district,
                setting="farm",
                exploitation=["forced-to-work"],
                indicators=["G01"],
            )
            for number in range(min(count, BY_HAND))
        ],
    )
    if count > BY_HAND:
        multiply(count)


def test_a_row_says_in_coded_facts_what_a_referral_is_about(cast, referral, coordinator):
    page = coordinator.get(QUEUE).content.decode()
    for words in [
        referral.reference,
        "Forced labour",
        "Adult",
        "Car wash",
        "Northtown",
        "Council",
        "Unread",
        "Standard",
    ]:
        assert words in page
    assert CANARY_NAME not in page


def test_immediate_danger_is_on_top_then_overdue_then_the_oldest_due(cast, coordinator):
    late, soon, danger, later = (submit_one(cast.officer) for _ in range(4))
    Referral.objects.filter(pk=danger.pk).update(priority="immediate")
    shift_due(danger, hours=40)
    shift_due(late, hours=-2)
    shift_due(soon, hours=1)
    shift_due(later, hours=30)
    assert references(coordinator.get(QUEUE)) == [r.reference for r in (danger, late, soon, later)]


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (datetime.timedelta(hours=3, minutes=20), "due in 3 hours"),
        (datetime.timedelta(seconds=20), "due now"),
        (datetime.timedelta(seconds=-20), "due now"),
        (datetime.timedelta(minutes=25), "due in 25 minutes"),
        (datetime.timedelta(hours=26), "due in 1 day"),
        (datetime.timedelta(days=-2, hours=-5), "overdue by 2 days"),
        (datetime.timedelta(hours=-1, minutes=-1), "overdue by 1 hour"),
    ],
)
def test_a_deadline_is_said_in_words(distance, words):
    now = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
    assert due_words(now + distance, now).replace("\xa0", " ") == words


def test_without_a_deadline_nothing_is_said():
    assert due_words(None, timezone.now()) == ""


def test_whose_move_it_is_says_you_to_the_owner(cast, referral, coordinator, sign_in):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    assert '<td class="field-move">You</td>' in coordinator.get(QUEUE).content.decode()
    colleague = sign_in(Client(), cast.coordinator2)
    assert f'<td class="field-move">{cast.coordinator.full_name}</td>' in colleague.get(QUEUE).content.decode()


def test_the_queue_leaves_out_what_is_closed_until_asked_for_it(cast, coordinator):
    closed, open_one = submit_one(cast.officer), submit_one(cast.officer)
    withdraw(referral_id=closed.id, reason="duplicate", by=cast.coordinator, version=1)
    assert references(coordinator.get(QUEUE)) == [open_one.reference]
    assert references(coordinator.get(QUEUE, {"show": "closed"})) == [closed.reference]
    assert references(coordinator.get(QUEUE, {"status": "withdrawn"})) == [closed.reference]
    assert references(coordinator.get(QUEUE, {"status": "closed"})) == []


def test_needs_me_now_is_what_is_mine_or_nobodys_and_waits_for_a_coordinator(cast, coordinator):
    mine, nobodys, colleagues, asked, asked_and_late = (submit_one(cast.officer) for _ in range(5))
    start_triage(referral_id=mine.id, by=cast.coordinator, version=1)
    start_triage(referral_id=colleagues.id, by=cast.coordinator2, version=1)
    for referral in (asked, asked_and_late):
        request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=1)
    shift_due(asked_and_late, hours=-1)
    expected = {mine.reference, nobodys.reference, asked_and_late.reference}
    assert set(references(coordinator.get(QUEUE, {"show": "now"}))) == expected


def test_unread_and_overdue_are_one_click_each(cast, coordinator):
    unread, read = submit_one(cast.officer), submit_one(cast.officer)
    open_case(referral_id=read.id, by=cast.coordinator2)
    shift_due(read, hours=-1)
    assert references(coordinator.get(QUEUE, {"status": "unread"})) == [unread.reference]
    assert references(coordinator.get(QUEUE, {"status": "overdue"})) == [read.reference]


def test_filters_narrow_the_queue_together(cast, coordinator):
    child = submit_one(cast.officer, age_group="child", district_code="", exploitation=["child-exploitation"])
    adult = submit_one(cast.nurse, priority="urgent")
    start_triage(referral_id=adult.id, by=cast.coordinator, version=1)
    district = Area.objects.get(code="northtown")
    for question, expected in [
        ({"age": "child"}, child),
        ({"district": "none"}, child),
        ({"district": district.pk}, adult),
        ({"exploitation": "child-exploitation"}, child),
        ({"organisation": cast.hospital.pk}, adult),
        ({"priority": "urgent"}, adult),
        ({"owner": "me"}, adult),
        ({"owner": "nobody"}, child),
        ({"status": "in_triage", "owner": "me", "since": "1"}, adult),
    ]:
        assert references(coordinator.get(QUEUE, question)) == [expected.reference], question


@pytest.mark.parametrize(
    "name",
    [
        *("show", "status", "priority", "owner", "organisation", "pathway", "district", "exploitation", "age", "since"),
        *("from", "to", "after", "before", "q", "_changelist_filters"),
    ],
)
@pytest.mark.parametrize("value", ["nonsense", "-1", "9" * 40, "²", "' or 1=1", "\x00", "1.1.0", "9999-12-31"])
def test_a_forged_filter_is_never_a_crash(referral, coordinator, name, value):
    response = coordinator.get(QUEUE, {name: value})
    assert response.status_code in (200, 302)


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "squeezed", "spaced"])
def test_a_reference_is_found_however_it_is_typed(cast, coordinator, typed):
    wanted, _ = submit_one(cast.officer), submit_one(cast.officer)
    forms = {
        "lower": wanted.reference.lower(),
        "squeezed": wanted.reference.replace("-", ""),
        "spaced": wanted.reference.replace("-", " "),
    }
    question = forms.get(typed, typed.format(wanted.reference))
    assert references(coordinator.get(QUEUE, {"q": question})) == [wanted.reference]


def test_what_is_no_reference_is_searched_as_it_was_typed():
    assert as_reference(" k7p ") == "k7p"


def test_names_are_not_searched(cast, referral, coordinator):
    for words in [CANARY_NAME, cast.officer.full_name, cast.officer.email, "Council"]:
        assert references(coordinator.get(QUEUE, {"q": words})) == []


def test_looking_at_the_queue_is_recorded(cast, coordinator):
    coordinator.get(QUEUE)
    record = AccessRecord.objects.get()
    assert (record.user, record.action, record.object_kind) == (cast.coordinator, "list", "referral")


def test_a_given_referral_changes_hands_in_the_queue(cast, referral, coordinator):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    assign(referral_id=referral.id, to=cast.coordinator2, by=cast.coordinator, version=2)
    assert references(coordinator.get(QUEUE, {"owner": "me"})) == []
    assert references(coordinator.get(QUEUE, {"owner": cast.coordinator2.pk})) == [referral.reference]


def test_what_is_closed_has_no_deadline_any_more(cast, referral, coordinator):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    close(referral_id=referral.id, outcome="no_contact", band="no_further_action", by=cast.coordinator, version=2)
    page = coordinator.get(QUEUE, {"show": "closed"}).content.decode()
    assert "overdue by" not in page.casefold()
    assert "Nobody" in page


@pytest.mark.parametrize("address", ["add/", "{id}/history/", "{id}/delete/", "{id}/", "autocomplete/"])
def test_there_is_no_adding_deleting_or_history_of_djangos_own(referral, coordinator, address):
    assert coordinator.get(QUEUE + address.format(id=referral.id)).status_code == 404


def test_references_are_not_offered_to_any_autocomplete(referral, coordinator):
    question = {"app_label": "referrals", "model_name": "consent", "field_name": "referral", "term": ""}
    assert coordinator.get("/admin/autocomplete/", question).status_code == 404


@pytest.mark.parametrize(
    "asked", ["status__regex=(", "referrer__email__startswith=o", "secret__kid=k1", "version__gt=x"]
)
def test_a_filter_that_the_list_does_not_offer_is_refused_and_breaks_nothing(cast, referral, sign_in, client, asked):
    sign_in(client, cast.coordinator)
    assert client.get(f"/admin/referrals/referral/?{asked}").status_code == 400
