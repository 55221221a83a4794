"""Opening hours and working days, by worked examples: bank holidays, clock changes, the edges of a day."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.county.opening_times import parse_hours
from partners.hours import (
    LONDON,
    add_minutes,
    add_working_days,
    add_working_minutes,
    closing_time,
    end_of_day,
    end_of_working_day,
    is_bank_holiday,
    is_open,
    is_working_day,
    next_opening,
    when,
)

BEACON = sorted(parse_hours("Mon-Fri 08:00-20:00; Sat 09:00-17:00"), key=lambda s: s.weekday)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def london(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)


# --- Working days (facts, 8.1 to 8.3) --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "first", "fifth"),
    [
        ("2026-11-23", "2026-11-24", "2026-11-30"),  # a Monday
        ("2026-11-28", "2026-11-30", "2026-12-04"),  # a Saturday
        ("2026-12-24", "2026-12-29", "2027-01-05"),  # Christmas: Friday 25th, Monday 28th for the 26th, New Year's Day
        ("2027-03-25", "2027-03-30", "2027-04-05"),  # Easter
        ("2027-12-24", "2027-12-29", "2028-01-05"),  # Monday 27th and Tuesday 28th; 3 January for the 1st
    ],
)
def test_five_working_days_from_the_day_of_receipt(received, first, fifth):
    assert add_working_days(day(received), 1) == day(first)
    assert add_working_days(day(received), 5) == day(fifth)


@pytest.mark.parametrize(
    ("year", "holidays"),
    [
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
        (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
        (2029, "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26"),
    ],
)
def test_no_work_is_done_on_the_bank_holidays_of_england(year, holidays):
    expected = {day(f"{year}-{short}") for short in holidays.split()}
    weekdays = (day(f"{year}-01-01") + datetime.timedelta(days=n) for n in range(366))
    found = {d for d in weekdays if d.year == year and d.weekday() < 5 and not is_working_day(d)}
    assert found == expected


@pytest.mark.parametrize("scottish", ["2026-01-02", "2026-11-30", "2026-08-03"])
def test_a_holiday_of_another_nation_is_a_working_day_here(scottish):
    assert is_working_day(day(scottish))


def test_day_nought_is_the_day_itself_even_a_sunday():
    assert add_working_days(day("2026-11-29"), 0) == day("2026-11-29")


def test_a_day_off_of_the_partnership_is_skipped():
    assert add_working_days(day("2026-11-23"), 1, {day("2026-11-24")}) == day("2026-11-25")


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="negative"):
        add_working_days(day("2026-11-23"), -1)


@given(st.dates(day("2024-01-01"), day("2035-12-31")), st.integers(1, 40))
def test_every_result_is_a_working_day_with_as_many_between(start, days):
    end = add_working_days(start, days)
    between = (start + datetime.timedelta(days=n + 1) for n in range((end - start).days))
    assert is_working_day(end)
    assert sum(map(is_working_day, between)) == days


def test_the_calendar_knows_the_bank_holidays_of_years_to_come():
    """The library computes them, so no table runs out (facts, 8.1); Christmas five years ahead proves it."""
    assert is_bank_holiday(datetime.date(datetime.datetime.now(LONDON).year + 5, 12, 25))


# --- Minutes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "minutes", "until"),
    [
        ("2026-11-23T10:00", 120, "2026-11-23T12:00"),
        ("2026-11-23T15:00", 120, "2026-11-23T17:00"),  # the last minute still counts for today
        ("2026-11-23T15:01", 120, "2026-11-24T09:01"),
        ("2026-11-23T08:59", 120, "2026-11-23T11:00"),  # work starts at nine
        ("2026-11-23T17:00", 1, "2026-11-24T09:01"),
        ("2026-11-23T23:59", 300, "2026-11-24T14:00"),
        ("2026-11-27T16:00", 120, "2026-11-30T10:00"),  # Friday afternoon to Monday
        ("2026-11-28T12:00", 120, "2026-11-30T11:00"),  # Saturday
        ("2026-12-24T16:30", 240, "2026-12-29T12:30"),  # over Christmas
        ("2026-11-23T09:00", 481, "2026-11-24T09:01"),  # more than a day
        ("2026-11-23T09:00", 960, "2026-11-24T17:00"),
        ("2026-10-23T16:30", 60, "2026-10-26T09:30"),  # the clocks go back on the Sunday between
        ("2027-03-25T16:30", 60, "2027-03-30T09:30"),  # Easter, and the clocks go forward
        ("2026-11-23T10:00", 0, "2026-11-23T10:00"),
        ("2026-11-23T20:00", 0, "2026-11-24T09:00"),
    ],
)
def test_working_minutes_are_counted_from_nine_to_five_on_working_days(since, minutes, until):
    assert add_working_minutes(london(since), minutes) == london(until)


def test_a_day_off_of_the_partnership_has_no_working_minutes():
    assert add_working_minutes(london("2026-11-23T16:30"), 60, {day("2026-11-24")}) == london("2026-11-25T09:30")


def test_minutes_are_not_counted_backwards():
    with pytest.raises(ValueError, match="negative"):
        add_working_minutes(london("2026-11-23T10:00"), -1)


@given(st.integers(0, 366 * 24 * 60), st.integers(1, 2000), st.integers(1, 2000))
def test_working_minutes_add_up_and_end_in_working_time(offset, first, second):
    since = add_minutes(london("2026-06-01T00:00"), offset)
    middle, end = add_working_minutes(since, first), add_working_minutes(since, first + second)
    assert is_working_day(end.date())
    assert datetime.time(9) < end.time() <= datetime.time(17)
    assert add_working_minutes(middle, second) == end


@pytest.mark.parametrize("before", ["2026-10-25T00:30+00:00", "2027-03-28T00:30+00:00"])
def test_an_hour_is_an_hour_in_the_night_when_the_clocks_change(before):
    since = datetime.datetime.fromisoformat(before)
    assert add_minutes(since, 60).astimezone(datetime.UTC) - since == datetime.timedelta(minutes=60)


def test_a_calendar_day_ends_with_its_last_second_in_london():
    assert end_of_day(london("2026-10-24T10:00"), 1) == london("2026-10-25T23:59:59")
    assert end_of_day(datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC), 0).date() == day("2026-07-02")


# --- Clock changes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due_utc"),
    [
        ("2026-10-23T12:00", "2026-10-26T17:00"),  # the Friday before the clocks go back: winter time on Monday
        ("2027-03-25T12:00", "2027-03-30T16:00"),  # the Thursday before they go forward: summer time
    ],
)
def test_a_deadline_is_five_o_clock_in_london_on_both_sides_of_a_clock_change(received, due_utc):
    due = end_of_working_day(london(received), 1)
    assert due.timetz().replace(tzinfo=None) == datetime.time(17)
    assert due.astimezone(datetime.UTC) == datetime.datetime.fromisoformat(due_utc).replace(tzinfo=datetime.UTC)


def test_half_past_midnight_in_summer_is_the_new_day_although_utc_says_yesterday():
    received = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC)  # Thursday 2 July 00:30 in London
    assert end_of_working_day(received, 1).date() == day("2026-07-03")


def test_the_hour_that_happens_twice_is_closed_twice():
    night = datetime.datetime(2026, 10, 25, 0, 30, tzinfo=datetime.UTC)  # 01:30, and an hour later 01:30 again
    assert not is_open(night, BEACON)
    assert not is_open(night + datetime.timedelta(hours=1), BEACON)
    assert next_opening(night, BEACON) == london("2026-10-26T08:00")


def test_beacon_opens_at_eight_by_the_clock_on_the_wall_all_year():
    summer, winter = (next_opening(london(t), BEACON) for t in ("2026-07-01T06:00", "2026-12-01T06:00"))
    assert summer.astimezone(datetime.UTC).hour == 7
    assert winter.astimezone(datetime.UTC).hour == 8


# --- Beacon: Monday to Friday 08:00 to 20:00, Saturday 09:00 to 17:00 -------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "open_now"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T19:59:59", True),
        ("2026-11-23T20:00:00", False),
        ("2026-11-23T23:59:00", False),
        ("2026-11-28T08:59:59", False),  # Saturday
        ("2026-11-28T09:00:00", True),
        ("2026-11-28T16:59:59", True),
        ("2026-11-28T17:00:00", False),
        ("2026-11-29T12:00:00", False),  # Sunday
        ("2026-08-31T12:00:00", False),  # a bank holiday, a Monday
        ("2026-12-26T12:00:00", False),  # Boxing Day, a Saturday: the day itself is a holiday too
        ("2026-12-28T12:00:00", False),  # and so is the Monday in its place
        ("2026-12-29T12:00:00", True),
    ],
)
def test_when_beacon_answers(moment, open_now):
    assert is_open(london(moment), BEACON) is open_now


def test_the_question_may_be_asked_in_any_zone():
    assert is_open(datetime.datetime(2026, 7, 1, 18, 59, tzinfo=datetime.UTC), BEACON)
    assert not is_open(datetime.datetime(2026, 7, 1, 19, 0, tzinfo=datetime.UTC), BEACON)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T05:00", "2026-11-23T08:00"),
        ("2026-11-23T23:59", "2026-11-24T08:00"),
        ("2026-11-27T20:00", "2026-11-28T09:00"),  # Friday evening
        ("2026-11-28T17:00", "2026-11-30T08:00"),  # Saturday: not on Sunday
        ("2026-11-29T12:00", "2026-11-30T08:00"),  # Sunday
        ("2026-12-24T20:00", "2026-12-29T08:00"),  # over Christmas: Friday, Boxing Saturday, Sunday, the Monday in lieu
        ("2027-03-25T21:00", "2027-03-27T09:00"),  # Good Friday; the Saturday between is open
        ("2027-03-27T17:00", "2027-03-30T08:00"),  # Easter Sunday and Monday
    ],
)
def test_when_beacon_opens_next(moment, opens):
    assert next_opening(london(moment), BEACON) == london(opens)


def test_while_it_is_open_the_next_opening_is_the_one_after():
    assert next_opening(london("2026-11-23T12:00"), BEACON) == london("2026-11-24T08:00")


def test_a_closed_day_of_the_line_counts_for_both():
    off = {day("2026-11-24")}
    assert not is_open(london("2026-11-24T12:00"), BEACON, off)
    assert next_opening(london("2026-11-23T21:00"), BEACON, off) == london("2026-11-25T08:00")


def test_a_line_without_hours_never_claims_to_open():
    assert not is_open(london("2026-11-23T12:00"), [])
    assert next_opening(london("2026-11-23T12:00"), []) is None


def test_three_weeks_of_closed_days_give_no_promise():
    off = {day("2026-11-23") + datetime.timedelta(days=n) for n in range(30)}
    assert next_opening(london("2026-11-23T12:00"), BEACON, off) is None


@pytest.mark.parametrize(
    ("moment", "closes"), [("2026-11-23T12:00", "20:00"), ("2026-11-28T12:00", "17:00"), ("2026-11-29T12:00", None)]
)
def test_when_beacon_closes(moment, closes):
    assert closing_time(london(moment), BEACON) == (datetime.time.fromisoformat(closes) if closes else None)


@given(st.integers(0, 4 * 366 * 24 * 60))
def test_it_is_open_at_every_next_opening_and_closed_a_minute_before(minutes):
    moment = london("2026-01-01T00:00") + datetime.timedelta(minutes=minutes)
    opens = next_opening(moment, BEACON)
    assert opens > moment
    assert is_open(opens, BEACON)
    assert not is_open(opens - datetime.timedelta(minutes=1), BEACON)
    assert not is_bank_holiday(opens.date())


# --- Said in words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T17:00", "today at 17:00"),
        ("2026-11-24T08:00", "tomorrow at 08:00"),
        ("2026-11-28T09:00", "Saturday at 09:00"),
        ("2026-11-30T08:00", "Monday 30 November at 08:00"),
    ],
)
def test_a_moment_as_people_say_it(moment, words):
    assert when(london(moment), london("2026-11-23T12:00")) == words


# --- Hours as people write them --------------------------------------------------------------------------------------


def test_always_and_nothing_are_no_stretches():
    assert parse_hours("always") == parse_hours("  ") == frozenset()


def test_spaces_capitals_and_dashes_do_not_matter():
    assert parse_hours("mon – FRI 08:00 – 20:00 ;Sat 09:00-17:00;") == frozenset(BEACON)


@pytest.mark.parametrize("wrong", ["daily 08:00-20:00", "Mon 8-20", "Mon 25:00-26:00", "Mon-Xyz 08:00-20:00", "Mon"])
def test_other_words_are_refused(wrong):
    with pytest.raises(ValueError, match=r"is not like|does not exist"):
        parse_hours(wrong)
