"""A campaign's effect: exact intervals for small counts, words for a board member, nothing from a hidden count."""

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from awareness.effect import Row, compare, poisson_interval, rate_of, ratio_of
from awareness.effect_words import CAUTION, times_in_words

COUNTS = st.integers(0, 400)
MONTHS = st.floats(0.1, 24)


def month(year: int, number: int, count: int | None) -> Row:
    """A calendar month and its count."""
    following = datetime.date(year + number // 12, number % 12 + 1, 1)
    return datetime.date(year, number, 1), following - datetime.timedelta(days=1), count


def august(*rows: Row, **options):
    """A campaign in August 2017 beside these rows."""
    return compare(datetime.date(2017, 8, 1), datetime.date(2017, 8, 31), rows, **options)


HELPLINE = (month(2017, 7, 2), month(2017, 8, 14))


# --- The example of 2017 ---------------------------------------------------------------------------------------------


def test_the_helpline_in_2017_two_then_fourteen():
    effect = august(*HELPLINE)
    assert (effect.before.rate.per_month, effect.during.rate.per_month) == (2, 14)
    assert effect.before.rate.low == pytest.approx(0.2422, abs=0.0001)
    assert effect.before.rate.high == pytest.approx(7.2247, abs=0.0001)
    assert effect.during.rate.low == pytest.approx(7.6539, abs=0.0001)
    assert effect.during.rate.high == pytest.approx(23.4896, abs=0.0001)
    assert effect.ratio.times == 7
    assert effect.ratio.low == pytest.approx(1.6077, abs=0.001)
    assert effect.ratio.high == pytest.approx(63.5, abs=0.1)


def test_the_helpline_in_2017_in_words():
    assert august(*HELPLINE).words == (
        "14 reports in August 2017 after 2 in July 2017: seven times as many.",
        "With numbers this small the true rise could be anything from about 1.6 to about 64 times.",
        "There are no reports for after it, so it cannot be said whether any change lasted.",
        CAUTION,
    )


# --- Exact intervals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_the_interval_of_a_count_is_the_published_one(count, low, high):
    assert poisson_interval(count) == (pytest.approx(low, abs=0.001), pytest.approx(high, abs=0.001))


@given(COUNTS)
def test_each_end_leaves_two_and_a_half_per_cent_beyond_it(count):
    low, high = poisson_interval(count)
    assert poisson.cdf(count, high) == pytest.approx(0.025, abs=1e-6)
    if count:
        assert poisson.sf(count - 1, low) == pytest.approx(0.025, abs=1e-6)


@given(COUNTS, MONTHS, COUNTS, MONTHS)
def test_the_interval_of_a_ratio_is_exact_given_the_sum(before, months_before, during, months_during):
    ratio = ratio_of(before, months_before, during, months_during)
    if before + during == 0:
        assert ratio is None
        return
    assert ratio.low <= ratio.times <= ratio.high
    for end, beyond in ((ratio.low, during - 1), (ratio.high, during)):
        if 0 < end < math.inf:
            share = end * months_during / (end * months_during + months_before)
            tail = binom.cdf(beyond, before + during, share)
            assert min(tail, 1 - tail) == pytest.approx(0.025, abs=1e-6)


@given(st.integers(1, 60), st.integers(1, 60))
def test_the_ratio_turned_round_is_its_inverse(before, during):
    forwards, backwards = ratio_of(before, 1, during, 1), ratio_of(during, 1, before, 1)
    assert forwards.low == pytest.approx(1 / backwards.high)
    assert forwards.high == pytest.approx(1 / backwards.low)


def test_impossible_counts_and_times_are_refused():
    with pytest.raises(ValueError, match="less than 0"):
        rate_of(-1, 1)
    with pytest.raises(ValueError, match="longer than 0"):
        rate_of(1, 0)
    with pytest.raises(ValueError, match="0 or more"):
        ratio_of(1, 1, -1, 1)
    with pytest.raises(ValueError, match="cannot end before it starts"):
        compare(datetime.date(2017, 8, 2), datetime.date(2017, 8, 1), [])
    with pytest.raises(ValueError, match="must not overlap"):
        august(month(2017, 7, 1), month(2017, 7, 2))


# --- Which periods are compared --------------------------------------------------------------------------------------


def test_three_periods_on_each_side_are_taken_and_rates_compared():
    rows = [month(2017, number, count) for number, count in enumerate([9, 9, 9, 9, 2, 2, 2, 14, 3, 4, 5, 50], 1)]
    effect = august(*rows)
    assert (effect.before.label, effect.before.count) == ("May to July 2017", 6)
    assert (effect.after.label, effect.after.count) == ("September to November 2017", 12)
    assert effect.words[0] == (
        "14 reports (14.0 a month) in August 2017 after 6 (2.0 a month) in May to July 2017: "
        "seven times as many a month."
    )
    assert "After it, in September to November 2017, there were 12, 4.0 a month." in effect.words


def test_a_gap_ends_what_is_before_and_after():
    effect = august(month(2017, 5, 9), month(2017, 7, 2), month(2017, 8, 14), month(2017, 10, 1))
    assert effect.before.label == "July 2017"
    assert effect.after is None


def test_a_campaign_of_a_week_is_not_said_to_fill_the_month():
    week = (datetime.date(2019, 12, 9), datetime.date(2019, 12, 13))
    effect = compare(*week, [month(2019, 11, 4), month(2019, 12, 5)])
    assert effect.words[0] == (
        "The campaign lasted five days; the figures are of December 2019 as a whole, so most of it is not the campaign."
    )
    one_day = compare(week[0], week[0], [month(2019, 11, 4), month(2019, 12, 5)])
    assert one_day.words[0].startswith("The campaign lasted one day;")


def test_a_day_in_five_months_is_not_compared_at_all():
    world_day = datetime.date(2018, 7, 30)
    rows = [
        (datetime.date(2017, 9, 1), datetime.date(2018, 2, 28), 24),
        (datetime.date(2018, 3, 1), datetime.date(2018, 7, 31), 29),
    ]
    effect = compare(world_day, world_day, rows)
    assert (effect.ratio, effect.stretches) == (None, ())
    assert effect.words == (
        "The campaign lasted one day; the figures are of March to July 2018 as a whole. They cannot show what it did.",
    )


def test_nothing_is_made_up_where_there_are_no_figures():
    assert august().words == ("There are no reports for the days of this campaign.",)
    only_during = august(month(2017, 8, 14))
    assert "There are no reports for before it, so nothing can be compared." in only_during.words
    assert only_during.ratio is None


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "during", "said"),
    [
        (2, 3, "That is too few to say whether anything changed"),
        (5, 5, "5 reports in August 2017 after 5 in July 2017: as many."),
        (0, 3, "How many times as many cannot be said, because there were none before. It is too few to say"),
        (0, 14, "because there were none before. The true rate is at least about 3.3 times the old one."),
        (0, 1, "1 report in August 2017 after none in July 2017."),
        (0, 0, "There were no reports in August 2017, and none in July 2017: nothing can be said."),
        (12, 0, "No reports in August 2017 after 12 in July 2017."),
        (12, 0, "With numbers this small the true change could be anything from about 0 to about 0.4 times."),
        (300, 600, "Allowing for chance the true rise could be anything from about 1.7 to about 2.4 times."),
        (300, 600, "twice as many."),
    ],
)
def test_it_is_said_in_words_that_can_be_checked(before, during, said):
    words = august(month(2017, 7, before), month(2017, 8, during)).words
    assert said in " ".join(words)
    assert words[-1] == CAUTION


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (7, "seven times as many"),
        (13, "13 times as many"),
        (2.333, "2.3 times as many"),
        (0.5, "half as many"),
        (0.04, "0.04 times as many"),
        (1, "as many"),
    ],
)
def test_a_ratio_has_words(times, words):
    assert times_in_words(times) == words


# --- Protected figures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "during"), [(None, 14), (2, None)])
def test_no_number_is_worked_out_from_a_hidden_count(before, during):
    effect = august(month(2017, 7, before), month(2017, 8, during), month(2017, 9, None))
    said = " ".join(effect.words)
    assert effect.ratio is None
    assert "Some of these figures are hidden, so that nobody can be recognised." in said
    assert "What came after, in September 2017, is hidden." in said
    assert not {"14", "2", "7"} & set(said.replace(",", "").replace(".", "").split())


def test_one_hidden_month_hides_the_stretch_it_is_in():
    effect = august(month(2017, 6, None), month(2017, 7, 8), month(2017, 8, 14))
    assert effect.before.count is None
    assert effect.before.rate is None


def test_rounded_counts_are_said_to_be_rounded_and_give_no_rate():
    effect = august(month(2017, 7, 5), month(2017, 8, 15), rounded_to=5)
    assert effect.ratio is None
    assert effect.during.rate is None
    assert "These figures are rounded to 5, so that nobody can be recognised." in " ".join(effect.words)
