"""How many queries a page needs: every step of the intake, the admin's list and page of a referral, at growing size.

Counted with Django's own test client in this process. What only opens and closes a transaction (BEGIN, SAVEPOINT and
so on) is counted apart: it asks the database nothing. A page counts with the most it needed in two walks, the first of
which meets cold caches; the session's once-a-minute write is forced into every request.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.report import claim, table
from bench.sample import add_referrals, members
from bench.walk import ANSWERS
from partners.models import Area, User
from partners.roles import Role
from partners.sessions import GRAIN, SEEN
from referrals.codes import THEMES
from referrals.forms.contact import DeclarationForm
from referrals.forms.steps import BY_SLUG
from referrals.models import Draft, Referral
from referrals.statuses import Status
from tests.conftest import sign_in_as

SIZES, REPEATS = (10, 10_000), 5
MOST_A_STEP, MOST_LIST, MOST_PAGE = 10, 15, 25
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
SENDING = "send"
#: Two ways that between them go through every page: an adult in danger with every sign, and a child.
ADULT = {"danger": {"immediate_danger": "yes"}, "signs": {"themes": [theme.slug for theme in THEMES[:-1]]}}
CHILD = {"age": {"age_group": "child"}, "signs": {"themes": ["child"]}, "childs_wishes": {"beacon": "given"}}


@dataclass
class Counted:
    """A signed-in client that notes, for each thing it asks for, the most queries that took."""

    client: Client
    queries: dict[str, int] = field(default_factory=dict)
    control: dict[str, int] = field(default_factory=dict)
    fastest: dict[str, float] = field(default_factory=dict)  # milliseconds

    def ask(self, what: str, method: str, url: str, data: dict | None = None) -> HttpResponse:
        """Make one request under the name `what`. Raises AssertionError when it is not answered with a page."""
        session = self.client.session
        session[SEEN] = int(time.time()) - GRAIN - 1
        session.save()
        with CaptureQueriesContext(connection) as captured:
            started = time.perf_counter()
            response = getattr(self.client, method.lower())(url, data or {})
            taken = (time.perf_counter() - started) * 1000
        if response.status_code not in (200, 302):
            raise AssertionError(f"{method} {url} gave {response.status_code}")
        statements = [query["sql"].upper().startswith(CONTROL) for query in captured.captured_queries]
        name = f"{method} {what}"
        self.queries[name] = max(self.queries.get(name, 0), statements.count(False))
        self.control[name] = max(self.control.get(name, 0), statements.count(True))
        self.fastest[name] = min(self.fastest.get(name, taken), taken)
        return response


def run() -> None:
    """Print the tables and the claims."""
    officer, coordinator = members(Role.REFERRER)[0], members(Role.COORDINATOR)[0]
    steps = count_steps(officer)
    print_steps(steps)
    by_size, there = {}, Referral.objects.count()
    for size in SIZES:
        add_referrals(size - there)
        there = size
        by_size[size] = count_pages(officer, coordinator)
    print_pages(by_size)
    most_a_step = max(count for what, count in steps.queries.items() if SENDING not in what)
    claim("Queries of an intake step", str(most_a_step), f"{MOST_A_STEP} at most", holds=most_a_step <= MOST_A_STEP)
    for what, most in (("the admin's list", MOST_LIST), ("a referral's page", MOST_PAGE)):
        found = [counts.queries[name] for counts in by_size.values() for name in counts.queries if what in name]
        claim(f"Queries of {what}", str(max(found)), f"{most} at most", holds=max(found) <= most)


def count_steps(officer: User) -> Counted:
    """Walk both ways twice, resume a draft in a new session, and let a page save itself."""
    counted = Counted(sign_in_as(Client(), officer, second_factor=False))
    for _ in range(2):
        for changes in (ADULT, CHILD):
            walk(counted, changes)
    counted.ask("start", "POST", reverse("intake_start"))
    draft = Draft.objects.of(officer).unsent().latest("created_at")
    counted.client = sign_in_as(Client(), officer, second_factor=False)
    counted.ask("a page, first in a new session", "GET", reverse("intake_step", args=[draft.pk, "danger"]))
    saved = {"immediate_danger": "no", "version": "0"}
    counted.ask("a page that saves itself", "POST", reverse("intake_save", args=[draft.pk, "danger"]), saved)
    return counted


def walk(counted: Counted, changes: dict[str, dict]) -> None:
    """Go from the start to the receipt with the sample's answers and these changes."""
    district = Area.objects.filter(kind=Area.Kind.DISTRICT).first()
    given = ANSWERS | {"found": ANSWERS["found"] | {"district": district.code}} | changes
    counted.ask("start", "GET", reverse("intake_start"))
    url = counted.ask("start", "POST", reverse("intake_start")).url
    while (step := BY_SLUG.get(url.rstrip("/").rpartition("/")[2])) is not None:
        counted.ask(step.key, "GET", url)
        response = counted.ask(step.key, "POST", url, given.get(step.key, {}))
        if response.status_code != 302:
            raise AssertionError(f"{step.key}: {response.context['form'].errors}")
        url = response.url
    counted.ask("check", "GET", url)
    declaration = reverse("intake_declaration", args=[url.split("/")[2]])
    counted.ask("declaration", "GET", declaration)
    sent = counted.ask(SENDING, "POST", declaration, dict.fromkeys(DeclarationForm.base_fields, "on"))
    counted.ask("receipt", "GET", sent.url)


def count_pages(officer: User, coordinator: User) -> Counted:
    """The admin's list, a referral's page (first look, later looks, in triage, closed) and the referrer's own list."""
    counted = Counted(sign_in_as(Client(), coordinator))
    admin_list = reverse("admin:referrals_referral_changelist")
    found = Referral.objects.visible_to(coordinator)
    for _ in range(REPEATS):
        counted.ask("the admin's list", "GET", admin_list)
        counted.ask("the admin's list, search for a reference", "GET", admin_list, {"q": found.last().reference})
    for status in (Status.SUBMITTED, Status.IN_TRIAGE, Status.CLOSED):
        url = reverse("admin:referrals_referral_change", args=[found.filter(status=status).first().pk])
        counted.ask(f"a referral's page, {status}, first look", "GET", url)
        for _ in range(REPEATS):
            counted.ask(f"a referral's page, {status}", "GET", url)
    counted.client = sign_in_as(Client(), officer)
    for _ in range(REPEATS):
        counted.ask("my referrals", "GET", reverse("my_referrals"))
    return counted


def print_steps(counted: Counted) -> None:
    """Print the steps of the intake."""
    names = dict.fromkeys(name.partition(" ")[2] for name in counted.queries)
    rows = [(name, *(_told(counted, f"{method} {name}") for method in ("GET", "POST"))) for name in names]
    table("Queries of each page of the intake (+ statements of transaction control)", ["page", "GET", "POST"], rows)


def print_pages(by_size: dict[int, Counted]) -> None:
    """Print the pages whose cost could grow."""
    names: Iterable[str] = next(iter(by_size.values())).queries
    rows = [
        (name, *(f"{_told(counted, name)}, {counted.fastest[name]:.0f} ms" for counted in by_size.values()))
        for name in names
    ]
    heads = ["page", *(f"{size:,} referrals" for size in by_size)]
    table("Queries (+ statements of transaction control) and fastest answer, by number of referrals", heads, rows)


def _told(counted: Counted, name: str) -> str:
    return f"{counted.queries[name]} + {counted.control[name]}" if name in counted.queries else ""
