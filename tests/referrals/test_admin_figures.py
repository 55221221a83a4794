"""The coordinators' pages of published figures: looking first, holding back, releasing, correcting."""

import pytest
from django.test import Client
from django.urls import reverse

from partners.models import AccessRecord
from referrals.models import FigureAct, PeriodCounts, Publication
from referrals.periods import from_slug
from referrals.publishing import correct_what_was_asked, publish_due
from tests.referrals.happenings import happened, london

APRIL, QUARTER = from_slug("2025-04"), from_slug("2025-q2")
WHY = "A referral had been logged twice"


@pytest.fixture
def client(cast, sign_in):
    for day in ("2025-04-10", "2025-05-12", "2025-06-11"):
        for _ in range(9):
            happened(cast, london(f"{day}T12:00"))
    for _ in range(3):
        happened(cast, london("2025-06-12T12:00"), exploitation=["prostitution"])
    return sign_in(Client(), cast.coordinator)


def page(period=QUARTER) -> str:
    return reverse("figures_period", args=[period.slug])


def test_the_preview_shows_what_partners_will_see_beside_what_was_counted(client):
    text = client.get(page()).content.decode()
    assert "OFFICIAL-SENSITIVE" in text
    assert "Not published yet" in text
    assert '<th scope="row">Sexual exploitation</th><td>c</td><td>3</td>' in text
    assert not Publication.objects.exists()
    assert not PeriodCounts.objects.exists()
    assert AccessRecord.objects.filter(object_kind="figures", reference="2025-q2", action="list").count() == 1


def test_what_is_published_stands_without_what_was_counted(client):
    publish_due(london("2025-07-20T12:00"))
    text = client.get(page()).content.decode()
    assert '<th scope="row">Sexual exploitation</th><td>c</td></tr>' in text
    assert "Version 1" in text


def test_the_list_names_every_period_that_has_ended(client):
    publish_due(london("2025-05-20T12:00"))
    text = client.get(reverse("figures")).content.decode()
    assert all(f">{words}</a>" in text for words in ("April 2025", "April to June 2025"))
    assert "version 1" in text


def test_a_coordinator_holds_a_period_back_and_releases_it(client):
    assert client.post(page(), {"do": "hold", "reason": "Two are still being checked"}).status_code == 302
    assert client.post(page(), {"do": "hold", "reason": "Two are still being checked"}).status_code == 302
    assert "Held back" in client.get(page()).content.decode()
    assert QUARTER not in publish_due(london("2025-07-20T12:00"))
    client.post(page(), {"do": "release"})
    client.post(page(), {"do": "release"})
    assert [one.act for one in FigureAct.objects.filter(kind="quarter").order_by("pk")] == ["held", "released"]
    assert QUARTER in publish_due(london("2025-07-20T12:00"))


def test_a_reason_that_may_not_stand_there_comes_back_as_it_was_typed(client):
    response = client.post(page(), {"do": "hold", "reason": "Ring 01632 960123 about it"})
    text = response.content.decode()
    assert "Leave “01632 960123” out" in text
    assert 'value="Ring 01632 960123 about it"' in text
    assert not FigureAct.objects.exists()


def test_a_correction_is_asked_for_on_the_page_and_made_by_the_next_round(client, cast):
    publish_due(london("2025-07-20T12:00"))
    for _ in range(2):
        assert client.post(page(APRIL), {"do": "correct", "reason": WHY}).status_code == 302
    assert FigureAct.objects.filter(act="asked").count() == 1
    assert Publication.objects.current(APRIL).version == 1
    assert correct_what_was_asked() == (APRIL,)
    assert correct_what_was_asked() == ()
    now = Publication.objects.current(QUARTER)
    assert (now.version, now.reason, now.published_by) == (2, WHY, cast.coordinator)
    assert WHY in client.get(page()).content.decode()


@pytest.mark.parametrize("key", ["2025-13", "nonsense", "2099-q1", "1999-q1"])
def test_a_period_that_has_not_ended_or_never_was_is_not_there(client, key):
    assert client.get(reverse("figures_period", args=[key])).status_code == 404


@pytest.mark.parametrize("who", ["lead", "viewer", "auditor", "sysadmin", "officer"])
def test_nobody_else_finds_the_pages(client, cast, sign_in, who):
    other = sign_in(Client(), cast.people[who])
    for address in (reverse("figures"), page()):
        assert other.get(address).status_code == 404
        assert other.post(address, {"do": "release"}).status_code in {404, 405}
