"""Our own scripts in a real browser: saving while typing, the warning before sign-out, the copy button."""

import json
from urllib.parse import parse_qs

import pytest

from tests.partners.gallery import page
from tests.partners.paper_site import PaperSite

pytestmark = pytest.mark.browser

RECEIPT = """{% extends "base.html" %}{% block content %}
{% include "components/panel.html" with title="Referral received" reference="WM-7K4Q-9TRX" %}
<button type="button" class="button-small" data-copy="reference" hidden>Copy the reference</button>{% endblock %}"""


@pytest.fixture
def site(browser):
    """A paper site in a new context, with `site.tab`: a page whose clock the test moves."""
    context = browser.new_context()
    made = PaperSite(context)
    made.tab = context.new_page()
    made.tab.clock.install()
    yield made
    context.close()
    assert made.complaints == []


def pass_time(site: PaperSite, seconds: int) -> None:
    """Let `seconds` pass on the page's clock, then let the answers arrive."""
    site.tab.clock.run_for(seconds * 1000)
    settle(site)


def settle(site: PaperSite) -> None:
    """Let requests under way be answered and the page act on it; no time passes on the page's own clock."""
    site.tab.wait_for_timeout(150)
    site.tab.clock.run_for(20)
    site.tab.wait_for_timeout(50)


def said(site: PaperSite) -> str:
    return site.tab.locator(".autosave-status").inner_text()


def type_something(site: PaperSite, words: str = "They said little") -> None:
    site.tab.get_by_label("What did the person say?").fill(words)


def test_a_draft_is_saved_within_20_seconds_of_a_change(site):
    site.open(site.tab, page())
    type_something(site)
    pass_time(site, 21)
    [post] = site.posts
    sent = parse_qs(post.post_data)
    assert post.url.endswith("/autosave/")
    assert sent["account"] == ["They said little"]
    assert sent["version"] == ["3"]
    assert post.headers["x-csrftoken"] == "token"
    assert said(site).startswith("Saved at ")
    assert site.tab.locator(".autosave-status").get_attribute("role") == "status"


def test_nothing_is_sent_while_nothing_changes(site):
    site.open(site.tab, page())
    pass_time(site, 65)
    assert site.posts == []
    type_something(site)
    for _ in range(3):
        pass_time(site, 21)
    assert len(site.posts) == 1


def test_the_next_save_carries_the_version_the_server_gave(site):
    site.answer = lambda request: {"content_type": "application/json", "body": json.dumps({"version": 4})}
    site.open(site.tab, page())
    type_something(site)
    pass_time(site, 21)
    pass_time(site, 21)
    assert len(site.posts) == 1, "a new version is no change of the person's"
    type_something(site, "They said more")
    pass_time(site, 21)
    assert [parse_qs(post.post_data)["version"] for post in site.posts] == [["3"], ["4"]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 409}, "changed in another tab"),
        ({"status": 403}, "you may have been signed out"),
        ({"status": 404}, "no longer open"),
        ({"status": 413}, "too much text"),
        ({"status": 500}, "Not saved just now"),
        (None, "Not saved just now"),
    ],
)
def test_trouble_is_told_calmly_and_saving_goes_on(site, answer, words):
    site.answer = lambda request: answer
    site.open(site.tab, page())
    type_something(site)
    pass_time(site, 21)
    assert words in said(site)
    assert site.tab.get_by_label("What did the person say?").input_value() == "They said little"
    site.answer = lambda request: {"status": 204}
    pass_time(site, 21)
    assert said(site).startswith("Saved at ")
    assert len(site.posts) == 2


def test_a_page_that_is_hidden_saves_at_once(site):
    site.open(site.tab, page())
    type_something(site)
    site.tab.evaluate(
        """() => { Object.defineProperty(document, "visibilityState", { value: "hidden" });
        document.dispatchEvent(new Event("visibilitychange")); }"""
    )
    settle(site)
    assert len(site.posts) == 1


def test_a_button_pressed_during_a_save_waits_for_it_and_sends_the_new_version(site):
    site.open(site.tab, page())
    site.answer = lambda request: {"content_type": "application/json", "body": json.dumps({"version": 9})}
    type_something(site)
    site.tab.evaluate(
        """() => { Object.defineProperty(document, "visibilityState", { value: "hidden" });
        document.dispatchEvent(new Event("visibilitychange"));
        document.querySelector("button[name=later]").click(); }"""
    )
    settle(site)
    settle(site)
    saved, sent = site.posts
    assert saved.url.endswith("/autosave/")
    assert 'name="version"\r\n\r\n9' in sent.post_data
    assert 'name="later"' in sent.post_data


def test_nothing_that_was_typed_is_kept_in_the_browser(site):
    site.open(site.tab, page())
    type_something(site)
    pass_time(site, 21)
    assert site.tab.evaluate("localStorage.length + sessionStorage.length") == 0
    assert site.tab.evaluate("indexedDB.databases().then(found => found.length)") == 0
    assert site.tab.context.cookies() == []


def warned(site: PaperSite):
    return site.tab.get_by_role("dialog", name="You will be signed out soon")


def test_two_minutes_before_the_sign_out_a_dialog_asks_and_staying_renews(site):
    site.open(site.tab, page(session_seconds=600, stay_url="/stay/"))
    pass_time(site, 475)
    assert not warned(site).is_visible()
    pass_time(site, 10)
    assert warned(site).is_visible()
    assert "2 minutes" in warned(site).inner_text()
    assert site.tab.locator("[data-announce]").inner_text() == "You will be signed out in 2 minutes."
    site.tab.get_by_role("button", name="Stay signed in").click()
    settle(site)
    assert not warned(site).is_visible()
    [post] = site.posts
    assert post.url.endswith("/stay/")
    assert post.headers["x-csrftoken"] == "token"
    pass_time(site, 470)
    assert not warned(site).is_visible()
    pass_time(site, 15)
    assert warned(site).is_visible()


def test_what_is_left_is_read_out_a_few_times_and_not_every_second(site):
    site.open(site.tab, page(session_seconds=130, stay_url="/stay/"))
    site.tab.evaluate(
        """() => { window.heard = []; new MutationObserver(() => window.heard.push(
        document.querySelector("[data-announce]").textContent)).observe(
        document.querySelector("[data-announce]"), { childList: true }); }"""
    )
    pass_time(site, 128)
    assert site.tab.evaluate("window.heard.map(words => words.replace('You will be signed out in ', ''))") == [
        "2 minutes.",
        "60 seconds.",
        "30 seconds.",
        "10 seconds.",
    ]


def test_once_the_time_is_up_the_dialog_says_so_and_leads_to_sign_in(site):
    site.open(site.tab, page(session_seconds=60, stay_url="/stay/"))
    pass_time(site, 62)
    assert site.tab.get_by_role("dialog", name="You have been signed out").is_visible()
    site.tab.keyboard.press("Escape")
    assert site.tab.get_by_role("dialog").is_visible()
    with site.tab.expect_navigation():
        site.tab.get_by_role("button", name="Sign in again").click()
    assert site.posts == []


def test_a_stay_that_fails_leaves_the_warning_open(site):
    site.answer = lambda request: None
    site.open(site.tab, page(session_seconds=60, stay_url="/stay/"))
    pass_time(site, 2)
    site.tab.get_by_role("button", name="Stay signed in").click()
    site.tab.get_by_text("the connection failed").first.wait_for()
    assert warned(site).is_visible()


def test_a_save_renews_the_session_and_so_puts_the_warning_off(site):
    site.open(site.tab, page(session_seconds=150, stay_url="/stay/"))
    type_something(site)
    pass_time(site, 21)
    pass_time(site, 20)
    assert not warned(site).is_visible()


def test_the_reference_is_copied_with_one_press_and_the_button_says_so(site):
    site.tab.add_init_script(
        "const writeText = async (text) => { window.copied = text; };"
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText } });"
    )
    site.open(site.tab, page(template=RECEIPT))
    button = site.tab.get_by_role("button", name="Copy the reference")
    button.click()
    site.tab.get_by_role("button", name="Copied").wait_for()
    assert site.tab.evaluate("window.copied") == "WM-7K4Q-9TRX"
    pass_time(site, 5)
    assert button.is_visible()
