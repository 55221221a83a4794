"""The blind keys of a referral: written when it is sent and again whenever it is known otherwise who the person is."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction

from partners.sealing import blind, key_ring
from referrals.models import NrmCase, PersonKey, Referral, ReferralSecret
from referrals.person_keys import KeyKind, Person, person_of, values_of


def blind_keys(person: Person) -> set[tuple[KeyKind, bytes]]:
    """Return the blind keys of what is known of `person`, under the current index key."""
    return {(kind, blind(f"person|{kind}", value)) for kind, value in values_of(person)}


def add_keys(referral: Referral, secret: Mapping[str, Mapping]) -> None:
    """Write the blind keys of a referral that has none, from the identity that is being sealed. One insert."""
    PersonKey.objects.bulk_create(_rows(referral.pk, person_of(secret)))


@transaction.atomic
def index_person(referral: Referral) -> None:
    """Make the blind keys of a referral anew from what is sealed now. The caller has locked it.

    Call it in the transaction of every change of the identity. Raises `partners.sealing.CannotOpen`.
    """
    index_people([referral.pk])


@transaction.atomic
def index_people(referrals: Iterable[UUID]) -> None:
    """Make the blind keys of these referrals anew, in four queries. See `index_person`."""
    ids = list(referrals)
    kept = {row.pk: row.take_out() for row in NrmCase.objects.filter(pk__in=ids)}
    secrets = {row.pk: row.take_out() for row in ReferralSecret.objects.filter(pk__in=ids)}
    PersonKey.objects.filter(referral__in=ids).delete()
    PersonKey.objects.bulk_create(
        (row for pk, secret in secrets.items() for row in _rows(pk, person_of(secret, kept.get(pk)))), batch_size=5000
    )


def _rows(referral_id: UUID, person: Person) -> list[PersonKey]:
    kid = key_ring().index_kid
    return [PersonKey(referral_id=referral_id, kind=kind, key=key, kid=kid) for kind, key in blind_keys(person)]
