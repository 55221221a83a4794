"""A form that arrives too late is given back, field by field."""

import html
import re
import time

import pytest
from django.test import Client

from partners.sessions import SEEN
from tests.conftest import make_draft

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver"}
TYPED = {
    "given_names": "Žofie «Ж» 名",
    "account": "line one\r\nline two <b>\"'&",
    "channels": ["phone", "text"],
    "empty": "",
}


@pytest.fixture
def form_url(cast) -> str:
    """A page of the officer's draft."""
    return f"/refer/{make_draft(cast.officer).pk}/person/"


def given_back(response) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', response.content.decode())
    return [(html.unescape(name), html.unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def typed_pairs(typed: dict) -> list[tuple[str, str]]:
    return [(k, v) for k, values in typed.items() for v in (values if isinstance(values, list) else [values])]


def test_a_stranger_gets_everything_typed_back(client, form_url):
    response = client.post(form_url, TYPED)
    assert response.status_code == 403
    page = response.content.decode()
    assert "You were signed out" in page
    assert "What you typed is not lost" in page
    assert f'<form method="post" action="{form_url}">' in page
    assert given_back(response) == typed_pairs(TYPED)
    assert "no-store" in response.headers["Cache-Control"]


def test_signing_in_elsewhere_and_choosing_continue_goes_through(cast, form_url, sign_in):
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, cast.officer)
    old = token_on(browser.get("/account/security/"))
    session = browser.session
    session[SEEN] = int(time.time()) - 3600
    session.save()
    first = browser.post(form_url, TYPED | {"csrfmiddlewaretoken": old})
    assert "You were signed out" in first.content.decode()
    sign_in(browser, cast.officer)  # in another tab
    again = browser.post(form_url, dict_of(given_back(first)) | {"csrfmiddlewaretoken": token_on(first)}, headers=OURS)
    assert "You were signed out" not in again.content.decode()
    assert again.status_code in (200, 302)


def token_on(response) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', response.content.decode())[1]


def dict_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


class TestStaleToken:
    """A CSRF failure on a form of ours."""

    @pytest.fixture
    def browser(self, cast, sign_in) -> Client:
        """The officer, in a browser that checks tokens."""
        return sign_in(Client(enforce_csrf_checks=True), cast.officer)

    def test_our_own_form_is_given_back_with_a_fresh_token(self, browser, form_url):
        response = browser.post(form_url, TYPED | {"csrfmiddlewaretoken": "x" * 64}, headers=OURS)
        assert response.status_code == 403
        assert "This page was open for too long" in response.content.decode()
        assert given_back(response) == typed_pairs(TYPED)
        again = browser.post(
            form_url, dict_of(given_back(response)) | {"csrfmiddlewaretoken": token_on(response)}, headers=OURS
        )
        assert again.status_code in (200, 302)

    def test_a_referer_of_ours_will_do(self, browser, form_url):
        response = browser.post(form_url, TYPED, headers={"Referer": f"http://testserver{form_url}"})
        assert given_back(response)

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://testserver.evil.example"},
            {"Origin": "https://testserver"},
            {"Referer": "https://evil.example/?http://testserver/"},
            {"Origin": "https://evil.example", "Referer": "http://testserver/"},
        ],
        ids=["nothing", "other site", "null", "name that looks alike", "other scheme", "in the query", "origin wins"],
    )
    def test_a_form_from_elsewhere_is_not(self, browser, form_url, headers):
        response = browser.post(form_url, TYPED, headers=headers)
        assert response.status_code == 403
        assert given_back(response) == []
        assert "Žofie" not in response.content.decode()

    def test_nor_is_a_form_that_is_no_part_of_the_submit_lane(self, browser):
        response = browser.post("/account/sessions/", {"x": "typed"}, headers=OURS)
        assert response.status_code == 403
        assert "typed" not in given_back(response)


@pytest.mark.parametrize("checks", [True, False], ids=["stale", "signed out"])
def test_a_background_save_gets_a_short_answer(cast, form_url, sign_in, checks):
    client = Client(enforce_csrf_checks=checks)
    if checks:
        sign_in(client, cast.officer)
    response = client.post(f"{form_url}save/", TYPED, headers={"X-Requested-With": "fetch", **OURS})
    assert response.status_code == 403
    assert len(response.content) < 20


def test_several_megabytes_are_given_back(client, form_url):
    big = {f"field{number}": "é" * 1_000_000 for number in range(2)}
    response = client.post(form_url, big)
    assert response.status_code == 403
    assert [len(value) for _, value in given_back(response)] == [1_000_000, 1_000_000]


def test_more_than_is_read_at_all_gets_the_page_for_it(client, form_url):
    response = client.post(form_url, {"account": "x" * 6_100_000})
    assert response.status_code == 413
    assert given_back(response) == []


def test_too_many_fields_get_the_page_for_it(client, form_url):
    response = client.post(form_url, {f"f{number}": "x" for number in range(500)})
    assert response.status_code == 413


def test_a_reader_page_is_not_given_back(client, cast):
    response = client.post("/organisation/people/invite/", {"full_name": "x"})
    assert response["Location"].startswith("/account/sign-in/")


def test_the_address_cannot_lead_elsewhere(client, cast):
    response = client.post("//evil.example/refer/", {"x": "y"})
    assert 'action="//evil' not in response.content.decode()
