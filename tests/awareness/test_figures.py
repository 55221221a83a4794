"""Figures as rates, periods in words, and the refusal of a line through points that are not alike."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awareness.figures import (
    NotComparable,
    PeriodKind,
    Point,
    Qualifier,
    Series,
    kind_of,
    label_of,
    months_between,
    per_month,
    why_not_together,
)

DAYS = st.dates(datetime.date(1950, 1, 1), datetime.date(2090, 1, 1))


def day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def point(starts: str, ends: str, value: int = 1, **fields) -> Point:
    return Point(day(starts), day(ends), value, **{"source": "A paper"} | fields)


def series(*points: Point, **fields) -> Series:
    return Series(**{"name": "Reports", "unit": "reports", "counts": "reports", "points": points} | fields)


YEARS = [point(f"{year}-01-01", f"{year}-12-31", value) for year, value in [(2015, 6), (2016, 0), (2017, 1)]]
FINANCIAL = [point(f"{year}-04-01", f"{year + 1}-03-31", 5) for year in (2015, 2016, 2017)]


# --- Rates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "starts", "ends", "rate"),
    [
        (8, "2017-03-01", "2017-08-31", 1.3),
        (24, "2017-09-01", "2018-02-28", 4.0),
        (29, "2018-03-01", "2018-07-31", 5.8),
        (12, "2020-02-01", "2020-02-29", 12.0),
        (6, "2019-02-01", "2019-02-14", 12.0),
        (10, "2019-01-16", "2019-03-31", 4.0),
    ],
)
def test_unequal_periods_become_rates_a_month(value, starts, ends, rate):
    assert round(per_month(value, day(starts), day(ends)), 1) == rate


@pytest.mark.parametrize(
    ("starts", "ends", "months"),
    [
        ("2017-03-01", "2017-08-31", Fraction(6)),
        ("2019-12-01", "2020-01-31", Fraction(2)),
        ("2019-02-01", "2019-02-14", Fraction(1, 2)),
        ("2019-12-09", "2019-12-13", Fraction(5, 31)),
        ("2018-01-01", "2018-10-05", 9 + Fraction(5, 31)),
        ("2018-01-17", "2018-02-14", Fraction(15, 31) + Fraction(1, 2)),
    ],
)
def test_parts_of_months_count_by_the_days_of_theirs(starts, ends, months):
    assert months_between(day(starts), day(ends)) == months


@given(DAYS, st.integers(0, 900), st.integers(0, 900))
def test_months_add_up_wherever_a_period_is_cut(starts, first, second):
    cut = starts + datetime.timedelta(days=first)
    ends = cut + datetime.timedelta(days=second + 1)
    after = cut + datetime.timedelta(days=1)
    assert months_between(starts, cut) + months_between(after, ends) == months_between(starts, ends)


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="cannot end"):
        per_month(3, day("2017-08-31"), day("2017-03-01"))


def test_a_moment_and_an_open_beginning_have_no_rate():
    assert point("2018-07-30", "2018-07-30", 40).per_month is None
    assert point("", "2018-07-31", 500).per_month is None


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "kind", "label"),
    [
        ("2017-01-01", "2017-12-31", PeriodKind.CALENDAR_YEAR, "2017"),
        ("2018-04-01", "2019-03-31", PeriodKind.FINANCIAL_YEAR, "2018/19, April to March"),
        ("2018-07-01", "2019-06-30", PeriodKind.OTHER, "July 2018 to June 2019"),
        ("2022-04-01", "2022-06-30", PeriodKind.QUARTER, "April to June 2022"),
        ("2022-05-01", "2022-07-31", PeriodKind.OTHER, "May to July 2022"),
        ("2017-07-01", "2017-07-31", PeriodKind.MONTH, "July 2017"),
        ("2018-07-30", "2018-07-30", PeriodKind.MOMENT, "30 July 2018"),
        ("", "2018-07-31", PeriodKind.OPEN, "to July 2018"),
        ("", "2018-07-30", PeriodKind.OPEN, "to 30 July 2018"),
        ("2019-12-09", "2019-12-13", PeriodKind.OTHER, "9 to 13 December 2019"),
        ("2018-01-01", "2018-10-05", PeriodKind.OTHER, "1 January to 5 October 2018"),
        ("2019-12-30", "2020-01-02", PeriodKind.OTHER, "30 December 2019 to 2 January 2020"),
    ],
)
def test_a_period_has_a_kind_and_words(starts, ends, kind, label):
    assert kind_of(day(starts), day(ends)) is kind
    assert label_of(day(starts), day(ends)) == label


def test_a_value_says_how_exact_it_is():
    said = {qualifier: point("", "2018-07-31", 1500, qualifier=qualifier).text for qualifier in Qualifier}
    assert said == {
        Qualifier.EXACTLY: "1,500",
        Qualifier.MORE_THAN: "more than 1,500",
        Qualifier.AT_LEAST: "at least 1,500",
        Qualifier.NEARLY: "nearly 1,500",
        Qualifier.ABOUT: "about 1,500",
    }


# --- Never a bare trend line -----------------------------------------------------------------------------------------


def test_points_that_are_alike_may_be_a_line():
    assert series(*YEARS).line() == (("2015", 6), ("2016", 0), ("2017", 1))
    assert series(*YEARS).note == ""


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (YEARS[:2], "There are fewer than three figures."),
        ([*YEARS, point("2018-01-01", "2018-10-05")], "The periods are not of one length."),
        ([*YEARS, point("2018-04-01", "2019-03-31")], "Calendar years and financial years are mixed."),
        ([*YEARS, point("", "2018-12-31")], "A figure has no first day."),
        ([*YEARS, point("2018-01-01", "2018-12-31", source="Another")], "They come from more than one source."),
        ([*YEARS, point("2018-01-01", "2018-12-31", qualifier=Qualifier.NEARLY)], "Not every figure is exact."),
        ([*YEARS, point("2018-01-01", "2018-12-31", caveat="Part of it.")], "A figure has a caveat of its own."),
        ([*YEARS, point("2019-01-01", "2019-12-31")], "The periods overlap, or some are missing between them."),
    ],
)
def test_points_that_are_not_alike_are_never_a_line(points, reason):
    one = series(*points)
    assert not one.can_be_a_line
    with pytest.raises(NotComparable) as caught:
        one.line()
    assert reason in caught.value.reasons
    assert reason[:-1].lower() in one.note.lower()


def test_a_count_on_which_sources_disagree_is_never_a_line():
    assert series(*YEARS, disputed=("The sources differ.",)).why_no_line() == (
        "The sources do not agree about this count.",
    )


def test_calendar_and_financial_years_are_never_put_together():
    reasons = why_not_together(series(*YEARS), series(*FINANCIAL, counts="other"))
    assert "They do not count the same thing." in reasons
    assert "Calendar years and financial years are mixed." in reasons


def test_two_ways_of_counting_are_not_one_line_even_in_the_same_years():
    assert why_not_together(series(YEARS[0]), series(*YEARS[1:], counts="other")) == (
        "They do not count the same thing.",
    )
    assert why_not_together(series(YEARS[0]), series(*YEARS[1:])) == ()


def test_instead_of_a_line_there_are_bars_of_rates_and_a_note():
    unequal = series(
        point("2017-03-01", "2017-08-31", 8),
        point("2017-09-01", "2018-02-28", 24),
        point("2018-03-01", "2018-07-31", 29),
        point("", "2018-07-31", 500),
    )
    assert [(label, round(rate, 1)) for label, rate in unequal.bars()] == [
        ("March to August 2017", 1.3),
        ("September 2017 to February 2018", 4.0),
        ("March to July 2018", 5.8),
    ]
    assert "The rate a month is the fairer comparison." in unequal.note
