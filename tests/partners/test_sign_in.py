"""Signing in by an e-mailed code, and out again."""

import datetime
import json
import logging
import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from partners import kick as kick_module
from partners.channels import DeliveryFailed, Email
from partners.models import ErrorCode, Membership, Partnership, User
from partners.roles import Role
from partners.sign_in import code_for, start_page
from partners.tasks import forget_ended_sessions
from tests.conftest import make_person
from tests.partners.postbox import keep_mail, mail

pytestmark = pytest.mark.django_db

SIGN_IN, CODE = "/account/sign-in/", "/account/sign-in/code/"


@pytest.fixture(autouse=True)
def kept_mail(monkeypatch):
    """No mail leaves; the real line is tested where it breaks."""
    keep_mail(monkeypatch)


def ask(client: Client, email: str, **more):
    return client.post(SIGN_IN, {"email": email, **more})


def code_in(message) -> str:
    return re.search(r"\d{4} \d{4}", message.body)[0]


def page_of(response) -> str:
    return response.content.decode()


def test_the_code_from_the_mail_signs_in(client, cast):
    response = ask(client, cast.officer.email)
    assert response["Location"] == CODE
    assert [message.to for message in mail.outbox] == [cast.officer.email]
    response = client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert response["Location"] == reverse("my_referrals")
    assert client.session["_auth_user_id"] == str(cast.officer.pk)


@pytest.mark.parametrize("change", [str.upper, str.title, "  {}  ".format])
def test_the_address_may_be_typed_in_any_case_and_with_spaces(client, cast, change):
    ask(client, change(cast.officer.email))
    assert [message.to for message in mail.outbox] == [cast.officer.email]


@pytest.mark.parametrize("between", [" ", "", "-", "  ", " - "])
def test_the_code_may_be_typed_with_spaces_and_dashes(client, cast, between):
    ask(client, cast.officer.email)
    client.post(CODE, {"code": f" {code_in(mail.outbox[0]).replace(' ', between)} "})
    assert "_auth_user_id" in client.session


def test_the_mail_holds_the_code_and_nothing_else_that_matters(client, cast):
    Partnership.objects.update(name="Ängland & <Partners>")
    ask(client, cast.officer.email, next="/referrals/")
    message = mail.outbox[0]
    assert message.subject == "Your sign-in code for Waymark"
    assert "Ängland & <Partners>" in message.body
    assert "15 minutes" in message.body
    assert not re.search(r"https?://|www\.", message.body)
    assert cast.officer.full_name not in message.body
    assert message.whole.get_content_type() == "text/plain"


def test_the_person_comes_to_the_page_they_wanted(client, cast):
    response = client.get("/organisation/referrals/")
    assert response["Location"] == f"{SIGN_IN}?next=/organisation/referrals/"
    response = client.post(response["Location"], {"email": cast.lead.email})
    assert response["Location"] == f"{CODE}?next=%2Forganisation%2Freferrals%2F"
    response = client.post(response["Location"], {"code": code_in(mail.outbox[0])})
    assert response["Location"] == "/organisation/referrals/"


def test_going_back_to_the_first_page_keeps_the_code_and_the_way(client, cast):
    ask(client, cast.officer.email)
    assert client.get(f"{SIGN_IN}?next=/refer/")["Location"] == f"{CODE}?next=%2Frefer%2F"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "/\\evil"])
def test_nobody_is_sent_elsewhere(client, cast, elsewhere):
    ask(client, cast.officer.email)
    response = client.post(CODE, {"code": code_in(mail.outbox[0]), "next": elsewhere})
    assert response["Location"] == reverse("my_referrals")


def closed_organisation(cast) -> User:
    cast.hospital.ends_on = timezone.localdate() - datetime.timedelta(days=1)
    cast.hospital.save()
    return cast.nurse


def suspended(cast) -> User:
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    return cast.officer


def ended(cast) -> User:
    Membership.objects.filter(user=cast.officer).update(ended_at=timezone.now())
    return cast.officer


STOPPED = [suspended, ended, closed_organisation]


@pytest.mark.parametrize("stopped", STOPPED)
def test_a_stopped_account_gets_what_an_unknown_address_gets(cast, stopped):
    known, unknown = Client(), Client()
    person = stopped(cast)
    address = f"nobody@{person.email.partition('@')[2]}"
    answers = [ask(known, person.email), ask(unknown, address)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    pages = [page_of(known.get(CODE)).replace(person.email, "X"), page_of(unknown.get(CODE)).replace(address, "X")]
    pages = [re.sub(r"csrfmiddlewaretoken\" value=\"\w+", "", page) for page in pages]
    assert pages[0] == pages[1]
    bodies = [message.body for message in mail.outbox]
    assert bodies[0] == bodies[1]
    assert "There is no account here that can sign in" in mail.outbox[0].body
    assert not re.search(r"\d{4} \d{4}", mail.outbox[0].body)


def test_a_known_address_sees_the_same_page_as_an_unknown_one(cast):
    pages = []
    for address in [cast.officer.email, "nobody@council.example.org"]:
        client = Client()
        assert ask(client, address)["Location"] == CODE
        page = page_of(client.get(CODE)).replace(address, "X")
        pages.append(re.sub(r"csrfmiddlewaretoken\" value=\"\w+", "", page))
    assert pages[0] == pages[1]


def test_a_stranger_outside_the_partnership_gets_no_mail(client, cast):
    assert ask(client, "someone@elsewhere.example")["Location"] == CODE
    assert mail.outbox == []


def test_no_code_opens_the_page_of_an_unknown_address(client, cast):
    ask(client, "nobody@council.example.org")
    for code in ["", "0000 0000", code_for("x")]:
        client.post(CODE, {"code": code})
    assert "_auth_user_id" not in client.session


def test_a_person_stopped_between_mail_and_code_is_told_why_and_stays_out(client, cast):
    ask(client, cast.officer.email)
    suspended(cast)
    response = client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert response.status_code == 403
    assert "Your account is suspended" in page_of(response)
    assert "_auth_user_id" not in client.session


def test_three_wrong_codes_end_the_attempt(client, cast):
    ask(client, cast.officer.email)
    for _ in range(2):
        response = client.post(CODE, {"code": "0000 0000"})
        assert response.status_code == 200
        assert "The code is not right" in page_of(response)
    response = client.post(CODE, {"code": "0000 0000"})
    assert response["Location"] == SIGN_IN
    assert "too many attempts" in page_of(client.get(SIGN_IN))
    client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert "_auth_user_id" not in client.session


def test_wrong_codes_in_parallel_are_counted_in_the_database(client, cast):
    """A session copied before the first attempt knows of none; the count in the cache table does."""
    ask(client, cast.officer.email)
    before = Session.objects.get(pk=client.session.session_key).session_data
    for _ in range(3):
        client.post(CODE, {"code": "0000 0000"})
        Session.objects.filter(pk=client.cookies["sid"].value).update(session_data=before)
    response = client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert response["Location"] == SIGN_IN
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("email", ["nobody@council.example.org", "nobody@elsewhere.example.org"])
def test_nor_does_the_count_say_which_addresses_are_known(cast, email):
    answers = []
    for asked in (cast.officer.email, email):
        client = Client()
        ask(client, asked)
        before = Session.objects.get(pk=client.session.session_key).session_data
        answers.append([])
        for _ in range(5):
            response = client.post(CODE, {"code": "0000 0000"})
            answers[-1].append((response.status_code, response.get("Location")))
            Session.objects.filter(pk=client.cookies["sid"].value).update(session_data=before)
    assert answers[0] == answers[1]


def test_a_code_is_good_for_fourteen_minutes_and_not_for_sixteen(cast, monkeypatch):
    now = time.time()
    for minutes, works in [(14, True), (16, False)]:
        client = Client()
        ask(client, cast.officer.email)
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda minutes=minutes: now + minutes * 60)
            response = client.post(CODE, {"code": code_in(mail.outbox[-1])})
            assert ("_auth_user_id" in client.session) is works
    assert response["Location"] == SIGN_IN
    assert "good for 15 minutes" in page_of(client.get(SIGN_IN))


def test_a_code_sent_again_is_the_same_code(client, cast):
    ask(client, cast.officer.email)
    assert client.post(CODE, {"action": "resend"})["Location"] == CODE
    assert len(mail.outbox) == 2
    assert code_in(mail.outbox[0]) == code_in(mail.outbox[1])
    client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("address", ["officer@council.example.org", "nobody@council.example.org"])
def test_a_code_is_sent_again_twice_and_no_more_known_or_not(client, cast, address):
    ask(client, address)
    for _ in range(2):
        assert "Send the code again" in page_of(client.get(CODE))
        client.post(CODE, {"action": "resend"})
    assert len(mail.outbox) == 3
    assert "Send the code again" not in page_of(client.get(CODE))
    client.post(CODE, {"action": "resend"})
    assert len(mail.outbox) == 3


@pytest.mark.parametrize("address", ["officer@council.example.org", "nobody@council.example.org"])
def test_a_fourth_code_within_a_minute_is_refused_known_or_not(cast, address):
    answers = [ask(Client(), address).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 200]
    assert len(mail.outbox) == 3


def test_the_throttle_is_kept_in_the_database(client, cast):
    ask(client, cast.officer.email)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE '%request_login_code%'")
        assert cursor.fetchone()[0] >= 2
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE %s", [f"%{cast.officer.email}%"])
        assert cursor.fetchone()[0] == 0, "an address is counted by its hash"


def test_another_address_can_be_used_instead(client, cast):
    ask(client, "oficer@council.example.org")
    response = client.post("/account/sign-out/", {"next": SIGN_IN})
    assert response["Location"] == SIGN_IN
    assert client.get(SIGN_IN).status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nobody",
        "a@b",
        "x" * 1_000_000,
        "olive\x00@council.example.org",
        "a@b.example\nBcc: c@b.example",
    ],
    ids=["nothing", "no address", "no domain", "a megabyte", "NUL", "header"],
)
def test_what_is_no_address_gets_a_clear_error(client, cast, typed):
    response = ask(client, typed)
    assert response.status_code == 200
    assert "There is a problem" in page_of(response)
    assert mail.outbox == []


@pytest.mark.parametrize("typed", ["", "x" * 1_000_000, "\x00", "١٢٣٤٥٦٧٨", b"\xff\xfe"])
def test_what_is_no_code_gets_a_clear_error(client, cast, typed):
    ask(client, cast.officer.email)
    response = client.post(CODE, {"code": typed})
    assert response.status_code == 200
    assert "There is a problem" in page_of(response)


def test_missing_and_doubled_fields_do_no_harm(client, cast):
    assert client.post(SIGN_IN, {}).status_code == 200
    assert client.post(SIGN_IN, {"email": ["x@example.org", cast.officer.email]}).status_code == 302
    assert client.post(CODE, {}).status_code == 200


def test_a_code_page_without_an_attempt_leads_to_the_first_page(client, db):
    assert client.get(CODE)["Location"] == SIGN_IN
    assert client.post(CODE, {"code": "1234 5678"})["Location"] == SIGN_IN


class TestMailServer:
    """What happens when the mail server is not well: a clear page, the same for everybody."""

    @pytest.fixture(autouse=True)
    def dead_mail_server(self, settings, kept_mail, monkeypatch):
        monkeypatch.undo()
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2

    @pytest.mark.parametrize("who", ["officer@council.example.org", "no@council.example.org", "no@elsewhere.example"])
    def test_a_dead_mail_server_gives_a_clear_page_and_whom_to_ring(self, client, cast, who):
        Partnership.objects.update(phone="01632 960 999")
        response = ask(client, who)
        assert response.status_code == 503
        assert "We could not send the code just now" in page_of(response)
        assert "01632 960 999" in page_of(response)
        assert "account_login" not in client.session

    @pytest.mark.parametrize("who", ["officer@council.example.org", "no@council.example.org"])
    def test_the_same_when_the_code_is_sent_again(self, client, cast, who, monkeypatch):
        with monkeypatch.context() as patch:
            keep_mail(patch)
            ask(client, who)
        assert client.post(CODE, {"action": "resend"}).status_code == 503

    @pytest.mark.parametrize("who", ["officer@council.example.org", "no@council.example.org", "no@elsewhere.example"])
    def test_a_line_without_encryption_to_another_machine_carries_no_code(self, client, cast, who, settings, sink):
        """Off this machine the channel insists on STARTTLS, which the sink does not offer."""
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        assert ask(client, who).status_code == 302
        settings.EMAIL_USE_TLS = True
        assert ask(Client(), who).status_code == 503

    def test_a_line_that_breaks_at_the_end_counts_as_sent(self, client, cast, monkeypatch):
        def ambiguous(way, composed):
            raise DeliveryFailed(ErrorCode.AMBIGUOUS)

        monkeypatch.setattr(Email, "send", ambiguous)
        assert ask(client, cast.officer.email)["Location"] == CODE

    def test_the_log_says_so_without_an_address(self, client, cast, caplog):
        ask(client, cast.officer.email)
        assert "sign_in_mail_failed" in caplog.text
        assert "officer" not in caplog.text


def every_session() -> str:
    return "\n".join(json.dumps(session.get_decoded()) for session in Session.objects.all())


def test_no_session_cookie_or_log_holds_the_code_or_a_name(client, cast, caplog):
    caplog.set_level(logging.DEBUG)
    ask(client, cast.officer.email)
    code = code_in(mail.outbox[0])
    places = [every_session(), str(client.cookies)]
    client.post(CODE, {"code": "0000 0000"})
    client.post(CODE, {"code": code})
    places += [every_session(), str(client.cookies), caplog.text]
    assert "_auth_user_id" in every_session()
    for place in places:
        assert code not in place
        assert code.replace(" ", "") not in place
        assert cast.officer.full_name not in place
    assert cast.officer.email not in every_session(), "once in, the session names nobody"


def test_the_code_cannot_be_made_from_the_session_without_the_secret_key(settings):
    code = code_for("ticket")
    assert re.fullmatch(r"\d{8}", code)
    assert code_for("ticket") == code
    settings.SECRET_KEY = "another" * 10
    assert code_for("ticket") != code
    assert code_for("") == ""


def test_the_session_key_is_new_after_the_code(client, cast):
    ask(client, cast.officer.email)
    before = client.session.session_key
    client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_the_csrf_token_is_new_after_the_code(cast):
    client = Client(enforce_csrf_checks=True)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)', page_of(client.get(SIGN_IN)))[1]
    ask(client, cast.officer.email, csrfmiddlewaretoken=token)
    before = client.cookies["csrf"].value
    client.post(CODE, {"code": code_in(mail.outbox[0]), "csrfmiddlewaretoken": token})
    assert client.cookies["csrf"].value != before


def test_signing_in_leaves_no_second_address_behind(client, cast):
    """allauth's own table of addresses stays empty: an address changed in the admin must not go on working."""
    ask(client, cast.officer.email)
    client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert EmailAddress.objects.count() == 0


@pytest.mark.faults
def test_signing_in_works_while_the_broker_is_dead(client, cast, own_broker, monkeypatch):
    own_broker.kill()
    monkeypatch.setattr("celery.current_app.conf.broker_url", own_broker.url)
    monkeypatch.setattr(kick_module, "_silent_until", 0.0)
    started = time.monotonic()
    ask(client, cast.officer.email)
    client.post(CODE, {"code": code_in(mail.outbox[0])})
    assert client.get("/account/security/").status_code == 200
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize("role", list(Role))
def test_everybody_begins_on_a_page_that_is_theirs(client, cast, sign_in, role):
    person = make_person(f"new-{role}", role, cast.partnership_team)
    assert sign_in(client, person).get(start_page(person)).status_code == 200


def test_a_sign_in_that_was_not_finished_is_forgotten(client, cast, sign_in):
    ask(client, "nobody@elsewhere.example.org")
    signed_in = sign_in(Client(), cast.officer)
    ended = sign_in(Client(), cast.nurse)
    Session.objects.exclude(pk=signed_in.session.session_key).update(expire_date=timezone.now())
    since = timezone.now() - datetime.timedelta(hours=2)
    UserSession.objects.bulk_create(
        UserSession(user=user, session_key=key, ip="127.0.0.1", user_agent="", created_at=since)
        for user, key in ((cast.officer, signed_in.session.session_key), (cast.nurse, ended.session.session_key))
    )
    forget_ended_sessions()
    assert [row.pk for row in Session.objects.all()] == [signed_in.session.session_key]
    assert [row.user for row in UserSession.objects.all()] == [cast.officer]


class TestSigningOut:
    """The end of a session."""

    def test_the_session_ends_and_the_browser_is_told_to_forget(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        key = client.session.session_key
        response = client.post("/account/sign-out/")
        assert response["Location"] == "/account/signed-out/"
        assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
        assert not Session.objects.filter(pk=key).exists()
        assert "You have signed out" in page_of(client.get("/account/signed-out/"))

    def test_a_visit_only_asks(self, client, cast, sign_in):
        sign_in(client, cast.officer)
        assert "Do you want to sign out?" in page_of(client.get("/account/sign-out/"))
        assert "_auth_user_id" in client.session

    def test_a_stranger_is_not_troubled(self, client, db):
        assert client.get("/account/sign-out/").status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "signup/", "login/", "login/code/", "logout/", "password/change/", "password/set/", "password/reset/", "email/",
        "confirm-email/", "inactive/", "reauthenticate/", "social/connections/", "2fa/", "2fa/authenticate/",
        "recovery-codes/download/", "phone/verify/",
    ],
)  # fmt: skip
def test_what_is_not_needed_of_allauth_does_not_exist(client, db, path):
    assert client.get(f"/account/{path}").status_code == 404


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_reset_password", "account_set_password", "mfa_authenticate"]
)
def test_nor_do_their_names(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_nobody_signs_in_with_a_password(client, cast):
    cast.officer.set_password("correct horse battery")
    cast.officer.save()
    response = client.post(SIGN_IN, {"email": cast.officer.email, "password": "correct horse battery"})
    assert response["Location"] == CODE
    assert not client.login(email=cast.officer.email, password="correct horse battery")
    assert "_auth_user_id" not in client.session


def test_a_signed_in_person_who_asks_to_sign_in_is_sent_on(client, cast, sign_in):
    sign_in(client, cast.officer)
    assert client.get(SIGN_IN)["Location"] == reverse("my_referrals")
    assert client.get(f"{SIGN_IN}?next=/refer/")["Location"] == "/refer/"


def test_the_cache_table_holds_a_flood(settings):
    assert cache._max_entries >= 10_000
