"""Handing on what somebody has in hand, each piece by its own function of the workflow and with its own event."""

from uuid import UUID

from partners.models import User
from partners.roles import Permission
from referrals import workflow
from referrals.models import HandOver, Referral


def hand_on(*, by: User, user: User, to: User) -> int:
    """Give `to` the open referrals that `user` coordinates and the open hand-overs that name them; return how many.

    What `to` may not have (kept from where they work, another organisation's) or `by` may not give stays where it is.
    Called in a transaction that holds the memberships of `user` and `to` (`partners.standing.keep_in_post`).
    """
    return _referrals(by, user, to) + _hand_overs(by, user, to)


def _referrals(by: User, user: User, to: User) -> int:
    if not (by.may(Permission.TRIAGE) and to.may(Permission.TRIAGE)):
        return 0
    may_know = Referral.objects.visible_to(to).open().filter(owner=user).values("pk")
    rows = Referral.objects.visible_to(by).open().filter(owner=user, pk__in=may_know).order_by("pk")
    # Locked before it is given: one that somebody else has taken meanwhile drops out, and stays with them.
    given = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    for pk in given:
        workflow.assign(referral_id=pk, to=to, by=by, version=None)
    return len(given)


def _hand_overs(by: User, user: User, to: User) -> int:
    named = HandOver.objects.visible_to(by).open().filter(responder=user, organisation=to.organisation)
    count = 0
    for pk in named.order_by("referral", "pk").values_list("pk", flat=True):
        count += _give(pk, by, user, to)
    return count


def _give(hand_over_id: UUID, by: User, user: User, to: User) -> bool:
    _referral, hand_over = workflow.locked_hand_over(hand_over_id, by=by)
    if not (hand_over.is_open and hand_over.responder_id == user.pk and workflow.may_have(to, hand_over.organisation)):
        return False
    workflow.name_responder(hand_over_id=hand_over_id, responder=to, by=by)
    return True
