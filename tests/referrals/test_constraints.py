"""The database refuses impossible states; each refusal is tried here (design, principle 5)."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.db.models.functions import Now

from referrals import workflow
from referrals.models import (
    Attachment,
    Exclusion,
    HandOver,
    Link,
    Note,
    NrmCase,
    Operation,
    OperationMovement,
    PersonKey,
    Referral,
)
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from tests.conftest import submit_one
from tests.referrals.test_attachments import attached


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("referral_status_is_known", {"status": "lost"}),
        ("referral_priority_is_known", {"priority": "someday"}),
        ("referral_next_actor_is_known", {"next_actor": "fate"}),
        ("open_referral_is_somebodys_move", {"next_actor": "nobody"}),
        ("closed_referral_has_an_outcome", {"status": "closed", "next_actor": "nobody", "closed_at": Now()}),
        ("withdrawn_referral_has_a_reason", {"status": "withdrawn", "next_actor": "nobody"}),
        ("referral_in_triage_has_an_owner", {"status": "in_triage"}),
        ("referral_indicators_are_coded", {"indicators": ["Zebulina"]}),
        ("referral_exploitation_is_coded", {"exploitation": ["Zebulina"]}),
        ("referral_pathways_are_coded", {"pathways": ["Zebulina"]}),
        ("referral_keeps_a_month_only", {"turns_18_month": datetime.date(2027, 3, 14)}),
        ("referral_of_an_operation_has_a_number", {"operation_number": 1}),
    ],
)
def test_an_impossible_referral_is_refused(referral, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(**changes)


def test_a_submit_key_is_used_once(cast, referral):
    other = submit_one(cast.nurse)
    with pytest.raises(IntegrityError, match="submit_key"), transaction.atomic():
        Referral.objects.filter(pk=other.pk).update(submit_key=referral.submit_key)


@pytest.mark.parametrize(
    "table",
    ["referrals_referralevent", "referrals_consent", "referrals_recommendation", "partners_accessrecord"],
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_history_is_append_only_even_in_plain_sql(referral, table, statement):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_a_referral_with_history_cannot_be_deleted(referral):
    with pytest.raises(ProtectedError):
        referral.delete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM referrals_referral WHERE id = %s", [referral.pk])
        with pytest.raises(IntegrityError, match="foreign key"):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


@pytest.fixture
def handed(cast):
    """A referral that the constabulary has accepted for the NRM."""
    referral = submit_one(cast.nurse, consents=[ConsentGiven(kind="nrm", state="given")])
    workflow.start_triage(referral_id=referral.pk, by=cast.coordinator, version=1)
    offers = [workflow.Offer(cast.constabulary, Pathway.NRM)]
    made = workflow.hand_over(referral_id=referral.pk, offers=offers, by=cast.coordinator, version=2)[0]
    return workflow.accept(hand_over_id=made.pk, by=cast.police_officer, version=1)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("hand_over_status_is_known", {"status": "lost"}),
        ("hand_over_pathway_is_known", {"pathway": "elsewhere"}),
        ("open_hand_over_has_a_clock", {"due_at": None}),
        ("open_hand_over_has_a_clock", {"ended_at": Now()}),
        ("accepted_hand_over_has_a_person", {"accepted_by": None}),
        ("declined_hand_over_has_a_reason", {"status": "declined", "due_at": None, "ended_at": Now()}),
        ("completed_hand_over_has_an_outcome", {"status": "completed", "due_at": None, "ended_at": Now()}),
        ("revoked_hand_over_has_a_reason", {"status": "revoked", "due_at": None, "ended_at": Now()}),
        ("hand_over_chased_to_the_end_at_most", {"chased": 4}),
    ],
)
def test_an_impossible_hand_over_is_refused(handed, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        HandOver.objects.filter(pk=handed.pk).update(**changes)


def test_an_organisation_is_asked_once_for_one_thing(cast, handed):
    again = HandOver(
        referral=handed.referral,
        organisation=cast.constabulary,
        pathway=handed.pathway,
        offered_by=cast.coordinator,
        due_at=handed.due_at,
    )
    with pytest.raises(IntegrityError, match="one_open_hand_over_a_pathway"), transaction.atomic():
        again.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("nrm_stage_is_known", {"stage": "lost"}),
        ("nrm_branch_is_known", {"branch": "other"}),
        ("nrm_clock_has_a_date", {"next_clock": "rg_decision", "next_on": None}),
    ],
)
def test_an_impossible_nrm_case_is_refused(handed, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        NrmCase.objects.update(**changes)


def test_an_exclusion_is_made_once_and_lifted_by_another(cast, referral):
    made = workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
    with pytest.raises(IntegrityError, match="exclusion_is_lifted_by_another"), transaction.atomic():
        Exclusion.objects.filter(pk=made.pk).update(lifted_at=Now(), lifted_by=cast.coordinator)
    again = Exclusion(referral=referral, organisation=cast.beacon, added_by=cast.coordinator)
    again.put({"reason": "Close"})
    with pytest.raises(IntegrityError, match="one_exclusion_each"), transaction.atomic():
        again.save(force_insert=True)


def test_a_partners_note_belongs_to_a_hand_over(cast, referral):
    note = Note(referral=referral, kind=Note.Kind.PARTNER_QUESTION, by=cast.coordinator)
    note.put({"text": "Which shift?"})
    with pytest.raises(IntegrityError, match="note_of_a_partner_has_a_hand_over"), transaction.atomic():
        note.save(force_insert=True)


def test_what_a_note_is_about_is_a_code_and_no_name(cast, referral):
    note = workflow.add_note(referral_id=referral.pk, text="Rang the ward", by=cast.coordinator, tags=["call"])
    with pytest.raises(IntegrityError, match="note_tags_are_coded"), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(tags=["Zebulina"])


def test_a_recommendation_names_its_rules(referral):
    with pytest.raises(IntegrityError, match="recommendation_names_its_rules"), transaction.atomic():
        referral.recommendations.create(rules_version="")


@pytest.fixture
def operation(cast):
    made = Operation(reference="OP-TEST", organisation=cast.constabulary, created_by=cast.police_officer)
    made.held_on = datetime.date(2026, 11, 23)
    made.put({})
    made.save(force_insert=True)
    return made


def test_an_operation_does_not_end_before_it_began(operation):
    with pytest.raises(IntegrityError, match="operation_ends_after_start"), transaction.atomic():
        Operation.objects.update(closed_at=operation.created_at - datetime.timedelta(days=1))


def test_two_people_of_an_operation_have_two_numbers(cast, operation):
    first, second = submit_one(cast.nurse), submit_one(cast.nurse)
    Referral.objects.filter(pk=first.pk).update(operation=operation, operation_number=1)
    with pytest.raises(IntegrityError, match="one_person_a_number"), transaction.atomic():
        Referral.objects.filter(pk=second.pk).update(operation=operation, operation_number=1)


@pytest.mark.parametrize("fields", [{"kind": "arrived", "destination": "home"}, {"kind": "left"}])
def test_who_leaves_goes_somewhere_and_who_arrives_does_not(cast, referral, operation, fields):
    row = OperationMovement(operation=operation, referral=referral, recorded_by=cast.police_officer, **fields)
    with pytest.raises(IntegrityError, match="movement_says_where_to"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_arrivals_are_append_only(cast, referral, operation, statement):
    OperationMovement.objects.create(
        operation=operation, referral=referral, recorded_by=cast.police_officer, kind="arrived"
    )
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("referrals_operationmovement"))


@pytest.fixture
def link(cast, referral):
    """A link between two referrals."""
    other = submit_one(cast.nurse)
    return workflow.link(referral_id=referral.pk, other_id=other.pk, kind="family", by=cast.coordinator)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("link_kind_is_known", {"kind": "friends"}),
        ("link_is_between_two", {"first": F("second")}),
        ("link_is_between_two", {"first": F("second"), "second": F("first")}),
        ("removed_link_has_a_person", {"removed_at": Now()}),
    ],
)
def test_an_impossible_link_is_refused(link, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Link.objects.filter(pk=link.pk).update(**changes)


def test_two_referrals_are_linked_once_in_one_way(cast, link):
    again = Link(first=link.first, second=link.second, kind=link.kind, by=cast.coordinator)
    again.put({"note": ""})
    with pytest.raises(IntegrityError, match="one_link_of_a_kind"), transaction.atomic():
        again.save(force_insert=True)


def test_a_person_key_is_of_a_known_kind_and_kept_once(referral):
    row = referral.person_keys.first()
    with pytest.raises(IntegrityError, match="person_key_kind_is_known"), transaction.atomic():
        PersonKey.objects.filter(pk=row.pk).update(kind="shoe_size")
    with pytest.raises(IntegrityError, match="one_person_key_a_referral"), transaction.atomic():
        PersonKey.objects.create(referral=referral, kind=row.kind, key=row.key, kid=row.kid)


@pytest.fixture
def attachment(cast, referral):
    """A photo that the referrer added, and that was removed again."""
    row = attached(referral, cast.officer)
    return workflow.remove_attachment(attachment_id=row.pk, reason="twice", by=cast.coordinator)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("attachment_kind_is_known", {"kind": "video"}),
        ("attachment_is_of_a_safe_type", {"content_type": "text/html"}),
        ("attachment_has_a_size", {"size": 0}),
        ("attachment_has_a_size", {"size": 5_000_001}),
        ("attachment_is_counted_from_one", {"number": 0}),
        ("attachment_is_counted_from_one", {"pages": 0}),
        ("removed_attachment_has_a_reason", {"removed_at": Now()}),
        ("removed_attachment_has_a_reason", {"removal_reason": "boredom", "removed_at": Now()}),
    ],
)
def test_an_impossible_attachment_is_refused(cast, referral, constraint, changes):
    row = Attachment(referral=referral, number=1, submit_key=referral.pk, kind="photo", by=cast.officer)
    row.content_type, row.size, row.sha256 = "image/jpeg", 10, bytes(32)
    row.put({})
    for name, value in changes.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def test_an_attachment_has_a_number_and_a_key_of_its_own(cast, referral):
    row = attached(referral, cast.officer)
    again = {"referral": referral, "by": cast.officer, "kind": "photo", "content_type": "image/png", "size": 1}
    for constraint, number, key in [
        ("attachment_number_is_used_once", row.number, referral.pk),
        ("attachment_is_sent_once", 2, row.submit_key),
    ]:
        other = Attachment(number=number, submit_key=key, sha256=bytes(32), **again)
        other.put({})
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            other.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM referrals_attachmentcontent",
        "UPDATE referrals_attachmentcontent SET ciphertext = ''",
        "DELETE FROM referrals_attachment",
        "UPDATE referrals_attachment SET sha256 = ''",
        "UPDATE referrals_attachment SET by_id = NULL",
        "UPDATE referrals_attachment SET removed_at = NULL, removed_by_id = NULL, removal_reason = ''",
    ],
)
def test_an_attachment_stays_as_it_was_added_even_in_plain_sql(attachment, statement):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
