"""Referrals that belong together: one person twice, one operation, one family. Nothing is merged in content."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.models import User
from partners.roles import Permission
from referrals.models import Link, LinkKind, Referral
from referrals.statuses import Move, Status, WithdrawalReason
from referrals.workflow.moves import Refused, locked, note_event, require
from referrals.workflow.triage import withdraw


@transaction.atomic
def link(*, referral_id: UUID, other_id: UUID, kind: LinkKind, by: User, note: str = "") -> Link:
    """Link two referrals that `by` may both see; both histories tell of it. `note` says why and is sealed.

    Raises Refused for one referral twice and for a link that is there, Referral.DoesNotExist, NotAllowed.
    """
    require(by, Permission.TRIAGE)
    both = _both(referral_id, other_id, by, version=None)
    if _between(both, kind).exists():
        raise Refused("These two are linked in this way already", "kind")
    return _made(both, kind, by, note)


@transaction.atomic
def unlink(*, link_id: UUID, by: User) -> Link:
    """Take a link away. It stays in both histories. Raises Link.DoesNotExist when `by` may not see both referrals."""
    require(by, Permission.TRIAGE)
    there = Link.objects.in_force().visible_to(by)
    found = there.get(pk=link_id)
    both = _both(found.first_id, found.second_id, by, version=None)
    found = there.get(pk=link_id)  # as it is under the lock
    found.removed_at, found.removed_by = timezone.now(), by
    found.save(update_fields=["removed_at", "removed_by"])
    for referral in both:
        note_event(referral, Move.UNLINK, by=by, facts={"link": str(found.pk), "kind": found.kind})
    return found


@transaction.atomic
def merge_as_duplicate(*, referral_id: UUID, into_id: UUID, by: User, version: int) -> Referral:
    """Withdraw a referral as the duplicate of another one, and link the two as the same person.

    Nothing moves from one to the other: both accounts stay as they were given, and the referrer hears what they hear of
    any withdrawn referral. Raises Refused when the other was withdrawn itself, ChangedMeanwhile, MoveNotAllowed.
    """
    require(by, Permission.TRIAGE)
    both = _both(referral_id, into_id, by, version=version)
    if both[1].status == Status.WITHDRAWN:
        raise Refused("That referral was withdrawn. Choose the one that goes on", "into")
    withdrawn = withdraw(referral_id=referral_id, reason=WithdrawalReason.DUPLICATE, by=by, version=version)
    if not _between(both, LinkKind.SAME_PERSON).exists():
        _made((withdrawn, both[1]), LinkKind.SAME_PERSON, by, "", duplicate=referral_id)
    return withdrawn


def _both(one_id: UUID, other_id: UUID, by: User, *, version: int | None) -> tuple[Referral, Referral]:
    """Return two referrals, locked: the lower id first, so that two people who link them never wait for each other."""
    if one_id == other_id:
        raise Refused("That is this referral itself", "other")
    rows = {pk: locked(pk, by=by, version=version if pk == one_id else None) for pk in sorted((one_id, other_id))}
    return rows[one_id], rows[other_id]


def _between(both: tuple[Referral, Referral], kind: LinkKind):
    first, second = sorted(referral.pk for referral in both)
    return Link.objects.in_force().filter(first=first, second=second, kind=kind)


def _made(
    both: tuple[Referral, Referral], kind: LinkKind, by: User, note: str, *, duplicate: UUID | None = None
) -> Link:
    """Write the link and an event on both. The facts name the link alone: who reads them may not see the other."""
    first, second = sorted(both, key=lambda referral: referral.pk)
    made = Link(first=first, second=second, kind=kind, by=by)
    made.put({"note": note.strip()})
    made.save(force_insert=True)
    for referral in both:
        role = {} if duplicate is None else {"duplicate": "this" if referral.pk == duplicate else "other"}
        note_event(referral, Move.LINK, by=by, facts={"link": str(made.pk), "kind": kind, **role})
    return made
