"""Links: two referrals that belong together, said by a coordinator who may see both. Nothing is merged in content."""

import uuid

import pytest
from django.urls import reverse

from partners.models import AccessRecord, Message, User
from referrals import workflow
from referrals.admin.timeline import timeline
from referrals.matching import links_of, open_link_note
from referrals.models import Link, LinkKind, Referral
from referrals.statuses import Move, MoveNotAllowed, Status
from referrals.workflow import ChangedMeanwhile, NotAllowed, Refused, link, merge_as_duplicate, unlink
from tests.conftest import CANARY_NAME, submit_one


@pytest.fixture
def pair(cast) -> tuple[Referral, Referral]:
    """Two referrals of different organisations."""
    return submit_one(cast.officer), submit_one(cast.nurse)


def linked(pair, by, kind=LinkKind.SAME_PERSON, **more) -> Link:
    return link(referral_id=pair[0].pk, other_id=pair[1].pk, kind=kind, by=by, **more)


def told(referral, reader) -> list[str]:
    events = list(referral.events.select_related("by").exclude(move="submit"))
    return [f"{line['title']}. {line['text']}" for line in timeline(events, reader)]


@pytest.fixture
def outsider(cast) -> User:
    """A coordinator who works at the hospital."""
    membership = cast.coordinator2.membership
    membership.organisation = cast.hospital
    membership.save()
    return User.objects.get(pk=cast.coordinator2.pk)


@pytest.mark.parametrize("kind", list(LinkKind))
@pytest.mark.parametrize("turned", [False, True])
def test_a_link_has_no_order_and_both_histories_tell_of_it(cast, pair, kind, turned):
    made = linked(pair[::-1] if turned else pair, cast.coordinator, kind)
    for one, other in (pair, pair[::-1]):
        assert [(found.referral, found.link) for found in links_of(one, cast.coordinator2)] == [(other, made)]
        assert told(one, cast.coordinator) == [f"You linked it to another referral. {kind.label}"]


def test_a_link_changes_no_page_that_somebody_is_working_on(cast, pair):
    linked(pair, cast.coordinator)
    fresh = Referral.objects.get(pk=pair[0].pk)
    assert (fresh.version, fresh.status) == (1, Status.SUBMITTED)
    workflow.start_triage(referral_id=fresh.pk, by=cast.coordinator2, version=1)


def test_the_facts_of_an_event_name_the_link_and_not_the_other_referral(cast, pair):
    linked(pair, cast.coordinator)
    for one, other in (pair, pair[::-1]):
        facts = str(one.events.get(move=Move.LINK).facts)
        assert str(other.pk) not in facts
        assert other.reference not in facts


def test_why_is_sealed_and_reading_it_is_recorded(cast, pair):
    made = linked(pair, cast.coordinator, note=f" {CANARY_NAME} was named in both ")
    assert open_link_note(made, pair[0], cast.coordinator) == f"{CANARY_NAME} was named in both"
    record = AccessRecord.objects.get(action="read_notes")
    assert (record.object_id, record.user) == (pair[0].pk, cast.coordinator)


def test_a_link_without_a_note_leaves_no_record(cast, pair):
    assert open_link_note(linked(pair, cast.coordinator), pair[0], cast.coordinator) == ""
    assert not AccessRecord.objects.filter(action="read_notes").exists()


def test_a_link_is_made_once_of_each_kind_and_never_to_itself(cast, pair):
    linked(pair, cast.coordinator)
    linked(pair, cast.coordinator, LinkKind.FAMILY)
    with pytest.raises(Refused, match="already"):
        linked(pair[::-1], cast.coordinator2)
    with pytest.raises(Refused, match="itself"):
        linked((pair[0], pair[0]), cast.coordinator)
    assert Link.objects.count() == 2


def test_a_link_that_was_taken_away_can_be_made_again(cast, pair):
    made = linked(pair, cast.coordinator)
    gone = unlink(link_id=made.pk, by=cast.coordinator2)
    assert (gone.removed_by, gone.removed_at is None) == (cast.coordinator2, False)
    assert links_of(pair[0], cast.coordinator) == []
    assert told(pair[1], cast.coordinator)[0] == (
        "Test Coordinator2 took a link to another referral away. The same person"
    )
    with pytest.raises(Link.DoesNotExist):
        unlink(link_id=made.pk, by=cast.coordinator)
    assert linked(pair, cast.coordinator).pk != made.pk


@pytest.mark.parametrize("who", ["officer", "lead", "nurse", "beacon_worker", "viewer", "auditor", "sysadmin"])
def test_only_coordinators_link(cast, pair, who):
    made, by = linked(pair, cast.coordinator), getattr(cast, who)
    with pytest.raises(NotAllowed):
        linked(pair, by, LinkKind.FAMILY)
    with pytest.raises(NotAllowed):
        unlink(link_id=made.pk, by=by)
    with pytest.raises(NotAllowed):
        merge_as_duplicate(referral_id=pair[0].pk, into_id=pair[1].pk, by=by, version=1)
    assert links_of(pair[0], by) == []


@pytest.mark.parametrize("hidden", [0, 1])
def test_who_may_not_see_one_of_the_two_neither_links_nor_sees_the_link(cast, pair, outsider, hidden):
    made = linked(pair, cast.coordinator)
    fields = {"organisation": cast.hospital, "reason": "Close", "by": cast.coordinator}
    workflow.exclude(referral_id=pair[hidden].pk, **fields)
    assert links_of(pair[1 - hidden], outsider) == []
    assert len(links_of(pair[1 - hidden], cast.coordinator)) == 1
    with pytest.raises(Referral.DoesNotExist):
        linked(pair, outsider, LinkKind.FAMILY)
    with pytest.raises(Link.DoesNotExist):
        unlink(link_id=made.pk, by=outsider)
    with pytest.raises(Referral.DoesNotExist):
        merge_as_duplicate(referral_id=pair[0].pk, into_id=pair[1].pk, by=outsider, version=1)
    assert Referral.objects.get(pk=pair[0].pk).is_open


def test_a_link_to_nothing_is_not_there(cast, pair):
    with pytest.raises(Referral.DoesNotExist):
        link(referral_id=pair[0].pk, other_id=uuid.uuid4(), kind=LinkKind.FAMILY, by=cast.coordinator)


# --- Duplicates ---------------------------------------------------------------------------------------------------


def test_a_duplicate_is_withdrawn_and_linked_and_the_other_goes_on_as_it_was(cast, pair):
    duplicate, other = pair
    before = [(row.kid, bytes(row.sealed)) for row in (duplicate.secret, other.secret)]
    merged = merge_as_duplicate(referral_id=duplicate.pk, into_id=other.pk, by=cast.coordinator, version=1)
    assert (merged.status, merged.withdrawal_reason) == (Status.WITHDRAWN, "duplicate")
    kept = Referral.objects.get(pk=other.pk)
    assert (kept.status, kept.version) == (Status.SUBMITTED, 1)
    fresh = [Referral.objects.get(pk=row.pk).secret for row in pair]
    assert [(row.kid, bytes(row.sealed)) for row in fresh] == before
    assert [found.referral for found in links_of(kept, cast.coordinator)] == [duplicate]
    assert told(duplicate, cast.coordinator) == [
        "You linked it to another referral. The same person. This one is the duplicate",
        "You withdrew it. Duplicate of another referral",
    ]
    assert told(other, cast.coordinator) == [
        "You linked it to another referral. The same person. The other one was the duplicate"
    ]


def test_the_referrer_hears_what_they_hear_of_any_withdrawn_referral(cast, pair, client, sign_in):
    before = Message.objects.filter(referral_id=pair[1].pk).count()
    merge_as_duplicate(referral_id=pair[0].pk, into_id=pair[1].pk, by=cast.coordinator, version=1)
    ended = submit_one(cast.officer)
    workflow.withdraw(referral_id=ended.pk, reason="logged_in_error", by=cast.coordinator, version=1)

    def sent_about(referral):
        return sorted(Message.objects.filter(referral_id=referral.pk).values_list("kind", "user"))

    assert sent_about(pair[0]) == sent_about(ended)
    assert Message.objects.filter(referral_id=pair[1].pk).count() == before
    sign_in(client, cast.officer)
    page = client.get(reverse("referral_status", args=[pair[0].pk]))
    assert page.status_code == 200
    assert pair[1].reference not in page.content.decode()
    assert "linked" not in page.content.decode().casefold()


def test_a_page_that_is_out_of_date_merges_nothing(cast, pair):
    workflow.start_triage(referral_id=pair[0].pk, by=cast.coordinator2, version=1)
    with pytest.raises(ChangedMeanwhile) as caught:
        merge_as_duplicate(referral_id=pair[0].pk, into_id=pair[1].pk, by=cast.coordinator, version=1)
    assert [event.move for event in caught.value.since] == ["start_triage"]
    assert not Link.objects.exists()


def test_nothing_is_merged_into_what_was_withdrawn_or_when_it_has_ended_itself(cast, pair):
    workflow.withdraw(referral_id=pair[1].pk, reason="logged_in_error", by=cast.coordinator, version=1)
    with pytest.raises(Refused, match="was withdrawn"):
        merge_as_duplicate(referral_id=pair[0].pk, into_id=pair[1].pk, by=cast.coordinator, version=1)
    with pytest.raises(MoveNotAllowed):
        merge_as_duplicate(referral_id=pair[1].pk, into_id=pair[0].pk, by=cast.coordinator, version=2)
    with pytest.raises(Refused, match="itself"):
        merge_as_duplicate(referral_id=pair[0].pk, into_id=pair[0].pk, by=cast.coordinator, version=1)
    assert not Link.objects.exists()


def test_two_who_were_linked_before_can_be_merged(cast, pair):
    made = linked(pair, cast.coordinator)
    merge_as_duplicate(referral_id=pair[0].pk, into_id=pair[1].pk, by=cast.coordinator, version=1)
    assert Link.objects.get() == made
