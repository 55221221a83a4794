"""The queue while somebody is away, or has gone: whose referrals are whose, and what the owner's column says."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.queries import CONTROL
from partners.absences import end_absence, record_absence
from partners.accounts import suspend
from partners.models import Absence, Kind, Membership, Message, User
from partners.roles import Role
from referrals.models import Exclusion, Referral
from referrals.statuses import NextActor
from referrals.tasks import write_missing_messages
from referrals.workflow import answer_information, assign, request_information
from tests.conftest import make_organisation, make_person
from tests.referrals.handing import handed, taken

pytestmark = pytest.mark.django_db

QUEUE = "/admin/referrals/referral/"


@pytest.fixture
def cover(cast, sign_in) -> Client:
    """The browser of the second coordinator, who covers."""
    return sign_in(Client(), cast.coordinator2)


@pytest.fixture
def third(cast) -> User:
    """A third coordinator."""
    return make_person("third", Role.COORDINATOR, cast.partnership_team)


def away(cast, user=None, cover=None, days=6) -> Absence:
    today = timezone.localdate()
    people = {"user": user or cast.coordinator, "cover": cover or cast.coordinator2}
    return record_absence(
        by=cast.coordinator2, starts_on=today, ends_on=today + datetime.timedelta(days=days), **people
    )


def rows(client: Client, tab: str) -> set[str]:
    return {row.reference for row in client.get(QUEUE, {"show": tab}).context["cl"].result_list}


def owner_column(client: Client, referral) -> str:
    """The owner's column of the one row that a search for the reference finds."""
    page = client.get(QUEUE, {"q": referral.reference}).content.decode()
    return page.split('field-owner_name">')[1].split("</td>")[0]


def until(days: int = 6) -> str:
    day = timezone.localdate() + datetime.timedelta(days=days)
    return f"until {day:%-d %B}"


def kept_from(cast, referral, organisation) -> None:
    made = Exclusion(referral=referral, organisation=organisation, added_by=cast.coordinator)
    made.put({"reason": "Somebody there is close"})
    made.save()


def test_the_cover_has_the_absent_ones_referrals_as_their_own(cast, cover):
    referral = taken(cast)
    assert rows(cover, "now") == rows(cover, "mine") == set()
    away(cast)
    assert rows(cover, "now") == rows(cover, "mine") == {referral.reference}
    referral.refresh_from_db()
    assert referral.owner == cast.coordinator


def test_when_it_ends_all_is_as_before(cast, cover):
    taken(cast)
    end_absence(by=cast.coordinator2, absence=away(cast))
    assert rows(cover, "now") == rows(cover, "mine") == set()


def test_the_owners_column_says_who_covers_and_until_when(cast, cover, third, sign_in):
    referral = taken(cast)
    away(cast)
    name, covers = cast.coordinator.full_name, cast.coordinator2.full_name
    assert owner_column(cover, referral) == f"You, covering for {name} {until()}"
    assert owner_column(sign_in(Client(), third), referral) == f"{name} (covered by {covers} {until()})"
    assert owner_column(sign_in(Client(), cast.coordinator), referral) == f"You (covered by {covers} {until()})"


def test_whose_move_it_is_says_who_covers(cast, cover, third, sign_in):
    referral = taken(cast)
    away(cast)
    page = sign_in(Client(), third).get(QUEUE, {"q": referral.reference}).content.decode()
    assert f'field-move">{cast.coordinator2.full_name}<' in page
    assert 'field-move">You<' in cover.get(QUEUE, {"q": referral.reference}).content.decode()


def test_the_case_page_says_it_too(cast, cover):
    referral = taken(cast)
    away(cast)
    page = cover.get(f"{QUEUE}{referral.pk}/change/").content.decode()
    assert f"You, covering for {cast.coordinator.full_name} {until()}" in page


def test_a_chain_leads_to_whoever_is_here(cast, cover, third, sign_in):
    referral = taken(cast)
    away(cast)
    away(cast, user=cast.coordinator2, cover=third, days=1)
    assert rows(sign_in(Client(), third), "mine") == {referral.reference}
    assert rows(cover, "mine") == set()
    says = f"covered by {third.full_name} {until()}"
    assert says in owner_column(cover, referral)


def test_with_nobody_at_the_end_of_the_chain_every_coordinator_has_it(cast, third, sign_in):
    referral = taken(cast)
    away(cast)
    suspend(by=third, user=cast.coordinator2)
    client = sign_in(Client(), third)
    assert rows(client, "now") == {referral.reference}
    assert f"(away {until()}, nobody covers this one)" in owner_column(client, referral)


def test_a_cover_who_must_not_know_of_a_case_never_sees_it_and_every_other_has_it(cast, third, sign_in):
    elsewhere = make_person("elsewhere", Role.COORDINATOR, make_organisation("elsewhere"))
    hidden, open_to_all = taken(cast), taken(cast)
    kept_from(cast, hidden, elsewhere.organisation)
    away(cast, cover=elsewhere)
    assert rows(sign_in(Client(), elsewhere), "now") == {open_to_all.reference}
    assert rows(sign_in(Client(), elsewhere), "open") == {open_to_all.reference}
    client = sign_in(Client(), third)
    assert rows(client, "now") == {hidden.reference}
    assert "nobody covers this one" in owner_column(client, hidden)
    case = client.get(f"{QUEUE}{hidden.pk}/change/").content.decode()
    assert "nobody covers this one" in case
    assert elsewhere.full_name in owner_column(client, open_to_all)


@pytest.mark.parametrize("how", ["suspended", "ended", "another role", "organisation closed"])
def test_the_referrals_of_an_owner_who_is_not_here_need_every_coordinator(cast, cover, how):
    other = make_person("leaver", Role.COORDINATOR, make_organisation("old-team", coordinates=True))
    referral = taken(cast)
    assign(referral_id=referral.pk, to=other, by=cast.coordinator, version=referral.version)
    assert rows(cover, "now") == set()
    if how == "suspended":
        suspend(by=cast.coordinator, user=other)
    elif how == "ended":
        Membership.objects.filter(user=other).update(ended_at=timezone.now())
    elif how == "another role":
        Membership.objects.filter(user=other).update(role=Role.VIEWER)
    else:
        type(cast.council).objects.filter(slug="old-team").update(ends_on=datetime.date(2020, 1, 1))
    assert rows(cover, "now") == {referral.reference}
    assert "(does not coordinate here now)" in owner_column(cover, referral)


def test_what_waits_for_somebody_else_does_not_need_the_cover(cast, cover):
    referral = taken(cast)
    handed(cast, referral, cast.beacon)
    away(cast)
    assert rows(cover, "now") == set()
    assert rows(cover, "mine") == {referral.reference}


def test_what_is_for_the_owner_is_sent_to_the_cover_and_reconcile_finds_nothing_missing(cast):
    referral = taken(cast)
    request_information(referral_id=referral.pk, question="Which shift?", by=cast.coordinator, version=referral.version)
    made = away(cast)
    answer_information(referral_id=referral.pk, answer="Nights", by=cast.officer)
    told = Message.objects.filter(kind=Kind.INFORMATION_ANSWERED)
    assert [message.user for message in told] == [cast.coordinator2]
    end_absence(by=cast.coordinator2, absence=made)
    assert write_missing_messages(timezone.now()) == 0
    assert told.count() == 1


def test_a_referral_that_is_given_to_somebody_who_is_away_rings_at_the_cover(cast, third):
    referral = taken(cast)
    away(cast, user=cast.coordinator2, cover=third)
    assign(referral_id=referral.pk, to=cast.coordinator2, by=cast.coordinator, version=referral.version)
    assert Message.objects.get(kind=Kind.REFERRAL_ASSIGNED).user == third


def test_the_start_page_says_for_whom_one_covers(cast, cover, sign_in):
    away(cast)
    page = cover.get("/admin/").content.decode()
    assert f"You cover for {cast.coordinator.full_name} {until()}" in page
    own = sign_in(Client(), cast.coordinator).get("/admin/").content.decode()
    assert "You are noted as away" in own
    assert cast.coordinator2.full_name in own


def test_the_message_leads_to_the_start_page(cast, cover):
    away(cast)
    message = Message.objects.get(kind=Kind.COVER_BEGINS)
    assert cover.get(f"/m/{message.pk}/")["Location"] == "/admin/"
    message.refresh_from_db()
    assert message.acknowledged_at is not None


def cost(client: Client, url: str) -> int:
    """How many queries the second look at a page takes."""
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len([query for query in asked.captured_queries if not query["sql"].startswith(CONTROL)])


@pytest.mark.parametrize("count", [1, 12])
def test_the_queue_and_the_case_stay_cheap_while_somebody_is_away(cast, cover, third, count):
    for number in range(count):
        referral = taken(cast)
        Referral.objects.filter(pk=referral.pk).update(
            next_actor=[NextActor.COORDINATOR, NextActor.PARTNER][number % 2]
        )
    case = f"{QUEUE}{referral.pk}/change/?_changelist_filters=show%3Dnow"
    before = cost(cover, f"{QUEUE}?show=open"), cost(cover, case)
    away(cast, user=third)
    away(cast)
    assert (cost(cover, f"{QUEUE}?show=open"), cost(cover, case)) == before
    assert before[0] < 15
    assert before[1] < 25
