"""Several referrals ticked in the queue: given to a coordinator or exported, all of them or none, each guard tried."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.models import AccessRecord, Kind, Membership, Message
from referrals.admin.chosen import BULK, ticked
from referrals.models import Referral, ReferralEvent
from referrals.tasks import write_missing_messages
from referrals.workflow import (
    MOST_TOGETHER,
    Chosen,
    NotAllowed,
    NotTogether,
    Refused,
    add_note,
    assign,
    assign_together,
    close,
    exclude,
    open_case,
    start_triage,
)
from tests.conftest import CANARY_NAME, submit_one
from tests.referrals.handing import handed, taken

QUEUE = "/admin/referrals/referral/"
ASSIGN, EXPORT = QUEUE + "chosen/assign/", "/admin/referrals/export/"
PURPOSE = "Figures for the partnership board in December"


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def lot(cast) -> list[Referral]:
    """Three referrals that the coordinator has taken."""
    return [taken(cast) for _ in range(3)]


def ticks(rows) -> list[str]:
    return [ticked(row) for row in Referral.objects.filter(pk__in=[row.pk for row in rows])]


def chosen(rows) -> list[Chosen]:
    return [Chosen(row.pk, row.version) for row in Referral.objects.filter(pk__in=[row.pk for row in rows])]


def give(client: Client, to, these: list[str], address: str = ASSIGN):
    return client.post(address, {"chosen": these, "answered": "1", "to": to.pk})


def take_away(client: Client, these: list[str], **more):
    return client.post(EXPORT, {"chosen": these, "kind": "csv", "purpose": PURPOSE, **more})


def owners(rows) -> set:
    return set(Referral.objects.filter(pk__in=[row.pk for row in rows]).values_list("owner", flat=True))


def words_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_two_things_are_done_with_several_and_no_other(cast, lot, coordinator):
    assert set(BULK) == {"assign", "export"}
    page = coordinator.get(QUEUE).content.decode()
    assert [one.split("?")[0] for one in re.findall(r'formaction="([^"]+)"', page)] == [ASSIGN, EXPORT]
    assert 'name="action"' not in page
    for act in ("close", "merge", "withdraw", "delete", "duplicate"):
        assert coordinator.post(f"{QUEUE}chosen/{act}/", {"chosen": ticks(lot)}).status_code == 404
    coordinator.post(QUEUE, {"action": "delete_selected", "_selected_action": [row.pk for row in lot]})
    assert set(Referral.objects.values_list("status", flat=True)) == {"in_triage"}


def test_each_row_has_a_tick_box_with_a_name_of_its_own(lot, coordinator):
    page = coordinator.get(QUEUE).content.decode()
    for row in Referral.objects.all():
        assert f'value="{row.pk}.{row.version}" aria-label="Select {row.reference}"' in page


def test_a_page_between_says_what_will_happen_and_to_which(lot, coordinator):
    response = coordinator.post(ASSIGN + "?_changelist_filters=show%3Dmine", {"chosen": ticks(lot)})
    assert response.status_code == 200
    words = words_of(response)
    assert "3 referrals will have a new owner, all of them or none" in words
    assert all(row.reference in words for row in lot)
    assert CANARY_NAME not in words
    assert f'href="{QUEUE}?show=mine"' in response.content.decode()
    assert coordinator.get(ASSIGN + "?_changelist_filters=show%3Dmine").url == f"{QUEUE}?show=mine"


def test_all_of_them_are_given_and_the_new_owner_gets_one_message(cast, lot, coordinator, sign_in):
    Message.objects.all().delete()
    response = give(coordinator, cast.coordinator2, ticks(lot), ASSIGN + "?_changelist_filters=show%3Dmine")
    assert response.url == f"{QUEUE}?show=mine"
    assert owners(lot) == {cast.coordinator2.pk}
    assert "3 referrals have a new owner." in words_of(coordinator.get(response.url))
    events = ReferralEvent.objects.filter(move="assign")
    assert {event.referral_id for event in events} == {row.pk for row in lot}
    assert {(event.by, event.facts["to"]) for event in events} == {(cast.coordinator, cast.coordinator2.pk)}
    message = Message.objects.get()
    assert (message.user, message.kind) == (cast.coordinator2, Kind.REFERRAL_ASSIGNED)
    assert (message.reference, message.referral_id) == ("3 referrals", None)
    colleague = sign_in(Client(), cast.coordinator2)
    assert colleague.get(f"/m/{message.pk}/").url == f"{QUEUE}?show=mine"
    message.refresh_from_db()
    assert message.acknowledged_at is not None


def test_the_round_for_forgotten_messages_finds_the_one_of_a_lot_and_writes_it_once(cast, lot):
    assign_together(chosen=chosen(lot), to=cast.coordinator2, by=cast.coordinator)
    rows = Message.objects.filter(kind=Kind.REFERRAL_ASSIGNED)
    now = ReferralEvent.objects.filter(move="assign").first().at
    assert write_missing_messages(now) == 0
    rows.delete()
    assert write_missing_messages(now) == 1
    assert [row.user for row in rows] == [cast.coordinator2]


def test_one_alone_is_told_as_always_and_who_takes_them_is_not_told(cast, lot):
    Message.objects.all().delete()
    assign_together(chosen=chosen(lot[:1]), to=cast.coordinator2, by=cast.coordinator)
    assert [row.reference for row in Message.objects.all()] == [lot[0].reference]
    Message.objects.all().delete()
    assign_together(chosen=chosen(lot[:1]), to=cast.coordinator, by=cast.coordinator)
    assert not Message.objects.exists()


def test_what_is_theirs_already_stays_as_it_is(cast, lot, coordinator):
    assign(referral_id=lot[0].pk, to=cast.coordinator2, by=cast.coordinator, version=lot[0].version)
    before = Referral.objects.get(pk=lot[0].pk).version
    response = give(coordinator, cast.coordinator2, ticks(lot))
    assert "2 referrals have a new owner. 1 was theirs already." in words_of(coordinator.get(response.url))
    assert Referral.objects.get(pk=lot[0].pk).version == before


def refused(response, *words: str) -> bool:
    said = words_of(response)
    return response.status_code == 409 and "Nothing was done" in said and all(one in said for one in words)


def test_nothing_ticked_is_said(lot, coordinator):
    for address in (ASSIGN, EXPORT):
        assert refused(coordinator.post(address, {}), "Tick at least one referral in the list")


def test_a_hundred_go_together_and_not_one_more(cast, lot, coordinator):
    Referral.objects.bulk_create(copies_of(lot[0], MOST_TOGETHER))
    rows = list(Referral.objects.exclude(pk__in=[row.pk for row in lot]))
    for response in (
        give(coordinator, cast.coordinator2, ticks([*rows, lot[0]])),
        take_away(coordinator, ticks([*rows, lot[0]])),
    ):
        assert refused(response, "At most 100 referrals go together. You ticked 101")
    assert owners(rows) == {cast.coordinator.pk}
    assert give(coordinator, cast.coordinator2, ticks(rows)).status_code == 302
    assert owners(rows) == {cast.coordinator2.pk}


def copies_of(referral: Referral, count: int) -> list[Referral]:
    fields = [field.attname for field in Referral._meta.concrete_fields]
    same = {name: getattr(Referral.objects.get(pk=referral.pk), name) for name in fields}
    unique = [Referral(reference="x") for _ in range(count)]
    return [
        Referral(**same | {"id": one.id, "submit_key": one.id, "reference": f"C{number:011}"})
        for number, one in enumerate(unique)
    ]


def test_one_that_nobody_has_opened_stops_all_and_is_named(cast, lot, coordinator):
    unread = submit_one(cast.officer)
    for response in (
        give(coordinator, cast.coordinator2, ticks([*lot, unread])),
        take_away(coordinator, ticks([unread])),
    ):
        assert refused(response, f"Nobody has opened {unread.reference}")
    assert owners(lot) == {cast.coordinator.pk}
    assert not AccessRecord.objects.filter(action="export").exists()


def test_one_that_nobody_has_taken_or_that_has_ended_stops_all_and_is_named(cast, lot, coordinator):
    opened = submit_one(cast.officer)
    open_case(referral_id=opened.pk, by=cast.coordinator)
    ended = lot[0]
    close(referral_id=ended.pk, outcome="no_contact", band="passed_on", by=cast.coordinator, version=ended.version)
    for one in (opened, ended):
        assert refused(give(coordinator, cast.coordinator2, ticks([one, lot[1]])), one.reference, "or it has ended")
    assert owners(lot) == {cast.coordinator.pk}
    assert take_away(coordinator, ticks([opened, ended])).status_code == 200


def test_one_that_changed_since_the_page_was_drawn_stops_all_and_says_how(cast, lot, coordinator):
    seen = ticks(lot)
    assign(referral_id=lot[1].pk, to=cast.coordinator2, by=cast.coordinator2, version=lot[1].version)
    response = give(coordinator, cast.coordinator2, seen)
    words = words_of(response)
    assert response.status_code == 409
    assert "1 of them changed while you had the list open" in words
    assert f"{lot[1].reference} Test Coordinator2 gave it to" in words
    assert owners([lot[0], lot[2]]) == {cast.coordinator.pk}
    again = re.findall(r'name="chosen" value="([^"]+)"', response.content.decode())
    assert give(coordinator, cast.coordinator2, again).status_code == 302
    assert owners(lot) == {cast.coordinator2.pk}


def test_an_export_of_what_changed_stops_too(cast, lot, coordinator):
    seen = ticks(lot)
    assign(referral_id=lot[1].pk, to=cast.coordinator2, by=cast.coordinator2, version=lot[1].version)
    assert "1 of them changed" in words_of(take_away(coordinator, seen))
    assert not AccessRecord.objects.filter(action="export").exists()


@pytest.mark.parametrize("forged", ["x", "", "00000000-0000-0000-0000-000000000001.1", "' or 1=1", "\x00"])
def test_what_is_not_there_is_just_not_in_the_list(cast, lot, coordinator, forged):
    for response in (give(coordinator, cast.coordinator2, [*ticks(lot), forged]), take_away(coordinator, [forged])):
        assert refused(response, "1 of those you ticked is not in your list any more")
    assert owners(lot) == {cast.coordinator.pk}


def test_what_the_reader_may_not_see_any_more_looks_like_what_never_was(cast, lot, coordinator):
    Membership.objects.filter(user=cast.coordinator).update(organisation=cast.hospital)
    seen = ticks(lot)
    exclude(referral_id=lot[0].pk, organisation=cast.hospital, reason="A relative", by=cast.coordinator2)
    for response in (give(coordinator, cast.coordinator2, seen), take_away(coordinator, seen)):
        assert refused(response, "1 of those you ticked is not in your list any more")
        assert lot[0].reference not in words_of(response)
    assert owners(lot[1:]) == {cast.coordinator.pk}


def test_it_goes_to_no_coordinator_who_must_not_know_of_one_of_them(cast, lot, coordinator):
    elsewhere = cast.hospital
    Membership.objects.filter(user=cast.coordinator2).update(organisation=elsewhere)
    exclude(referral_id=lot[0].pk, organisation=elsewhere, reason="A relative", by=cast.coordinator)
    response = give(coordinator, cast.coordinator2, ticks(lot))
    assert f"Must not be shared with where they work: {lot[0].reference}" in words_of(response)
    assert owners(lot) == {cast.coordinator.pk}


def test_only_a_coordinator_in_force_gets_them(cast, lot, coordinator):
    for somebody in (cast.officer, cast.auditor):
        assert "Choose a coordinator from the list" in words_of(give(coordinator, somebody, ticks(lot)))
        with pytest.raises(NotAllowed):
            assign_together(chosen=chosen(lot), to=somebody, by=cast.coordinator)
    with pytest.raises(NotAllowed):
        assign_together(chosen=chosen(lot), to=cast.coordinator2, by=cast.officer)
    cast.coordinator2.is_active = False
    cast.coordinator2.save()
    assert "Choose a coordinator from the list" in words_of(give(coordinator, cast.coordinator2, ticks(lot)))
    assert owners(lot) == {cast.coordinator.pk}


def test_of_two_coordinators_the_second_changes_nothing(cast, lot):
    seen = chosen(lot)
    assign_together(chosen=seen[:2], to=cast.coordinator2, by=cast.coordinator)
    with pytest.raises(NotTogether) as told:
        assign_together(chosen=seen[1:], to=cast.coordinator, by=cast.coordinator2)
    assert [one.referral.pk for one in told.value.changed] == [seen[1].id]
    assert [event.facts["to"] for event in told.value.changed[0].since] == [cast.coordinator2.pk]
    assert Referral.objects.get(pk=seen[2].id).version == seen[2].version


def test_a_note_of_a_colleague_does_not_stop_them_and_a_hand_over_does(cast, lot):
    seen = chosen(lot)
    add_note(referral_id=lot[0].pk, text="Rang", by=cast.coordinator2)
    handed(cast, lot[1], cast.beacon)
    with pytest.raises(NotTogether):
        assign_together(chosen=seen, to=cast.coordinator2, by=cast.coordinator)
    assign_together(chosen=[seen[0], seen[2]], to=cast.coordinator2, by=cast.coordinator)
    with pytest.raises(Refused, match="Tick at least one"):
        assign_together(chosen=[], to=cast.coordinator2, by=cast.coordinator)


def test_the_file_has_the_ticked_ones_alone_and_the_access_log_says_how_many(cast, lot, coordinator):
    page = coordinator.post(EXPORT + "?show=mine", {"chosen": ticks(lot[:2])})
    assert "2 referrals, those that you ticked" in words_of(page)
    assert f'href="{QUEUE}?show=mine"' in page.content.decode()
    response = take_away(coordinator, ticks(lot[:2]))
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {row.reference for row in lot[:2]}
    record = AccessRecord.objects.get(action="export")
    assert (record.user, record.purpose, record.object_id) == (cast.coordinator, f"2 referrals: {PURPOSE}", None)


def test_a_purpose_that_names_somebody_of_the_ticked_ones_is_refused(cast, lot, coordinator):
    response = take_away(coordinator, ticks(lot), purpose=f"What became of {CANARY_NAME} Testperson")
    assert "must not name the person" in words_of(response)
    assert "those that you ticked" in words_of(response)
    assert not AccessRecord.objects.filter(action="export").exists()


def test_giving_more_costs_the_same_for_each(cast, lot):
    start = [submit_one(cast.officer) for _ in range(9)]
    for row in start:
        start_triage(referral_id=row.pk, by=cast.coordinator, version=1)
    costs = []
    for rows in (lot, start):
        with CaptureQueriesContext(connection) as asked:
            assign_together(chosen=chosen(rows), to=cast.coordinator2, by=cast.coordinator)
        costs.append(len(asked))
    assert (costs[1] - costs[0]) / 6 <= 8
