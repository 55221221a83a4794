"""Giving several referrals to one coordinator at once: all of them or none, each by its own event, with one message.

Nothing else is done to several at once: closing, withdrawing and merging are decisions about one person each.
"""

import uuid
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from partners.models import User
from partners.roles import Permission
from partners.standing import keep_in_post
from referrals.models import Referral, ReferralEvent
from referrals.notifications import tell
from referrals.statuses import Move, possible_moves
from referrals.workflow.moves import ChangedMeanwhile, Refused, require
from referrals.workflow.triage import given

MOST_TOGETHER = 100


class Chosen(NamedTuple):
    """A referral and its version, as they stood on the page where somebody ticked it."""

    id: UUID
    version: int


class NotTogether(Exception):
    """Raised when something stands against one of several referrals; nothing is done to any of them.

    `gone` is how many the person may not see (any more), `unread` and `fixed` are the references of those that nobody
    has opened and of those that cannot be given to anybody as they stand, `changed` those with news; `found` are all
    that are in sight, as they are now.
    """

    def __init__(
        self,
        *,
        gone: int = 0,
        unread: Sequence[str] = (),
        fixed: Sequence[str] = (),
        changed: Sequence[ChangedMeanwhile] = (),
        found: Sequence[Referral] = (),
    ):
        self.gone, self.unread, self.fixed, self.changed, self.found = gone, unread, fixed, changed, found
        super().__init__("Something stands against one of several referrals.")


def checked_together(chosen: Sequence[Chosen], *, by: User, lock: bool = False) -> list[Referral]:
    """Return the chosen referrals as they are now, in the order of their ids; locked until the transaction ends when
    `lock`.

    Raises Refused for none or more than 100, NotTogether when one is out of sight, unread, or changed since.
    """
    require(by, Permission.TRIAGE)
    versions = {one.id: one.version for one in chosen}
    if not versions:
        raise Refused("Tick at least one referral in the list")
    if len(versions) > MOST_TOGETHER:
        raise Refused(f"At most {MOST_TOGETHER} referrals go together. You ticked {len(versions)}")
    rows = Referral.objects.visible_to(by).filter(pk__in=versions).order_by("pk")
    # In the order of their ids, so that two coordinators with overlapping lots wait for each other and never deadlock.
    if lock:
        list(rows.select_for_update(of=("self",)).values_list("pk"))
    # Read after the locks were waited for: what came meanwhile counts, an exclusion too.
    found = list(rows.select_related("organisation", "district", "owner", "referrer"))
    unread = [row.reference for row in found if row.opened_at is None]
    changed = _changed([row for row in found if row.version != versions[row.pk]], versions)
    if len(found) < len(versions) or unread or changed:
        raise NotTogether(gone=len(versions) - len(found), unread=unread, changed=changed, found=found)
    return found


def _changed(rows: list[Referral], versions: dict[UUID, int]) -> list[ChangedMeanwhile]:
    """Return what each of `rows` has seen since its version in `versions`."""
    since: dict[UUID, list[ReferralEvent]] = {row.pk: [] for row in rows}
    for event in ReferralEvent.objects.filter(referral__in=rows).select_related("by") if rows else ():
        if event.facts.get("version", 0) > versions[event.referral_id]:
            since[event.referral_id].append(event)
    return [ChangedMeanwhile(row, since[row.pk]) for row in rows]


@transaction.atomic
def assign_together(*, chosen: Sequence[Chosen], to: User, by: User) -> list[Referral]:
    """Give each of `chosen` that is not theirs yet to the coordinator `to`; return those that changed hands.

    `to` gets one message for the lot (ADR 0021). Raises what `checked_together` raises, NotTogether for one that nobody
    has taken or that has ended, Refused for one of which `to` must not know, NotAllowed when `to` is no coordinator.
    """
    keep_in_post(to)
    require(to, Permission.TRIAGE)
    rows = checked_together(chosen, by=by, lock=True)
    if fixed := [row.reference for row in rows if Move.ASSIGN not in possible_moves(row.status)]:
        raise NotTogether(fixed=fixed)
    ids = [row.pk for row in rows]
    seen = set(Referral.objects.visible_to(to).filter(pk__in=ids).values_list("pk", flat=True))
    if kept := [row.reference for row in rows if row.pk not in seen]:
        raise Refused(f"Must not be shared with where they work: {', '.join(kept)}. Choose somebody else", "to")
    moving = [row for row in rows if row.owner_id != to.pk]
    lot = {"lot": str(uuid.uuid4()), "given": len(moving)} if len(moving) > 1 else {}
    done = [given(row.pk, to=to, by=by, version=row.version, facts=lot) for row in moving]
    if done and to != by:
        tell(*done[-1])
    return [referral for referral, _ in done]
