"""The list of the queue, found by the place of its first row, not by counting: any page costs what the first does."""

from urllib.parse import urlencode

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from referrals.admin.filters import STEPS, chosen_by
from referrals.admin.neighbours import CAME_FROM
from referrals.admin.tabs import SHOW, bounded, count_tabs, links, tab_of
from referrals.queue_order import LOOKED_AT, Place

AFTER, BEFORE = STEPS


class QueueList(ChangeList):
    """One page of one tab with its filters. A reference that is searched for is found in every tab."""

    def get_filters_params(self, params=None):
        """Return what the filters read: not the tab, nor the place in it, nor where a case was opened from."""
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in {SHOW, CAME_FROM, *STEPS}}

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list:
        """Return nothing: the order is the tab's, see `get_queryset`."""
        return []

    def get_queryset(self, request: HttpRequest, exclude_parameters=None) -> QuerySet:
        """Return the rows of the tab that fit the filters, in order."""
        self.tab, self.now = tab_of(request.GET), timezone.now()
        rows = super().get_queryset(request, exclude_parameters)
        return rows.order_by("reference") if self.query else self.tab.order.sort(self._in_tab(rows, request))

    def _in_tab(self, rows: QuerySet, request: HttpRequest) -> QuerySet:
        return self.tab.rows(rows, request.user, self.now)

    def get_results(self, request: HttpRequest) -> None:
        """Read one page, one row more than it shows, and the bounded counts."""
        after, before = (Place.read(request.GET.get(step, "")) for step in STEPS)
        backwards = before is not None and after is None
        rows, place = self.queryset, None if self.query else after or before
        self.kept = chosen_by(self.filter_specs)
        self._measure(request, place, backwards)
        if self.is_long:
            rows = self.tab.order.within(rows, self._all_in_tab(request), place, backwards=backwards)
        if place:
            rows = self.tab.order.beyond(rows, place, backwards=backwards)
        found = list(rows[: self.list_per_page + 1])
        more, found = len(found) > self.list_per_page, found[: self.list_per_page]
        self.result_list = found[::-1] if backwards else found
        self.has_next = backwards or (more and not self.query)
        self.has_previous = not self.query and (more if backwards else after is not None)
        if more:
            self.looked_to = None  # the page is full: the one after it looks on by itself
        self._count(request)
        self.multi_page = self.can_show_all = self.show_full_result_count = False
        self.full_result_count, self.show_admin_actions = None, False
        self.paginator = self.model_admin.get_paginator(request, self.result_list, self.list_per_page)

    def _all_in_tab(self, request: HttpRequest) -> QuerySet:
        return self._in_tab(self.root_queryset, request)

    def _measure(self, request: HttpRequest, place: Place | None, backwards: bool) -> None:
        """Find out whether the tab is too long to be looked through at once, and how far this page can look."""
        self.is_long, self.looked_to = False, None
        if self.kept and not self.query:
            in_tab, order = self._all_in_tab(request), self.tab.order
            self.is_long = (end := order.last_looked_at(in_tab)) is not None
            if self.is_long:
                self.looked_to = order.last_looked_at(in_tab, place, backwards=backwards) if place else end
                self.looks = BEFORE if backwards else AFTER

    def _count(self, request: HttpRequest) -> None:
        these = self.queryset
        if self.is_long:
            these = self.tab.order.within(these, self._all_in_tab(request))
        counts = count_tabs(self.root_queryset, request.user, self.now, these=these)
        self.result_count = counts.pop("these")
        self.tab_links = links(self.kept, self.tab, counts)

    @property
    def count_words(self) -> str:
        """How many fit: '1 referral', '500+ referrals', '3 referrals among the first 5,000'."""
        among = f" among the first {LOOKED_AT:,}" if self.is_long else ""
        return f"{bounded(self.result_count)} referral{'' if self.result_count == 1 else 's'}{among}"

    @property
    def pages(self) -> dict[str, str]:
        """The addresses of the `previous` and the `next` page, as far as there are any."""
        if not self.result_list:
            return {}
        ends = {"previous": (self.has_previous, BEFORE, 0), "next": (self.has_next, AFTER, -1)}
        return {name: self._page(step, at) for name, (there, step, at) in ends.items() if there}

    def _page(self, step: str, at: int) -> str:
        return self._from(step, self.tab.order.place_of(self.result_list[at]))

    def _from(self, step: str, place: Place) -> str:
        return "?" + urlencode([*self.kept, (SHOW, self.tab.key), (step, place.token)])

    @property
    def url_to_look_on(self) -> str:
        """Where the list goes on that is too long to be looked through at once; empty when it was."""
        return self._from(self.looks, self.looked_to) if self.looked_to else ""

    @property
    def url_to_save(self) -> str:
        """What a saved filter keeps of the address."""
        return urlencode([*self.kept, (SHOW, self.tab.key)])

    @property
    def url_without_filters(self) -> str:
        """The tab without its filters."""
        return f"?{urlencode({SHOW: self.tab.key})}"
