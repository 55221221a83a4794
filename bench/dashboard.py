"""What a page of the dashboard costs as the table of referrals grows: it reads what is published, and must not notice.

A quarter is published once; then the table is filled to each size in turn and every page and file is asked for again
with Django's own test client, as an organisation's lead sees it.
"""

import datetime
import os
import time
from collections.abc import Callable

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.report import claim, median, table
from bench.sample import add_referrals, members, multiply
from partners.roles import Role
from referrals.models import Referral
from referrals.periods import Kind, Period, containing
from referrals.publishing.acts import publish
from tests.conftest import sign_in_as

MODELS, SIZES, MILLION = 400, (1_000, 10_000, 100_000), 1_000_000
REPEATS = 9
#: How much longer than with the fewest referrals a page may take with the most.
MOST_GROWTH = 1.5


def run() -> None:
    """Print the medians and whether they stay level."""
    add_referrals(MODELS)
    quarter = _last_quarter()
    for period in (*quarter.months(), quarter):
        publish(period)
    client = sign_in_as(Client(), members(Role.LEAD)[0])
    sizes = [*SIZES, MILLION] if os.environ.get("BENCH_MILLION") else list(SIZES)
    by_size: dict[int, dict[str, float]] = {}
    for size in sizes:
        multiply(size)
        by_size[size] = _asked(client, quarter)
    first = by_size[sizes[0]]
    rows = [
        (what, *(f"{found[what]:.0f} ({found[what] / first[what]:.2f})" for found in by_size.values()))
        for what in first
    ]
    title = f"Median of {REPEATS} answers in ms, and its ratio to that with {sizes[0]:,}; the dashboard"
    table(title, ["page", *(f"{size:,} referrals" for size in sizes)], rows)
    growth = {what: by_size[sizes[-1]][what] / first[what] for what in first}
    worst = max(growth, key=growth.__getitem__)
    claim(
        "The dashboard does not grow with the table",
        f"{growth[worst]:.2f} times ({worst})",
        f"{MOST_GROWTH} times at most",
        holds=growth[worst] <= MOST_GROWTH,
    )


def _last_quarter() -> Period:
    """The quarter before this one, with all the sample's referrals in it."""
    quarter = containing(Kind.QUARTER, timezone.localdate()).previous()
    starts, _ = quarter.bounds()
    for number, pk in enumerate(Referral.objects.order_by("pk").values_list("pk", flat=True)):
        at = starts + datetime.timedelta(hours=5 * (number + 1))
        Referral.objects.filter(pk=pk).update(submitted_at=at)
    return quarter


def _asked(client: Client, quarter: Period) -> dict[str, float]:
    file = {"period": quarter.slug, "key": "exploitation"}
    asked = {
        "Dashboard": reverse("dashboard"),
        "Dashboard of a quarter": reverse("dashboard_period", args=[quarter.slug]),
        "CSV of a table": reverse("dashboard_file", kwargs=file),
    }
    return {what: _median(lambda url=url: client.get(url)) for what, url in asked.items()}


def _median(ask: Callable[[], HttpResponse]) -> float:
    taken = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        response = ask()
        taken.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise AssertionError(f"The dashboard gave {response.status_code}")
    return median(taken[1:])  # the first meets cold caches
