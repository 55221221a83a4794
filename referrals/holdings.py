"""What partners' pages must know of a person or an organisation here: what is in hand, as counts, and what is kept."""

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from partners.holdings import Held, Holding
from partners.models import Organisation, User
from partners.roles import Permission
from referrals.models import Draft, Exclusion, HandOver, NrmCase, Operation, Referral
from referrals.pathways import FIRST_RESPONDER_PATHWAYS


def kept_from(user: User) -> QuerySet:
    """Return the ids of the referrals that are kept from `user`'s organisation, as a subquery."""
    return Exclusion.objects.in_force().filter(organisation=user.organisation).values("referral")


def held_by(user: User, reader: User | None) -> list[Holding]:
    """Return what `user` has in hand: the drafts, the open referrals that they logged or coordinate, the hand-overs
    that name them, the decisions of the NRM that they wait for.

    Counts are of all there is, so that nothing is forgotten because somebody may not see it. References are for a
    `reader` who coordinates, and of those referrals only that the reader may know of.
    """
    return [*_goes_on(user), *_handed_on(user, reader)]


def _goes_on(user: User) -> list[Holding]:
    logged = Referral.objects.visible_to(user).open().logged_by(user)
    return [
        Holding(
            "Unfinished drafts",
            Draft.objects.of(user).live(timezone.now()).count(),
            "Nobody else can open them. They are deleted when their time is up.",
        ),
        Holding(
            "Open referrals they logged",
            logged.count(),
            "They go on. Coordinators can still ask your organisation about them.",
        ),
        Holding(
            "Decisions of the NRM that they wait for, with nothing left to do",
            _decisions_awaited(user).count(),
            "The organisation’s mailbox is told of them instead.",
        ),
    ]


def _handed_on(user: User, reader: User | None) -> list[Holding]:
    owned, named = Referral.objects.open().filter(owner=user), HandOver.objects.open().filter(responder=user)
    shown = [(row.pk, row.reference) for row in _shown(owned, reader)]
    handed = [(row.referral_id, f"{row.referral}, {row.organisation}") for row in _shown_hand_overs(named, reader)]
    return [
        Holding(
            "Open referrals they coordinate",
            owned.count(),
            "Another coordinator has to take them first.",
            Permission.TRIAGE,
            _links(shown),
        ),
        Holding(
            "Hand-overs that name them",
            named.count(),
            "A colleague there has to take them on first.",
            Permission.WRITE_REFERRAL,
            _links(handed),
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


def _decisions_awaited(user: User) -> QuerySet:
    at_work = HandOver.objects.open().filter(
        referral=OuterRef("pk"), responder=user, pathway__in=FIRST_RESPONDER_PATHWAYS
    )
    return NrmCase.objects.held().filter(first_responder=user, next_on__isnull=False).exclude(Exists(at_work))


def _reads_cases(reader: User | None) -> bool:
    return reader is not None and reader.may(Permission.TRIAGE)


def _shown(owned: QuerySet, reader: User | None) -> list[Referral]:
    return list(owned.visible_to(reader).order_by("reference")) if _reads_cases(reader) else []


def _shown_hand_overs(named: QuerySet, reader: User | None) -> list[HandOver]:
    if not _reads_cases(reader):
        return []
    return list(named.visible_to(reader).select_related("referral", "organisation").order_by("referral__reference"))


def _links(rows: list[tuple]) -> tuple[Held, ...]:
    return tuple(Held(words, reverse("admin:referrals_referral_change", args=[pk])) for pk, words in rows)
