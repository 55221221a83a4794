"""Clocks and thresholds in the admin: what each means and what holds is read, and a change is planned from a day on;
what was ever in force is never rewritten."""

import datetime
import html
import re

import pytest
from django.test import Client
from django.utils import timezone

from partners.limit_changes import LimitRefused, change_limit, take_back, units_for
from partners.limit_words import GROUPS, MEANINGS, OF_THE_PARTNERSHIP
from partners.limits import current_limits
from partners.models import ConfigurationChange, Limit, LimitKey, Partnership, Unit
from partners.roles import Role
from tests.partners.settings_pages import address, form_of, save

DAY = datetime.timedelta(days=1)


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def today(cast) -> datetime.date:
    return timezone.localdate()


def page_of(key: str) -> str:
    return address(Limit, "of", key)


def a_form(today: datetime.date, **changes) -> dict[str, str]:
    standard = {"amount": "7", "unit": "working_days", "starts_on": str(today + 30 * DAY), "source": "A new law"}
    return standard | changes


def text_of(response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_every_clock_is_explained_once_with_what_holds_and_its_source(coordinator, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        page = text_of(coordinator.get(address(Limit)))
    assert set(MEANINGS) == set(LimitKey)
    assert sum(len(keys) for keys in GROUPS.values()) == len(LimitKey)
    for key, means in MEANINGS.items():
        assert key.label in page
        assert means in page
    assert "5 working days" in page
    assert "Hertfordshire Constabulary, July 2018" in page
    for words in OF_THE_PARTNERSHIP.values():
        assert words in page


def test_a_change_is_planned_from_a_day_and_what_holds_today_holds_until_then(cast, coordinator, today):
    response = coordinator.post(page_of("rg_decision"), a_form(today), follow=True)
    page = text_of(response)
    assert "The change is planned." in page
    assert f"7 working days from {today + 30 * DAY:%-d %B %Y}" in page
    assert f"until {today + 29 * DAY:%-d %B %Y}" in page
    assert current_limits(today + 29 * DAY).amount(LimitKey.RG_DECISION) == 5
    assert current_limits(today + 30 * DAY).amount(LimitKey.RG_DECISION) == 7
    listed = text_of(coordinator.get(address(Limit)))
    assert f"From {today + 30 * DAY:%-d %B %Y}: 7 working days" in listed
    assert ConfigurationChange.objects.filter(kind="limit", by=cast.coordinator).count() == 2
    assert "A new law" in coordinator.get("/audit/settings/", {"kind": "limit"}).content.decode()


def test_a_change_before_one_that_is_planned_ends_when_that_begins(coordinator, today):
    coordinator.post(page_of("rg_decision"), a_form(today))
    coordinator.post(page_of("rg_decision"), a_form(today, amount="6", starts_on=str(today + 10 * DAY)))
    amounts = [current_limits(today + n * DAY).amount(LimitKey.RG_DECISION) for n in (0, 9, 10, 29, 30, 400)]
    assert amounts == [5, 5, 6, 6, 7, 7]


def test_a_planned_change_is_taken_back_and_the_row_before_goes_on(coordinator, today):
    coordinator.post(page_of("rg_decision"), a_form(today))
    planned = Limit.objects.get(key="rg_decision", amount=7)
    response = coordinator.post(page_of("rg_decision"), {"take_back": planned.pk}, follow=True)
    assert "The planned change is taken back." in text_of(response)
    row = Limit.objects.get(key="rg_decision")
    assert (row.amount, row.ends_on) == (5, None)
    assert ConfigurationChange.objects.filter(object_id=str(planned.pk), act="removed").exists()


@pytest.mark.parametrize("which", ["in force", "another clock's", "gone", "x"])
def test_only_a_planned_change_of_this_clock_is_taken_back(coordinator, today, which):
    coordinator.post(page_of("move_on"), a_form(today, unit="calendar_days"))
    ids = {
        "in force": Limit.objects.get(key="rg_decision").pk,
        "another clock's": Limit.objects.get(key="move_on", amount=7).pk,
        "gone": 999_999,
        "x": "x",
    }
    before = Limit.objects.count()
    response = coordinator.post(page_of("rg_decision"), {"take_back": ids[which]}, follow=True)
    assert "gone or has begun" in text_of(response)
    assert Limit.objects.count() == before


def test_what_has_begun_is_not_taken_back_by_the_function_either(cast, today):
    with pytest.raises(LimitRefused, match="has begun"):
        take_back(limit_id=Limit.objects.get(key="rg_decision").pk, by=cast.coordinator)


@pytest.mark.parametrize(
    ("key", "changes", "words"),
    [
        ("rg_decision", {"amount": "0"}, "Enter a number from 1 to 730."),
        ("rg_decision", {"amount": "-1"}, "Enter a number from 1 to 730."),
        ("rg_decision", {"amount": "5000"}, "Enter a number from 1 to 730."),
        ("rg_decision", {"amount": "9" * 30}, "Enter a number from 1 to 730."),
        ("rg_decision", {"amount": "five"}, "Enter a whole number, such as 5"),
        ("rg_decision", {"amount": ""}, "Enter how many"),
        ("rg_decision", {"unit": "minutes"}, "This cannot be counted in that"),
        ("rg_decision", {"unit": "people"}, "This cannot be counted in that"),
        ("reception_centre", {"unit": "working_days"}, "This cannot be counted in that"),
        ("rg_decision", {"starts_on": "2020-01-01"}, "Choose a day from tomorrow on"),
        ("rg_decision", {"starts_on": "2026-02-31"}, "Enter a real date"),
        ("rg_decision", {"starts_on": ""}, "Enter the first day"),
        ("rg_decision", {"source": ""}, "Enter where this was read"),
        ("rg_decision", {"source": "x" * 201}, "200 characters"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_stays_on_the_form(coordinator, today, key, changes, words):
    before = list(Limit.objects.order_by("pk").values())
    response = coordinator.post(page_of(key), a_form(today, **changes))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert "There is a problem" in response.content.decode()
    for name, typed in a_form(today, **changes).items():
        assert response.context["form"][name].value() == typed
    assert list(Limit.objects.order_by("pk").values()) == before


def test_two_changes_from_one_day_are_refused(coordinator, today):
    coordinator.post(page_of("rg_decision"), a_form(today))
    response = coordinator.post(page_of("rg_decision"), a_form(today, amount="11"))
    assert "planned already" in response.content.decode()
    assert not Limit.objects.filter(amount=11).exists()


def test_today_is_too_soon_unless_nothing_holds(cast, today):
    change = {"key": LimitKey.RG_DECISION, "amount": 7, "unit": Unit.WORKING_DAYS, "source": "", "by": cast.coordinator}
    with pytest.raises(LimitRefused, match="from tomorrow on"):
        change_limit(**change, starts_on=today)
    Limit.objects.filter(key="rg_decision").update(ends_on=today - DAY)
    change_limit(**change, starts_on=today)
    assert current_limits(today).amount(LimitKey.RG_DECISION) == 7


def test_a_clock_that_nobody_set_says_so_and_can_be_set(coordinator, today):
    Limit.objects.filter(key="rg_decision").delete()
    assert "Nothing is in force" in text_of(coordinator.get(address(Limit)))
    assert "Nothing is in force" in text_of(coordinator.get(page_of("rg_decision")))
    assert coordinator.post(page_of("rg_decision"), a_form(today)).status_code == 302


@pytest.mark.parametrize("key", LimitKey)
def test_every_clock_has_a_page_with_the_units_that_fit(coordinator, today, key):
    page = coordinator.get(page_of(key))
    assert [value for value, _ in page.context["form"].fields["unit"].choices] == list(units_for(key))
    assert ("would run out" in text_of(page)) is (key != LimitKey.RECEPTION_CENTRE)


def test_only_the_source_of_a_row_is_corrected(coordinator):
    row = Limit.objects.get(key="rg_decision")
    page = coordinator.get(address(row, row.pk, "change"))
    assert set(page.context["adminform"].form.fields) == {"source"}
    save(coordinator, row, source="The law of 2027", amount="99", starts_on="2030-01-01")
    row.refresh_from_db()
    assert (row.source, row.amount, row.starts_on.year) == ("The law of 2027", 5, 2017)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.SYSADMIN}))
def test_nobody_else_changes_one(cast, sign_in, today, role):
    client = sign_in(Client(), {user.role: user for user in cast.people.values()}[role])
    assert client.post(page_of("rg_decision"), a_form(today)).status_code == 404
    assert not Limit.objects.filter(amount=7).exists()


def test_there_is_no_page_for_a_clock_that_does_not_exist(coordinator):
    assert coordinator.get(page_of("tea_break")).status_code == 404


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("triage_hours_immediate", 0, "greater than or equal to 1"),
        ("triage_hours_immediate", 25, "less than or equal to 24"),
        ("triage_days_standard", 21, "less than or equal to 20"),
        ("feedback_days", 0, "greater than or equal to 1"),
        ("answer_days", 61, "less than or equal to 60"),
        ("unopened_minutes", 4, "greater than or equal to 5"),
        ("unopened_minutes_immediate", 1441, "less than or equal to 1440"),
        ("draft_days", 91, "less than or equal to 90"),
        ("draft_days", "soon", "Enter a whole number"),
    ],
)
def test_a_clock_of_the_partnership_that_makes_no_sense_is_refused(coordinator, name, value, words):
    change = address(Partnership, 1, "change")
    page = coordinator.get(change)
    assert OF_THE_PARTNERSHIP[name] in page.content.decode()
    assert words in coordinator.post(change, form_of(page) | {name: value}).content.decode()
    assert not ConfigurationChange.objects.exists()
