"""Sign-in in Chromium under the strict policy: the code, an authenticator app, and a passkey from a virtual key."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.accessibility import faults_of
from tests.partners.postbox import keep_mail, mail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

READER_PAGE = "/organisation/people/"
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}


@pytest.fixture(autouse=True)
def kept_mail(monkeypatch):
    """The live server is a thread of this process. The throttles of the test before are no row of a model."""
    keep_mail(monkeypatch)
    cache.clear()


@pytest.fixture
def open_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Opens a page in a new context; at the end nothing may be in the console, the policy's reports included."""
    complaints: list[str] = []
    contexts = []

    def open_(path: str, *, scripts: bool = True, size: str = "wide") -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport=SIZES[size], java_script_enabled=scripts, service_workers="block"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(message: ConsoleMessage) -> bool:
    """An error, except that a page came with the status 403, which is meant."""
    return message.type == "error" and "status of 403" not in message.text


def virtual_key(page: Page):
    """Plug a key with a fingerprint reader into the browser, by the DevTools protocol."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return devtools, key


def sign_in(page: Page, email: str) -> None:
    """Ask for a code and type it."""
    page.get_by_label("Your work e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    code = re.search(r"\d{4} \d{4}", mail.outbox[-1].body)[0]
    page.get_by_label("Sign-in code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()


def code_of(secret: str, shift: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_authenticator_app_is_set_up_and_shown_again(open_page, cast, scripts):
    page = open_page(READER_PAGE, scripts=scripts)
    sign_in(page, cast.lead.email)
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    page.get_by_role("link", name="Authenticator app").click()
    expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    secret = page.locator(".qr__key").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(code_of(secret, -1))
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    assert page.locator(".recovery-codes li").count() == 10
    page.get_by_role("button", name="I have kept them. Continue").click()
    expect(page).to_have_url(re.compile(f"{READER_PAGE}$"))
    again = open_page(READER_PAGE, scripts=scripts)
    sign_in(again, cast.lead.email)
    again.get_by_label("Code from your authenticator app").fill(code_of(secret))
    again.get_by_role("button", name="Continue").click()
    expect(again).to_have_url(re.compile(f"{READER_PAGE}$"))


def test_a_passkey_is_set_up_signs_in_alone_and_is_the_second_step(open_page, cast):
    page = open_page(READER_PAGE)
    devtools, key = virtual_key(page)
    sign_in(page, cast.lead.email)
    page.get_by_role("link", name="Passkey").click()
    page.get_by_label("Name of this passkey").fill("Work laptop")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    stored = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert [credential["isResidentCredential"] for credential in stored] == [True]
    assert str(Authenticator.objects.get(type="webauthn")) == "Work laptop"

    page.goto(READER_PAGE)
    sign_out(page)
    page.goto(f"/account/sign-in/?next={READER_PAGE}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(f"{READER_PAGE}$"))

    sign_out(page)
    page.goto(f"/account/sign-in/?next={READER_PAGE}")
    sign_in(page, cast.lead.email)
    page.get_by_role("button", name="Use my passkey").click()
    expect(page).to_have_url(re.compile(f"{READER_PAGE}$"))


def sign_out(page: Page) -> None:
    page.locator("summary", has_text="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You have signed out")).to_be_visible()


def test_a_passkey_that_is_not_used_is_explained(open_page, cast):
    page = open_page("/account/sign-in/")
    virtual_key(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used", timeout=90_000)


def test_without_scripts_a_passkey_is_not_offered_and_the_app_is(open_page, cast):
    page = open_page("/account/sign-in/", scripts=False)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    sign_in(page, cast.lead.email)
    page.goto("/account/passkeys/new/")
    expect(page.get_by_text("scripts are switched off")).to_be_visible()
    expect(page.get_by_role("link", name="Set up an authenticator app instead")).to_be_visible()


def test_signing_out_clears_the_cookies_of_the_browser(open_page, cast):
    page = open_page("/referrals/")
    sign_in(page, cast.officer.email)
    assert {cookie["name"] for cookie in page.context.cookies()} >= {"sid", "csrf"}
    sign_out(page)
    assert "sid" not in {cookie["name"] for cookie in page.context.cookies()}


def test_what_was_typed_comes_back_after_signing_in_again_in_another_tab(open_page, cast, live_server):
    page = open_page("/refer/")
    sign_in(page, cast.officer.email)
    page.get_by_role("button", name="Start now").click()
    page.wait_for_load_state()
    kept = page.url
    page.context.clear_cookies(name="sid")
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=re.compile("Sign in again")).click()
    sign_in(opened.value, cast.officer.email)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state()
    assert page.url.startswith(kept.rsplit("/", 2)[0])
    expect(page.get_by_role("heading", name="You were signed out")).to_be_hidden()


PAGES = [
    "/account/sign-in/",
    "/account/signed-out/",
    "/account/sign-out/",
    "/account/security/",
    "/account/sessions/",
    "/account/second-step/",
    "/account/app/",
    "/account/passkeys/",
    "/account/passkeys/new/",
    "/demo/",
    "/demo/mail/",
]
LEADS_PAGES = [READER_PAGE, "/organisation/people/invite/"]


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_these_pages(open_page, cast, size, settings):
    page = open_page("/account/sign-in/", size=size)
    assert faults_of(page) == []
    page.get_by_role("button", name="Send me a code").click()
    assert faults_of(page) == []
    page.get_by_label("Your work e-mail address").fill(cast.lead.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_text("No code has come").click()
    assert faults_of(page) == []
    page.get_by_label("Sign-in code").fill(re.search(r"\d{4} \d{4}", mail.outbox[-1].body)[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    settings.DEMO = True
    found = {}
    for path in PAGES:
        page.goto(path)
        found[path] = faults_of(page)
    page.goto("/account/app/")
    page.get_by_label("Code from the app").fill(code_of(page.locator(".qr__key").inner_text().replace(" ", "")))
    page.get_by_role("button", name="Finish").click()
    found["recovery codes"] = faults_of(page)
    member = cast.officer.membership.pk
    for path in [*LEADS_PAGES, *(f"{READER_PAGE}{member}/{rest}" for rest in ("", "role/", "end/"))]:
        page.goto(path)
        found[path] = faults_of(page)
    assert {path: faults for path, faults in found.items() if faults} == {}
