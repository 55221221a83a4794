"""What runs and what is sent: memory of web and worker processes, and the weight of a page of the intake."""

import gzip
import re
from urllib.request import ProxyHandler, Request, build_opener

from bench.client import Browser
from bench.commit_to_mail import wait_until_idle
from bench.cost import family, memory_mb
from bench.report import table
from bench.sample import members
from bench.sites import Site, celery_worker, limit_app, mail_server, project
from bench.walk import ANSWERS, replay, send_referral, sign_in
from partners.roles import Role

ASSET = re.compile(r'(?:href|src|data-[a-z-]+)="(/[^"]+\.(?:css|js|svg))"')
WARM_UP = 10


def run() -> None:
    """Print both tables."""
    person = members(Role.REFERRER)[0]
    with mail_server() as sink, celery_worker() as celery, project() as ours, limit_app(["one"]) as (limit, limited):
        wait_until_idle()
        browser = Browser(ours.port)
        sign_in(browser, person.email, sink)
        for _ in range(WARM_UP):
            send_referral(browser)
            replay(limited[0], "GP" * len(ANSWERS))
        _memory(ours, limit, celery)
        _weight(browser)


def _memory(ours: Site, limit: Site, celery: int) -> None:
    rows = []
    base = _held(limit.pid)[1]
    for what, pid in (("Limit app", limit.pid), ("Web", ours.pid), ("Celery worker", celery)):
        rss, pss, count = *_held(pid), len(family(pid))
        rows.append((what, count, f"{rss:.0f}", f"{pss:.0f}", f"{pss / base:.2f}"))
    table(
        f"Memory after {WARM_UP} referrals each, parent and children together",
        ["what", "processes", "RSS, MB", "PSS, MB", "PSS against the limit app"],
        rows,
    )


def _held(pid: int) -> tuple[float, float]:
    sizes = [memory_mb(member) for member in family(pid)]
    return sum(rss for rss, _ in sizes), sum(pss for _, pss in sizes)


def _weight(browser: Browser) -> None:
    """Print the bytes of a page: as they are, compressed by whoever stands before gunicorn, and of its files."""
    browser.get("/refer/")
    browser.post("/refer/", {})
    page = browser.follow()
    rows = [("This page's HTML", 1, len(page.text.encode()), len(gzip.compress(page.text.encode(), 6)))]
    kinds: dict[str, list[tuple[int, int]]] = {}
    for path in dict.fromkeys(ASSET.findall(page.text)):
        kinds.setdefault(path.rpartition(".")[2].upper(), []).append(_transferred(browser.port, path))
    rows += [(kind, len(sizes), sum(s[0] for s in sizes), sum(s[1] for s in sizes)) for kind, sizes in kinds.items()]
    rows.append(("All", "", sum(row[2] for row in rows), sum(row[3] for row in rows)))
    told = [(what, count, f"{plain / 1000:.1f}", f"{packed / 1000:.1f}") for what, count, plain, packed in rows]
    table("Weight of a page of the intake, empty cache", ["what", "files", "kB", "kB, gzip"], told)


def _transferred(port: int, path: str) -> tuple[int, int]:
    """Bytes of a file as it is, and as the server sends it to a browser that takes gzip."""
    opener = build_opener(ProxyHandler({}))
    sizes = []
    for encoding in ("identity", "gzip"):
        with opener.open(Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": encoding})) as answer:
            sizes.append(len(answer.read()))
    return sizes[0], sizes[1]
