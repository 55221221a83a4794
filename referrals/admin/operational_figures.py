"""The figures of the operational page: true counts of what a coordinator may see, and the list behind each.

Seven statements, however many referrals there are: PostgreSQL counts, and what comes back is a row an organisation.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, Exists, Min, OuterRef, Q, Subquery, Value, When
from django.urls import reverse

from partners.hours import LONDON
from partners.limits import days_off
from partners.metrics import in_words
from partners.models import Agreement, Organisation, Standing, User
from referrals.admin.tabs import count_some
from referrals.admin.waiting import BANDS, HANDED, WAITING, with_hand_over
from referrals.handover_states import OPEN_STATES
from referrals.models import HandOver, Referral
from referrals.statuses import OPEN_STATUSES, STATUS_LABELS, NextActor, Status

QUEUE = "admin:referrals_referral_changelist"
#: The columns of the table by status.
SHOWN = tuple(status for status in STATUS_LABELS if status in OPEN_STATUSES)


@dataclass(frozen=True)
class Figure:
    """A count, the words that say what it counts, and the address of the list of exactly those; empty for none."""

    count: int
    words: str
    url: str = ""


def listed(count: int, words: str, **chosen: object) -> Figure:
    """Return the figure with the list that the filters `chosen` make; nothing has no list."""
    return Figure(count, words, f"{reverse(QUEUE)}?{urlencode(chosen)}" if count else "")


def by_age(user: User, now: datetime.datetime) -> list[dict[str, Any]]:
    """Return a row an age band, and one for all of them: `label` and `figures`, one a status and their sum."""
    today, closed_days = now.astimezone(LONDON).date(), days_off()
    bands = [When(band.came_in(today, closed_days), then=Value(band.key)) for band in BANDS]
    rows = Referral.objects.visible_to(user).open().order_by()
    counts = rows.values("status", band=Case(*bands, output_field=CharField())).annotate(count=Count("pk"))
    of = {(row["band"], row["status"]): row["count"] for row in counts}
    keys = {band.key: band.label for band in BANDS}
    table = [
        _age_row(label, {"days": key}, [of.get((key, status), 0) for status in SHOWN]) for key, label in keys.items()
    ]
    sums = [sum(of.get((key, status), 0) for key in keys) for status in SHOWN]
    return [*table, _age_row("All open referrals", {}, sums) | {"is_sum": True}]


def _age_row(label: str, chosen: dict[str, str], counts: list[int]) -> dict[str, Any]:
    figures = [
        listed(count, f"{STATUS_LABELS[status]}, {label}", show="open", status=status, **chosen)
        for status, count in zip(SHOWN, counts, strict=True)
    ]
    return {"label": label, "figures": [*figures, listed(sum(counts), f"In all, {label}", show="open", **chosen)]}


def without_an_answer(user: User, now: datetime.datetime) -> dict[str, Figure]:
    """Return the figures that are about no one organisation, by what they count. One statement."""
    everything = Referral.objects.visible_to(user)
    rows = everything.open()
    sets = {key: one.rows(rows, now) for key, one in WAITING.items()}
    sets |= {key: with_hand_over(rows, key, now) for key in ("silent", "ring", "asked", "asked-late")}
    sets |= {
        "unread": rows.unread(),
        "questions": rows.filter(status=Status.INFORMATION_REQUESTED),
        "questions-late": rows.overdue(now).filter(next_actor=NextActor.REFERRER),
        "untold-closed": WAITING["untold"].rows(everything.ended(), now),
    }
    chosen = {key: {"show": "open", "waits": key} for key in sets} | {
        "unread": {"show": "open", "status": "unread"},
        "questions": {"show": "open", "status": Status.INFORMATION_REQUESTED},
        "questions-late": {"show": "referrer", "status": "overdue"},
        "untold-closed": {"show": "closed", "waits": "untold"},
    }
    counts = count_some(user, {key.replace("-", "_"): found for key, found in sets.items()}, most=None)
    return {key: listed(counts[key.replace("-", "_")], "", **chosen[key]) for key in sets}


def by_organisation(user: User, now: datetime.datetime) -> list[dict[str, Any]]:
    """Return what waits with each organisation: `organisation`, a figure for each set of `HANDED`, `oldest` in words,
    and what its own people owe an answer to (`owes`, `owes_since`). Only those of which there is something to say."""
    found = {row["organisation"]: row for row in _handed(user, now)}
    owed = {row["organisation"]: row for row in _owed(user, now)}
    return [
        _organisation(one, found.get(one.pk, {}), owed.get(one.pk, {}), now)
        for one in _organisations(now, {*found, *owed})
    ]


def _handed(user: User, now: datetime.datetime) -> Iterable[dict[str, Any]]:
    """One row an organisation: how many open referrals are in each set, and since when the oldest is due."""
    rows = HandOver.objects.visible_to(user).filter(referral__status__in=sorted(OPEN_STATUSES)).order_by()
    conditions = {key: one.condition(now) for key, one in HANDED.items()}
    worth = Q(status__in=sorted(OPEN_STATES)) | conditions["nrm-declined"]
    counts = {
        key.replace("-", "_"): Count("referral", distinct=True, filter=condition)
        for key, condition in conditions.items()
    }
    return rows.filter(worth).values("organisation").annotate(oldest=Min("due_at", filter=conditions["late"]), **counts)


def _owed(user: User, now: datetime.datetime) -> Iterable[dict[str, Any]]:
    rows = Referral.objects.visible_to(user).overdue(now).filter(next_actor=NextActor.REFERRER).order_by()
    return rows.values("organisation").annotate(owes=Count("pk"), owes_since=Min("due_at"))


def _organisations(now: datetime.datetime, wanted: set[int]) -> Iterable[Organisation]:
    """Those that take part today and whatever else is `wanted`, with what their records say of them."""
    today = now.astimezone(LONDON).date()
    agreements = Agreement.objects.filter(organisation=OuterRef("pk"), signed_on__lte=today).order_by("-signed_on")
    standing = Standing.objects.in_force(today).filter(organisation=OuterRef("pk"), kind=Standing.Kind.FIRST_RESPONDER)
    rows = Organisation.objects.in_force(today) | Organisation.objects.filter(pk__in=wanted)
    return rows.annotate(review_on=Subquery(agreements.values("review_on")[:1]), can_refer=Exists(standing))


def _organisation(
    one: Organisation, handed: dict[str, Any], owed: dict[str, Any], now: datetime.datetime
) -> dict[str, Any]:
    name, today = one.name, now.astimezone(LONDON).date()
    figures = {
        key.replace("-", "_"): listed(
            handed.get(key.replace("-", "_"), 0),
            f"{words.label}: {name}",
            **{"show": "open", "waits": key, "with": one.pk},
        )
        for key, words in HANDED.items()
    }
    oldest, since = handed.get("oldest"), owed.get("owes_since")
    owes = listed(owed.get("owes", 0), f"Questions: {name}", show="referrer", status="overdue", organisation=one.pk)
    out_of_date = one.receives_referrals and (one.review_on is None or one.review_on < today)
    return {
        "organisation": one,
        "oldest": in_words(now - oldest) if oldest else "",
        "owes": owes,
        "owes_since": in_words(now - since) if since else "",
        "agreement": _agreement(one) if out_of_date else "",
        "can_refer": one.can_refer,
        **figures,
    }


def _agreement(one: Organisation) -> str:
    return "None signed" if one.review_on is None else f"Review was due on {one.review_on:%-d %B %Y}"
