"""The guard at every door: lanes, permissions and the record of each look.

A view says who may come in with one decorator. A view that says nothing wants a signed-in person with a second
factor (`partners/middleware.py` reads the lane), so forgetting a decorator closes a door and never opens one.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest

from partners.models import AccessRecord, User
from partners.roles import Permission
from partners.standing import standing_problem


class Lane(StrEnum):
    """How sure of the person we must be (design, principle 11)."""

    PUBLIC = "public"  # nobody has to sign in
    ACCOUNT = "account"  # a code is enough, whatever the role: one's own second step, one's own sessions
    SUBMIT = "submit"  # an e-mailed code is enough: write, submit, see the status band
    READER = "reader"  # a passkey or TOTP code as well: everything else


def public(view: Callable) -> Callable:
    """Open a view to everybody, signed in or not."""
    view.lane = Lane.PUBLIC
    return login_not_required(view)


def own_account(view: Callable) -> Callable:
    """Open a view to everybody who is signed in, on a code alone. What it changes asks for the second step itself."""
    view.lane = Lane.ACCOUNT
    return view


def requires(permission: Permission, *, lane: Lane = Lane.READER) -> Callable:
    """Let only people with `permission` into a view; for the others the page does not exist (404).

    A view with `handles_standing = True` is also shown to people who may do nothing any more (`partners/standing.py`),
    so that it can save what they typed before it says so.
    """

    def decorate(view):
        def lets_in(user) -> bool:
            if not user.is_authenticated:
                return False
            return user.may(permission) or bool(getattr(view, "handles_standing", False) and standing_problem(user))

        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs):
            if not lets_in(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.lane = lane
        guarded.permission = permission
        return guarded

    return decorate


def submit_lane(permission: Permission = Permission.WRITE_REFERRAL) -> Callable:
    """Let people with `permission` in on an e-mailed code alone."""
    return requires(permission, lane=Lane.SUBMIT)


def lane_of(view: Callable) -> Lane:
    """Return the lane a view declared; the strictest when it declared none."""
    return getattr(view, "lane", Lane.READER)


def record_access(
    *,
    by: User,
    action: AccessRecord.Action,
    object_kind: str,
    object_id: UUID | None = None,
    reference: str = "",
    purpose: str = "",
) -> AccessRecord:
    """Write who looked at what, in the caller's transaction: no record, no view (design, principle 4).

    `reference` is a case reference, never a name. `purpose` is what the person gave as the reason, if asked.
    """
    membership = by.membership
    return AccessRecord.objects.create(
        user=by,
        organisation=membership.organisation if membership else None,
        role=membership.role if membership else "",
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        reference=reference,
        purpose=purpose[:300],
    )
