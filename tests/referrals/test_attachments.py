"""Attachments in the workflow: kept once, sealed, told of, seen by those who have the case, removed with a reason."""

import base64
import uuid

import pytest

from partners.models import AccessRecord, Kind, Message
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.disclose import open_attachment
from referrals.models import Attachment, AttachmentContent, Referral, ReferralEvent
from referrals.models.attachment import MOST_OF_A_REFERRAL
from referrals.pathways import Pathway
from referrals.redrawing import JPEG, PDF, Redrawn
from referrals.statuses import MoveNotAllowed
from tests.conftest import CANARY_NAME, CANARY_STORY, submit_one
from tests.referrals.handing import handed, taken

PICTURE = Redrawn(b"\xff\xd8\xff a picture of Zebulina", JPEG, 1)
LETTER = Redrawn(b"%PDF a letter", PDF, 3)


def attached(referral, by, *, kind="photo", drawn=PICTURE, **more) -> Attachment:
    """A file that `by` has just added."""
    given = {"submit_key": uuid.uuid4(), "name": f"{CANARY_NAME}.jpg", "text": CANARY_STORY} | more
    return workflow.attach(referral_id=referral.pk, kind=kind, drawn=drawn, by=by, **given)


def test_what_is_added_is_sealed_numbered_and_opens_again(cast):
    referral = taken(cast)
    first = attached(referral, cast.coordinator)
    second = attached(referral, cast.officer, kind="consent_form", drawn=LETTER)
    assert [(row.number, row.form, row.size) for row in (first, second)] == [
        (1, "Picture", len(PICTURE.content)),
        (2, "PDF, 3 pages", len(LETTER.content)),
    ]
    assert PICTURE.content not in bytes(first.content.ciphertext)
    assert first.take_out()["name"] == f"{CANARY_NAME}.jpg"
    assert open_attachment(second.pk, by=cast.coordinator)[1] == LETTER.content
    look = AccessRecord.objects.filter(action="open_attachment").get()
    assert (look.object_id, look.reference, look.purpose) == (
        referral.pk,
        referral.reference,
        "Attachment 2: consent form",
    )


def test_every_file_has_a_key_of_its_own_bound_to_its_row(cast):
    referral = taken(cast)
    one, other = attached(referral, cast.coordinator), attached(referral, cast.coordinator)
    assert len(base64.b64decode(one.take_out()["key"])) == 32
    assert one.take_out()["key"] != other.take_out()["key"]
    one.content.ciphertext = other.content.ciphertext
    with pytest.raises(CannotOpen, match="not those that were recorded"):
        one.open_content()
    one.sha256 = other.sha256
    with pytest.raises(CannotOpen, match="this row"):
        one.open_content()
    one.kid, one.sealed = other.kid, other.sealed
    with pytest.raises(CannotOpen):
        one.open_content()


def test_a_changed_byte_is_never_given_out_and_leaves_no_look(cast):
    row = attached(taken(cast), cast.coordinator)
    Attachment.objects.filter(pk=row.pk).update(sealed=bytes(row.sealed)[:-1] + b"?")
    with pytest.raises(CannotOpen):
        open_attachment(row.pk, by=cast.coordinator)
    assert not AccessRecord.objects.filter(action="open_attachment").exists()


def test_sent_twice_it_is_kept_once(cast):
    referral, key = taken(cast), uuid.uuid4()
    first = attached(referral, cast.officer, submit_key=key)
    assert attached(referral, cast.officer, submit_key=key) == first
    assert Attachment.objects.count() == AttachmentContent.objects.count() == 1
    assert Message.objects.filter(kind=Kind.ATTACHMENT_ADDED).count() == 1


def test_the_owner_is_told_when_the_referrer_adds_something_and_of_nothing_else(cast):
    referral = taken(cast)
    attached(referral, cast.coordinator)
    attached(referral, cast.coordinator2)
    assert not Message.objects.filter(kind=Kind.ATTACHMENT_ADDED).exists()
    attached(referral, cast.officer)
    assert Message.objects.get(kind=Kind.ATTACHMENT_ADDED).user == cast.coordinator


def test_before_anybody_has_it_the_coordinators_are_told(cast):
    attached(submit_one(cast.officer), cast.officer)
    told = {message.user for message in Message.objects.filter(kind=Kind.ATTACHMENT_ADDED)}
    assert told == {cast.coordinator, cast.coordinator2}


def test_the_history_says_it_in_codes_and_nobodys_page_grows_old(cast):
    referral = taken(cast)
    version = Referral.objects.get(pk=referral.pk).version
    row = attached(referral, cast.officer)
    workflow.remove_attachment(attachment_id=row.pk, reason="too_much", by=cast.coordinator)
    added, removed = ReferralEvent.objects.filter(move__in=["attach", "detach"]).order_by("at")
    assert added.facts == {"number": 1, "kind": "photo", "from_referrer": True, "version": version}
    assert removed.facts == {"number": 1, "kind": "photo", "reason": "too_much", "version": version}
    assert Referral.objects.get(pk=referral.pk).version == version


def test_twenty_are_enough_and_what_was_removed_does_not_count(cast):
    referral = taken(cast)
    rows = [attached(referral, cast.coordinator) for _ in range(MOST_OF_A_REFERRAL)]
    with pytest.raises(workflow.Refused, match="20 attachments"):
        attached(referral, cast.coordinator)
    workflow.remove_attachment(attachment_id=rows[-1].pk, reason="twice", by=cast.coordinator)
    assert attached(referral, cast.coordinator).number == MOST_OF_A_REFERRAL + 1


@pytest.mark.parametrize("who", ["colleague", "lead", "nurse", "beacon_worker", "viewer", "auditor", "sysadmin"])
def test_nobody_adds_to_a_referral_that_is_not_theirs(cast, who):
    referral = taken(cast)
    with pytest.raises((workflow.NotAllowed, Referral.DoesNotExist)):
        attached(referral, cast.people[who])
    assert not Attachment.objects.exists()


def test_the_referrer_adds_to_an_open_referral_only(cast):
    referral = taken(cast)
    workflow.close(
        referral_id=referral.pk,
        outcome="supported_locally",
        band="help_in_place",
        by=cast.coordinator,
        version=referral.version,
    )
    with pytest.raises(MoveNotAllowed):
        attached(referral, cast.officer)
    assert attached(referral, cast.coordinator).number == 1


def test_what_is_removed_opens_for_nobody_and_keeps_who_and_why(cast):
    row = attached(taken(cast), cast.officer)
    gone = workflow.remove_attachment(attachment_id=row.pk, reason="wrong_referral", by=cast.coordinator2)
    assert (gone.removed_by, gone.removal_reason) == (cast.coordinator2, "wrong_referral")
    with pytest.raises(Attachment.DoesNotExist):
        open_attachment(row.pk, by=cast.coordinator)
    with pytest.raises(Attachment.DoesNotExist):
        workflow.remove_attachment(attachment_id=row.pk, reason="twice", by=cast.coordinator)
    assert Attachment.objects.visible_to(cast.coordinator).get() == row
    assert row.open_content() == PICTURE.content, "the bytes stay, sealed"


@pytest.mark.parametrize("who", ["officer", "lead", "police_officer"])
def test_only_coordinators_remove(cast, who):
    row = attached(taken(cast), cast.officer)
    with pytest.raises(workflow.NotAllowed):
        workflow.remove_attachment(attachment_id=row.pk, reason="twice", by=cast.people[who])


def may_open(row: Attachment, user) -> bool:
    """Whether `user` gets the bytes."""
    try:
        return bool(open_attachment(row.pk, by=user))
    except Attachment.DoesNotExist:
        return False


def test_before_a_hand_over_only_coordinators_open_it_and_not_even_who_added_it(cast):
    row = attached(taken(cast), cast.officer)
    assert {name for name, user in cast.people.items() if may_open(row, user)} == {"coordinator", "coordinator2"}


@pytest.mark.parametrize(
    ("pathway", "sees"),
    [(Pathway.POLICE, True), (Pathway.NRM, True), (Pathway.BEACON, False), (Pathway.DUTY_TO_NOTIFY, False)],
)
def test_an_organisation_opens_it_when_it_has_accepted_a_pathway_with_the_account(cast, pathway, sees):
    referral = taken(cast)
    row = attached(referral, cast.officer)
    organisation, worker = cast.constabulary, cast.police_officer
    if pathway == Pathway.BEACON:
        organisation, worker = cast.beacon, cast.beacon_worker
    given = handed(cast, referral, organisation, pathway)
    assert not may_open(row, worker), "offered is not accepted"
    accepted = workflow.accept(hand_over_id=given.pk, by=worker, version=1)
    assert may_open(row, worker) is sees
    workflow.revoke(hand_over_id=accepted.pk, reason="not_needed", by=cast.coordinator)
    assert not may_open(row, worker)


def test_an_excluded_organisation_opens_nothing_any_more(cast):
    referral = taken(cast)
    row = attached(referral, cast.officer)
    given = handed(cast, referral, cast.constabulary, Pathway.POLICE)
    workflow.accept(hand_over_id=given.pk, by=cast.police_officer, version=1)
    assert may_open(row, cast.police_officer)
    workflow.exclude(referral_id=referral.pk, organisation=cast.constabulary, reason="Close", by=cast.coordinator)
    assert not may_open(row, cast.police_officer)
