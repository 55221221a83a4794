"""What is hidden shows nowhere: every page, file, chart, text of a chart and paper of the figures, for every role.

The pages are read twice: once over the truth they were computed from, once after that truth was changed and deleted
behind everybody's back. Whatever differed would be something a page knows and has not been given as published.
"""

import datetime
import io
import re
from collections import Counter
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from partners.models import User
from partners.roles import Permission, Role
from referrals.board_report import acts as reports
from referrals.models import PeriodCounts, Publication, Referral
from referrals.periods import Kind, from_slug
from referrals.published import Table
from referrals.publishing import publish_due
from tests.conftest import make_person, sign_in_as
from tests.referrals.happenings import at_random, london

QUARTER = from_slug("2025-q2")
#: Everything of the figures begins here, and leads on by links.
DOORS = ("/dashboard/", "/dashboard/reports/", "/published-figures/")
#: Pages of the admin that show true counts, and lists that count rows: for coordinators only.
TRUE_COUNTS = (
    "/admin/referrals/operational/",
    "/admin/figures/",
    "/admin/referrals/referral/",
    "/admin/referrals/boardreport/",
)
LINK = re.compile(r'href="(/(?:dashboard|published-figures)/[^"#]*)"')
#: What is another on every answer, and no figure.
OF_THE_ANSWER = re.compile(rb'(nonce|name="csrfmiddlewaretoken" value)="[^"]*"')


@dataclass(frozen=True)
class Answer:
    """What somebody was given at an address: the status and, of a paper, its text."""

    status: int
    content: bytes


@pytest.fixture
def people(cast) -> dict[str, User]:
    """One person of each role at the council, which referred, and a viewer of an organisation that was asked."""
    found = {role.value: make_person(f"council-{role}", role, cast.council) for role in Role}
    return found | {"viewer of another": make_person("beacon-viewer", Role.VIEWER, cast.beacon)}


@pytest.fixture
def figures(cast, people) -> None:
    """Two quarters in which most counts are small, published, with a report to the board on the first."""
    at_random(cast, 70, datetime.date(2025, 4, 1), datetime.date(2025, 9, 30))
    publish_due(london("2025-10-15T12:00"))
    draft = reports.begin(by=cast.coordinator, period=QUARTER)
    words = {"summary": "The quarter was quiet."}
    draft = reports.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts=words)
    publication = Publication.objects.current(QUARTER)
    reports.issue(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, publication_id=publication.pk)


def read_all(user: User) -> dict[str, Answer]:
    """Open everything of the figures that links lead to, as `user`."""
    client, waiting, found = sign_in_as(Client(), user), list(DOORS), {}
    while waiting:
        url = waiting.pop()
        if url in found:
            continue
        response = client.get(url)
        found[url] = Answer(response.status_code, content_of(response))
        if response.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(response.content.decode())]
    return found


def content_of(response) -> bytes:
    """The answer's bytes without what is its own; of a PDF its text and its alternative texts."""
    if response.headers.get("Content-Type") == "application/pdf":
        pages = PdfReader(io.BytesIO(response.content)).pages
        return "\n".join(page.extract_text() for page in pages).encode()
    return OF_THE_ANSWER.sub(rb"\1", response.content)


def change_the_truth() -> None:
    """Make other people of everybody who was referred, and forget what was counted. The database would refuse it."""
    with connection.cursor() as cursor:
        table = PeriodCounts._meta.db_table
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    everybody = Referral.objects.all()
    everybody.filter(age_group="child").update(age_group="unsure")
    everybody.filter(district__isnull=False).update(district=None, setting="home", exploitation=["other"])
    everybody.filter(pk__in=list(everybody.values_list("pk", flat=True)[:40])).update(
        submitted_at=timezone.now() - datetime.timedelta(days=3000)
    )


def test_nothing_that_is_hidden_shows_anywhere(figures, people):
    before = {who: read_all(user) for who, user in people.items()}
    hidden = sum(table.hidden for row in Publication.objects.all() for table in row.figures.tables)
    assert hidden > 20
    change_the_truth()
    for who, user in people.items():
        after = read_all(user)
        assert after.keys() == before[who].keys()
        differ = [url for url, answer in after.items() if answer != before[who][url]]
        assert not differ, f"{who} reads in {differ} what was not published"


def test_who_may_see_figures_sees_all_kinds_of_them_and_nobody_else_any(figures, people):
    for who, user in people.items():
        given = {url: answer for url, answer in read_all(user).items() if answer.status == 200}
        ours = {url for url in given if url.startswith("/dashboard/")}
        if not user.may(Permission.SEE_DASHBOARD):
            assert not ours, who
            continue
        assert any(url.endswith(".csv") for url in ours)
        assert any(url.endswith(".pdf") for url in ours)
        assert any("/own/" in url for url in ours), who
        assert any(b"<svg" in answer.content for answer in given.values())


def test_true_counts_are_for_coordinators(figures, people):
    for who, user in people.items():
        client = sign_in_as(Client(), user)
        statuses = {url: client.get(url).status_code for url in TRUE_COUNTS}
        expected = 200 if user.may(Permission.TRIAGE) else None
        assert all(status == expected or (expected is None and status != 200) for status in statuses.values()), who


def test_a_small_count_is_in_no_publication(figures):
    """Recounted from the rows: what is 1 to 4 is hidden, or the table is rounded and its neighbours with it."""
    for row in Publication.objects.of_partnership().filter(kind=Kind.QUARTER):
        start, end = row.period.bounds()
        counted = Referral.objects.filter(submitted_at__gte=start, submitted_at__lt=end)
        counted = counted.exclude(withdrawal_reason__in=["duplicate", "logged_in_error"])
        for key, column in (("age_group", "age_group"), ("district", "district__code")):
            truth = Counter(code or "elsewhere" for code in counted.values_list(column, flat=True))
            agrees(row.figures.table(key), truth)


def agrees(table: Table, truth: Counter) -> None:
    """What is shown is true, or rounded; what is too small is not shown."""
    for code, shown in table.one_way().items():
        if table.rounded_to:
            assert abs(shown - truth[code]) < table.rounded_to
        elif shown is None:
            assert truth[code] > 0
        else:
            assert shown == truth[code]
            assert shown == 0 or shown >= 5


def test_another_organisations_figures_are_not_there(figures, people):
    """A viewer asks for what is published of others by every name there is: there is no name for it."""
    client = sign_in_as(Client(), people["viewer of another"])
    own = client.get(f"/dashboard/{QUARTER.slug}/own/pathway.csv")
    assert own.status_code == 200
    theirs = {row.organisation.name for row in Publication.objects.exclude(organisation=None)}
    theirs -= {people["viewer of another"].organisation.name}
    assert theirs
    assert not [name for name in theirs if name in own.content.decode()]
    assert client.get(f"/dashboard/{QUARTER.slug}/council/pathway.csv").status_code == 404
