"""What dashboards ask, each with one query however many referrals there are. Everything in it is protected."""

import datetime

from django.utils import timezone

from partners.models import User
from referrals.models import OpenBand, Publication
from referrals.periods import Kind, Period, containing


def published_periods(user: User) -> tuple[Period, ...]:
    """Return the quarters and years that are published for the partnership, the newest first."""
    rows = Publication.objects.visible_to(user).in_force().of_partnership().exclude(kind=Kind.MONTH)
    found = [Period(starts, Kind(kind)) for starts, kind in rows.values_list("starts", "kind")]
    return tuple(sorted(found, key=lambda period: (period.ends, period.starts), reverse=True))


def newest(user: User) -> Period | None:
    """Return the quarter that was published last; None before the first."""
    rows = Publication.objects.visible_to(user).in_force().of_partnership().filter(kind=Kind.QUARTER)
    starts = rows.order_by("-starts").values_list("starts", flat=True).first()
    return Period(starts, Kind.QUARTER) if starts else None


def beside(user: User, period: Period) -> tuple[Publication | None, Publication | None]:
    """Return what is published of `period` for the partnership and for `user`'s own organisation."""
    rows = list(Publication.objects.visible_to(user).in_force().of(period).select_related("organisation"))
    theirs = {row.organisation_id: row for row in rows}
    own = user.organisation.pk if user.organisation else 0
    return theirs.get(None), theirs.get(own)


def series(user: User, kind: Kind, count: int) -> tuple[Publication, ...]:
    """Return the last `count` publications of a kind for the partnership, the oldest first."""
    rows = Publication.objects.visible_to(user).in_force().of_partnership().filter(kind=kind)
    return tuple(reversed(rows.order_by("-starts")[:count]))


def band_now(today: datetime.date | None = None) -> OpenBand | None:
    """Return the band that was noted last for the quarter of the local date `today`; None when none was."""
    quarter = containing(Kind.QUARTER, today or timezone.localdate())
    return OpenBand.objects.filter(starts=quarter.starts).first()
