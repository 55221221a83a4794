"""The database refuses impossible states; each refusal is tried here (design, principle 5)."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now

from referrals.models import Referral
from tests.conftest import submit_one


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
    ],
)
def test_an_impossible_referral_is_refused(referral, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(**changes)


def test_a_submit_key_is_used_once(cast, referral):
    other = submit_one(cast.nurse)
    with pytest.raises(IntegrityError, match="submit_key"), transaction.atomic():
        Referral.objects.filter(pk=other.pk).update(submit_key=referral.submit_key)


@pytest.mark.parametrize("table", ["referrals_referralevent", "referrals_consent", "partners_accessrecord"])
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
