"""The one way a referral changes: lock the row, ask the table, write the event, all in one transaction."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.models import User
from partners.roles import Permission
from referrals.models import Referral, ReferralEvent
from referrals.statuses import Move, Status, after


class NotAllowed(Exception):
    """Raised when the person may not do this. The page answers 404: what is not yours is not there."""


class Refused(Exception):
    """Raised for input that cannot be acted on. The text is for the person who gave it, `field` is what it is about."""

    def __init__(self, text: str, field: str = ""):
        self.text, self.field = text, field
        super().__init__(text)


class ChangedMeanwhile(Exception):
    """Raised when somebody else changed the referral after the page was opened.

    `referral` is as it stands now and `since` are the events that the person has not seen.
    """

    def __init__(self, referral: Referral, since: list[ReferralEvent]):
        self.referral, self.since = referral, since
        super().__init__("The referral changed after this page was opened.")


def require(by: User, permission: Permission) -> None:
    """Raise NotAllowed unless `by` has `permission` now."""
    if not by.may(permission):
        raise NotAllowed(permission.value)


def locked(referral_id: UUID, *, by: User | None, version: int | None) -> Referral:
    """Return the referral, locked until the transaction ends.

    `by` is None only for the system's own moves. Raises Referral.DoesNotExist when `by` may not see it, and
    ChangedMeanwhile when `version` is given and is not the row's.
    """
    rows = Referral.objects.all() if by is None else Referral.objects.visible_to(by)
    # The owner is left out: a row that waited for its lock is read again, but what was joined to it is not, so that a
    # referral that was assigned meanwhile would seem to have none.
    related = ("referrer", "organisation", "district")
    referral = rows.select_for_update(of=("self",)).select_related(*related).get(pk=referral_id)
    # Who may see it was asked before the lock was waited for: an exclusion may have come meanwhile.
    if by is not None and not Referral.objects.visible_to(by).filter(pk=referral_id).exists():
        raise Referral.DoesNotExist
    if version is not None and version != referral.version:
        unseen = referral.events.filter(facts__version__gt=version).select_related("by")
        raise ChangedMeanwhile(referral, list(unseen))
    return referral


def unchanged(referral_id: UUID, *, by: User, version: int, besides: Iterable[UUID] = ()) -> None:
    """Lock a referral until the transaction ends and raise ChangedMeanwhile unless `version` is still its own.

    `besides` are the ids of referrals that the same transaction will lock too: the lowest id first, as everywhere where
    more than one is locked, so that two people never wait for each other. Raises Referral.DoesNotExist.
    """
    for pk in sorted({referral_id, *besides}):
        locked(pk, by=by, version=version if pk == referral_id else None)


def happened(at: datetime.datetime | None, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the fields of an event that happens now or, carried over from elsewhere, at the aware datetime `at`.

    An event that is carried over says so: its facts hold when it was recorded, so that history stays true. Raises
    ValueError for a time that lies ahead.
    """
    if at is None:
        return {"facts": dict(facts or {})}
    now = timezone.now()
    if at > now:
        raise ValueError("what is carried over happened before now")
    return {"at": at, "facts": {**(facts or {}), "recorded_at": now.isoformat(timespec="seconds")}}


def quietly(quiet: bool, at: datetime.datetime | None) -> dict[str, bool]:
    """Return the facts of an event that nobody is told of: history that is carried over (ADR 0017).

    Raises ValueError for anything that happens now: silence is for the past only.
    """
    if quiet and at is None:
        raise ValueError("only what is carried over can be quiet")
    return {"quiet": True} if quiet else {}


@transaction.atomic
def move(
    referral_id: UUID,
    what: Move,
    *,
    by: User | None,
    version: int | None = None,
    facts: Mapping[str, Any] | None = None,
    at: datetime.datetime | None = None,
    **changes: Any,
) -> tuple[Referral, ReferralEvent]:
    """Make one move: change the columns in `changes`, set the status the table gives, write the event.

    `facts` are codes and ids for the event; `at` is for what happened earlier (see `happened`). Raises
    MoveNotAllowed, ChangedMeanwhile or Referral.DoesNotExist; nothing is changed then.
    """
    referral = locked(referral_id, by=by, version=version)
    return referral, apply(referral, what, by=by, facts=facts, at=at, **changes)


def apply(
    referral: Referral,
    what: Move,
    *,
    by: User | None,
    facts: Mapping[str, Any] | None = None,
    at: datetime.datetime | None = None,
    **changes: Any,
) -> ReferralEvent:
    """Make one move on a referral that the caller has locked and checked. See `move`."""
    before, to = Status(referral.status), after(what, referral.status)
    referral.status, referral.version = to, referral.version + 1
    for name, value in changes.items():
        setattr(referral, name, value)
    referral.save(update_fields=["status", "version", *changes])
    return _write_event(referral, what, by, before, happened(at, {**(facts or {}), "version": referral.version}))


def note_event(
    referral: Referral, what: Move, *, by: User | None, facts: Mapping[str, Any], at: datetime.datetime | None = None
) -> ReferralEvent:
    """Write an event that changes nothing for whoever is at work on the case: their page stays good."""
    after(what, referral.status)  # raises MoveNotAllowed
    return _write_event(
        referral, what, by, Status(referral.status), happened(at, {**facts, "version": referral.version})
    )


def _write_event(
    referral: Referral, what: Move, by: User | None, before: Status, fields: Mapping[str, Any]
) -> ReferralEvent:
    return ReferralEvent.objects.create(
        referral=referral, move=what, by=by, from_status=before, to_status=referral.status, **fields
    )
