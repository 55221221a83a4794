"""The second step: who is asked for it and where, setting one up, showing it, changing it."""

import json
import re
import time

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from fido2.utils import websafe_encode

from partners.accounts import reset_second_step, suspend
from partners.models import AccountAct, AccountChange, Kind, Message
from partners.roles import Role, needs_second_factor
from partners.sealing import CannotOpen, KeyRing, key_ring
from partners.second_factor import key_ids_in_use, open_secret, qr_picture, reseal_secrets, seal_secret
from tests.partners.software_key import SoftwareKey, spoilt

pytestmark = pytest.mark.django_db

APP, SHOW, STEP = "/account/app/", "/account/second-step/code/", "/account/second-step/"
READER_PAGE = "/organisation/people/"
PASSKEY_NEW, PASSKEY_SHOW = "/account/passkeys/new/", "/account/second-step/passkey/"
PASSKEY_IN = "/account/sign-in/passkey/"
FORGED = ["", "{}", "[]", "null", "{", '{"id": 1}', '{"response": {"clientDataJSON": "x", "userHandle": "x"}}']


def code_of(secret: str, shift: int = 0) -> str:
    """The code an authenticator app shows, `shift` periods from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def page_of(response) -> str:
    return response.content.decode()


def key_on(page: str) -> str:
    return re.search(r'class="qr__key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")


def own_app(user) -> str:
    """Give `user` an authenticator app; return its secret."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    Authenticator.objects.create(user=user, type="totp", data={"secret": seal_secret(user, secret)})
    return secret


def own_passkey(user, key: SoftwareKey | None = None) -> Authenticator:
    """Give `user` a passkey."""
    options = {"publicKey": {"challenge": "x" * 22, "user": {"id": websafe_encode(user_pk_to_url_str(user).encode())}}}
    credential = (key or SoftwareKey()).register(options)
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": "Laptop", "credential": credential})


def options_on(page: str) -> dict:
    """What the page asks the browser's passkeys."""
    found = json.loads(re.search(r'id="passkey-options" type="application/json">(.+?)</script>', page)[1])
    return found.get("request_options") or found["creation_options"]


@pytest.fixture
def lead(client, cast, sign_in):
    """The lead, after a code only."""
    sign_in(client, cast.lead, second_factor=False)
    return cast.lead


class TestWhoIsAsked:
    """The lanes, seen from the person."""

    def test_a_reader_page_sends_whoever_has_none_to_set_one_up(self, client, lead):
        response = client.get(READER_PAGE)
        assert response["Location"] == f"{STEP}?next=%2Forganisation%2Fpeople%2F"
        page = page_of(client.get(response["Location"]))
        assert "Set up a second step" in page
        assert "Passkey" in page
        assert "Authenticator app" in page

    def test_a_reader_page_asks_whoever_has_one_to_show_it_and_leads_back(self, client, lead):
        secret = own_app(lead)
        response = client.get(client.get(READER_PAGE)["Location"])
        assert response["Location"] == f"{SHOW}?next=%2Forganisation%2Fpeople%2F"
        assert client.get(response["Location"]).status_code == 200
        response = client.post(response["Location"], {"code": code_of(secret)})
        assert response["Location"] == READER_PAGE
        assert client.get(READER_PAGE).status_code == 200

    def test_a_passkey_is_asked_for_before_an_app(self, client, lead):
        own_app(lead)
        own_passkey(lead)
        assert client.get(STEP)["Location"].startswith("/account/second-step/passkey/")

    def test_the_submit_lane_stays_open_to_a_lead_without_it(self, client, lead):
        assert client.get("/refer/").status_code == 200
        assert client.get("/referrals/").status_code == 200

    def test_a_referrer_is_never_asked_and_finds_no_reader_page(self, client, cast, sign_in):
        sign_in(client, cast.officer, second_factor=False)
        assert client.get("/refer/").status_code == 200
        for page in [READER_PAGE, "/admin/", "/ops/"]:
            assert client.get(page).status_code == 404

    @pytest.mark.parametrize("name", ["coordinator", "sysadmin"])
    def test_the_admin_is_a_reader_page(self, client, cast, sign_in, name):
        person = cast.people[name]
        sign_in(client, person, second_factor=False)
        assert client.get("/admin/")["Location"] == f"{STEP}?next=%2Fadmin%2F"
        sign_in(client, person)
        assert client.get("/admin/").status_code == 200

    @pytest.mark.parametrize("name", ["officer", "lead", "responder", "viewer", "auditor"])
    def test_the_admin_does_not_exist_for_the_others(self, client, cast, sign_in, name):
        sign_in(client, cast.people[name])
        response = client.get("/admin/referrals/referral/")
        assert response.status_code == 404

    def test_a_stranger_at_the_admin_comes_to_the_one_sign_in_page(self, client, db):
        response = client.get("/admin/", follow=True)
        assert response.redirect_chain[-1] == ("/account/sign-in/?next=/admin/", 302)
        response = client.post("/admin/login/", {"username": "a@example.org", "password": "x"})
        assert response["Location"].startswith("/account/sign-in/")

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_it_leads_nobody_elsewhere(self, client, lead, elsewhere):
        client.get(STEP, {"next": elsewhere})
        assert client.session["after_second_step"] == ""
        own_app(lead)
        assert "evil" not in client.get(STEP, {"next": elsewhere})["Location"]


class TestSettingUp:
    """Enrolment of an authenticator app."""

    def test_the_app_is_set_up_counts_as_shown_and_leads_back(self, client, lead):
        client.get(f"{STEP}?next={READER_PAGE}")
        secret = key_on(page_of(client.get(APP)))
        response = client.post(APP, {"code": code_of(secret)})
        assert response["Location"] == "/account/recovery-codes/"
        page = page_of(client.get(response["Location"]))
        assert len(re.findall(r"<li>\d{8}</li>", page)) == 10
        assert f'href="{READER_PAGE}"' in page
        assert client.get(READER_PAGE).status_code == 200

    def test_the_qr_code_is_inline_and_no_data_address(self, client, lead):
        page = page_of(client.get(APP))
        assert "data:" not in page
        assert '<path d="M' in page
        assert "otpauth://totp/" in page

    def test_the_page_loaded_again_shows_the_same_key(self, client, lead):
        assert key_on(page_of(client.get(APP))) == key_on(page_of(client.get(APP)))

    def test_a_wrong_code_gets_a_clear_error_and_the_same_key(self, client, lead):
        secret = key_on(page_of(client.get(APP)))
        page = page_of(client.post(APP, {"code": "000000"}))
        assert "The code is not right" in page
        assert key_on(page) == secret
        assert not Authenticator.objects.exists()

    @pytest.mark.parametrize("typed", ["", "x" * 1_000_000, "\x00", "١٢٣٤٥٦"])
    def test_what_is_no_code_gets_a_clear_error(self, client, lead, typed):
        client.get(APP)
        response = client.post(APP, {"code": typed})
        assert response.status_code == 200
        assert "There is a problem" in page_of(response)

    def test_neither_the_session_nor_the_table_holds_the_key_readably(self, client, lead):
        secret = key_on(page_of(client.get(APP)))
        assert secret not in str(Session.objects.get(pk=client.session.session_key).get_decoded())
        client.post(APP, {"code": code_of(secret)})
        row = Authenticator.objects.get(type="totp")
        assert secret not in str(row.data)
        assert open_secret(lead, row.data["secret"]) == secret
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
            assert not re.search(r'"seed": "[0-9a-f]{80}"', cursor.fetchone()[0])

    def test_a_key_copied_to_another_account_does_not_open(self, client, lead, cast):
        with pytest.raises(CannotOpen):
            open_secret(cast.officer, seal_secret(lead, "JBSWY3DP"))

    def test_it_is_recorded_and_the_person_is_told(self, client, lead):
        client.post(APP, {"code": code_of(key_on(page_of(client.get(APP))))})
        change = AccountChange.objects.get()
        assert (change.act, change.by, change.user) == (AccountAct.SECOND_STEP_ADDED, lead, lead)
        message = Message.objects.get()
        assert (message.kind, message.user, message.event_id) == (Kind.SECOND_STEP_CHANGED, lead, change.pk)

    def test_every_other_session_ends_and_this_one_gets_a_new_key(self, client, lead, sign_in):
        elsewhere = sign_in(Client(), lead, second_factor=False)
        secret = key_on(page_of(client.get(APP)))
        before = client.session.session_key
        client.post(APP, {"code": code_of(secret)})
        assert client.session.session_key != before
        assert client.get("/account/security/").status_code == 200
        assert elsewhere.get("/account/security/").status_code == 302

    def test_somebody_with_a_second_step_adds_another_only_after_showing_it(self, client, lead):
        own_passkey(lead)
        assert client.get(APP)["Location"].startswith(STEP)
        assert client.post(APP, {"code": "123456"})["Location"].startswith(STEP)
        assert not Authenticator.objects.filter(type="totp").exists()

    def test_the_request_is_not_put_into_the_session_meanwhile(self, client, lead):
        own_passkey(lead)
        client.post(APP, {"code": "123456"})
        assert "123456" not in str(dict(client.session))
        assert "account_reauthentication_state" not in client.session

    def test_a_referrer_may_set_one_up_too(self, client, cast, sign_in):
        sign_in(client, cast.officer, second_factor=False)
        response = client.post(APP, {"code": code_of(key_on(page_of(client.get(APP))))})
        assert response["Location"] == "/account/recovery-codes/"


class TestShowing:
    """Step-up with a code."""

    def test_the_session_key_is_new_afterwards(self, client, lead):
        secret = own_app(lead)
        before = client.session.session_key
        client.post(SHOW, {"code": code_of(secret)})
        assert client.session.session_key != before
        assert not Session.objects.filter(pk=before).exists()

    @pytest.mark.parametrize(("shift", "works"), [(0, True), (-1, True), (1, True), (-3, False), (3, False)])
    def test_a_clock_may_be_half_a_minute_off(self, client, lead, shift, works):
        secret = own_app(lead)
        response = client.post(SHOW, {"code": code_of(secret, shift)})
        assert (response.status_code == 302) is works

    def test_a_code_works_once(self, cast, sign_in):
        secret = own_app(cast.lead)
        first, second = (sign_in(Client(), cast.lead, second_factor=False) for _ in range(2))
        code = code_of(secret)
        assert first.post(SHOW, {"code": code}).status_code == 302
        assert second.post(SHOW, {"code": f"{code[:3]} {code[3:]}"}).status_code == 200
        assert second.get(READER_PAGE).status_code == 302

    def test_a_code_does_not_work_again_a_minute_later_either(self, cast, sign_in, monkeypatch):
        secret = own_app(cast.lead)
        first, second = (sign_in(Client(), cast.lead, second_factor=False) for _ in range(2))
        code = code_of(secret, 1)
        assert first.post(SHOW, {"code": code}).status_code == 302
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 40)
        assert second.post(SHOW, {"code": code}).status_code == 200

    def test_five_wrong_codes_and_a_pause_is_asked_for(self, client, lead):
        own_app(lead)
        pages = [page_of(client.post(SHOW, {"code": "000000"})) for _ in range(6)]
        assert "The code is not right" in pages[4]
        assert "too many attempts" in pages[5]

    def test_a_recovery_code_stands_in_once(self, client, lead, cast, sign_in):
        response = client.post(APP, {"code": code_of(key_on(page_of(client.get(APP))))})
        codes = re.findall(r"<li>(\d{8})</li>", page_of(client.get(response["Location"])))
        again = sign_in(Client(), lead, second_factor=False)
        assert again.post(SHOW, {"code": codes[3]}).status_code == 302
        assert again.get(READER_PAGE).status_code == 200
        third = sign_in(Client(), lead, second_factor=False)
        assert third.post(SHOW, {"code": codes[3]}).status_code == 200

    def test_recovery_codes_are_shown_once(self, client, lead):
        client.post(APP, {"code": code_of(key_on(page_of(client.get(APP))))})
        client.get("/account/recovery-codes/")
        page = page_of(client.get("/account/recovery-codes/"))
        assert not re.search(r"\d{8}", page)
        assert "10 unused recovery codes" in page

    def test_a_key_that_does_not_open_says_so_instead_of_breaking(self, client, lead, cast):
        Authenticator.objects.create(user=lead, type="totp", data={"secret": seal_secret(cast.officer, "JBSWY3DP")})
        response = client.post(SHOW, {"code": "123456"})
        assert response.status_code == 200
        assert "cannot be checked" in page_of(response)

    def test_the_next_address_is_ours(self, client, lead):
        secret = own_app(lead)
        response = client.post(f"{SHOW}?next=https://evil.example/", {"code": code_of(secret)})
        assert response["Location"] == "/referrals/"

    def test_without_one_the_page_leads_to_setting_up(self, client, lead):
        assert client.get(SHOW)["Location"] == STEP
        assert client.get("/account/second-step/passkey/")["Location"] == STEP

    @pytest.mark.parametrize("sent", FORGED)
    def test_a_forged_passkey_gets_a_clear_error(self, client, lead, sent):
        own_passkey(lead)
        response = client.post("/account/second-step/passkey/", {"credential": sent})
        assert response.status_code == 200
        assert "not accepted" in page_of(response)

    @pytest.mark.parametrize("sent", FORGED)
    def test_a_forged_passkey_signs_nobody_in(self, client, cast, sent):
        response = client.post("/account/sign-in/passkey/", {"credential": sent, "next": "/refer/"})
        assert response["Location"] == "/account/sign-in/?next=%2Frefer%2F"
        assert "This passkey is not known here" in page_of(client.get(response["Location"]))


class TestPasskeys:
    """Passkeys, answered in software; `test_second_step_in_a_browser.py` does the same in Chromium."""

    @pytest.fixture(autouse=True)
    def over_https(self, client, settings):
        """WebAuthn exists over https only; the redirect to it is not what is tested."""
        settings.CSRF_TRUSTED_ORIGINS = ["https://testserver"]

    def set_up(self, client, key: SoftwareKey):
        options = options_on(page_of(client.get(PASSKEY_NEW)))
        return client.post(PASSKEY_NEW, {"name": "", "credential": json.dumps(key.register(options))})

    def test_a_passkey_is_set_up_and_counts_as_shown(self, client, lead):
        assert self.set_up(client, SoftwareKey())["Location"] == "/account/recovery-codes/"
        assert client.get(READER_PAGE).status_code == 200
        assert str(Authenticator.objects.get(type="webauthn")) == "Passkey"

    def test_the_browser_is_asked_for_one_that_checks_its_owner_and_stands_alone(self, client, lead):
        chosen = options_on(page_of(client.get(PASSKEY_NEW)))["publicKey"]["authenticatorSelection"]
        assert chosen["userVerification"] == "required"
        assert chosen["residentKey"] == "required"

    def test_a_key_that_does_not_check_its_owner_is_refused(self, client, lead):
        response = self.set_up(client, SoftwareKey(checks_owner=False))
        assert response.status_code == 200
        assert "The passkey was not accepted" in page_of(response)
        assert not Authenticator.objects.exists()

    def test_it_signs_in_alone_and_counts_as_the_second_step(self, client, cast):
        key = SoftwareKey()
        own_passkey(cast.lead, key)
        options = client.get(PASSKEY_IN, headers={"Accept": "application/json"}).json()["request_options"]
        response = client.post(PASSKEY_IN, {"credential": json.dumps(key.authenticate(options)), "next": READER_PAGE})
        assert response["Location"] == READER_PAGE
        assert client.get(READER_PAGE).status_code == 200

    def test_it_is_the_second_step_after_a_code(self, client, lead):
        key = SoftwareKey()
        own_passkey(lead, key)
        page = f"{PASSKEY_SHOW}?next={READER_PAGE}"
        answer = key.authenticate(options_on(page_of(client.get(page))))
        before = client.session.session_key
        assert client.post(page, {"credential": json.dumps(answer)})["Location"] == READER_PAGE
        assert client.session.session_key != before
        assert client.get(READER_PAGE).status_code == 200

    @pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
    def test_a_spoilt_answer_is_refused(self, client, lead, part):
        key = SoftwareKey()
        own_passkey(lead, key)
        answer = key.authenticate(options_on(page_of(client.get(PASSKEY_SHOW))))
        answer["response"][part] = spoilt(answer["response"][part])
        response = client.post(PASSKEY_SHOW, {"credential": json.dumps(answer)})
        assert response.status_code == 200
        assert "not accepted" in page_of(response)
        assert client.get(READER_PAGE).status_code == 302

    def test_an_answer_works_once(self, client, lead):
        key = SoftwareKey()
        own_passkey(lead, key)
        answer = json.dumps(key.authenticate(options_on(page_of(client.get(PASSKEY_SHOW)))))
        assert client.post(PASSKEY_SHOW, {"credential": answer}).status_code == 302
        assert client.post(PASSKEY_SHOW, {"credential": answer}).status_code == 200

    @pytest.mark.parametrize(
        "lie", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"checks_owner": False}]
    )
    def test_an_answer_made_for_another_site_or_without_the_owner_is_refused(self, client, lead, lie):
        key = SoftwareKey()
        own_passkey(lead, key)
        for name, value in lie.items():
            setattr(key, name, value)
        answer = key.authenticate(options_on(page_of(client.get(PASSKEY_SHOW))))
        assert client.post(PASSKEY_SHOW, {"credential": json.dumps(answer)}).status_code == 200

    def test_somebody_elses_passkey_is_refused(self, client, lead, cast):
        own_passkey(lead)
        key = SoftwareKey()
        own_passkey(cast.nurse, key)
        answer = key.authenticate(options_on(page_of(client.get(PASSKEY_SHOW))))
        assert client.post(PASSKEY_SHOW, {"credential": json.dumps(answer)}).status_code == 200

    def test_a_suspended_person_is_told_so_and_stays_out(self, client, cast):
        key = SoftwareKey()
        own_passkey(cast.lead, key)
        suspend(by=cast.coordinator, user=cast.lead)
        options = client.get(PASSKEY_IN, headers={"Accept": "application/json"}).json()["request_options"]
        response = client.post(PASSKEY_IN, {"credential": json.dumps(key.authenticate(options))})
        assert response.status_code == 403
        assert "Your account is suspended" in page_of(response)
        assert "_auth_user_id" not in client.session

    @pytest.mark.parametrize("sent", FORGED)
    def test_a_forged_registration_gets_a_clear_error(self, client, lead, sent):
        client.get(PASSKEY_NEW)
        response = client.post(PASSKEY_NEW, {"name": "x", "credential": sent})
        assert response.status_code == 200
        assert not Authenticator.objects.exists()


class TestChanging:
    """Removing, and the recovery codes."""

    @pytest.fixture
    def shown(self, client, lead):
        """The lead, who has just shown the code of their app."""
        client.post(SHOW, {"code": code_of(own_app(lead))})
        return lead

    def test_removing_asks_for_the_second_step_again(self, client, lead):
        own_app(lead)
        assert client.post("/account/app/remove/")["Location"].startswith(STEP)
        assert Authenticator.objects.exists()

    def test_it_asks_again_after_ten_minutes(self, client, shown, monkeypatch):
        own_passkey(shown)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 601)
        assert client.get("/account/app/remove/")["Location"].startswith(STEP)

    def test_the_last_one_stays_while_the_role_needs_one(self, client, shown):
        assert "Your role needs a second step" in page_of(client.post("/account/app/remove/"))
        assert Authenticator.objects.filter(type="totp").exists()

    def test_the_last_passkey_stays_as_well(self, client, shown):
        passkey = own_passkey(shown)
        Authenticator.objects.filter(type="totp").delete()
        response = client.post(f"/account/passkeys/{passkey.pk}/remove/")
        assert response["Location"] == "/account/passkeys/"
        assert Authenticator.objects.filter(pk=passkey.pk).exists()

    def test_one_of_two_goes_is_recorded_told_and_ends_other_sessions(self, client, shown, sign_in):
        own_passkey(shown)
        elsewhere = sign_in(Client(), shown)
        assert client.post("/account/app/remove/").status_code == 302
        assert not Authenticator.objects.filter(type="totp").exists()
        assert AccountChange.objects.get().act == AccountAct.SECOND_STEP_REMOVED
        assert Message.objects.get().kind == Kind.SECOND_STEP_CHANGED
        assert elsewhere.get("/account/security/").status_code == 302
        assert client.get("/account/security/").status_code == 200

    def test_a_referrer_may_remove_the_only_one(self, client, cast, sign_in):
        sign_in(client, cast.officer, second_factor=False)
        client.post(SHOW, {"code": code_of(own_app(cast.officer))})
        client.post("/account/app/remove/")
        assert not Authenticator.objects.exists()

    def test_somebody_elses_passkey_is_not_there(self, client, shown, cast):
        passkey = own_passkey(cast.nurse)
        assert client.get(f"/account/passkeys/{passkey.pk}/remove/").status_code == 404
        assert client.post(f"/account/passkeys/{passkey.pk}/remove/").status_code == 404

    def test_new_recovery_codes_end_the_old_ones(self, client, shown):
        assert client.post("/account/recovery-codes/new/")["Location"] == "/account/recovery-codes/"
        first = set(re.findall(r"<li>(\d{8})</li>", page_of(client.get("/account/recovery-codes/"))))
        client.post("/account/recovery-codes/new/")
        second = set(re.findall(r"<li>(\d{8})</li>", page_of(client.get("/account/recovery-codes/"))))
        assert len(first | second) >= 19

    def test_reset_by_a_coordinator_removes_all_ends_sessions_and_tells_the_person(self, client, shown, cast):
        reset_second_step(by=cast.coordinator, user=shown)
        assert not Authenticator.objects.exists()
        assert client.get("/account/security/").status_code == 302
        change = AccountChange.objects.get()
        assert (change.by, change.act) == (cast.coordinator, AccountAct.SECOND_STEP_RESET)
        assert Message.objects.get().user == shown


class TestKeyRing:
    """The sealing keys of the secrets."""

    def test_the_keys_in_use_are_known(self, cast):
        own_app(cast.lead)
        own_passkey(cast.lead)
        assert key_ids_in_use() == {key_ring().current}

    def test_secrets_are_sealed_again_under_a_new_key(self, cast, monkeypatch):
        secret = own_app(cast.lead)
        old = key_ring()
        new = KeyRing(current="k-new", data=old.data | {"k-new": b"n" * 32}, index=old.index)
        monkeypatch.setattr("partners.sealing._read_ring", lambda *_: new)
        assert reseal_secrets("k-new") == 1
        assert reseal_secrets("k-new") == 0
        row = Authenticator.objects.get()
        assert row.data["secret"].startswith("k-new.")
        assert open_secret(cast.lead, row.data["secret"]) == secret


class TestSessionList:
    """Where one is signed in."""

    @pytest.fixture
    def two_places(self, client, cast, settings):
        """The officer, signed in on two machines by demo buttons."""
        settings.DEMO = True
        cast.officer.email = "olive.officer@dacorum-borough-council.example.org"
        cast.officer.save()
        agents = [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
        ]
        clients = [client, Client()]
        for one, agent in zip(clients, agents, strict=True):
            assert one.post("/demo/sign-in/officer/", headers={"User-Agent": agent}).status_code == 302
        return clients

    def test_it_lists_them_in_words(self, two_places):
        page = page_of(two_places[0].get("/account/sessions/"))
        assert "Edge on Windows" in page
        assert "Safari on an iPhone" in page
        assert page.count("Since ") == 2

    def test_the_button_ends_all_but_this_one(self, two_places):
        here, there = two_places
        assert here.post("/account/sessions/")["Location"] == "/account/sessions/"
        assert there.get("/account/sessions/").status_code == 302
        page = page_of(here.get("/account/sessions/"))
        assert page.count("Since ") == 1
        assert "signed out everywhere else" in page


@pytest.mark.parametrize("role", list(Role))
def test_only_a_referrer_needs_none(role):
    assert needs_second_factor(role) is (role is not Role.REFERRER)


def test_the_qr_picture_covers_the_modules_of_the_code():
    picture = qr_picture("otpauth://totp/x?secret=JBSWY3DP")
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", picture["path"])
    assert all(int(x) + int(length) <= picture["size"] - 4 for x, _, length in runs)
    assert min(int(x) for x, _, _ in runs) == 4
    assert ("4", "4", "7") in runs, "the finder pattern at the upper left"
