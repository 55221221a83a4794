"""What somebody still has in hand, and handing it on. Other apps say it; which of them is in the settings HOLDINGS and
HAND_ON, so that this app imports none."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from partners.models import Absence, Duty, Membership, User
from partners.roles import Permission, Role, may


@dataclass(frozen=True)
class Held:
    """One thing that somebody has in hand, as a link for a reader who may open it."""

    label: str
    url: str


@dataclass(frozen=True)
class Holding:
    """What a person has in hand ("Unfinished drafts"), how many, and what becomes of them when the person leaves.

    `needs` is the permission without which nobody can go on with it: it is handed on before the person loses that.
    `rows` are those of them that the reader may open; nobody else learns more than how many there are.
    """

    what: str
    count: int
    afterwards: str
    needs: Permission | None = None
    rows: tuple[Held, ...] = ()

    @property
    def must_be_handed_on(self) -> bool:
        """Whether somebody else has to have it before the person can go."""
        return self.needs is not None

    @property
    def beyond(self) -> int:
        """How many there are beside those that the reader may open."""
        return self.count - len(self.rows)


def holdings_of(user: User, reader: User | None = None) -> list[Holding]:
    """Return what `user` has in hand, with links for `reader`; kinds of which there are none are left out."""
    found = [holding for path in settings.HOLDINGS for holding in import_string(path)(user, reader)]
    return [holding for holding in found if holding.count]


def to_be_handed_on(user: User, role: Role | str | None = None, reader: User | None = None) -> list[Holding]:
    """Return what `user` has in hand and could not go on with in `role`; None stands for being here no longer."""
    return [one for one in holdings_of(user, reader) if one.needs is not None and not may(role, one.needs)]


def hand_all_on(*, by: User, user: User, to: User) -> int:
    """Give `to` what `user` has to hand on and `to` may have; return how many. The rest stays. In a transaction."""
    return sum(import_string(path)(by=by, user=user, to=to) for path in settings.HAND_ON)


def may_take_over(user: User, holdings: list[Holding]) -> list[int]:
    """Return the ids of the colleagues of `user` who could go on with some of `holdings`.

    A coordinator's work goes to any coordinator, other work to whoever works the inbox of the same organisation.
    """
    found: set[int] = set()
    needed = {one.needs for one in holdings}
    if Permission.TRIAGE in needed:
        found |= set(Membership.objects.in_role(Role.COORDINATOR).values_list("user", flat=True))
    if needed - {Permission.TRIAGE, None}:
        roles = [role for role in Role if may(role, Permission.WORK_HANDOVERS)]
        colleagues = Membership.objects.in_role(*roles).filter(organisation=user.organisation)
        found |= set(colleagues.values_list("user", flat=True))
    return sorted(found - {user.pk})


def on_the_rota(user: User, reader: User | None) -> list[Holding]:
    """Return the shifts that `user` still has, and the absences of colleagues for whom they were to cover."""
    now = timezone.now()
    covers = Absence.objects.standing().filter(cover=user, ends_on__gte=timezone.localdate(now))
    return [
        Holding(
            "Shifts on the duty rota",
            Duty.objects.filter(user=user, ends_at__gt=now).count(),
            "Nobody is on duty then. Give them to somebody else under “Rota and cover”.",
        ),
        Holding(
            "Absences in which they cover for a colleague",
            covers.count(),
            "Whoever is on duty is told instead. Name another colleague under “Rota and cover”.",
        ),
    ]
