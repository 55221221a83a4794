"""The submit flow against the limit app: requests a second and processor time, in rounds that take turns.

Whole walks from the start page to the receipt, at gunicorn with the project's settings, PostgreSQL, broker, worker and
mail server running. The limit app answers the same sequence of GET and POST with one form of the same fields and one
insert. A second, harder limit shows and stores the same steps page by page, in the same minimal project.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from bench.client import Browser, load
from bench.commit_to_mail import wait_until_idle
from bench.cost import machine_seconds, parent_of, processor_seconds
from bench.report import claim, median, quantile, spread, table
from bench.sample import members
from bench.sites import Site, celery_worker, limit_app, mail_server, project
from bench.walk import ANSWERS, replay, replay_pages, send_referral, sign_in
from partners.roles import Role
from tests.smtp_sink import SmtpSink

CLIENTS, ROUNDS, SECONDS = 3, 7, 6
EMPTY_SECONDS = 3
TARGET = 0.40


@dataclass(frozen=True)
class Measured:
    """One round: requests a second, milliseconds of processor time a request, and how busy others kept the machine."""

    rate: float
    server_ms: float  # gunicorn and PostgreSQL
    client_ms: float
    others: float  # processors kept busy by anything else, the Celery worker included
    times: dict[str, list[float]]


@dataclass(frozen=True)
class Contestant:
    """What takes part: where it runs and what each of its visitors does in one go."""

    name: str
    site: Site
    visits: list[Callable[[], Browser]]


def run() -> None:
    """Print requests a second, ratios, and what a request costs."""
    names = [f"person-{n}" for n in range(CLIENTS)]
    with mail_server() as sink, celery_worker(), project() as ours, limit_app(names) as (limit, limited):
        wait_until_idle()
        browsers = list(signed_in(ours, sink))
        walk = walked(browsers[0])
        contestants = [
            Contestant("project", ours, [lambda b=b: send_referral(b) for b in browsers]),
            Contestant("limit", limit, [lambda b=b: replay(b, walk) for b in limited]),
            Contestant("limit, page by page", limit, [lambda b=b: replay_pages(b, list(ANSWERS)) for b in limited]),
        ]
        found = rounds(contestants)
        ceiling = measured(Contestant("empty", limit, [lambda b=b: emptied(b) for b in limited]), EMPTY_SECONDS)
    print_rates(found, ceiling, walk)
    print_cost(found)


def signed_in(site: Site, sink: SmtpSink) -> Iterator[Browser]:
    """Browsers of as many people who may refer, signed in with the code they were mailed."""
    for person in [*members(Role.REFERRER), *members(Role.RESPONDER)][:CLIENTS]:
        browser = Browser(site.port)
        sign_in(browser, person.email, sink)
        yield browser


def walked(browser: Browser) -> str:
    """The methods of one walk through the project as "GPGP..."; what the limit app is asked for as well."""
    methods = "".join(method[0] for method, _ in send_referral(browser).trail)
    browser.trail.clear()
    return methods


def emptied(browser: Browser) -> Browser:
    """Fetch nothing ten times: what server and client cost by themselves."""
    for _ in range(10):
        browser.get("/empty/")
    return browser


def rounds(contestants: list[Contestant]) -> dict[str, list[Measured]]:
    """Let the contestants take turns; the first turn of each warms up and does not count."""
    found: dict[str, list[Measured]] = {contestant.name: [] for contestant in contestants}
    for number in range(ROUNDS + 1):
        for contestant in contestants:
            result = measured(contestant, SECONDS)
            if number:
                found[contestant.name].append(result)
    return found


def measured(contestant: Contestant, seconds: float) -> Measured:
    """One turn, and what it cost."""
    servers = [contestant.site.pid, *filter(None, [postmaster()])]
    before, machine = [processor_seconds(pid) for pid in servers], machine_seconds()
    turn = load(contestant.visits, seconds)
    spent = sum(processor_seconds(pid) for pid in servers) - sum(before)
    others = (machine_seconds() - machine - spent - turn.client_cpu) / turn.seconds
    each = 1000 / turn.requests
    return Measured(turn.rate, spent * each, turn.client_cpu * each, max(0.0, others), turn.times)


def postmaster() -> int | None:
    """The process id of PostgreSQL's first process, when it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return parent_of(cursor.fetchone()[0])


def print_rates(found: dict[str, list[Measured]], ceiling: Measured, walk: str) -> None:
    """Print requests a second, and the claim."""
    rows = []
    for name, results in found.items():
        rates = [result.rate for result in results]
        ratios = [ours.rate / its.rate for ours, its in zip(found["project"], results, strict=True)]
        times = {m: [s * 1000 for result in results for s in result.times[m]] for m in ("GET", "POST")}
        latency = [f"{median(times[m]):.0f} / {quantile(times[m], 0.99):.0f}" for m in ("GET", "POST")]
        others = spread([result.others for result in results], "{:.1f}")
        rows.append((name, spread(rates), spread(ratios, "{:.2f}"), *latency, others))
    table(
        f"Requests a second, {ROUNDS} rounds of {SECONDS} s in turns, {CLIENTS} people at once, "
        f"{walk.count('G')} GET and {walk.count('P')} POST a referral",
        ["what", "requests/s", "project against it", "GET ms, median / 99 %", "POST ms", "processors busy elsewhere"],
        rows,
    )
    print(f"\nThe client alone: {ceiling.rate:.0f} empty answers a second, {ceiling.client_ms:.2f} ms of its own each.")
    share = [ours.rate / its.rate for ours, its in zip(found["project"], found["limit"], strict=True)]
    claim(
        "Submit flow against the limit app",
        spread(share, "{:.2f}"),
        f"{TARGET:.2f} or more",
        holds=median(share) >= TARGET,
    )


def print_cost(found: dict[str, list[Measured]]) -> None:
    """Print processor time a request: it is steadier than a rate when others use the machine."""
    base = median(result.server_ms for result in found["project"])
    rows = [
        (
            name,
            spread([result.server_ms for result in results], "{:.1f}"),
            f"{median(result.server_ms for result in results) / base:.2f}",
            spread([result.client_ms for result in results], "{:.2f}"),
        )
        for name, results in found.items()
    ]
    table(
        "Processor time a request",
        ["what", "gunicorn and PostgreSQL, ms", "as a share of the project's", "client, ms"],
        rows,
    )
