"""The coordinators' operational page: each figure is true, and opens the list of exactly what it counts."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.sample import multiply
from partners.hours import LONDON, add_working_days, working_days_before
from partners.models import AccessRecord, Agreement, ClosedDay, ErrorCode, Kind, Membership, Message, State
from partners.roles import Role
from referrals import workflow
from referrals.admin.waiting import BANDS, HANDED, WAITING
from referrals.handover_states import DeclineReason
from referrals.models import Exclusion, HandOver, Referral
from referrals.pathways import Pathway
from referrals.statuses import FeedbackBand, Outcome
from tests.conftest import submit_one
from tests.referrals.handing import handed, silent, taken, with_a_question

PAGE = "/admin/referrals/operational/"
LINK = re.compile(r'<a href="(/admin/referrals/referral/\?[^"]+)">(\d+)<')


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def overdue(hand_over: HandOver, **ago) -> HandOver:
    """Put the deadline of a hand-over into the past."""
    HandOver.objects.filter(pk=hand_over.pk).update(due_at=timezone.now() - datetime.timedelta(**ago))
    return hand_over


def refused_message(referral: Referral, **to) -> Message:
    """A message of which the mail server has refused the address."""
    return Message.objects.create(
        event_id=referral.pk, kind=Kind.HAND_OVER_OFFERED, referral_id=referral.pk, reference=referral.reference,
        state=State.DEAD, last_error=ErrorCode.RECIPIENT, **to,
    )  # fmt: skip


def closed(cast, referral: Referral) -> Referral:
    return workflow.close(
        referral_id=referral.pk,
        outcome=Outcome.SUPPORTED_LOCALLY,
        band=FeedbackBand.HELP_IN_PLACE,
        by=cast.coordinator,
        version=referral.version,
    )


def everything_waits(cast) -> dict[str, Referral]:
    """One referral in each set that the page counts, by the name of the set."""
    names = ["late", "asked", "silent", "refused", "nrm", "nobody", "questions", "untold", "closed"]
    made = {name: submit_one(cast.officer) for name in ("unread", "escalated")}
    made |= {name: taken(cast) for name in names}
    overdue(handed(cast, made["late"], cast.beacon), days=3)
    overdue(handed(cast, made["late"], cast.beacon, Pathway.POLICE), days=5)
    overdue(with_a_question(cast, handed(cast, made["asked"], cast.beacon), cast.beacon_worker), hours=30)
    silent(handed(cast, made["silent"], cast.beacon))
    handed(cast, made["refused"], cast.beacon)
    refused_message(made["refused"], organisation=cast.beacon, contact="mailbox")
    handed(cast, made["nrm"], cast.constabulary, Pathway.NRM)
    declined = handed(cast, made["nobody"], cast.constabulary, Pathway.NRM)
    workflow.decline(hand_over_id=declined.pk, reason=DeclineReason.NO_CAPACITY, by=cast.police_officer, version=1)
    asked = made["questions"]
    workflow.request_information(referral_id=asked.pk, question="When?", by=cast.coordinator, version=asked.version)
    Referral.objects.filter(pk=asked.pk).update(due_at=timezone.now() - datetime.timedelta(days=2))
    refused_message(made["untold"], user=cast.officer)
    closed(cast, made["closed"])
    Referral.objects.filter(pk=made["escalated"].pk).update(escalated_at=timezone.now())
    return made


def figures(page: str) -> list[tuple[str, int]]:
    """Every figure of the page: its address and its number."""
    return [(address.replace("&amp;", "&"), int(count)) for address, count in LINK.findall(page)]


def listed(client: Client, address: str) -> set[Referral]:
    return set(client.get(address).context["cl"].result_list)


def test_every_figure_opens_the_list_of_exactly_the_referrals_it_counts(cast, coordinator):
    everything_waits(cast)
    found = figures(coordinator.get(PAGE).content.decode())
    assert len(found) > 25
    assert [(url, count) for url, count in found if len(listed(coordinator, url)) != count] == []


def test_each_set_holds_the_referral_that_belongs_there(cast, coordinator):
    made = everything_waits(cast)
    page = coordinator.get(PAGE)
    waits = page.context["waits"]
    of = {key: listed(coordinator, figure.url) for key, figure in waits.items()}
    assert of["escalated"] == {made["escalated"]}
    assert of["unread"] == {made["unread"], made["escalated"]}
    assert of["silent"] == of["ring"] == {made["silent"]}
    assert of["nobody"] == {made["nobody"]}
    assert of["untold"] == {made["untold"]}
    assert of["untold_closed"] == {made["closed"]}
    assert of["questions"] == of["questions_late"] == {made["questions"]}
    assert of["asked"] == of["asked_late"] == {made["asked"]}
    rows = {row["organisation"]: row for row in page.context["late"]}
    assert (rows[cast.beacon]["late"].count, rows[cast.beacon]["oldest"]) == (1, "5 days")
    assert (rows[cast.council]["owes"].count, rows[cast.council]["owes_since"]) == (1, "2 days")
    assert rows[cast.beacon]["asked_late"].count == 1
    mailboxes = {row["organisation"]: row for row in page.context["silent"]}
    assert listed(coordinator, mailboxes[cast.beacon]["refused"].url) == {made["refused"]}
    load = {row["organisation"]: row for row in page.context["load"]}
    assert (set(load), page.context["idle"]) == ({cast.constabulary}, ["Council"])
    assert [load[cast.constabulary][key].count for key in ("nrm_open", "nrm_waits", "nrm_declined", "nrm_full")] == [
        1
    ] * 4


def test_open_referrals_are_counted_by_age_in_working_days_and_by_status(cast, coordinator):
    today = timezone.now().astimezone(LONDON).date()
    ClosedDay.objects.create(day=working_days_before(today, 3))
    off = {working_days_before(today, 3)}
    for days in (0, 5, 6, 20, 21, 90, 91):
        came = datetime.datetime.combine(working_days_before(today, days, off), datetime.time(12), LONDON)
        Referral.objects.filter(pk=submit_one(cast.officer).pk).update(submitted_at=min(came, timezone.now()))
    rows = coordinator.get(PAGE).context["ages"]
    assert [row["figures"][-1].count for row in rows] == [2, 1, 1, 1, 1, 1, 7]
    assert [row["figures"][0].count for row in rows] == [2, 1, 1, 1, 1, 1, 7]


@pytest.mark.parametrize("day", [datetime.date(2026, 12, day) for day in range(21, 32)])
def test_counting_back_is_counting_on_turned_round(day):
    """Over Christmas: the first day is `days` working days before, and the day before it is one more."""
    for days in range(12):
        first = working_days_before(day, days)
        assert add_working_days(first, days) <= day
        assert add_working_days(first - datetime.timedelta(days=1), days + 1) <= day


def test_no_band_is_left_out_and_none_overlaps():
    assert [band.first for band in BANDS] == [0, *(band.last + 1 for band in BANDS[:-1])]
    assert BANDS[-1].last is None


def test_who_was_told_is_owed_nothing(cast, coordinator):
    referral = closed(cast, taken(cast))
    assert coordinator.get(PAGE).context["waits"]["untold_closed"].count == 1
    Message.objects.filter(referral_id=referral.pk, kind=Kind.REFERRAL_CLOSED, user=cast.officer).update(
        state=State.SENT, sent_at=timezone.now()
    )
    assert coordinator.get(PAGE).context["waits"]["untold_closed"].count == 0


def test_who_has_left_is_owed_nothing(cast, coordinator):
    closed(cast, taken(cast))
    Membership.objects.filter(user=cast.officer).update(ended_at=timezone.now())
    assert coordinator.get(PAGE).context["waits"]["untold_closed"].count == 0


def test_an_agreement_out_of_date_is_named(cast, coordinator):
    Agreement.objects.create(
        organisation=cast.beacon, signed_on=datetime.date(2020, 1, 1), review_on=datetime.date(2022, 1, 1)
    )
    rows = {row["organisation"]: row["agreement"] for row in coordinator.get(PAGE).context["silent"]}
    assert rows == {cast.beacon: "Review was due on 1 January 2022", cast.constabulary: "None signed"}


def test_what_is_kept_from_the_coordinators_organisation_is_counted_nowhere(cast, coordinator):
    made = everything_waits(cast)
    for referral in made.values():
        kept = Exclusion(referral=referral, organisation=cast.partnership_team, added_by=cast.nurse)
        kept.put({"reason": "A cousin"})
        kept.save()
    page = coordinator.get(PAGE)
    assert figures(page.content.decode()) == []
    assert not any(figure.count for row in page.context["ages"] for figure in row["figures"])


def test_it_is_marked_dated_and_recorded(cast, coordinator):
    page = coordinator.get(PAGE)
    assert page.content.decode().count("OFFICIAL-SENSITIVE") == 2
    assert "no-store" in page.headers["Cache-Control"]
    row = AccessRecord.objects.get(object_kind="operational_figures")
    assert (row.user, row.action) == (cast.coordinator, AccessRecord.Action.LIST)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_nobody_else_finds_it(cast, sign_in, role):
    person = next(user for user in cast.people.values() if user.role == role)
    assert sign_in(Client(), person).get(PAGE).status_code == 404
    assert not AccessRecord.objects.filter(object_kind="operational_figures").exists()


def queries(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(PAGE).status_code == 200
    return len(asked)


def test_it_asks_the_same_of_the_database_at_10_and_at_10_000_referrals(cast, coordinator):
    everything_waits(cast)
    queries(coordinator)
    few = queries(coordinator)
    multiply(10_000)
    assert Referral.objects.count() >= 10_000
    assert queries(coordinator) == few
    assert few <= 16


def test_every_set_has_words_and_an_empty_page_says_so(cast, coordinator):
    assert all(one.label for one in [*HANDED.values(), *WAITING.values()])
    page = coordinator.get(PAGE).content.decode()
    assert "No organisation is overdue with anything." in page


def test_the_first_page_of_the_admin_leads_there(cast, coordinator):
    assert f'href="{PAGE}"' in coordinator.get("/admin/").content.decode()
