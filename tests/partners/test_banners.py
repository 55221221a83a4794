"""Banners: plain text on the pages they are for, from a moment to a moment, at no cost, previewed and never lost."""

import datetime
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.models import Banner, ConfigurationChange, Partnership
from partners.roles import Role
from tests.partners.settings_pages import address, form_of

HOUR = datetime.timedelta(hours=1)
TEXT = "The service is closed on Sunday from 6:00 to 8:00."


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def banner(cast):
    """`banner(**fields)` makes one that is shown now on every page."""

    def make(**fields) -> Banner:
        standard = {"text": TEXT, "starts_at": timezone.now() - HOUR, "by": cast.coordinator}
        return Banner.objects.create(**(standard | fields))

    return make


def shown(client: Client, path: str, text: str = TEXT) -> bool:
    page = client.get(path).content.decode()
    region = re.search(r'<section class="site-banners" aria-label="Notices">.*?</section>', page, re.DOTALL)
    return bool(region) and text in region[0]


def a_form(**changes) -> dict[str, str]:
    standard = {"text": TEXT, "tone": "warning", "place": "both", "ends_at_0": "", "ends_at_1": ""}
    return standard | {"starts_at_0": "2026-01-01", "starts_at_1": "09:00"} | changes


PUBLIC_PAGES = ["/", "/privacy/", "/account/sign-in/", "/no/such/page/"]


@pytest.mark.parametrize(
    ("place", "on_public", "signed_in"), [("public", True, False), ("signed_in", False, True), ("both", True, True)]
)
def test_it_stands_where_it_belongs(coordinator, banner, place, on_public, signed_in):
    banner(place=place)
    for path in PUBLIC_PAGES:
        assert shown(Client(), path) is on_public, path
        assert shown(coordinator, path.replace("/account/sign-in/", "/")) is on_public, path
    for path in ["/admin/", "/referrals/", "/admin/partners/banner/", "/admin/referrals/referral/", "/ops/"]:
        assert shown(coordinator, path) is signed_in, path


def test_it_starts_and_ends_by_itself(banner):
    now = timezone.now()
    scheduled, over = banner(text="Later", starts_at=now + HOUR), banner(text="Over", ends_at=now)
    forever, ending = banner(text="Stays"), banner(text="Ends", ends_at=now + HOUR)
    assert [shown(Client(), "/", row.text) for row in (scheduled, over, forever, ending)] == [False, False, True, True]
    Banner.objects.filter(pk=scheduled.pk).update(starts_at=now - HOUR)
    Banner.objects.filter(pk=ending.pk).update(ends_at=now - HOUR / 2)
    assert [shown(Client(), "/", row.text) for row in (scheduled, ending)] == [True, False]


def test_warnings_come_first(banner):
    banner(text="Know this")
    banner(text="Beware", tone="warning", starts_at=timezone.now() - 9 * HOUR)
    page = Client().get("/").content.decode()
    assert page.index("Beware") < page.index("Know this")
    assert page.count("site-banners") == 1


def test_it_is_text_and_nothing_else(banner):
    text = "<script>alert(1)</script> {{ settings.SECRET_KEY }} {% debug %} ((link))"
    banner(text=text)
    page = Client().get("/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ settings.SECRET_KEY }} {% debug %} ((link))" in page
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("path", ["/", "/privacy/"])
def test_no_page_asks_the_database_once_more_because_of_it(banner, path):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            Client().get(path)
        return len([query for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]])

    without = queries()
    for _ in range(5):
        banner()
    assert queries() == without
    with CaptureQueriesContext(connection) as asked:
        Client().get(path)
    about = [query["sql"] for query in asked.captured_queries if "partners_banner" in query["sql"]]
    assert len(about) == 1
    assert "partners_partnership" in about[0]


def test_a_partnership_that_nobody_has_set_up_yet_has_pages_too(banner):
    banner()
    Partnership.objects.all().delete()
    assert Client().get("/").status_code == 200


def test_it_is_previewed_before_it_is_on_any_page(coordinator):
    response = coordinator.post(address(Banner, "add"), a_form(_preview="Preview"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Nothing is saved yet" in page
    assert f"<strong>Warning:</strong> <bdi>{TEXT}</bdi>" in page
    assert not Banner.objects.exists()
    assert not ConfigurationChange.objects.exists()
    assert response.context["adminform"].form["text"].value() == TEXT

    assert coordinator.post(address(Banner, "add"), a_form(_save="Put it on the pages")).status_code == 302
    assert shown(Client(), "/")


def test_a_first_page_without_a_preview_has_no_button_that_saves(coordinator):
    page = coordinator.get(address(Banner, "add")).content.decode()
    assert 'name="_preview"' in page
    assert 'name="_save"' not in page


def test_it_is_taken_down_with_one_button_and_stays_on_record(cast, coordinator, banner):
    row = banner()
    change = address(Banner, row.pk, "change")
    page = coordinator.get(change)
    assert "Take it down now" in page.content.decode()
    assert coordinator.post(change, form_of(page) | {"_take_down": "1"}).status_code == 302
    assert not shown(Client(), "/")
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()
    assert "Ended" in coordinator.get(address(Banner)).content.decode()
    assert ConfigurationChange.objects.get().changes[0][0] == "Until"
    assert coordinator.post(address(Banner, row.pk, "delete"), {"post": "yes"}).status_code == 404


def test_one_that_has_not_begun_is_taken_down_before_it_does(coordinator, banner):
    row = banner(starts_at=timezone.now() + HOUR)
    change = address(Banner, row.pk, "change")
    assert "Scheduled" in coordinator.get(address(Banner)).content.decode()
    assert coordinator.post(change, form_of(coordinator.get(change)) | {"_take_down": "1"}).status_code == 302
    row.refresh_from_db()
    assert row.ends_at == row.starts_at
    assert "Ended" in coordinator.get(address(Banner)).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": ""}, "This field is required."),
        ({"text": "x" * 10_000}, "at most 300 characters"),
        ({"text": "One\nTwo"}, "in one line"),
        ({"text": "Ring \u202e01632"}, "cannot be seen (U+202E)"),
        ({"text": "Bell \x07"}, "cannot be seen (U+0007)"),
        ({"ends_at_0": "2025-12-31", "ends_at_1": "09:00"}, "cannot end before it starts"),
        ({"tone": "alarm"}, "not one of the available choices"),
        ({"place": "moon"}, "not one of the available choices"),
        ({"starts_at_0": "soon"}, "Enter a valid date."),
    ],
)
@pytest.mark.parametrize("button", ["_preview", "_save"])
def test_what_makes_no_sense_is_refused_in_words_and_kept_on_the_form(coordinator, changes, words, button):
    response = coordinator.post(address(Banner, "add"), a_form(**changes) | {button: "1"})
    assert response.status_code == 200
    assert words in response.content.decode()
    assert "Nothing is saved yet" not in response.content.decode()
    assert not Banner.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.SYSADMIN}))
def test_nobody_else_writes_one(cast, sign_in, role):
    who = {user.role: user for user in cast.people.values()}[role]
    assert sign_in(Client(), who).post(address(Banner, "add"), a_form()).status_code == 404


def test_an_administrator_does(cast, sign_in):
    assert sign_in(Client(), cast.sysadmin).post(address(Banner, "add"), a_form(_save="1")).status_code == 302
    assert Banner.objects.get().by == cast.sysadmin


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("banner_ends_after_start", {"ends_at": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)}),
        ("banner_tone_is_known", {"tone": "alarm"}),
        ("banner_place_is_known", {"place": "moon"}),
    ],
)
def test_the_database_refuses_a_banner_that_makes_no_sense(banner, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        banner(**changes)


def test_a_banner_is_one_line(banner):
    with pytest.raises(ValidationError, match="one line"):
        banner(text="One\r\nTwo").full_clean()
