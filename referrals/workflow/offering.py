"""Handing a referral over: who may be asked, with whose consent, and taking it back."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from partners.limits import Limits, current_limits
from partners.lines import next_open
from partners.models import Organisation, Standing, User
from partners.roles import Permission
from partners.standing import keep_in_post
from referrals.handover_states import HandOverMove, OverrideReason, RevokeReason
from referrals.models import HandOver, Note, Referral
from referrals.notifications import tell
from referrals.pathways import BEST_INTERESTS, FIRST_RESPONDER_PATHWAYS, PATHWAY_LABELS, Pathway, consent_needed
from referrals.statuses import Move, NextActor, Priority
from referrals.workflow.handovers import (
    cancel_messages,
    facts_of,
    has_first_responder,
    locked_hand_over,
    may_have,
    settle,
    step,
)
from referrals.workflow.moves import Refused, apply, locked, require
from referrals.workflow.notes import refuse_names, write_note
from referrals.workflow.recommend import newest_consents

SHORTEST_OVERRIDE = 15


@dataclass(frozen=True)
class Offer:
    """One organisation that is asked for one pathway.

    `responder` is a named person there (for the NRM, the first responder). `override` and `why` are given when the
    consent that the pathway needs is missing: the reason from the list, and in words, which are sealed.
    """

    organisation: Organisation
    pathway: Pathway
    responder: User | None = None
    override: OverrideReason | None = None
    why: str = ""


@transaction.atomic
def hand_over(
    *, referral_id: UUID, offers: Sequence[Offer], by: User, version: int, at: datetime.datetime | None = None
) -> list[HandOver]:
    """Offer a referral to one organisation or several, all or none. Each is told, and so is the referrer.

    Raises Refused with the reason when an offer cannot be made (closed organisation, missing consent, no first
    responder, not for a child …), NamesThePerson, and what `locked` raises.
    """
    keep_in_post(*(offer.responder for offer in offers if offer.responder))
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=version)
    limits, now = current_limits(), at or timezone.now()
    for offer in offers:
        check_offer(referral, offer, timezone.localdate())
    if len({(offer.organisation.pk, offer.pathway) for offer in offers}) < len(offers):
        raise Refused("The same organisation is asked twice for the same thing", "organisation")
    made = [_offer(referral, offer, by, limits, now, at) for offer in offers]
    settle(referral, by=by, at=at, coordinator_acted=True)
    return made


def check_offer(referral: Referral, offer: Offer, today: datetime.date) -> None:
    """Raise Refused unless the offer can be made on the local date `today`."""
    to = offer.organisation
    _check_receiver(referral, to, today)
    if offer.responder is not None and not may_have(offer.responder, to):
        raise Refused(f"That person does not work for {to} any more", "responder")
    if offer.pathway in FIRST_RESPONDER_PATHWAYS and not to.has_standing(Standing.Kind.FIRST_RESPONDER, today):
        raise Refused(f"{to} is not a first responder organisation: it cannot use the Home Office form", "organisation")
    if offer.pathway in FIRST_RESPONDER_PATHWAYS and (other := has_first_responder(referral)):
        raise Refused(f"{other.organisation} has accepted it as first responder. Take it back there first", "pathway")
    if offer.pathway is Pathway.DUTY_TO_NOTIFY and referral.age_group != "adult":
        raise Refused("A Duty to Notify is never made about a child, or somebody who may be one", "pathway")
    taken = referral.hand_overs.open().filter(organisation=to, pathway=offer.pathway)
    if taken.exists():
        raise Refused(f"{to} already has this referral for that", "organisation")
    _check_consent(referral, offer)


def _check_receiver(referral: Referral, to: Organisation, today: datetime.date) -> None:
    if not to.is_in_force(today):
        raise Refused(f"{to} has closed. Choose another organisation", "organisation")
    # The same words whether it takes no referrals or must not know of this one: nothing tells that an exclusion exists.
    takes = to.receives_referrals or to == referral.organisation  # a first responder may send its own referral
    if not takes or referral.exclusions.in_force().filter(organisation=to).exists():
        raise Refused(f"{to} cannot be handed this referral", "organisation")


def _check_consent(referral: Referral, offer: Offer) -> None:
    if offer.override is not None:
        if len(offer.why.strip()) < SHORTEST_OVERRIDE:
            raise Refused(f"Say why in at least {SHORTEST_OVERRIDE} characters", "why")
        refuse_names(offer.why, referral)
    elif words := _needs_override(referral, offer):
        raise Refused(words, "override")


def _needs_override(referral: Referral, offer: Offer) -> str:
    """Return why the offer cannot be made without an override, or ""."""
    kind = missing_consent(referral, offer.pathway, newest_consents(referral))
    words = PATHWAY_LABELS[offer.pathway]
    if kind == BEST_INTERESTS:
        return f"“{words}” needs a best-interests decision: the person may lack capacity"
    if kind:
        return f"“{words}” needs the person’s consent, and none is recorded"
    if offer.organisation.kind == Organisation.Kind.IMMIGRATION:
        return "Nothing is shared with immigration enforcement unless the law requires it"
    return ""


def missing_consent(referral: Referral, pathway: Pathway, states: dict[str, str]) -> str:
    """Return the kind of consent that a hand-over on `pathway` needs and that does not hold now, or ""."""
    kind = needed_consent(referral, pathway)
    return kind if kind and states.get(kind) != "given" else ""


def needed_consent(referral: Referral, pathway: Pathway) -> str:
    """Return the kind of consent that a hand-over of this referral on `pathway` rests on, or ""."""
    last = referral.recommendations.first()
    return consent_needed(
        pathway,
        age_group=referral.age_group,
        immediate_danger=referral.priority == Priority.IMMEDIATE,
        may_lack_capacity=bool(last and last.facts.get("may_lack_capacity")),
    )


def _offer(
    referral: Referral, offer: Offer, by: User, limits: Limits, now: datetime.datetime, at: datetime.datetime | None
) -> HandOver:
    urgent = referral.priority == Priority.IMMEDIATE
    starts = now if urgent else next_open(offer.organisation, now) or now
    suffix = "_immediate" if urgent else ""
    # A reason that was not needed is kept in words only: what rests on consent is taken back when the consent goes.
    override = offer.override if _needs_override(referral, offer) else None
    made = HandOver(
        referral=referral,
        organisation=offer.organisation,
        pathway=offer.pathway,
        responder=offer.responder,
        offered_at=now,
        offered_by=by,
        override_reason=override or "",
        due_at=limits.due(_opening_clock(offer.pathway, urgent=urgent), starts),
        chase_at=limits.due(f"chase_second_contact{suffix}", starts),
    )
    made.save(force_insert=True)
    if offer.override is not None:
        write_note(referral, Note.Kind.OVERRIDE, offer.why, by, at, hand_over=made)
    event = apply(
        referral,
        Move.HAND_OVER,
        by=by,
        at=at,
        facts=facts_of(made, override=made.override_reason),
        next_actor=NextActor.PARTNER,
        due_at=made.due_at,
    )
    tell(referral, event, made)
    return made


def _opening_clock(pathway: Pathway, *, urgent: bool) -> str:
    if urgent:
        return "hand_over_open_immediate"
    # A first responder's clock runs from the offer: a case must not lie between two organisations (issue, point 5).
    return "first_responder_decide" if pathway in FIRST_RESPONDER_PATHWAYS else "hand_over_open"


@transaction.atomic
def revoke(*, hand_over_id: UUID, reason: RevokeReason, by: User, version: int | None = None) -> HandOver:
    """Take a hand-over back. The organisation loses sight of the case at once and keeps a stub."""
    require(by, Permission.TRIAGE)
    referral, hand_over = locked_hand_over(hand_over_id, by=by, version=version)
    take_back(hand_over, reason, by=by)
    settle(referral, by=by, coordinator_acted=True)
    return hand_over


def take_back(hand_over: HandOver, reason: RevokeReason, *, by: User | None, silent: bool = False) -> None:
    """Revoke a locked hand-over; the organisation is told that it was, never why. `silent`: it is told nothing."""
    facts = {"reason": str(reason)} | ({"silent": "yes"} if silent else {})
    event = step(hand_over, HandOverMove.REVOKE, by=by, facts=facts, revoke_reason=reason)
    if not silent:
        cancel_messages(hand_over)
    tell(hand_over.referral, event, hand_over)


def _in_order(rows: QuerySet[HandOver]) -> QuerySet[HandOver]:
    """The oldest first; those that were made in one act as their page lists them, and so does the history."""
    return rows.select_related("organisation").order_by("offered_at", "organisation__name")


def take_all_back(referral: Referral, reason: RevokeReason, *, by: User | None) -> int:
    """Revoke every open hand-over of a locked referral; return how many there were.

    When the person has withdrawn consent, also what was completed: nobody goes on looking.
    """
    held = referral.hand_overs
    rows = held.sharing() if reason == RevokeReason.CONSENT_WITHDRAWN else held.open()
    for row in (rows := list(_in_order(rows).select_for_update(of=("self",)))):
        row.referral = referral
        take_back(row, reason, by=by)
    return len(rows)
