"""Moving through the queue from a case: the referral before it and the one after, in the tab and with the filters that
the coordinator came with. They travel in the address, so that two windows do not disturb each other."""

from urllib.parse import urlencode

from django.db.models import CharField, QuerySet, Value
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from referrals.admin.filters import STEPS, chosen_by, filters_in
from referrals.admin.tabs import SHOW, Tab, address, tab_of
from referrals.models import Referral
from referrals.queue_order import Order, Place

#: Django's own name for the address of the list that a page was opened from.
CAME_FROM = "_changelist_filters"
LONGEST = 1000


def _came_with(request: HttpRequest) -> QueryDict:
    return QueryDict(request.GET.get(CAME_FROM, "")[:LONGEST])


def kept(request: HttpRequest) -> str:
    """Return what the address of another page of the case carries on: '?…', or nothing.

    Only what the queue itself writes is carried on: the tab, filters that are on offer, the place in the list.
    """
    came = _came_with(request)
    chosen = chosen_by(filters_in(request, came))
    if came.get(SHOW) or chosen:
        chosen.append((SHOW, tab_of(came).key))
    chosen += [(step, came[step]) for step in STEPS if Place.read(came.get(step, ""))]
    return f"?{urlencode({CAME_FROM: urlencode(chosen)})}" if chosen else ""


def neighbours(request: HttpRequest, referral: Referral) -> dict:
    """Return the way back to the list and on from `referral`: `list`, its `label`, `previous`, `next` and `first`.

    A referral that has just left an open tab has no place in it any more: the way on is the first of the tab.
    """
    came = _came_with(request)
    tab, filters = tab_of(came), filters_in(request, came)
    rows = _rows(request, tab, filters)
    found = _first(rows, tab.order) if _has_left(referral, tab) else _around(rows, tab.order, referral)
    rest = kept(request)
    way = {which: {"reference": reference, "url": _case(pk) + rest} for which, pk, reference in found}
    return way | {"list": address(QueryDict(QueryDict(rest[1:]).get(CAME_FROM, ""))), "label": tab.label}


def _rows(request: HttpRequest, tab: Tab, filters: list) -> QuerySet:
    rows = tab.rows(Referral.objects.visible_to(request.user), request.user, timezone.now())
    for spec in filters:
        rows = spec.queryset(request, rows)
    return rows


def _has_left(referral: Referral, tab: Tab) -> bool:
    return referral.is_open == tab.order.ended


def _first(rows: QuerySet, order: Order) -> list[tuple]:
    return [("first", *row) for row in order.sort(rows).values_list("pk", "reference")[:1]]


def _around(rows: QuerySet, order: Order, referral: Referral) -> list[tuple]:
    """The one before and the one after, with one query."""
    place = order.place_of(referral)
    before, after = (
        order.beyond(rows, place, backwards=which == "previous")
        .annotate(which=Value(which, CharField()))
        .values_list("which", "pk", "reference")[:1]
        for which in ("previous", "next")
    )
    return list(before.union(after, all=True))


def _case(pk) -> str:
    return reverse("admin:referrals_referral_change", args=[pk])
