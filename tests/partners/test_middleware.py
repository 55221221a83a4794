"""What every request passes: headers, the age of the session, standing, and the lane of the view."""

import datetime
import json
import os
import subprocess
import sys
import time

import pytest
from django.contrib.sessions.models import Session
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import timezone

from partners.access import Lane, lane_of, own_account, public, requires
from partners.accounts import suspend
from partners.models import Membership, User
from partners.roles import Permission
from partners.sessions import SEEN, STARTED, end_all_sessions, idle_seconds
from partners.standing import standing_problem
from tests.conftest import make_organisation

pytestmark = pytest.mark.django_db

MINE, REFER = "/referrals/", "/refer/"


def page_of(response) -> str:
    return response.content.decode()


def set_back(client: Client, **keys: float) -> None:
    """Move times in the session into the past, by seconds."""
    session = client.session
    for key, seconds in keys.items():
        session[key] = int(time.time() - seconds)
    session.save()


@pytest.mark.parametrize("forged", ['"abcdefgh\\000"', "'" * 32, "é" * 16, "x"])
def test_a_forged_session_cookie_is_a_strangers(forged):
    client = Client(raise_request_exception=False)
    assert client.get(MINE, headers={"cookie": f"sid={forged}"}).status_code == 302


class TestHeaders:
    """Section 7.1 of the security design."""

    @pytest.mark.parametrize("path", ["/account/sign-in/", "/healthz", "/theme.css", "/nothing-here/", "/referrals/"])
    def test_they_are_on_every_answer(self, client, cast, path):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["X-Robots-Tag"] == "noindex, noarchive, nosnippet"

    @pytest.mark.parametrize("path", ["/referrals/", "/account/security/", "/nothing-here/"])
    def test_what_a_signed_in_person_sees_is_not_stored(self, client, cast, sign_in, path):
        sign_in(client, cast.officer)
        cache = client.get(path).headers["Cache-Control"]
        assert "no-store" in cache
        assert "private" in cache

    @pytest.mark.parametrize("path", ["/account/sign-in/", "/account/sign-in/code/", "/account/signed-out/"])
    def test_nor_are_the_pages_of_sign_in(self, client, cast, path):
        client.post("/account/sign-in/", {"email": "x@council.example.org"})
        assert "no-store" in client.get(path).headers["Cache-Control"]

    def test_the_theme_may_be_stored_by_signed_in_people_too(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        client.get("/")
        assert client.get("/theme.css").headers["Cache-Control"] == "public, max-age=300"

    def test_but_nothing_that_carries_their_cookie(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        carries = client.get("/theme.css")
        assert carries.cookies
        assert carries.headers["Cache-Control"] == "no-store, private"

    def test_the_cookies_are_closed_to_scripts(self, client, cast, sign_in, settings):
        sign_in(client, cast.officer)
        client.get("/account/security/")
        assert client.cookies["sid"]["httponly"]
        assert client.cookies["csrf"]["httponly"]
        assert {client.cookies[name]["samesite"] for name in ("sid", "csrf")} == {"Lax"}

    def test_under_https_the_cookies_belong_to_this_host_alone(self):
        asked = (
            "import django; django.setup(); from django.conf import settings as s; import json; print(json.dumps(["
            + (
                "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
                "s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN, s.SECURE_SSL_REDIRECT]))"
            )
        )
        environment = os.environ | {
            "SITE_URL": "https://waymark.example.org",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        printed = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, check=True).stdout
        assert json.loads(printed) == ["__Host-sid", "__Host-csrf", True, True, "/", None, None, True]


class TestAge:
    """When a session ends by itself."""

    @pytest.mark.parametrize(
        ("name", "minutes"),
        [("officer", 30), ("lead", 30), ("viewer", 30)]
        + [(name, 15) for name in ("coordinator", "responder", "auditor", "sysadmin")],
    )
    def test_idle_people_are_signed_out_sooner_where_more_is_seen(self, cast, sign_in, name, minutes):
        person = cast.people[name]
        assert idle_seconds(person) == minutes * 60
        for idle, status in [(minutes * 60 - 30, 200), (minutes * 60 + 30, 302)]:
            client = sign_in(Client(), person)
            client.get("/account/security/")
            set_back(client, **{SEEN: idle})
            assert client.get("/account/security/").status_code == status

    def test_ten_hours_are_the_end_whatever_happened(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        client.get(MINE)
        set_back(client, **{STARTED: 10 * 3600 - 30})
        assert client.get(MINE).status_code == 200
        set_back(client, **{STARTED: 10 * 3600 + 30})
        assert client.get(MINE).status_code == 302

    def test_the_person_hears_why_and_comes_back_to_the_page(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        client.get(MINE)
        set_back(client, **{SEEN: 1801})
        response = client.get(MINE)
        assert response["Location"] == "/account/sign-in/?next=/referrals/&ended=idle"
        assert "because nothing happened for a while" in page_of(client.get(response["Location"]))
        assert not Session.objects.exists()

    def test_it_is_noted_at_most_once_a_minute(self, client, cast, sign_in, django_assert_max_num_queries):
        sign_in(client, cast.officer)
        client.get("/account/security/")
        before = Session.objects.get().session_data
        client.get("/account/security/")
        assert Session.objects.get().session_data == before
        set_back(client, **{SEEN: 90})
        client.get("/account/security/")
        assert time.time() - client.session[SEEN] < 5

    def test_the_button_of_the_warning_renews_it(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        client.get(MINE)
        set_back(client, **{SEEN: 1700})
        assert client.post("/account/stay/").status_code == 204
        assert time.time() - client.session[SEEN] < 5
        assert client.get("/account/stay/").status_code == 405

    def test_the_page_warns_a_grain_earlier_than_the_server_ends(self, client, cast, sign_in):
        sign_in(client, cast.coordinator)
        assert 'data-seconds="840"' in page_of(client.get("/account/security/"))

    def test_all_sessions_end_at_once_also_those_in_no_list(self, cast, sign_in):
        clients = [sign_in(Client(), cast.officer) for _ in range(2)]
        end_all_sessions(User.objects.get(pk=cast.officer.pk))
        assert [client.get(MINE).status_code for client in clients] == [302, 302]

    def test_a_session_ended_from_elsewhere_during_a_request_leads_to_sign_in(self, client, cast, sign_in, monkeypatch):
        sign_in(client, cast.officer)
        client.get("/account/security/")
        set_back(client, **{SEEN: 90})

        def ended_meanwhile(request):
            Session.objects.all().delete()

        monkeypatch.setattr("partners.context._for_signed_in", lambda request: ended_meanwhile(request) or {})
        assert client.get("/account/security/")["Location"] == "/account/sign-in/"


class TestStanding:
    """People who may do nothing here any more."""

    def suspend(self, cast):
        suspend(by=cast.coordinator, user=cast.officer)

    def end(self, cast):
        Membership.objects.filter(user=cast.officer).update(ended_at=timezone.now())

    def close(self, cast):
        cast.council.ends_on = timezone.localdate() - datetime.timedelta(days=1)
        cast.council.successor = make_organisation("new-council")
        cast.council.save()

    STOPS = [
        (suspend, "suspended", "Your account is suspended"),
        (end, "no_membership", "Your account has ended"),
        (close, "organisation_closed", "Your organisation has left the partnership"),
    ]
    stops = pytest.mark.parametrize(("stop", "problem", "title"), STOPS, ids=[problem for _, problem, _ in STOPS])

    @stops
    def test_the_reason_is_a_word(self, cast, stop, problem, title):
        assert standing_problem(cast.officer) is None
        stop(self, cast)
        assert standing_problem(User.objects.get(pk=cast.officer.pk)) == problem

    @stops
    @pytest.mark.parametrize("path", [MINE, REFER, "/account/security/", "/account/app/", "/organisation/people/"])
    def test_a_signed_in_person_gets_a_page_and_no_redirect(self, client, cast, sign_in, stop, problem, title, path):
        sign_in(client, cast.officer)
        stop(self, cast)
        response = client.get(path)
        assert response.status_code == 403
        assert f'<h1 class="govuk-heading-l">{title}</h1>' in page_of(response)
        assert 'action="/account/sign-out/"' in page_of(response)

    @stops
    def test_public_pages_stay_open_and_signing_out_works(self, client, cast, sign_in, stop, problem, title):
        sign_in(client, cast.officer)
        stop(self, cast)
        assert client.get("/account/signed-out/").status_code == 200
        assert client.post("/account/sign-out/")["Location"] == "/account/signed-out/"

    def test_the_successor_is_named(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        self.close(cast)
        assert "Its work is done by New Council now" in page_of(client.get(MINE))

    def test_a_suspended_coordinator_has_no_admin(self, client, cast, sign_in):
        sign_in(client, cast.coordinator)
        suspend(by=cast.coordinator2, user=cast.coordinator)
        assert client.get("/admin/").status_code == 403

    def test_an_account_without_any_membership_gets_the_page_too(self, client, db, sign_in):
        sign_in(client, User.objects.create_user("new@example.org"))
        assert client.get(MINE).status_code == 403


class TestLanes:
    """What a view declares, and what follows when it declares nothing."""

    def test_a_view_that_says_nothing_is_in_the_strictest_lane(self):
        assert lane_of(lambda request: None) is Lane.READER

    def test_the_marks(self):
        def view(request):
            return None

        assert lane_of(requires(Permission.TRIAGE)(view)) is Lane.READER
        assert lane_of(requires(Permission.WRITE_REFERRAL, lane=Lane.SUBMIT)(view)) is Lane.SUBMIT
        assert lane_of(own_account(view)) is Lane.ACCOUNT
        assert lane_of(public(view)) is Lane.PUBLIC

    @pytest.mark.parametrize("handles", [True, False])
    def test_only_a_view_that_handles_standing_meets_a_stopped_person(self, cast, handles):
        suspend(by=cast.coordinator, user=cast.officer)

        def view(request):
            return "met"

        view.handles_standing = handles
        request = RequestFactory().get("/")
        request.user = User.objects.get(pk=cast.officer.pk)
        guarded = requires(Permission.WRITE_REFERRAL)(view)
        assert getattr(guarded, "handles_standing", False) is handles
        if handles:
            assert guarded(request) == "met"
        else:
            with pytest.raises(Http404):
                guarded(request)

    def test_a_stranger_is_asked_to_sign_in_on_every_page_that_is_not_public(self, client, db):
        for path in [
            MINE,
            REFER,
            "/account/security/",
            "/organisation/people/",
            "/ops/",
            "/m/" + "0" * 8 + "-0000-4000-8000-" + "0" * 12 + "/",
        ]:
            assert client.get(path)["Location"].startswith("/account/sign-in/?next=/")
