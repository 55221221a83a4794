"""An operation in a browser: axe finds nothing, the strict policy blocks nothing, and six people can be logged with
and without scripts, on a phone and at a desk."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from referrals import workflow
from referrals.models import Operation
from tests.browser.accessibility import faults_of
from tests.client_site import HOST, ClientSite, connections_closed
from tests.referrals.test_operations import add, log, set_up, share

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser

PHONE, DESK = 390, 1280
NAMES = ["Aneta", "Borislav", "Cvetka", "Dragan", "Emilija", "Franjo"]


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, width=390, scripts=True)` opens a page as the police officer; nothing may be complained of."""
    sites = []

    def go(path: str, width: int = PHONE, *, scripts: bool = True) -> Page:
        client = sign_in(Client(), cast.police_officer)
        size = {"width": width, "height": 844}
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts))
        return sites[-1].open(path)

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


@pytest.fixture
def busy(cast) -> Operation:
    """Six people: two here, one gone, three not arrived, one of them in danger."""
    police = cast.police_officer
    operation = set_up(police, expected=8)
    share(operation, police)
    for name in NAMES:
        add(operation, police, name=name, priority="immediate" if name == "Emilija" else "standard")
    for number in (1, 2, 3):
        log(operation, number, "arrived", police)
    log(operation, 3, "left", police, destination="safe_house")
    return operation


def fits(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def refused(page: Page, button: str) -> str:
    """Press a button and wait for what is wrong."""
    page.get_by_role("button", name=button).click()
    return page.locator(".govuk-error-summary").inner_text()


PAGES = ["operations", "operation_new", "operation", "operation_change", "operation_circumstances", "operation_add"]


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("name", [*PAGES, "operation_close", "operation_person"])
def test_axe_finds_nothing(busy, come, name, width):
    whose = [] if name in ("operations", "operation_new") else [busy.pk]
    page = come(reverse(name, args=whose + ([3] if name == "operation_person" else [])), width)
    assert faults_of(page) == []
    assert fits(page)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_on_pages_with_errors(busy, come, width):
    page = come(reverse("operation_add", args=[busy.pk]), width)
    refused(page, "Save and add the next person")
    assert faults_of(page) == []
    page.goto(HOST + reverse("operation_circumstances", args=[busy.pk]))
    page.get_by_label("What you saw").fill("Dragan is shouted at")
    assert "“dragan”" in refused(page, "Save for all people")
    assert faults_of(page) == []
    page.goto(HOST + reverse("operation_person", args=[busy.pk, 4]))
    page.get_by_label("They left").check()
    refused(page, "Save to the log")
    assert faults_of(page) == []
    assert fits(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def log_six(page: Page) -> None:
    """Type six people one after the other, the last with the other button."""
    page.get_by_role("button", name="Add a person").click()
    for name in NAMES:
        page.get_by_label("18 or over").check()
        page.get_by_label("First names").fill(name)
        press(page, "Save and see everybody" if name == NAMES[-1] else "Save and add the next person")


@pytest.mark.parametrize(("scripts", "width"), [(True, PHONE), (False, PHONE), (True, DESK), (False, DESK)])
def test_an_operation_with_six_people_from_the_first_page_to_the_last(cast, come, scripts, width):
    page = come(reverse("operations"), width, scripts=scripts)
    press(page, "Set up an operation")
    page.get_by_label("How many possible victims do you expect?").fill("4")
    page.get_by_label("Name of the operation").fill("Nightjar")
    press(page, "Save the operation")
    assert "A reception centre opens for 5 people" in page.inner_text("main")
    press(page, "What everybody shares")
    page.get_by_label("What you saw").fill("Nine beds in one room")
    page.get_by_label("Car wash").check()
    press(page, "Save for all people")
    log_six(page)
    board = page.inner_text("main")
    assert "A reception centre is needed" in board
    assert not [name for name in NAMES if name in board]
    press(page, "Arrived now number 1")
    assert "Here since" in page.inner_text("main")
    page.get_by_role("link", name="They left number 1").click()
    page.get_by_label("They left").check()
    page.get_by_label("Safe accommodation").check()
    press(page, "Save to the log")
    assert "Left" in page.locator("#number-1").inner_text()
    page.get_by_role("link", name="Close the operation").click()
    press(page, "Close the operation")
    assert "Closed" in page.inner_text("main")
    operation = Operation.objects.get()
    assert operation.people.count() == len(NAMES)
    assert all(
        one.secret.take_out()["account"]["what_was_seen"] == "Nine beds in one room" for one in operation.people.all()
    )
    assert workflow.still_here(operation) == []


def test_no_page_of_an_operation_names_a_person_in_its_title_or_address(busy, come):
    page = come(reverse("operations"))
    for name in ["operation", "operation_change", "operation_circumstances", "operation_add", "operation_close"]:
        page.goto(HOST + reverse(name, args=[busy.pk]))
        seen = page.title() + page.url
        assert not [word for word in [*NAMES, "Nightjar", "Unit 4"] if word in seen]
