"""The pages that nobody has to sign in for: help first, no cookies, no promise that is not kept."""

import datetime
import re

import pytest
from django.urls import reverse

from awareness.pages import help_lines, home
from partners.hours import LONDON
from partners.models import OpeningHours, Partnership, SupportLine

PAGES = ["home", "accessibility", "privacy", "cookies"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(db):
    def add(slug, purpose, **fields):
        return SupportLine.objects.create(slug=slug, name=slug.title(), purpose=purpose, **fields)

    add("emergency", "emergency", phone="999", always_open=True)
    add("helpline", "helpline", phone="08000 121 700", note="Every day of the year.")
    beacon = add("beacon", "victim_care", phone="03000 11 55 55")
    for weekday in range(5):
        OpeningHours.objects.create(line=beacon, weekday=weekday, opens="08:00", closes="20:00")
    add("guardians", "children", phone="0800 043 4303", public=False)
    add("ended", "police", phone="0000", ends_on=datetime.date(2020, 1, 1))


def page(client, name="home", at=None, monkeypatch=None) -> str:
    if at:
        moment = datetime.datetime.fromisoformat(at).replace(tzinfo=LONDON)
        monkeypatch.setattr(help_lines.timezone, "now", lambda: moment)
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.content.decode()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- For everybody ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_reads_it_without_getting_a_cookie(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_can_leave_fast_and_finds_the_other_pages(client, name):
    html = page(client, name)
    assert "govuk-js-exit-this-page-button" in html
    assert "govuk-js-exit-this-page-skiplink" in html
    assert all(f'href="{reverse(other)}"' in html for other in ("accessibility", "privacy", "cookies"))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_has_one_main_heading_and_a_title(client, name):
    html = page(client, name)
    assert html.count("<h1") == 1
    assert not re.search(r"<title>\s*–", html)


@pytest.mark.parametrize("name", PAGES)
def test_it_is_read_only(client, name):
    assert client.post(reverse(name)).status_code == 405


# --- The home page ---------------------------------------------------------------------------------------------------


def test_999_stands_first_and_can_be_rung(client, lines):
    html = page(client)
    assert html.index('href="tel:999"') < html.index('href="tel:08000121700"')
    assert html.count('href="tel:999"') == 1


def test_a_line_says_whether_it_is_open_now(client, lines, monkeypatch):
    assert "03000 11 55 55 Open now, until 20:00" in text_of(
        page(client, at="2026-11-23T12:00", monkeypatch=monkeypatch)
    )
    closed = text_of(page(client, at="2026-11-28T12:00", monkeypatch=monkeypatch))
    assert "03000 11 55 55 Closed now. Opens Monday at 08:00" in closed


def test_nothing_is_said_about_hours_that_are_not_known(client, lines):
    assert "08000 121 700 Every day of the year." in text_of(page(client))


def test_lines_for_professionals_and_ended_ones_are_not_shown(client, lines):
    html = page(client)
    assert "0800 043 4303" not in html
    assert "0000" not in html


def test_a_county_without_lines_still_shows_999(client):
    html = page(client)
    assert 'href="tel:999"' in html
    assert "Talk to someone" not in html


def test_a_stranger_is_told_how_it_works_with_the_partnerships_own_times(client):
    Partnership.objects.create(
        name="Kent Partnership", county="Kent", triage_days_standard=2, triage_hours_immediate=1, draft_days=14
    )
    text = text_of(client.get("/for-professionals/").content.decode())
    assert "Professionals in Kent tell the Kent Partnership" in text
    assert "within 2 working days, or 1 hour when" in text
    assert "kept for 14 days" in text
    assert "Sign in to refer" in text


# --- Signed in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "first", "others"),
    [
        ("officer", "Make a referral", {"My referrals", "Message board"}),
        (
            "lead",
            "Inbox",
            {"Make a referral", "My referrals", "Our organisation", "Dashboard", "Message board", "People"},
        ),
        ("beacon_worker", "Inbox", {"Make a referral", "My referrals", "Message board"}),
        (
            "coordinator",
            "Triage",
            {"Make a referral", "My referrals", "Dashboard", "Message board", "Settings", "Messages"},
        ),
        ("viewer", "Dashboard", {"Message board"}),
        ("sysadmin", "Settings", {"Messages"}),
        ("auditor", "Messages", {"Access log"}),
    ],
)
def test_a_person_with_a_role_finds_their_next_step(cast, who, first, others):
    steps = [step["title"] for step in home.next_steps(cast.people[who])]
    assert steps[0] == first
    assert set(steps[1:]) == others


def test_the_next_steps_are_links_on_the_page(client, cast):
    client.force_login(cast.officer)
    html = page(client)
    assert f'href="{reverse("intake_start")}"' in html
    assert f'href="{reverse("my_referrals")}"' in html
    assert "Sign in to refer" not in html
    assert "exit-this-page" not in html


def test_every_role_has_a_page(cast):
    assert [who for who, person in cast.people.items() if not home.next_steps(person)] == []


def test_somebody_whose_account_has_ended_sees_what_a_stranger_sees(client, cast):
    cast.officer.memberships.update(ended_at=datetime.datetime.now(datetime.UTC))
    client.force_login(cast.officer)
    assert home.next_steps(type(cast.officer).objects.get(pk=cast.officer.pk)) == []
    assert "Is someone not free?" in page(client)


# --- The small print -------------------------------------------------------------------------------------------------


def test_the_cookies_that_are_named_are_those_of_the_settings(client, settings):
    text = text_of(page(client, "cookies"))
    assert settings.SESSION_COOKIE_NAME in text
    assert settings.CSRF_COOKIE_NAME in text
    assert "after 30 minutes" in text
    assert "after 10 hours" in text


def test_the_privacy_page_says_what_is_not_there_yet(client):
    text = text_of(page(client, "privacy"))
    assert "does not replace a privacy notice" in text
    assert "does not yet delete referrals that were sent" in text


def test_the_accessibility_page_claims_no_audit(client):
    assert "has not been audited yet" in text_of(page(client, "accessibility"))
