"""What a page of the coordinators' queue costs as the table grows: the median of each tab at 1,000, 10,000, 100,000
referrals, and 1,000,000 with `--million`, each as a ratio to the smallest in the same run.

Asked with Django's own test client in this process, so nothing but the project and PostgreSQL is measured.
"""

import html
import os
import re
import time
from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from bench.report import claim, median, table
from bench.sample import add_referrals, members, multiply
from partners.roles import Role
from referrals.admin.tabs import TABS
from referrals.models import Referral
from tests.conftest import sign_in_as

MODELS, SIZES, MILLION = 200, (1_000, 10_000, 100_000), 1_000_000
REPEATS, PAGES_ON = 9, 20
NEXT_PAGE = re.compile(r'<a href="(\?[^"]+)" rel="next"')
#: In the sample, nobody in immediate danger is under 18.
FINDS_NOTHING = "All open, filters that find nothing"
#: How much longer than with the fewest referrals a page may take with the most.
MOST_GROWTH = 2.0


def run() -> None:
    """Print the medians and whether they stay level."""
    client = sign_in_as(Client(), members(Role.COORDINATOR)[0])
    add_referrals(MODELS)
    sizes = [*SIZES, MILLION] if os.environ.get("BENCH_MILLION") else list(SIZES)
    by_size = {}
    for size in sizes:
        multiply(size)
        by_size[size] = measure(client)
    rows = [(what, *_told(what, by_size)) for what in by_size[sizes[0]]]
    counted = f"Median of {REPEATS} answers in ms, and its ratio to that with {sizes[0]:,}; pages of the queue"
    table(counted, ["page", *(f"{size:,} referrals" for size in sizes)], rows)
    growth = {what: by_size[sizes[-1]][what] / first for what, first in by_size[sizes[0]].items()}
    growth.pop(FINDS_NOTHING)  # it reads every open referral of its rank before it can say so; see the table
    worst = max(growth, key=growth.get)
    figure = f"{growth[worst]:.1f} times ({worst})"
    claim(
        "The queue does not grow with the table",
        figure,
        f"{MOST_GROWTH:.0f} times at most",
        holds=growth[worst] <= MOST_GROWTH,
    )


def measure(client: Client) -> dict[str, float]:
    """Return the median in milliseconds of each tab's first page, of one far in, of a filter and of a reference."""
    queue = reverse("admin:referrals_referral_changelist")
    asked = {tab.label: {"show": key} for key, tab in TABS.items()}
    asked["All open, one district"] = {"district": str(Referral.objects.first().district_id)}
    asked[FINDS_NOTHING] = {"priority": "immediate", "age": "child"}
    asked["A reference"] = {"q": Referral.objects.order_by("pk").first().reference}
    found = {what: _median(lambda data=data: client.get(queue, data)) for what, data in asked.items()}
    deep = _deep(client, queue)
    return found | {f"All open, page {PAGES_ON} or the last": _median(lambda: client.get(deep))}


def _deep(client: Client, queue: str) -> str:
    """The address of a page far in the list, reached by its own links."""
    url = queue
    for _ in range(PAGES_ON):
        following = NEXT_PAGE.search(client.get(url).content.decode())
        if following is None:
            break
        url = queue + html.unescape(following[1])
    return url


def _median(ask: Callable[[], HttpResponse]) -> float:
    taken = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        response = ask()
        taken.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise AssertionError(f"The queue gave {response.status_code}")
    return median(taken[1:])  # the first meets cold caches


def _told(what: str, by_size: dict[int, dict[str, float]]) -> list[str]:
    first = next(iter(by_size.values()))[what]
    return [f"{found[what]:.0f} ({found[what] / first:.2f})" for found in by_size.values()]
