"""Clocks and thresholds as data: in force for a time, one a day, counted as their unit says."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from partners.hours import LONDON
from partners.limits import LimitMissing, Limits, LimitUnitWrong, current_limits
from partners.models import ClosedDay, Limit, LimitKey, SupportLine, Unit
from tests.conftest import put_standard_rules_back

MONDAY = datetime.date(2026, 11, 23)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def london(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.fixture
def standard(db) -> Limits:
    """What a new installation has on the day of this test."""
    put_standard_rules_back()
    return current_limits(MONDAY)


def end(key: str, on: datetime.date) -> None:
    Limit.objects.filter(key=key, ends_on=None).update(ends_on=on)


# ---- What a new installation has ------------------------------------------------------------------------------------


def test_a_new_installation_lacks_no_clock_and_says_where_each_was_read(standard):
    assert set(standard.rows) == set(LimitKey.values)
    assert not Limit.objects.filter(source="")


@pytest.mark.parametrize(
    ("key", "amount", "unit"),
    [
        ("rg_decision", 5, "working_days"),
        ("recovery_period", 30, "calendar_days"),
        ("reconsideration", 30, "calendar_days"),
        ("move_on", 45, "calendar_days"),
        ("exit_negative", 9, "working_days"),
        ("draft_expires", 28, "calendar_days"),
        ("draft_warning", 21, "calendar_days"),
        ("reception_centre", 5, "people"),
    ],
)
def test_the_lengths_are_those_of_the_clock_table(standard, key, amount, unit):
    """Facts, 8.4 and 4.6."""
    assert standard.rows[key] == (amount, unit)


def test_what_is_not_confirmed_says_so(standard):
    assert "not confirmed" in Limit.objects.get(key="exit_negative").source


def test_the_recovery_period_was_longer_before_december_2022(standard):
    assert current_limits(day("2022-12-12")).amount(LimitKey.RECOVERY_PERIOD) == 45
    assert current_limits(day("2022-12-13")).amount(LimitKey.RECOVERY_PERIOD) == 30


def test_putting_the_standard_back_keeps_what_is_there(standard):
    end("rg_decision", day("2026-11-22"))
    Limit.objects.create(key="rg_decision", amount=7, unit="working_days", starts_on=MONDAY)
    put_standard_rules_back()
    assert current_limits(MONDAY).amount(LimitKey.RG_DECISION) == 7


# ---- One a day ------------------------------------------------------------------------------------------------------


def test_a_change_is_a_new_row_with_a_first_day(standard):
    end("rg_decision", day("2027-03-31"))
    Limit.objects.create(key="rg_decision", amount=7, unit="working_days", starts_on=day("2027-04-01"))
    assert current_limits(day("2027-03-31")).amount(LimitKey.RG_DECISION) == 5
    assert current_limits(day("2027-04-01")).amount(LimitKey.RG_DECISION) == 7


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        ("2026-11-23", None),
        ("2016-01-01", None),
        ("2016-01-01", "2017-05-01"),
        ("2020-01-01", "2020-01-01"),
    ],
)
def test_two_rows_of_a_key_never_hold_on_one_day(standard, starts_on, ends_on):
    row = Limit(key="rg_decision", amount=7, unit="working_days", starts_on=day(starts_on))
    row.ends_on = ends_on and day(ends_on)
    with pytest.raises(ValidationError, match="another row holds"):
        row.full_clean()
    with pytest.raises(IntegrityError, match="one_limit_of_a_key_a_day"), transaction.atomic():
        row.save()


def test_a_row_may_end_the_day_before_the_next_begins_and_another_key_may_share_its_days(standard):
    Limit(
        key="rg_decision", amount=3, unit="working_days", starts_on=day("2016-01-01"), ends_on=day("2017-04-30")
    ).save()
    assert Limit.objects.in_force(day("2017-04-30")).get().amount == 3


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("limit_is_positive", {"amount": 0}),
        ("limit_is_known", {"key": "tea_break"}),
        ("limit_has_a_unit_that_fits", {"unit": "people"}),
        ("limit_has_a_unit_that_fits", {"unit": "minutes"}),
        ("limit_has_a_unit_that_fits", {"unit": "fortnights"}),
        ("limit_has_a_unit_that_fits", {"key": "reception_centre"}),
        ("partners_limit_ends_after_start", {"ends_on": day("2016-01-01")}),
    ],
)
def test_the_database_refuses_a_limit_that_makes_no_sense(db, constraint, changes):
    Limit.objects.all().delete()
    row = {"key": "rg_decision", "amount": 5, "unit": "working_days"} | changes
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Limit.objects.create(**row)


# ---- When it is due -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "fifth"),
    [
        ("2026-11-23", "2026-11-30"),
        ("2026-11-28", "2026-12-04"),
        ("2026-12-24", "2027-01-05"),
        ("2027-03-25", "2027-04-05"),
        ("2027-12-24", "2028-01-05"),
    ],
)
def test_the_worked_examples_of_five_working_days(standard, received, fifth):
    """Facts, 8.3."""
    assert standard.due_on(LimitKey.RG_DECISION, day(received)) == day(fifth)
    assert standard.due(LimitKey.RG_DECISION, london(f"{received}T23:30")) == london(f"{fifth}T17:00")


@pytest.mark.parametrize(
    ("key", "since", "due"),
    [
        ("recovery_period", "2026-11-23T10:00", "2026-12-23T23:59:59"),
        ("move_on", "2026-11-23T00:00", "2027-01-07T23:59:59"),
        ("recovery_period", "2027-03-01T10:00", "2027-03-31T23:59:59"),  # over the change to summer time
        ("recovery_period", "2026-10-01T23:59", "2026-10-31T23:59:59"),  # and back
        ("chase_second_contact", "2026-11-23T16:30", "2026-11-24T10:30"),
        ("chase_ring_immediate", "2026-11-23T23:45", "2026-11-24T00:15"),
    ],
)
def test_each_unit_is_counted_its_own_way(standard, key, since, due):
    assert standard.due(key, london(since)) == london(due)


def test_an_hour_by_the_stop_watch_is_an_hour_in_the_nights_when_the_clocks_change(standard):
    for before in ("2026-10-25T00:30+00:00", "2027-03-28T00:30+00:00"):
        since = datetime.datetime.fromisoformat(before)
        due = standard.due(LimitKey.HAND_OVER_OPEN_IMMEDIATE, since)
        assert due.astimezone(datetime.UTC) - since == datetime.timedelta(hours=1)
        assert due.tzinfo is LONDON


def test_half_past_midnight_in_summer_counts_from_the_local_day(standard):
    since = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC)
    assert standard.due(LimitKey.RECONSIDERATION, since).date() == day("2026-08-01")


def test_a_day_off_of_the_partnership_is_skipped_and_one_of_a_line_is_not(standard):
    line = SupportLine.objects.create(slug="x", name="X", purpose="other", phone="1")
    ClosedDay.objects.create(day=day("2026-11-24"))
    ClosedDay.objects.create(day=day("2026-11-25"), line=line)
    limits = current_limits(MONDAY)
    assert limits.due_on(LimitKey.RG_DECISION, MONDAY) == day("2026-12-01")
    assert limits.due(LimitKey.CHASE_SECOND_CONTACT, london("2026-11-23T16:00")) == london("2026-11-25T10:00")


def test_one_query(standard, django_assert_num_queries):
    with django_assert_num_queries(1):
        limits = current_limits()
        limits.due(LimitKey.RG_DECISION, london("2026-11-23T10:00"))
        limits.due_on(LimitKey.MOVE_ON, MONDAY)
        limits.amount(LimitKey.RECEPTION_CENTRE)


def test_a_clock_that_nobody_set_says_which_it_is():
    with pytest.raises(LimitMissing, match="Reasonable grounds decision due"):
        Limits({}).amount(LimitKey.RG_DECISION)


@pytest.mark.parametrize(
    ("unit", "in_days"), [(Unit.PEOPLE, False), (Unit.MINUTES, True), (Unit.WORKING_MINUTES, True)]
)
def test_a_unit_that_cannot_answer_is_refused(unit, in_days):
    limits = Limits({"chase_ring": (5, unit)})
    with pytest.raises(LimitUnitWrong, match="counted in"):
        limits.due_on("chase_ring", MONDAY) if in_days else limits.due("chase_ring", london("2026-11-23T10:00"))
