"""The parts of the queue, by whose move it is, and how many referrals stand in each."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import IntegerField, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse

from partners.models import User
from referrals.queue_order import NEWEST_ENDED, OPEN_FIRST, Order
from referrals.statuses import ENDED_STATUSES, STATUS_LABELS, NextActor

SHOW, STATUS = "show", "status"
#: Counting stops here: a coordinator who has 500 need not know whether it is 512.
MOST_COUNTED = 500

Narrow = Callable[[QuerySet, User, datetime.datetime], QuerySet]


@dataclass(frozen=True)
class Tab:
    """One part of the queue: its key in the address, its name, what an empty one says, and which rows it has."""

    key: str
    label: str
    empty: str
    rows: Narrow
    order: Order = OPEN_FIRST


def _whose(actor: NextActor) -> Narrow:
    return lambda rows, _reader, _now: rows.open().filter(next_actor=actor)


NOW = Tab("now", "Needs me now", "Nothing waits for you.", lambda rows, reader, now: rows.waiting_for(reader, now))
OPEN = Tab("open", "All open", "No referral is open.", lambda rows, _reader, _now: rows.open())
CLOSED = Tab("closed", "Closed", "No referral is closed.", lambda rows, _reader, _now: rows.ended(), NEWEST_ENDED)

TABS = {
    tab.key: tab
    for tab in (
        NOW,
        Tab("partner", "Waiting for a partner", "No organisation has to answer.", _whose(NextActor.PARTNER)),
        Tab("referrer", "Waiting for the referrer", "No referrer has to answer.", _whose(NextActor.REFERRER)),
        Tab("mine", "Mine", "You own no open referral.", lambda rows, reader, now: rows.looked_after_by(reader, now)),
        OPEN,
        CLOSED,
    )
}


def tab_of(chosen: QueryDict) -> Tab:
    """Return the tab that an address means: all open ones unless it says another.

    A status that the tab cannot have takes the reader to the tab that has it: 'Withdrawn' is found among the closed.
    """
    tab, status = TABS.get(chosen.get(SHOW, ""), OPEN), chosen.get(STATUS, "")
    if status in ENDED_STATUSES:
        return CLOSED
    return OPEN if status in set(STATUS_LABELS) | {"unread", "overdue"} and tab is CLOSED else tab


def links(kept: list[tuple[str, str]], current: Tab, counts: dict[str, int]) -> list[dict]:
    """Return the tabs as links that keep the filters `kept`; a status goes where the tab cannot have it."""
    found = []
    for tab in TABS.values():
        chosen = QueryDict(mutable=True)
        chosen.update(dict(kept) | {SHOW: tab.key})
        if tab_of(chosen) is not tab:
            del chosen[STATUS]
        count = bounded(counts[tab.key])
        found.append({"label": tab.label, "count": count, "url": address(chosen), "current": tab is current})
    return found


def address(chosen: QueryDict) -> str:
    """Return the address of the queue with these choices."""
    return reverse("admin:referrals_referral_changelist") + (f"?{chosen.urlencode()}" if chosen else "")


class _CountOf(Subquery):
    """How many rows a query has, without a GROUP BY."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def count_some(reader: User, sets: dict[str, QuerySet], most: int | None = MOST_COUNTED) -> dict[str, int]:
    """Return how many rows each of `sets` has, at most one more than `most`; None counts all. One query."""
    end = None if most is None else most + 1
    counted = {f"of_{key}": _CountOf(rows.values("pk")[:end]) for key, rows in sets.items()}
    row = User.objects.filter(pk=reader.pk).order_by().values(**counted).get()
    return {key: row[f"of_{key}"] for key in sets}


def count_tabs(rows: QuerySet, reader: User, now: datetime.datetime, **more: QuerySet) -> dict[str, int]:
    """Return how many of `rows` stand in each tab, by its key, and how many rows each of `more` has.

    They are counted in the order of the tab, so that an index is read from its start and not the table.
    """
    return count_some(reader, {tab.key: tab.order.sort(tab.rows(rows, reader, now)) for tab in TABS.values()} | more)


def bounded(count: int) -> str:
    """Say a count: '12', or '500+'."""
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"
