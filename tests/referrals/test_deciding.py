"""What a coordinator decides and notes: told by the timeline in codes, sealed in words, found by its codes."""

import pytest
from django.test import Client

from partners.models import Message
from referrals import workflow
from referrals.models import Note, Referral
from referrals.note_codes import Decision
from referrals.statuses import MoveNotAllowed
from tests.conftest import CANARY_NAME, submit_one
from tests.referrals.handing import handed, taken
from tests.referrals.test_admin_case import actions, address, press, text_of

WHY = f"{CANARY_NAME} said on the phone that she is moved every night"
QUEUE = "/admin/referrals/referral/"


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def lines(client: Client, referral: Referral) -> list[tuple[str, str]]:
    return [(line["title"], line["text"]) for line in client.get(address(referral)).context["timeline"]]


def test_a_decision_is_told_by_the_timeline_and_why_is_sealed(cast, coordinator):
    referral, told = taken(cast), Message.objects.count()
    done = press(coordinator, referral, "decide", decided=["nrm", "local_support"], why=WHY)
    assert done.status_code == 302
    page = coordinator.get(address(referral))
    assert "The decision is recorded" in text_of(page)
    assert CANARY_NAME not in page.content.decode()
    assert lines(coordinator, referral)[0] == (
        "You recorded a decision",
        "Refer to the National Referral Mechanism (NRM). Local support, whatever happens in the NRM",
    )
    assert "1 reason for a decision" in text_of(page)
    opened = text_of(coordinator.post(address(referral, "open"), {"part": "notes"}))
    assert f"Why it was decided {cast.coordinator.full_name}" in opened or "Why it was decided You" in opened
    assert WHY in opened
    assert actions(referral)[-1] == "read_notes"
    assert Message.objects.count() == told


def test_a_decision_changes_nothing_but_what_a_colleagues_page_must_know(cast):
    referral = taken(cast)
    handed(cast, referral, cast.beacon)
    before = Referral.objects.get(pk=referral.pk)
    workflow.record_decision(
        referral_id=referral.pk, decisions=[Decision.OTHER], why="Why", by=cast.coordinator2, version=before.version
    )
    after = Referral.objects.get(pk=referral.pk)
    assert (after.status, after.next_actor, after.due_at, after.owner) == (
        before.status,
        before.next_actor,
        before.due_at,
        before.owner,
    )
    with pytest.raises(workflow.ChangedMeanwhile) as change:
        workflow.record_decision(
            referral_id=referral.pk, decisions=[Decision.NRM], why="Why", by=cast.coordinator, version=before.version
        )
    assert [event.by for event in change.value.since] == [cast.coordinator2]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"why": "Because"}, "Choose what was decided"),
        ({"decided": ["nrm"]}, "Enter why"),
        ({"decided": ["nrm"], "why": "  "}, "Enter why"),
        ({"decided": ["won"], "why": "Because"}, "Choose what was decided from the list"),
        ({"decided": ["nrm"], "why": "x" * 4001}, "The reasons must be 4,000 characters or fewer"),
        ({"decided": ["nrm"], "why": "a\x00b"}, "invisible control character"),
    ],
)
def test_a_decision_without_words_or_codes_is_said_and_loses_nothing(cast, coordinator, data, error):
    referral = taken(cast)
    answer = press(coordinator, referral, "decide", **data)
    assert error in text_of(answer)
    assert answer.context["form"]["why"].value() == data.get("why")
    assert not Note.objects.exists()


@pytest.mark.parametrize(("decisions", "why"), [([], "Because"), ([Decision.NRM], " ")])
def test_the_workflow_itself_wants_what_and_why(cast, decisions, why):
    with pytest.raises(workflow.Refused):
        workflow.record_decision(referral_id=taken(cast).pk, decisions=decisions, why=why, by=cast.coordinator)


def test_nothing_is_decided_before_it_is_taken_or_after_its_end_or_by_others(cast, referral):
    with pytest.raises(MoveNotAllowed):
        workflow.record_decision(referral_id=referral.pk, decisions=[Decision.NRM], why="Why", by=cast.coordinator)
    workflow.withdraw(referral_id=referral.pk, reason="logged_in_error", by=cast.coordinator, version=1)
    with pytest.raises(MoveNotAllowed):
        workflow.record_decision(referral_id=referral.pk, decisions=[Decision.NRM], why="Why", by=cast.coordinator)
    for who in ("officer", "lead", "beacon_worker", "auditor", "sysadmin"):
        with pytest.raises(workflow.NotAllowed):
            workflow.record_decision(referral_id=referral.pk, decisions=[Decision.NRM], why="Y", by=cast.people[who])


def test_a_note_says_in_codes_what_it_is_about(cast, coordinator):
    referral = taken(cast)
    press(coordinator, referral, "note", text=WHY, tags=["call", "safety"])
    assert lines(coordinator, referral)[0] == ("You added a note", "A telephone call. Safety")
    opened = text_of(coordinator.post(address(referral, "open"), {"part": "notes"}))
    assert "Coordinator's note: a telephone call, safety" in opened.replace("&#x27;", "'")
    refused = press(coordinator, referral, "note", text="Rang", tags=["gossip"])
    assert "Choose what it is about from the list" in text_of(refused)
    assert refused.context["form"]["text"].value() == "Rang"


def test_the_list_is_narrowed_down_by_kinds_of_notes_and_what_they_are_about(cast, coordinator):
    noted, decided, asked, plain = taken(cast), taken(cast), taken(cast), taken(cast)
    workflow.add_note(referral_id=noted.pk, text="Rang", tags=["housing", "call"], by=cast.coordinator)
    workflow.record_decision(referral_id=decided.pk, decisions=[Decision.NRM], why="Why", by=cast.coordinator)
    workflow.request_information(referral_id=asked.pk, question="Where?", by=cast.coordinator, version=2)

    def found(value: str) -> set[str]:
        page = coordinator.get(QUEUE, {"show": "open", "notes": value})
        return {row.reference for row in page.context["cl"].result_list}

    assert found("about-housing") == found("note") == {noted.reference}
    assert found("decision") == {decided.reference}
    assert found("question") == {asked.reference}
    assert found("about-money") == set()
    everybody = {one.reference for one in (noted, decided, asked, plain)}
    assert found("") == found("about-") == found("' OR 1=1") == everybody


def test_the_list_is_searched_by_organisation(cast, coordinator):
    ours, theirs = submit_one(cast.officer), submit_one(cast.nurse)
    page = coordinator.get(QUEUE, {"show": "open", "organisation": cast.hospital.pk})
    assert [row.reference for row in page.context["cl"].result_list] == [theirs.reference]
    assert ours.reference not in page.content.decode()
