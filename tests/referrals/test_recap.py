"""The recap before the form: for whom, when, once, and nothing that stands in the way."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Partnership, User
from referrals.models import Draft, Referral
from referrals.recap import needs_recap
from tests.conftest import make_draft, sign_in_as, submit_one

START, RECAP = reverse("intake_start"), reverse("recap")
TRAINED: dict[int, datetime.datetime] = {}


def last_trained(user: User) -> datetime.datetime | None:
    """What another app would answer."""
    return TRAINED.get(user.pk)


@pytest.fixture
def rusty(cast, client):
    """A browser of the officer, who has never referred, trained or seen the recap."""
    User.objects.filter(pk=cast.officer.pk).update(recap_seen_at=None)
    return sign_in_as(client, cast.officer, second_factor=False)


def ago(months: int, days: int = 0) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=round(months * 30.5) + days)


def sent(by: User, at: datetime.datetime) -> None:
    Referral.objects.filter(pk=submit_one(by).pk).update(submitted_at=at)


def officer(cast) -> User:
    return User.objects.get(pk=cast.officer.pk)


def test_whoever_never_did_it_sees_the_recap_once_and_then_the_form(rusty, cast):
    assert rusty.post(START)["Location"] == RECAP
    assert not Draft.objects.exists()
    page = rusty.get(RECAP).content.decode()
    assert "You have not referred anyone here yet" in page
    assert page.count('class="recap__title"') == 5
    to_form = rusty.post(RECAP)
    assert to_form["Location"] == reverse("intake_step", args=[Draft.objects.get().pk, "danger"])
    Draft.objects.update(version=2)
    assert "danger" in rusty.post(START)["Location"], "it is shown once"


def test_looking_at_it_without_going_on_does_not_count_as_seen(rusty, cast):
    rusty.get(RECAP)
    assert rusty.post(START)["Location"] == RECAP


def test_danger_and_the_way_past_it_come_first(rusty):
    page = rusty.get(RECAP).content.decode()
    main = page[page.index("<main") :]
    assert main.index("tel:999") < main.index("Skip, go to the form") < main.index("<h1")


@pytest.mark.parametrize(("months", "due"), [(11, False), (13, True)])
def test_it_comes_after_twelve_months_without_a_referral(rusty, cast, months, due):
    sent(cast.officer, ago(months))
    assert needs_recap(officer(cast), timezone.now()) is due
    if due:
        assert "It is a while since" in rusty.get(RECAP).content.decode()


@pytest.mark.parametrize(("months", "due"), [(11, False), (13, True)])
def test_training_counts_as_a_referral_does(rusty, cast, settings, months, due):
    settings.LAST_TRAINED = [f"{__name__}.last_trained"]
    TRAINED[cast.officer.pk] = ago(months)
    sent(cast.officer, ago(40))
    assert needs_recap(officer(cast), timezone.now()) is due


def test_the_months_are_data(rusty, cast):
    sent(cast.officer, ago(5))
    assert not needs_recap(officer(cast), timezone.now())
    Partnership.objects.update(recap_months=4)
    assert needs_recap(officer(cast), timezone.now())


def test_a_year_after_it_was_skipped_it_comes_again(cast):
    now = timezone.now()
    User.objects.filter(pk=cast.officer.pk).update(recap_seen_at=now)
    assert not needs_recap(officer(cast), now + datetime.timedelta(days=360))
    assert needs_recap(officer(cast), now + datetime.timedelta(days=370))


@pytest.mark.parametrize("day", ["2028-02-29", "2027-03-31", "2027-12-31", "2027-01-01"])
def test_every_day_of_the_calendar_has_a_day_some_months_before(cast, day):
    now = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    for months in (1, 11, 12, 13, 60):
        Partnership.objects.update(recap_months=months)
        assert needs_recap(officer(cast), now) in (True, False)


def test_a_colleagues_referral_is_not_mine(rusty, cast):
    submit_one(cast.colleague)
    assert needs_recap(officer(cast), timezone.now())


def test_a_coordinator_never_sees_it_in_the_way(cast):
    User.objects.update(recap_seen_at=None)
    client = sign_in_as(Client(), cast.coordinator)
    assert "danger" in client.post(START)["Location"]


def test_a_draft_is_gone_on_with_whatever_the_months(rusty, cast):
    draft = make_draft(cast.officer, version=2)
    assert "danger" in rusty.get(reverse("intake_resume", args=[draft.pk]))["Location"]


def test_too_many_drafts_are_said_after_the_recap_too(rusty, cast):
    for _ in range(20):
        make_draft(cast.officer, version=2)
    page = rusty.post(RECAP)
    assert page.status_code == 409
    assert "Finish or delete one" in page.content.decode()


def test_having_seen_it_does_not_sign_anybody_out(rusty, cast):
    rusty.post(RECAP)
    assert rusty.get(START).status_code == 200
