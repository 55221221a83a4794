"""Periods: fixed, complete, and named the same way everywhere."""

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.hours import LONDON
from referrals.periods import Kind, Period, containing, from_slug

DAY = datetime.date(2026, 6, 17)
DAYS = st.dates(datetime.date(1950, 1, 1), datetime.date(2090, 1, 1))


@pytest.mark.parametrize(
    ("kind", "slug", "label", "starts", "ends"),
    [
        (Kind.MONTH, "2026-06", "June 2026", "2026-06-01", "2026-06-30"),
        (Kind.QUARTER, "2026-q2", "April to June 2026", "2026-04-01", "2026-06-30"),
        (Kind.YEAR, "2026-27-year", "April 2026 to March 2027", "2026-04-01", "2027-03-31"),
    ],
)
def test_a_period_has_one_name_in_addresses_and_one_on_pages(kind, slug, label, starts, ends):
    period = containing(kind, DAY)
    assert (period.slug, period.label) == (slug, label)
    assert (str(period.starts), str(period.ends)) == (starts, ends)
    assert from_slug(slug) == period


def test_a_financial_year_begins_in_april():
    assert containing(Kind.YEAR, datetime.date(2026, 3, 31)).slug == "2025-26-year"
    assert containing(Kind.YEAR, datetime.date(2026, 4, 1)).slug == "2026-27-year"


def test_the_bounds_are_midnights_of_london_in_summer_and_winter():
    start, end = containing(Kind.QUARTER, DAY).bounds()
    assert start.astimezone(datetime.UTC) == datetime.datetime(2026, 3, 31, 23, tzinfo=datetime.UTC)
    assert end == datetime.datetime(2026, 7, 1, tzinfo=LONDON)


@given(DAYS, st.sampled_from(Kind))
def test_periods_leave_no_day_out_and_none_twice(day, kind):
    period = containing(kind, day)
    assert period.starts <= day <= period.ends
    assert period.next().starts == period.ends + datetime.timedelta(days=1)
    assert period.next().previous() == period
    assert period.bounds()[1] == period.next().bounds()[0]
    assert from_slug(period.slug) == period
    if parts := period.parts():
        assert (parts[0].starts, parts[-1].ends) == (period.starts, period.ends)
        assert all(one.next() == other for one, other in itertools.pairwise(parts))
    assert period.months()[-1].ends == period.ends


@pytest.mark.parametrize(
    "slug", ["", "2026", "2026-13", "2026-00", "2026-q5", "2026-28-year", "2026-27", "x", "२०२६-06"]
)
def test_a_name_that_names_nothing_is_refused(slug):
    with pytest.raises(ValueError, match=r"names no period|month must be|financial year"):
        from_slug(slug)


def test_no_period_begins_in_its_middle():
    with pytest.raises(ValueError, match="No quarter begins on 2026-05-01"):
        Period(datetime.date(2026, 5, 1), Kind.QUARTER)
