"""What a person has in hand here: counts only, for the page on which a lead ends their membership."""

from django.utils import timezone

from partners.holdings import Holding
from partners.models import User
from referrals.models import Draft, Referral


def held_by(user: User) -> list[Holding]:
    """Return the drafts, the open referrals that `user` logged, and those they coordinate."""
    referrals = Referral.objects.visible_to(user).open()
    return [
        Holding(
            Draft.objects.of(user).live(timezone.now()).count(),
            "unfinished draft",
            "It is deleted when its time is up. Nobody else can open it.",
        ),
        Holding(
            referrals.logged_by(user).count(),
            "open referral they logged",
            "It goes on. Coordinators can still ask your organisation about it.",
        ),
        Holding(
            referrals.filter(owner=user).count(),
            "open referral they coordinate",
            "Another coordinator has to take it.",
        ),
    ]
