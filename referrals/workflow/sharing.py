"""Do not share: an organisation that must not know of a referral, and whom nobody may tell that it must not."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.models import Membership, Organisation, User
from partners.outbox import cancel_for
from partners.roles import Permission, Role
from partners.standing import keep_in_post
from referrals.handover_states import RevokeReason
from referrals.models import Exclusion, Referral
from referrals.statuses import Move
from referrals.workflow.handovers import settle
from referrals.workflow.moves import Refused, apply, locked, note_event, require
from referrals.workflow.offering import take_back
from referrals.workflow.recommend import assess_again


@transaction.atomic
def exclude(*, referral_id: UUID, organisation: Organisation, reason: str, by: User) -> Exclusion:
    """Keep a referral from an organisation: it is offered nothing, told nothing and sees nothing, from this moment.

    An open hand-over there is taken back without a word; a referral that one of its people coordinates goes to `by`.
    Raises Refused when no coordinator would be left, for `by`'s own organisation and for one that is excluded already.
    """
    keep_in_post(by)
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=None)
    if by.organisation == organisation:
        raise Refused("You work there yourself: you would lose the referral. Ask another coordinator to do it")
    if not excludable([organisation], besides=referral):
        raise Refused(f"No coordinator outside {organisation} would be left to act")
    if referral.exclusions.in_force().filter(organisation=organisation).exists():
        raise Refused(f"This referral is already kept from {organisation}")
    made = add_exclusion(referral, organisation, reason, by)
    for row in referral.hand_overs.open().filter(organisation=organisation).select_for_update():
        row.referral = referral
        take_back(row, RevokeReason.SAFETY, by=by, silent=True)
    note_event(referral, Move.EXCLUDE, by=by, facts={"exclusion": str(made.pk)})
    if referral.is_open and referral.owner is not None and referral.owner.organisation == organisation:
        apply(referral, Move.ASSIGN, by=by, facts={"to": by.pk}, owner=by)
    assess_again(referral)
    settle(referral, by=by)
    return made


def excludable(organisations: list[Organisation], besides: Referral | None = None) -> list[Organisation]:
    """Return those of `organisations` that can be left out so that a coordinator remains who sees the referral.

    `besides` is the referral whose exclusions stand already. The host of the coordinators is never left out.
    """
    coordinators = set(Membership.objects.in_role(Role.COORDINATOR).values_list("organisation", flat=True))
    asked = [organisation for organisation in organisations if not organisation.coordinates]
    gone = {organisation.pk for organisation in asked}
    if besides is not None:
        gone |= set(besides.exclusions.in_force().values_list("organisation", flat=True))
    somebody_is_left = bool(coordinators - gone)
    return [organisation for organisation in asked if somebody_is_left or organisation.pk not in coordinators]


def add_exclusion(referral: Referral, organisation: Organisation, reason: str, by: User) -> Exclusion:
    """Write the row of an exclusion, sealed, and cancel what is on its way to the organisation."""
    made = Exclusion(referral=referral, organisation=organisation, added_by=by)
    made.put({"reason": reason})
    made.save(force_insert=True)
    cancel_for(referral.pk, organisation, silent=True)
    return made


@transaction.atomic
def lift_exclusion(*, exclusion_id: UUID, by: User) -> Exclusion:
    """Let the organisation know of the referral again.

    Raises Refused for whoever added it: it takes a second person.
    """
    require(by, Permission.TRIAGE)
    visible = Referral.objects.visible_to(by)
    referral_id = Exclusion.objects.in_force().filter(referral__in=visible).values_list("referral", flat=True)
    referral = locked(referral_id.get(pk=exclusion_id), by=by, version=None)
    row = Exclusion.objects.in_force().select_for_update().get(pk=exclusion_id)
    if row.added_by_id == by.pk:
        raise Refused("Somebody else has to lift it: you added it yourself")
    row.lifted_at, row.lifted_by = timezone.now(), by
    row.save(update_fields=["lifted_at", "lifted_by"])
    note_event(referral, Move.LIFT_EXCLUSION, by=by, facts={"exclusion": str(row.pk)})
    assess_again(referral)
    return row
