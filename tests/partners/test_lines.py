"""Whom to ring now: lines in their order, open or closed in words, never more promised than is known."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.hours import LONDON, Stretch
from partners.lines import (
    ALWAYS,
    UNKNOWN,
    line_cards,
    line_cards_of,
    next_open,
    opening_in_words,
    opening_of,
    openings_of,
)
from partners.models import ClosedDay, OpeningHours, SupportLine
from tests.conftest import make_organisation

WEEK = [Stretch(day, datetime.time(8), datetime.time(20)) for day in range(5)]
BEACON = [*WEEK, Stretch(5, datetime.time(9), datetime.time(17))]


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("moment", "is_open", "words"),
    [
        ("2026-11-23T12:00", True, "Open now, until 20:00"),
        ("2026-11-23T07:59", False, "Closed now. Opens today at 08:00"),
        ("2026-11-23T20:00", False, "Closed now. Opens tomorrow at 08:00"),
        ("2026-11-28T16:59", True, "Open now, until 17:00"),
        ("2026-11-28T17:00", False, "Closed now. Opens Monday at 08:00"),  # Saturday evening: Sunday is closed
        ("2026-11-29T12:00", False, "Closed now. Opens tomorrow at 08:00"),  # Sunday
        ("2026-12-24T21:00", False, "Closed now. Opens Tuesday at 08:00"),  # Boxing Day falls on Saturday: Monday off
        ("2026-03-28T18:00", False, "Closed now. Opens Monday at 08:00"),  # the clocks go forward in between
    ],
)
def test_the_victim_care_centre_through_the_week(moment, is_open, words):
    assert opening_in_words(at(moment), BEACON) == (is_open, words)


def test_a_day_off_that_the_calendar_does_not_know_is_closed():
    assert opening_in_words(at("2026-11-23T12:00"), WEEK, {datetime.date(2026, 11, 23)}) == (
        False,
        "Closed now. Opens tomorrow at 08:00",
    )


def test_hours_that_nobody_recorded_are_not_claimed_to_be_open_or_closed():
    assert opening_in_words(at("2026-11-23T12:00"), []) == (None, UNKNOWN)
    assert opening_in_words(at("2026-11-23T03:00"), [], always_open=True) == (True, ALWAYS)


def test_a_line_that_stays_closed_for_weeks_names_no_day():
    far = {datetime.date(2026, 11, 23) + datetime.timedelta(days=n) for n in range(40)}
    assert opening_in_words(at("2026-11-23T12:00"), WEEK, far) == (False, "Closed now")


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_it_is_always_said_whether_it_is_open_and_when_it_opens(minutes):
    moment = at("2026-01-01T00:00") + datetime.timedelta(minutes=minutes)
    is_open, words = opening_in_words(moment, BEACON)
    assert words.startswith("Open now, until " if is_open else "Closed now. Opens ")


def make_line(slug, purpose, **fields):
    return SupportLine.objects.create(slug=slug, name=slug.title(), purpose=purpose, phone="01632 960001", **fields)


@pytest.fixture
def lines(db):
    beacon = make_line("beacon", "victim_care", position=5, note="Free.")
    for stretch in BEACON:
        OpeningHours.objects.create(line=beacon, weekday=stretch.weekday, opens=stretch.opens, closes=stretch.closes)
    make_line("police", "police", position=1, always_open=True)
    make_line("helpline", "helpline", position=9)
    make_line("gone", "police", ends_on=datetime.date(2020, 1, 1))
    make_line("adults", "adults")
    return beacon


def test_cards_come_in_the_order_that_was_asked_for_and_only_lines_in_force(lines):
    cards = line_cards(at("2026-11-29T12:00"), ["victim_care", "helpline", "police"])
    assert [(card.name, card.is_open) for card in cards] == [("Beacon", False), ("Helpline", None), ("Police", True)]
    assert cards[0].hours == "Closed now. Opens tomorrow at 08:00"
    assert cards[0].note == "Free."


def test_a_closed_day_counts_for_its_line_or_for_all(lines):
    police = make_line("second", "victim_care", position=6)
    OpeningHours.objects.create(line=police, weekday=0, opens=datetime.time(8), closes=datetime.time(20))
    ClosedDay.objects.create(line=lines, day=datetime.date(2026, 11, 23))
    monday = at("2026-11-23T12:00")
    assert [card.is_open for card in line_cards(monday, ["victim_care"])] == [False, True]
    ClosedDay.objects.create(line=None, day=datetime.date(2026, 11, 23))
    assert [card.is_open for card in line_cards(monday, ["victim_care"])] == [False, False]


def test_three_queries_however_many_lines(lines, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        line_cards(at("2026-11-23T12:00"), ["victim_care", "helpline", "police", "adults"])
    with django_assert_max_num_queries(2):
        line_cards(at("2026-11-23T12:00"), ["police"])


def test_lines_for_professionals_can_be_left_out(lines):
    SupportLine.objects.filter(slug="police").update(public=False)
    assert line_cards(at("2026-11-23T12:00"), ["police"], public_only=True) == []


# ---- Is an organisation there now -----------------------------------------------------------------------------------


@pytest.fixture
def centre(lines):
    """The organisation behind the victim care line."""
    organisation = make_organisation("care-centre")
    SupportLine.objects.filter(pk=lines.pk).update(organisation=organisation)
    return organisation


@pytest.mark.parametrize(
    ("moment", "is_open", "words", "opens"),
    [
        ("2026-11-23T12:00", True, "Open now, until 20:00", None),
        ("2026-11-27T20:00", False, "Closed now. Opens tomorrow at 09:00", "2026-11-28T09:00"),
        ("2026-11-28T17:00", False, "Closed now. Opens Monday at 08:00", "2026-11-30T08:00"),
        ("2026-11-29T12:00", False, "Closed now. Opens tomorrow at 08:00", "2026-11-30T08:00"),
        ("2026-12-24T21:00", False, "Closed now. Opens Tuesday at 08:00", "2026-12-29T08:00"),
    ],
)
def test_an_organisation_is_open_when_its_line_is(centre, moment, is_open, words, opens):
    assert opening_of(centre, at(moment)) == (is_open, words)
    assert next_open(centre, at(moment)) == (at(opens) if opens else None)


def test_with_several_lines_it_is_open_when_one_is_and_opens_with_the_first(centre):
    second = make_line("sundays", "other", organisation=centre)
    for opens, closes in [("10:00", "12:00"), ("11:00", "13:00")]:
        OpeningHours.objects.create(line=second, weekday=6, opens=opens, closes=closes)
    make_line("unknown", "other", organisation=centre)
    make_line("gone-by", "other", organisation=centre, always_open=True, ends_on=datetime.date(2020, 1, 1))
    assert opening_of(centre, at("2026-11-28T18:00")) == (False, "Closed now. Opens tomorrow at 10:00")
    assert opening_of(centre, at("2026-11-29T11:30")) == (True, "Open now, until 13:00")
    assert next_open(centre, at("2026-11-29T14:00")) == at("2026-11-30T08:00")
    make_line("day-and-night", "other", organisation=centre, always_open=True)
    assert opening_of(centre, at("2026-11-28T18:00")) == (True, ALWAYS)
    assert next_open(centre, at("2026-11-28T18:00")) is None


def test_nothing_is_claimed_of_an_organisation_without_hours(centre):
    stranger = make_organisation("stranger")
    make_line("no-hours", "other", organisation=stranger)
    assert opening_of(stranger, at("2026-11-29T12:00")) == (None, UNKNOWN)
    assert next_open(stranger, at("2026-11-29T12:00")) is None


def test_a_day_off_closes_the_organisation_and_weeks_of_them_promise_nothing(centre, lines):
    ClosedDay.objects.create(line=lines, day=datetime.date(2026, 11, 23))
    assert opening_of(centre, at("2026-11-23T12:00")) == (False, "Closed now. Opens tomorrow at 08:00")
    ClosedDay.objects.bulk_create(ClosedDay(day=datetime.date(2026, 11, 24) + datetime.timedelta(n)) for n in range(30))
    assert opening_of(centre, at("2026-11-23T12:00")) == (False, "Closed now")
    assert next_open(centre, at("2026-11-23T12:00")) is None


def test_three_queries_for_an_organisation(centre, django_assert_max_num_queries):
    make_line("another", "other", organisation=centre)
    with django_assert_max_num_queries(3):
        opening_of(centre, at("2026-11-29T12:00"))


def test_several_organisations_take_no_more_queries_than_one(centre, django_assert_max_num_queries):
    night = make_organisation("night-shelter")
    make_line("shelter", "other", organisation=night, always_open=True)
    silent = make_organisation("silent")
    moment = at("2026-11-29T12:00")
    with django_assert_max_num_queries(3):
        found = openings_of([centre, night, silent], moment)
    assert found == {
        centre.pk: (False, "Closed now. Opens tomorrow at 08:00"),
        night.pk: (True, ALWAYS),
        silent.pk: (None, UNKNOWN),
    }
    with django_assert_max_num_queries(0):
        assert openings_of([], moment) == {}


def test_the_public_lines_of_organisations_as_they_stand_now(centre, django_assert_max_num_queries):
    make_line("back-office", "other", organisation=centre, public=False)
    other = make_organisation("other")
    with django_assert_max_num_queries(3):
        cards = line_cards_of([centre, other], at("2026-11-29T12:00"))
    assert [card.hours for card in cards[centre.pk]] == ["Closed now. Opens tomorrow at 08:00"]
    assert other.pk not in cards
