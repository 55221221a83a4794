"""Consent as records: what the person said, and what has to be recalled when they change their mind."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from partners.models import User
from partners.roles import Permission
from referrals.handover_states import RevokeReason
from referrals.models import Consent, HandOver, Note, Referral
from referrals.notifications import tell
from referrals.pathways import Pathway
from referrals.statuses import Move, Status
from referrals.submission import ConsentGiven
from referrals.workflow.handovers import give_to_coordinator, settle
from referrals.workflow.moves import NotAllowed, apply, locked
from referrals.workflow.notes import write_note
from referrals.workflow.offering import missing_consent, take_back
from referrals.workflow.recommend import assess_again, newest_consents


def may_record_consent(referral: Referral, by: User) -> bool:
    """Return whether `by` may record what the person said: a coordinator, the referrer, or who accepted a hand-over."""
    if by.may(Permission.TRIAGE):
        return True
    if Referral.objects.visible_to(by).logged_by(by).filter(pk=referral.pk).exists():
        return True
    return HandOver.objects.seen_by(by).filter(referral=referral, accepted_at__isnull=False).exists()


@transaction.atomic
def record_consents(
    *, referral_id: UUID, given: Sequence[ConsentGiven], by: User, version: int | None = None, note: str = ""
) -> Referral:
    """Record what the person said about each kind in `given`, and recall what may not be shared any more.

    Hand-overs that rest on a consent which no longer holds are revoked at once, completed ones too. The coordinator is
    told and has the next move. `note` says in words who explained it and who interpreted; it is sealed. A withdrawal of
    a kind that was never given is recorded as a refusal. Raises NotAllowed.
    """
    referral = locked(referral_id, by=by, version=version)
    if not may_record_consent(referral, by):
        raise NotAllowed("not on the case")
    before = newest_consents(referral)
    rows = [_row(referral, one, by, before.get(one.kind, "not_asked")) for one in given]
    Consent.objects.bulk_create(rows)
    if note:
        write_note(referral, Note.Kind.CONSENT, note, by)
    event = apply(referral, Move.RECORD_CONSENT, by=by, facts={"kinds": {row.kind: row.state for row in rows}})
    recalled = recall(referral, by=by)
    assess_again(referral)
    if (recalled or not by.may(Permission.TRIAGE)) and referral.status in (Status.IN_TRIAGE, Status.WITH_PARTNERS):
        give_to_coordinator(referral)
    tell(referral, event)
    settle(referral, by=by)
    return referral


def _row(referral: Referral, one: ConsentGiven, by: User, before: str) -> Consent:
    never_given = one.state == "withdrawn" and before not in ("given", "withdrawn")
    return consent_row(referral, replace(one, state="refused") if never_given else one, by)


def consent_row(referral: Referral, one: ConsentGiven, by: User) -> Consent:
    """Return the unsaved record of what the person said, as told to `by`."""
    return Consent(
        referral=referral,
        kind=one.kind,
        state=one.state,
        explained_on=one.explained_on or None,
        explained_by=one.explained_by,
        language=one.language,
        interpreter=one.interpreter,
        privacy_notice_given=one.privacy_notice_given,
        recorded_by=by,
    )


def recall(referral: Referral, *, by: User | None, why: RevokeReason = RevokeReason.CONSENT_WITHDRAWN) -> int:
    """Revoke the hand-overs of a locked referral that rest on a consent that does not hold; return how many.

    Completed ones as well: the organisation still sees the case, and the answer sheet after it was closed. What a
    coordinator handed over without consent, for a recorded reason, never rested on it and stays.
    """
    states, recalled = newest_consents(referral), 0
    rows = referral.hand_overs.sharing().filter(override_reason="").select_for_update(of=("self",))
    for row in rows.select_related("organisation"):
        row.referral = referral
        if missing_consent(referral, Pathway(row.pathway), states):
            take_back(row, why, by=by)
            recalled += 1
    return recalled


def withdraw_all(referral: Referral, *, by: User) -> None:
    """Record that nothing which was given holds any more: a reopened case must not rest on it."""
    given = [kind for kind, state in newest_consents(referral).items() if state == "given"]
    rows = [Consent(referral=referral, kind=kind, state="withdrawn", recorded_by=by) for kind in given]
    Consent.objects.bulk_create(rows)
