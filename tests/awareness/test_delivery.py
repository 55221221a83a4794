"""A stranger's page can be kept by a cache, and nobody is ever shown a page that was another person's."""

import gzip

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awareness.pages import delivery
from partners.models import Partnership

pytestmark = pytest.mark.django_db
HOME = "/"


def test_a_strangers_page_can_be_kept_for_a_minute(client):
    response = client.get(HOME)
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" in response.headers["Vary"]
    assert response.headers["ETag"]


def test_who_has_the_page_already_is_not_sent_it_again(client):
    tag = client.get(HOME).headers["ETag"]
    again = client.get(HOME, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert not again.content
    assert again.headers["Cache-Control"] == "public, max-age=60"


def test_a_page_that_changed_is_sent_again(client):
    tag = client.get(HOME).headers["ETag"]
    Partnership.objects.create(name="Another name")
    assert client.get(HOME, headers={"If-None-Match": tag}).status_code == 200


def test_a_page_is_compressed_for_a_browser_that_takes_it_and_known_again(client):
    packed = client.get(HOME, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == client.get(HOME).content
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert client.get(HOME, headers={"If-None-Match": packed.headers["ETag"]}).status_code == 304


def test_two_strangers_get_the_same_bytes_without_nonce_or_token(client):
    first, second = client.get(HOME), client.get(HOME)
    assert first.content == second.content
    assert b"csrf" not in first.content
    assert "nonce" not in first.headers["Content-Security-Policy"]
    assert not first.cookies


def test_a_page_of_somebody_signed_in_is_kept_by_nobody(client, cast):
    client.force_login(cast.officer)
    kept = client.get(HOME).headers["Cache-Control"]
    assert "no-store" in kept
    assert "public" not in kept


def test_a_page_that_may_be_about_the_person_is_not_shared(client, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "ended-long-ago"
    kept = client.get(HOME).headers["Cache-Control"]
    assert "private" in kept
    assert "public" not in kept


def test_public_pages_may_be_found_and_others_may_not(client):
    assert client.get(HOME).headers["X-Robots-Tag"] == "all"
    assert 'name="robots"' not in client.get(HOME).content.decode()
    assert "noindex" in client.get(reverse("account_login")).headers["X-Robots-Tag"]


# --- A page that is ready --------------------------------------------------------------------------------------------


@pytest.fixture
def ready(settings, monkeypatch):
    settings.PUBLIC_PAGES_READY = 10
    monkeypatch.setattr(delivery, "_READY", {})


def test_the_next_stranger_gets_the_page_that_was_drawn_and_the_database_is_not_asked(client, ready):
    first = client.get(HOME)
    with CaptureQueriesContext(connection) as captured:
        second = Client().get(HOME)
        unchanged = Client().get(HOME, headers={"If-None-Match": first.headers["ETag"]})
    assert [query["sql"] for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]] == []
    assert second.content == first.content
    assert second.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert unchanged.status_code == 304


def test_it_is_drawn_again_when_its_time_is_over(client, ready, settings):
    settings.PUBLIC_PAGES_READY = -1
    client.get(HOME)
    Partnership.objects.create(name="Another name")
    assert b"Another name" in client.get(HOME).content


def test_nobody_with_a_cookie_or_a_question_gets_a_page_of_somebody_else(client, ready, cast):
    client.force_login(cast.officer)
    assert b"My referrals" in client.get(HOME).content
    assert b"My referrals" not in Client().get(HOME).content
    assert b"My referrals" in client.get(HOME).content
    Client().get("/search/?q=hotel")
    assert [key[1] for key in delivery._READY] == [HOME]


def test_other_hosts_and_endless_addresses_do_not_mix_or_pile_up(client, ready, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_READY", 2)
    for path in (HOME, "/cookies/", "/privacy/"):
        client.get(path)
    assert len(delivery._READY) <= 2
