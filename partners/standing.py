"""Does an account still stand? Suspended people and people of a closed organisation are told so, and go no further."""

from django.utils import timezone

from partners.models import User

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
