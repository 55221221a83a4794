"""What a coordinator decided and why: what was decided is coded and told by the timeline, why is sealed."""

import datetime
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from partners.models import User
from partners.roles import Permission
from referrals.models import Note, Referral
from referrals.note_codes import Decision
from referrals.statuses import Move
from referrals.workflow.moves import Refused, apply, locked, note_event, require
from referrals.workflow.notes import write_note


@transaction.atomic
def record_decision(
    *, referral_id: UUID, decisions: Sequence[Decision], why: str, by: User, version: int | None = None
) -> Referral:
    """Record a triage decision: its codes in the history, its reasons sealed as a note. It tells nobody.

    Whose move it is stays as it was: to decide is not yet to act. Raises Refused without a decision or a reason,
    MoveNotAllowed before the referral is taken and after it has ended, ChangedMeanwhile, NotAllowed.
    """
    require(by, Permission.TRIAGE)
    if not decisions:
        raise Refused("Choose what was decided", "decided")
    if not why.strip():
        raise Refused("Enter why", "why")
    referral = locked(referral_id, by=by, version=version)
    apply(referral, Move.DECIDE, by=by, facts={"decided": [Decision(one).value for one in decisions]})
    write_note(referral, Note.Kind.DECISION, why, by)
    return referral


@transaction.atomic
def add_note(
    *,
    referral_id: UUID,
    text: str,
    by: User,
    tags: Sequence[str] = (),
    version: int | None = None,
    at: datetime.datetime | None = None,
) -> Note:
    """Add a coordinator's note, sealed, and its coded `tags`. It changes nothing else; the history says that it is
    there. `at` (aware) is for what is carried over. Raises ChangedMeanwhile, NotAllowed.
    """
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=version)
    note_event(referral, Move.NOTE, by=by, facts={"tags": list(tags)} if tags else {}, at=at)
    return write_note(referral, Note.Kind.NOTE, text, by, at, tags=tags)
