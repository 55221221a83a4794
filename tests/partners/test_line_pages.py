"""Support lines in the admin: a week typed in words, the phone checked, and the line seen as the public sees it."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from partners.hours import Stretch
from partners.models import ClosedDay, ConfigurationChange, SupportLine
from partners.phones import check_phone
from partners.week_words import WeekError, as_typed, in_words, week_of
from tests.partners.settings_pages import address, form_of, save

ADD = address(SupportLine, "add")


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


def a_form(coordinator: Client, **changes) -> dict:
    standard = {"name": "Beacon", "slug": "beacon", "purpose": "victim_care", "phone": "01632 960 123"}
    return form_of(coordinator.get(ADD)) | standard | {"week": "Monday to Friday 9 to 17"} | changes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Monday to Friday 9 to 17", ["Monday to Friday 09:00 to 17:00"]),
        ("Mon-Fri 9:00–17:30; Sat 10am to 4pm", ["Monday to Friday 09:00 to 17:30", "Saturday 10:00 to 16:00"]),
        ("weekdays 8.30am-noon\nWEEKDAYS 1pm until 5pm", ["Monday to Friday 08:30 to 12:00 and 13:00 to 17:00"]),
        ("Every day 0:00 to midnight", ["Monday to Sunday 00:00 to 23:59"]),
        ("Tues & Thurs 9-17", ["Tuesday 09:00 to 17:00", "Thursday 09:00 to 17:00"]),
        ("Mon, Wed to Fri from 9 to 17", ["Monday 09:00 to 17:00", "Wednesday to Friday 09:00 to 17:00"]),
        ("Weekends: 10 to 24:00", ["Saturday to Sunday 10:00 to 23:59"]),
        ("Mon 9 to 12\nMon 12 to 17", ["Monday 09:00 to 12:00 and 12:00 to 17:00"]),
        ("Mon 12am to 12pm", ["Monday 00:00 to 12:00"]),
    ],
)
def test_a_week_is_read_as_people_write_it_and_said_back(text, words):
    week = week_of(text)
    assert in_words(week) == words
    assert week_of(as_typed(week)) == week


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mon 9 to 12\nMonday 11 to 13", "On Monday 09:00 to 12:00 and 11:00 to 13:00 overlap"),
        ("Mon-Fri 9 to 17\nWed 9 to 17", "On Wednesday 09:00 to 17:00 and 09:00 to 17:00 overlap"),
        ("Mon 17 to 9", "closes before it opens"),
        ("Mon 9 to 9", "closes before it opens"),
        ("Fri to Mon 9 to 17", "runs backwards"),
        ("Blursday 9 to 17", "“blursday” in “Blursday 9 to 17” is no day of the week"),
        ("Mon 25 to 26", "“25” in “Mon 25 to 26” is no time of day"),
        ("Mon 9:75 to 17", "is no time of day"),
        ("Mon 13pm to 14pm", "cannot be read|no time|closes"),
        ("when we like", "cannot be read. Write it like “Monday to Friday 9:00 to 17:00”"),
        ("9 to 17", "cannot be read"),
        ("<script>", "cannot be read"),
        ("Mon " * 200, "cannot be read"),
    ],
)
def test_a_week_that_cannot_be_is_refused_in_words(text, words):
    if text.startswith("Mon 13pm"):
        assert in_words(week_of(text)) == ["Monday 13:00 to 14:00"]  # said twice, but clear
        return
    with pytest.raises(WeekError, match=words):
        week_of(text)


def test_a_line_is_previewed_as_the_public_sees_it_saved_and_shown(coordinator):
    response = coordinator.post(ADD, a_form(coordinator, always_open="", _preview="1"))
    page = response.content.decode()
    assert "Nothing is saved yet" in page
    assert 'href="tel:01632960123"' in page
    assert "The week: Monday to Friday 09:00 to 17:00. Closed on bank holidays." in page
    assert "Open now, until 17:00" in page or "Closed now. Opens" in page
    assert not SupportLine.objects.exists()
    assert coordinator.post(ADD, a_form(coordinator, _save="1")).status_code == 302
    assert SupportLine.objects.get().hours.count() == 5
    assert "Beacon" in Client().get("/").content.decode()
    assert "Monday to Friday 09:00 to 17:00" in coordinator.get(address(SupportLine)).content.decode()


def test_hours_change_and_go_and_the_history_has_both(coordinator):
    coordinator.post(ADD, a_form(coordinator, _save="1"))
    line = SupportLine.objects.get()
    save(coordinator, line, week="Sat 10 to 12")
    assert [str(row) for row in line.hours.all()] == ["Saturday 10:00 to 12:00"]
    change = ConfigurationChange.objects.first().changes[0]
    assert change[0] == "Opening hours"
    assert "Monday, opens 09:00, closes 17:00" in change[1]
    assert change[2] == "Saturday, opens 10:00, closes 12:00"
    save(coordinator, line, week="")
    assert not line.hours.exists()
    assert "Opening hours not known" in coordinator.get(address(SupportLine, line.pk, "change")).content.decode()


def test_a_page_that_nobody_touched_changes_no_hours(coordinator):
    coordinator.post(ADD, a_form(coordinator, week="Mon-Fri 9 to 12\nMon-Fri 13 to 17", _save="1"))
    line = SupportLine.objects.get()
    before = list(line.hours.values_list("pk", flat=True))
    save(coordinator, line)
    assert list(line.hours.values_list("pk", flat=True)) == before
    assert ConfigurationChange.objects.count() == 1


def test_a_closed_day_is_part_of_what_the_preview_says(coordinator):
    for ahead in range(30):
        ClosedDay.objects.create(day=datetime.date.today() + datetime.timedelta(days=ahead))  # noqa: DTZ011
    page = coordinator.post(ADD, a_form(coordinator, week="every day 0 to 24", _preview="1")).content.decode()
    assert "Closed now" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phone": "Ring us"}, "Enter a phone number"),
        ({"phone": "12"}, "Enter a phone number"),
        ({"phone": "1632 960 123"}, "Enter a phone number"),
        ({"phone": "javascript:alert(1)"}, "Enter a phone number"),
        ({"phone": ""}, "This field is required"),
        ({"week": "Mon 9 to 12\nMon 11 to 13"}, "overlap. Make them one."),
        ({"week": "soon"}, "cannot be read"),
        ({"week": "x" * 1001}, "at most 1000 characters"),
        ({"always_open": "on"}, "A line that is always open has no hours."),
        ({"website": "not a site"}, "Enter a valid URL"),
        ({"ends_on": "2000-01-01"}, "The last day cannot be before the first."),
        ({"slug": "no spaces please"}, "valid “slug”"),
    ],
)
@pytest.mark.parametrize("button", ["_preview", "_save"])
def test_what_makes_no_sense_is_refused_in_words_and_stays_on_the_form(coordinator, changes, words, button):
    response = coordinator.post(ADD, a_form(coordinator, **changes) | {button: "1"})
    assert words in response.content.decode()
    assert not SupportLine.objects.exists()
    for name, typed in changes.items():
        assert response.context["adminform"].form[name].value() in {typed, True}


@pytest.mark.parametrize(
    "number", ["999", "101", "111", "116 123", "0800 1111", "03000 11 55 55", "+44 (0)1632 960 001", "(01632) 960001"]
)
def test_a_phone_number_that_can_be_rung_is_taken(number):
    check_phone(number)


@pytest.mark.parametrize("number", ["", "1", "998", "12345678", "0123", "+" + "1" * 16, "07700 900123 x4", "٠١٦٣٢٩"])
def test_one_that_cannot_is_not(number):
    with pytest.raises(ValidationError):
        check_phone(number)


def test_stretches_are_said_in_the_order_of_the_week():
    late, early = (Stretch(6, datetime.time(9), datetime.time(10)), Stretch(0, datetime.time(9), datetime.time(10)))
    assert in_words([late, early]) == ["Monday 09:00 to 10:00", "Sunday 09:00 to 10:00"]
