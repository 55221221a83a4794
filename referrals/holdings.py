"""What partners' pages must know of a person or an organisation here: what is in hand, as counts, and what is kept."""

from django.db.models import QuerySet
from django.utils import timezone

from partners.holdings import Holding
from partners.models import Organisation, User
from referrals.models import Draft, Exclusion, HandOver, Operation, Referral


def kept_from(user: User) -> QuerySet:
    """Return the ids of the referrals that are kept from `user`'s organisation, as a subquery."""
    return Exclusion.objects.in_force().filter(organisation=user.organisation).values("referral")


def held_by(user: User) -> list[Holding]:
    """Return the drafts, the open referrals that `user` logged or coordinates, and the hand-overs that name them."""
    referrals = Referral.objects.visible_to(user).open()
    return [
        Holding(
            "Unfinished drafts",
            Draft.objects.of(user).live(timezone.now()).count(),
            "Nobody else can open them. They are deleted when their time is up.",
        ),
        Holding(
            "Open referrals they logged",
            referrals.logged_by(user).count(),
            "They go on. Coordinators can still ask your organisation about them.",
        ),
        Holding(
            "Open referrals they coordinate",
            referrals.filter(owner=user).count(),
            "Another coordinator has to take them.",
        ),
        Holding(
            "Hand-overs that name them",
            HandOver.objects.visible_to(user).open().filter(responder=user).count(),
            "A colleague has to take them on: ring the coordinators, who can name somebody else.",
        ),
    ]


def held_by_organisation(organisation: Organisation) -> list[Holding]:
    """Return what `organisation` is still asked to do. Only counted, so that an administrator, who sees no case, is
    told of it too before the organisation ends."""
    return [
        Holding(
            "Open hand-overs",
            HandOver.objects.open().filter(organisation=organisation).count(),
            "Nobody there can answer after the last day: hand each of them to somebody else first.",
        ),
        Holding(
            "Open operations",
            Operation.objects.open().filter(organisation=organisation).count(),
            "Nobody there can log people any more: close them first.",
        ),
    ]
