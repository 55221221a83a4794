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
#: Where the referral stood in that list before an act.
WAS = "was"
LONGEST = 1000


def _came_with(request: HttpRequest) -> QueryDict:
    return QueryDict(request.GET.get(CAME_FROM, "")[:LONGEST])


def came_from(request: HttpRequest) -> str:
    """Return the list that the coordinator came from, as the query of its address; empty for none.

    Only what the queue itself writes is carried on: the tab, filters that are on offer, the place in the list.
    """
    came = _came_with(request)
    chosen = chosen_by(filters_in(request, came))
    if came.get(SHOW) or chosen:
        chosen.append((SHOW, tab_of(came).key))
    chosen += [(step, came[step]) for step in STEPS if Place.read(came.get(step, ""))]
    return urlencode(chosen)


def kept(request: HttpRequest) -> str:
    """Return what the address of another page of the case carries on: '?…', or nothing."""
    came = came_from(request)
    return f"?{urlencode({CAME_FROM: came})}" if came else ""


def kept_after(request: HttpRequest, referral: Referral) -> str:
    """Return what the address of the case carries on after an act: also where `referral` stood before it.

    The act may have taken it out of the list; the next one is then the one that would have been next.
    """
    rest = kept(request)
    place = tab_of(_came_with(request)).order.place_of(referral)
    return f"{rest}&{urlencode({WAS: place.token})}" if rest else ""


def list_address(request: HttpRequest) -> str:
    """Return the address of the list that the coordinator came from."""
    return address(QueryDict(came_from(request)))


def neighbours(request: HttpRequest, referral: Referral) -> dict:
    """Return the way back to the list and on from `referral`: `list`, its `label`, `previous`, `next` or `first`.

    The way on from a referral that an act took out of the list (it has `left`) is what stood next to it before; where
    nobody knows where that was, or nothing stood behind it, the first of the list.
    """
    came = _came_with(request)
    tab, filters = tab_of(came), filters_in(request, came)
    place = Place.read(request.GET.get(WAS, ""))
    found = _look_around(*_rows(request, tab, filters), tab.order, referral, place)
    is_there, rest = found.pop("here", None) is not None, kept(request)
    placed = is_there or place is not None or referral.is_open != tab.order.ended
    onward = "next" if placed and (is_there or "next" in found) else "first"
    shown = ("previous", onward) if placed else (onward,)
    way = {
        which: {"reference": reference, "url": _case(pk) + rest}
        for which, (pk, reference) in found.items()
        if which in shown
    }
    return way | {"list": list_address(request), "label": tab.label, "left": place is not None and not is_there}


def _rows(request: HttpRequest, tab: Tab, filters: list) -> tuple[QuerySet, QuerySet]:
    """Return the rows of the list somebody came from, and those of its whole tab."""
    in_tab = tab.rows(Referral.objects.visible_to(request.user), request.user, timezone.now())
    rows = in_tab
    for spec in filters:
        rows = spec.queryset(request, rows)
    return rows, in_tab


def _look_around(
    rows: QuerySet, in_tab: QuerySet, order: Order, referral: Referral, was: Place | None
) -> dict[str, tuple]:
    """Return id and reference of the `previous` and the `next` one, of the `first`, and of the referral itself where
    it is still among `rows` (`here`); all with one query."""
    others, place = rows.exclude(pk=referral.pk), was or order.place_of(referral)

    def near(**way) -> QuerySet:
        return others if rows is in_tab else order.within(others, in_tab, **way)

    parts = {
        "previous": order.beyond(near(place=place, backwards=True), place, backwards=True),
        "next": order.beyond(near(place=place), place),
        "first": order.sort(near()),
        "here": rows.filter(pk=referral.pk).order_by(),
    }
    marked = [
        part.annotate(which=Value(which, CharField())).values_list("which", "pk", "reference")[:1]
        for which, part in parts.items()
    ]
    return {which: (pk, reference) for which, pk, reference in marked[0].union(*marked[1:], all=True)}


def _case(pk) -> str:
    return reverse("admin:referrals_referral_change", args=[pk])
