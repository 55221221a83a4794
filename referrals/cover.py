"""Whose referrals a coordinator looks after while colleagues are away, as conditions on referrals (ADR 0023)."""

from django.db.models import Case, Q, Value, When
from django.db.models.expressions import Combinable

from partners.cover import WhoIsHere
from partners.models import User
from referrals.exclusion import excludes


def owners_of(user: User, here: WhoIsHere) -> list[int]:
    """Return the ids of the owners whose referrals `user` looks after: their own, and of those for whom they cover."""
    return [user.pk, *(one.user_id for one in here.covered_by(user.pk))]


def without_anybody(here: WhoIsHere) -> Q:
    """Return the condition that nobody who is here has the referral: it has no owner, or its owner left, is suspended,
    or is away without a cover who may know of it. Such a referral needs every coordinator."""
    return Q(owner__isnull=True) | ~Q(owner__in=here.in_hand()) | _kept_from_cover(here)


def cover_may_know(here: WhoIsHere) -> Combinable:
    """Return an expression that is False where the owner's cover must not know of the referral."""
    if not here.covers():
        return Value(True)
    return Case(When(_kept_from_cover(here), then=Value(False)), default=Value(True))


def _kept_from_cover(here: WhoIsHere) -> Q:
    found = Q()
    for organisation, owners in here.covers().items():
        found |= Q(excludes(organisation), owner__in=owners)
    return found
