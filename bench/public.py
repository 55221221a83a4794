"""The public pages: what each weighs on an old phone, what it asks of the database, how long it takes, and whether ten
times the visitors make it slower.

Weight is that of a first visit: the page as it is sent, compressed, and every file it names. Visitors arrive by the
clock and not when the one before has been served, as they do; the burst is ten times as many a second on the same site.
"""

import gzip
import http.client
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from awareness.models import ContentVersion
from awareness.urls import urlpatterns
from bench.queries import CONTROL
from bench.report import claim, median, spread, table
from bench.sites import Site, project
from bench.size import ASSET

MOST_HOME_KB, MOST_QUERIES, MOST_RATIO = 100, 20, 1.5  # queries: of figures, with sources and caveats
#: Visitors a second on a usual day, for how many seconds; and ten times as many. A county's pages have far fewer.
USUAL, SECONDS, BURST, VISITORS = 2, 5, 10, 32
ROUNDS, TIMES = 3, 9
PAGE_OF_A_TEXT = "/signs/taxi/"


def run() -> None:
    """Print a line for each page, the burst, and the claims."""
    paths = public_paths()
    queries = {path: queries_of(path) for path in paths}
    with project() as site:
        weights = {path: weight(site, path) for path in paths}
        times = {path: median(fetch(site, path)[0] for _ in range(TIMES)) * 1000 for path in paths}
        rows = [
            (path, f"{weights[path][0] / 1000:.1f}", f"{sum(weights[path]) / 1000:.1f}", queries[path], f"{ms:.1f}")
            for path, ms in times.items()
        ]
        heads = ["page", "HTML, kB gzip", "all, kB gzip", "queries", f"ms, median of {TIMES}"]
        table("Public pages of a stranger, empty cache", heads, rows)
        ratios = bursts(site)
    home, most = sum(weights["/"]) / 1000, max(queries.values())
    claim("Weight of the home page", f"{home:.0f} kB", f"under {MOST_HOME_KB} kB", holds=home < MOST_HOME_KB)
    claim("Queries of a public page", str(most), f"{MOST_QUERIES} at most", holds=most <= MOST_QUERIES)
    worst = max(median(found) for found in ratios.values())
    figure = "; ".join(f"{path}: {spread(found, '{:.2f}')}" for path, found in ratios.items())
    claim(f"{BURST} times the visitors, median time", figure, f"{MOST_RATIO} times at most", holds=worst <= MOST_RATIO)


def public_paths() -> list[str]:
    """The addresses of the public side that need nothing, one text of each kind, and a search."""
    fixed = {f"/{route}" for pattern in urlpatterns if "<" not in (route := str(pattern.pattern))}
    shown = ContentVersion.objects.published(timezone.now()).order_by("content__kind", "position")
    texts = {row.content.kind: row.get_absolute_url() for row in shown if row.get_absolute_url() not in fixed}
    return sorted(fixed | set(texts.values()) | {PAGE_OF_A_TEXT, f"{reverse('search')}?q=hotel"})


def queries_of(path: str) -> int:
    """How many queries the page takes. Raises AssertionError when it cannot be kept, or asks about a referral."""
    with override_settings(PUBLIC_PAGES_READY=0), CaptureQueriesContext(connection) as captured:
        response = Client().get(path)
    asked = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]
    if response.status_code != 200 or response.cookies or any("referrals_" in sql for sql in asked):
        raise AssertionError(f"{path}: {response.status_code}, {response.cookies}, {asked}")
    return len(asked)


def weight(site: Site, path: str) -> list[int]:
    """Bytes as they travel: the page's first, then those of each file that it names."""
    _, page = fetch(site, path)
    named = dict.fromkeys(ASSET.findall(gzip.decompress(page).decode()))
    deferred = ("autosave", "session-warning", "copy-button")  # named for pages that have forms, fetched only there
    return [len(page), *(len(fetch(site, file)[1]) for file in named if not any(name in file for name in deferred))]


def fetch(site: Site, path: str) -> tuple[float, bytes]:
    """Seconds and the bytes of one answer to a browser that takes gzip. Raises AssertionError unless it is a page."""
    asked = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    started = time.perf_counter()
    asked.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = asked.getresponse()
    body = answer.read()
    taken = time.perf_counter() - started
    asked.close()
    if answer.status != 200:
        raise AssertionError(f"{path} gave {answer.status}")
    return taken, body


def bursts(site: Site) -> dict[str, list[float]]:
    """Of each page, how much longer the median answer takes in a burst than on a usual day; print the medians."""
    ratios, rows = {}, []
    for path in ("/", PAGE_OF_A_TEXT):
        usual, burst = [], []
        for _ in range(ROUNDS):
            usual.append(arrivals(site, path, USUAL))
            burst.append(arrivals(site, path, USUAL * BURST))
        ratios[path] = [many / few for few, many in zip(usual, burst, strict=True)]
        told = (spread([seconds * 1000 for seconds in medians], "{:.1f}") for medians in (usual, burst))
        rows.append((path, *told, spread(ratios[path], "{:.2f}")))
    heads = ["page", f"{USUAL} visitors a second, ms", f"{USUAL * BURST} a second, ms", "ratio"]
    table(f"Median answer, {ROUNDS} rounds of {SECONDS} seconds in turn: median (least–most)", heads, rows)
    return ratios


def arrivals(site: Site, path: str, a_second: int) -> float:
    """The median of the answers, in seconds, to visitors who arrive evenly."""
    first = time.perf_counter() + 0.1

    def visit(number: int) -> float:
        time.sleep(max(first + number / a_second - time.perf_counter(), 0))
        return fetch(site, path)[0]

    with ThreadPoolExecutor(VISITORS) as visitors:
        return median(list(visitors.map(visit, range(a_second * SECONDS))))
