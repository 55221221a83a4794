"""What a coordinator does with a referral, and what a referrer answers.

`at` is given only for what is carried over from paper or another system: when it happened there (`moves.happened`).
"""

import datetime
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from partners.hours import end_of_working_day
from partners.models import AccessRecord, Partnership, User
from partners.outbox import acknowledge
from partners.roles import Permission
from partners.standing import keep_in_post
from referrals.disclose import record_view
from referrals.handover_states import RevokeReason
from referrals.models import HandOver, Note, Referral, ReferralEvent
from referrals.notifications import tell
from referrals.statuses import FeedbackBand, Move, NextActor, Outcome, WithdrawalReason
from referrals.workflow.consent import withdraw_all
from referrals.workflow.handovers import coordinators_move, settle
from referrals.workflow.moves import NotAllowed, Refused, apply, locked, move, quietly, require
from referrals.workflow.notes import refuse_names, write_note
from referrals.workflow.offering import take_all_back


@transaction.atomic(savepoint=False)  # one step of the page's transaction: who gets no page has opened nothing
def open_case(*, referral_id: UUID, by: User, purpose: str = "") -> Referral:
    """Record that a coordinator opened the case, and that whoever must know has acted.

    The first opening is an event and stops the escalation. Raises Referral.DoesNotExist, NotAllowed.
    """
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=None)
    record_view(referral, by=by, action=AccessRecord.Action.VIEW, purpose=purpose)
    acknowledge(by, referral.id)
    if referral.opened_at is None:
        apply(referral, Move.OPEN, by=by, opened_at=timezone.now())
    return referral


@transaction.atomic
def start_triage(
    *, referral_id: UUID, by: User, version: int, at: datetime.datetime | None = None, quiet: bool = False
) -> Referral:
    """Take a submitted referral: `by` owns it from now on, and the referrer is told (not of `quiet` history)."""
    keep_in_post(by)
    require(by, Permission.TRIAGE)
    # Who took it may have read it before: how long it lay unread is a figure the partnership lives by.
    opened, facts = locked(referral_id, by=by, version=version).opened_at or at or timezone.now(), quietly(quiet, at)
    taken = {"owner": by, "opened_at": opened}
    referral, event = move(referral_id, Move.START_TRIAGE, by=by, version=version, facts=facts, at=at, **taken)
    tell(referral, event)
    return referral


@transaction.atomic
def assign(*, referral_id: UUID, to: User, by: User, version: int | None) -> Referral:
    """Give an open referral to another coordinator. Raises NotAllowed when `to` is none, or may not know of it.

    `version` is None only where the caller has locked the referral and looked at it.
    """
    keep_in_post(to)
    require(by, Permission.TRIAGE)
    require(to, Permission.TRIAGE)
    if not Referral.objects.visible_to(to).filter(pk=referral_id).exists():
        raise NotAllowed("the referral is kept from where they work")
    referral, event = given(referral_id, to=to, by=by, version=version)
    if to != by:
        tell(referral, event)
    return referral


def given(
    referral_id: UUID, *, to: User, by: User, version: int, facts: Mapping[str, Any] | None = None
) -> tuple[Referral, ReferralEvent]:
    """Make the move of `assign`, whose caller has asked whether both may, and tell nobody. `facts` are of its event."""
    told = {"to": to.pk, **(facts or {})}
    return move(referral_id, Move.ASSIGN, by=by, version=version, owner=to, facts=told)


@transaction.atomic
def request_information(
    *, referral_id: UUID, question: str, by: User, version: int, at: datetime.datetime | None = None
) -> Referral:
    """Ask the referrer a question; the question is sealed and read after signing in.

    Raises NamesThePerson when the question holds a name, date of birth, phone or address of the case: the referrer
    reads it with an e-mailed code only. Raises Refused when there is nobody any more who could answer.
    """
    keep_in_post(by)
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=version)
    refuse_names(question, referral)
    if not referral.referrer_is_there:
        raise Refused("Whoever logged this does not work there any more. Ring their organisation", "question")
    now = at or timezone.now()
    referral, event = move(
        referral_id,
        Move.REQUEST_INFORMATION,
        by=by,
        version=version,
        at=at,
        owner=referral.owner or by,
        opened_at=referral.opened_at or now,
        next_actor=NextActor.REFERRER,
        due_at=end_of_working_day(now, Partnership.current().answer_days),
    )
    write_note(referral, Note.Kind.QUESTION, question, by, at)
    tell(referral, event)
    return referral


@transaction.atomic
def answer_information(*, referral_id: UUID, answer: str, by: User, at: datetime.datetime | None = None) -> Referral:
    """Store the referrer's answer, sealed, and give the move back to the coordinator.

    Raises NotAllowed unless `by` logged the referral, MoveNotAllowed when nothing was asked.
    """
    if not Referral.objects.visible_to(by).logged_by(by).filter(pk=referral_id).exists():
        raise NotAllowed("not the referrer")
    referral, event = move(
        referral_id,
        Move.ANSWER_INFORMATION,
        by=by,
        at=at,
        **coordinators_move(at),
    )
    write_note(referral, Note.Kind.ANSWER, answer, by, at)
    tell(referral, event)
    if referral.hand_overs.open().exists():
        apply(referral, Move.BACK_WITH_PARTNERS, by=None, at=at)
    return referral


@transaction.atomic
def wait_for_partners(*, referral_id: UUID, by: User, version: int) -> Referral:
    """Say that the coordinator has seen what there was to see, and that it is the organisations' move again.

    Raises Refused when no organisation has the referral.
    """
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=version)
    if not referral.hand_overs.open().exists():
        raise Refused("No organisation has this referral at the moment")
    apply(referral, Move.BACK_WITH_PARTNERS, by=by)
    settle(referral, by=by, coordinator_acted=True)
    return referral


@transaction.atomic
def close(
    *,
    referral_id: UUID,
    outcome: Outcome,
    band: FeedbackBand,
    by: User,
    version: int,
    at: datetime.datetime | None = None,
    quiet: bool = False,
) -> Referral:
    """Close a referral with an outcome for the partnership and a band for the referrer, who is told.

    Raises Refused while an organisation still works on it: it would lose sight of the person it helps.
    """
    require(by, Permission.TRIAGE)
    if held := [str(one.organisation) for one in locked_hand_overs(referral_id, by)]:
        raise Refused(f"Still open with {', '.join(held)}. Wait for them, or take it back first", "outcome")
    referral, event = move(
        referral_id,
        Move.CLOSE,
        by=by,
        version=version,
        at=at,
        facts={"outcome": outcome, "band": band, **quietly(quiet, at)},
        outcome=outcome,
        feedback_band=band,
        closed_at=at or Now(),
        next_actor=NextActor.NOBODY,
        due_at=None,
    )
    tell(referral, event)
    return referral


@transaction.atomic
def reopen(*, referral_id: UUID, by: User, version: int) -> Referral:
    """Reopen a closed or withdrawn referral; `by` owns it."""
    keep_in_post(by)
    require(by, Permission.TRIAGE)
    referral, event = move(
        referral_id,
        Move.REOPEN,
        by=by,
        version=version,
        owner=by,
        outcome="",
        feedback_band="",
        withdrawal_reason="",
        closed_at=None,
        **coordinators_move(),
    )
    tell(referral, event)
    return referral


_WHY_BACK = {
    WithdrawalReason.CONSENT_WITHDRAWN: RevokeReason.CONSENT_WITHDRAWN,
    WithdrawalReason.DUPLICATE: RevokeReason.REFERRAL_WITHDRAWN,
    WithdrawalReason.LOGGED_IN_ERROR: RevokeReason.REFERRAL_WITHDRAWN,
}


def locked_hand_overs(referral_id: UUID, by: User) -> list[HandOver]:
    """Return the open hand-overs of a referral that `by` may see, which is locked first."""
    referral = locked(referral_id, by=by, version=None)
    return list(referral.hand_overs.open().select_related("organisation"))


@transaction.atomic
def withdraw(
    *,
    referral_id: UUID,
    reason: WithdrawalReason,
    by: User,
    version: int,
    at: datetime.datetime | None = None,
    quiet: bool = False,
) -> Referral:
    """Take a referral back: consent withdrawn, duplicate, or logged in error. Every organisation loses sight of it."""
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=version)
    take_all_back(referral, _WHY_BACK[reason], by=by)
    if reason == WithdrawalReason.CONSENT_WITHDRAWN:
        withdraw_all(referral, by=by)
    event = apply(
        referral,
        Move.WITHDRAW,
        by=by,
        at=at,
        facts={"reason": reason, **quietly(quiet, at)},
        withdrawal_reason=reason,
        next_actor=NextActor.NOBODY,
        due_at=None,
    )
    tell(referral, event)
    return referral


@transaction.atomic
def escalate(*, referral_id: UUID) -> Referral:
    """Tell more people that nobody has opened a referral (security, 3.1, dead-man rule). The system's own move."""
    referral, event = move(referral_id, Move.ESCALATE, by=None, escalated_at=timezone.now())
    tell(referral, event)
    return referral
