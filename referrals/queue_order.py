"""The order of the queue, and where in it a referral stands.

A page is found by the place of the row before it, never by counting rows (keyset): the hundredth costs what the first
does. The indexes of `models/referral.py` are made of the same expressions, so PostgreSQL reads them in order.
"""

import datetime
import re
from dataclasses import dataclass
from typing import NamedTuple, Self
from uuid import UUID

from django.db.models import BooleanField, Case, DateTimeField, F, Func, Model, QuerySet, UUIDField, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan

from referrals.statuses import Priority

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
TOKEN = re.compile(r"([01])\.([0-9]{1,17})\.([0-9a-f]{32})")
DANGER, NO_DANGER = 0, 1
#: So many rows of a list are looked through for those that fit its filters; then somebody says whether to look on. No
#: partnership has as many open: it keeps what finds nothing from reading a table of any size.
LOOKED_AT = 5_000

#: Immediate danger is on top.
RANK = Case(When(priority=Priority.IMMEDIATE, then=Value(DANGER)), default=Value(NO_DANGER))
#: The oldest due first, so what is overdue comes before the rest by itself. An open referral always has a deadline;
#: one that had none would stand among the oldest, where it is seen.
DUE = Coalesce("due_at", "submitted_at")
#: Of what has ended, when it was closed; what was withdrawn keeps the day on which it came.
ENDED = Coalesce("closed_at", "submitted_at")


class Place(NamedTuple):
    """Where a referral stands in an order: rank, aware moment, id."""

    rank: int
    moment: datetime.datetime
    id: UUID

    @property
    def token(self) -> str:
        """The place as an address carries it: nothing in it tells of a person."""
        return f"{self.rank}.{(self.moment - EPOCH) // datetime.timedelta(microseconds=1)}.{self.id.hex}"

    @classmethod
    def read(cls, token: str) -> Self | None:
        """Return the place that `token` writes; None for anything else."""
        found = TOKEN.fullmatch(token)
        if found is None:
            return None
        rank, moment, pk = found.groups()
        return cls(int(rank), EPOCH + datetime.timedelta(microseconds=int(moment)), UUID(pk))


class _Row(Func):
    """Several values compared as one, as SQL's row comparison does."""

    function, output_field = "ROW", BooleanField()


@dataclass(frozen=True)
class Order:
    """One order. `ended` is that of closed and withdrawn referrals: the newest first, without a rank."""

    ended: bool = False

    def sort(self, rows: QuerySet, *, backwards: bool = False) -> QuerySet:
        """Return `rows` in this order, or from its end."""
        down = self.ended != backwards
        return rows.order_by(*(key.desc() if down else key.asc() for key in self._keys()))

    def beyond(self, rows: QuerySet, place: Place, *, backwards: bool = False) -> QuerySet:
        """Return what comes after `place`, the nearest first; or before it."""
        values = [Value(place.moment, DateTimeField()), Value(place.id, UUIDField())]
        if not self.ended:
            values.insert(0, Value(place.rank))
        lookup = LessThan if self.ended != backwards else GreaterThan
        return self.sort(rows.filter(lookup(_Row(*self._keys()), _Row(*values))), backwards=backwards)

    def within(self, rows: QuerySet, of: QuerySet, place: Place | None = None, *, backwards: bool = False) -> QuerySet:
        """Return those of `rows` that are among the nearest `LOOKED_AT` of the whole list `of`, from `place` on."""
        return rows.filter(pk__in=self._nearest(of, place, backwards).values("pk")[:LOOKED_AT])

    def last_looked_at(self, of: QuerySet, place: Place | None = None, *, backwards: bool = False) -> Place | None:
        """Return the place of the last row that `within` looks at; None when it looks at all there are."""
        bare = self._nearest(of, place, backwards).select_related(None).prefetch_related(None)
        ends = list(bare[LOOKED_AT - 1 : LOOKED_AT + 1])
        return self.place_of(ends[0]) if len(ends) > 1 else None

    def _nearest(self, of: QuerySet, place: Place | None, backwards: bool) -> QuerySet:
        return self.beyond(of, place, backwards=backwards) if place else self.sort(of, backwards=backwards)

    def place_of(self, referral: Model) -> Place:
        """Return where `referral` stands."""
        if self.ended:
            return Place(DANGER, referral.closed_at or referral.submitted_at, referral.pk)
        rank = DANGER if referral.priority == Priority.IMMEDIATE else NO_DANGER
        return Place(rank, referral.due_at or referral.submitted_at, referral.pk)

    def _keys(self) -> list:
        return [ENDED, F("id")] if self.ended else [RANK, DUE, F("id")]


OPEN_FIRST, NEWEST_ENDED = Order(), Order(ended=True)
