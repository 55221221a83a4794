"""The answer sheet in a real browser: copied by a button or by hand, answered, checked and printed, wide and narrow."""

import io
import re

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from referrals.models import NrmCase
from referrals.nrm_form import Branch
from tests.browser.accessibility import faults_of
from tests.client_site import HOST, ClientSite, connections_closed
from tests.referrals.sheet_cases import address, answer_all, begin_sheet, save

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)


@pytest.fixture
def nrm(cast) -> NrmCase:
    nrm = begin_sheet(cast)
    save(nrm, cast.police_officer, {"family": "A mother.\nTwo brothers.", "education": "x" * 15_001})
    return nrm


@pytest.fixture
def notify(cast) -> NrmCase:
    notify = begin_sheet(cast, Branch.DUTY_TO_NOTIFY)
    answer_all(notify, cast.police_officer)
    save(notify, cast.police_officer, {"family": "Zebulina has two brothers. One lives in Northtown."})
    return notify


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, width=1280, scripts=True)` opens a page as the first responder; nothing may complain.

    `bare=True` keeps the site's own scripts away and lets axe run, which cannot where JavaScript is off.
    """
    sites = []
    with connection.cursor() as cursor:  # axe takes its time over a long sheet, and the test is one transaction
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")

    def go(path: str, width: int = 1280, *, scripts: bool = True, bare: bool = False) -> Page:
        client = sign_in(Client(), cast.police_officer)
        size = {"width": width, "height": 900}
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts))
        sites[-1].context.grant_permissions(["clipboard-read", "clipboard-write"])
        if bare:
            sites[-1].context.route("**/static/**/*.js", lambda route: route.abort())
        page = sites[-1].open(path)
        if scripts and not bare:
            page.locator("body[data-ready]").wait_for()
        return page

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


PAGES = ["", "how-they-were-treated", "types-of-exploitation", "pv-dob", "stage", "print"]


@pytest.mark.parametrize(("width", "bare"), [(1280, False), (390, True)])
def test_the_pages_have_no_fault_and_fit(come, nrm, width, bare):
    page = come(address(nrm), width, bare=bare)
    assert faults(page, nrm, PAGES, width) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_a_duty_to_notify_have_no_fault_and_fit(come, notify, width):
    page = come(address(notify), width)
    assert faults(page, notify, ["", "check", "print", "what-is-their-background"], width) == {}


def faults(page: Page, nrm: NrmCase, pages: list[str], width: int) -> dict[str, list[str]]:
    """What axe finds on each page, and which of them are wider than the window."""
    found = {}
    for name in pages:
        page.goto(HOST + address(nrm, name))
        wide = page.evaluate("document.documentElement.scrollWidth") > width
        found[name] = faults_of(page) + (["wider than the window"] if wide else [])
    return {name: faults for name, faults in found.items() if faults}


def test_a_button_copies_the_answer_as_it_stands_and_says_so(come, nrm):
    page = come(address(nrm))
    button = page.get_by_role("button", name="Copy Parents, brothers and sisters")
    button.click()
    expect(page.locator("#item-family [role=status]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "A mother.\nTwo brothers."
    assert button.get_attribute("data-copied") == "true"
    names = page.locator("button[data-copy]").evaluate_all("all => all.map(b => b.textContent)")
    assert len(names) == len(set(names)), "each button says what it copies"


def test_a_browser_that_refuses_the_clipboard_leaves_the_text_selected(come, nrm):
    page = come(address(nrm))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Copy Parents, brothers and sisters").click()
    expect(page.locator("#item-family [role=status]")).to_contain_text("The text is selected")
    assert page.evaluate("getSelection().toString()").strip() == "A mother.\nTwo brothers."


def test_without_a_script_one_press_selects_the_answer(come, nrm):
    page = come(address(nrm), scripts=False)
    expect(page.locator("button[data-copy]").first).to_be_hidden()
    answer = page.locator("#answer-family")
    expect(answer).to_have_css("user-select", "all")
    expect(answer).to_contain_text("Two brothers.")


def test_what_is_missing_is_one_press_away(come, nrm):
    page = come(address(nrm))
    page.get_by_text(re.compile(r"The \d+ missing answers")).click()
    page.get_by_role("link", name="Country and town or village of birth").first.click()
    expect(page.locator("#item-birthplace")).to_be_in_viewport()
    page.locator("#page-what-is-their-background").get_by_role("link", name="Answer Background").click()
    page.get_by_label("Country and town or village of birth").fill("Ruritania")
    page.get_by_label("Schools, and from when to when").fill("Not known")
    page.get_by_role("button", name="Save and return to the sheet").click()
    expect(page.locator("#answer-birthplace")).to_have_text("Ruritania")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_duty_to_notify_is_checked_and_then_copied(come, notify, scripts):
    page = come(address(notify), scripts=scripts)
    expect(page.locator("button[data-copy]")).to_have_count(0)
    page.get_by_role("link", name="Check the texts").or_(page.get_by_role("button", name="Check the texts")).click()
    expect(page.locator("mark")).to_have_text(["Zebulina", "Northtown"])
    page.get_by_role("link", name="Change the text").click()
    page.get_by_label("Parents, brothers and sisters").fill("Two brothers. One lives in Northtown.")
    page.get_by_role("button", name="Save and return to the sheet").click()
    page.get_by_role("link", name="Check the texts").or_(page.get_by_role("button", name="Check the texts")).click()
    page.get_by_label("“Northtown” looks like a place, and does not identify the person").check()
    page.get_by_role("button", name="Save what I judged").click()
    expect(page.locator("#answer-family")).to_have_text("Two brothers. One lives in Northtown.")
    expect(page.get_by_text("This sheet cannot be copied yet")).to_have_count(0)


def test_on_paper_the_marking_stands_on_every_page(come, nrm, cast):
    answer_all(nrm, cast.police_officer)
    page = come(address(nrm, "print"))
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Back to the answer sheet")).to_be_hidden()
    pdf = texts_of(page.pdf(prefer_css_page_size=True))
    assert len(pdf) > 5
    assert [text.count("OFFICIAL-SENSITIVE") for text in pdf] == [2] * len(pdf)


def texts_of(raw: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages]
