"""Does an account still stand? Suspended people and people of a closed organisation are told so, and go no further."""

from django.utils import timezone

from partners.models import Membership, User

SUSPENDED, NO_MEMBERSHIP, ORGANISATION_CLOSED = "suspended", "no_membership", "organisation_closed"


def standing_problem(user: User) -> str | None:
    """Return why `user` may do nothing here now: "suspended", "no_membership", "organisation_closed", or None.

    A signed-in person for whom this is not None gets the page of `partners.views.errors.standing_stop` (403) from
    every view that is not public. A view that must first save what was typed carries `handles_standing = True`.
    """
    if not user.is_active:
        return SUSPENDED
    membership = user.membership
    if membership is None:
        return NO_MEMBERSHIP
    if not membership.organisation.is_in_force(timezone.localdate()):
        return ORGANISATION_CLOSED
    return None


def keep_in_post(*people: User) -> None:
    """Hold the active memberships of `people` as they are until the transaction ends, and forget what was read of them.

    Whoever gives somebody work calls this first: a membership that is being ended at the same time either waits until
    the work is there, and is then refused, or has ended, and what `people` may do says so. Memberships are locked
    before referrals, the lowest id first, so that nobody waits in a circle.
    """
    rows = Membership.objects.active().filter(user__in=people).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    for person in people:
        person.__dict__.pop("membership", None)
