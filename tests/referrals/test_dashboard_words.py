"""What is said of published figures is said from shown counts alone, and only what they show for certain."""

import datetime
from dataclasses import replace

import pytest

from referrals.dashboard.campaigns import CampaignDays, Months, Trained
from referrals.dashboard.drawings import chart_of
from referrals.dashboard.sections import PARTS, Reading, key_figures, own_grid, parts_of, section_of
from referrals.dashboard.tables import one_way as laid_out
from referrals.dashboard.tables import timings, two_way
from referrals.dashboard.words import (
    CORNERS,
    LARGEST,
    SUBJECTS,
    change_since,
    hidden_because,
    long,
    note_of,
    percent,
    title_of,
)
from referrals.handover_states import DECLINE_LABELS
from referrals.periods import from_slug
from referrals.published import Counted
from tests.referrals.published_sample import EXPLOITATION, one_way, organisation, partnership

KINDS = {"labour": "Labour exploitation", "criminal": "Criminal exploitation", "other": "Other exploitation"}
PLACES = {"broxbourne": (1, 1), "dacorum": (1, 2)}


def kinds(counts, total, **more):
    return one_way("exploitation", Counted.REFERRAL, KINDS, counts, total, **more)


@pytest.mark.parametrize(
    ("counts", "total", "title"),
    [
        ([14, 7, 5], 26, "Labour exploitation was reported most often: 14 of 26 referrals"),
        # What is hidden is 12 together: not one of them can be more than 14, and everybody can see that.
        ([14, None, None], 26, "Labour exploitation was reported most often: 14 of 26 referrals"),
        # Here one of them could be: it may not be said that labour is the most frequent, nor that it is not.
        (
            [14, None, None],
            40,
            "Referrals by kind of exploitation. Of the numbers shown the largest is Labour exploitation: "
            "14 of 40 referrals",
        ),
        (
            [14, None, 0],
            None,
            "Referrals by kind of exploitation. Of the numbers shown the largest is Labour exploitation: 14 referrals",
        ),
        ([None, None, 0], 9, "Referrals by kind of exploitation: 9 in all"),
        ([None, None, None], None, "Referrals by kind of exploitation"),
        ([0, 0, 0], 0, "Referrals by kind of exploitation: none in this period"),
        (
            [9, 9, 0],
            18,
            "Referrals by kind of exploitation: Labour exploitation and Criminal exploitation are the largest, "
            "with 9 each of 18 referrals",
        ),
        ([6, 6, 6], 18, "Referrals by kind of exploitation: 18 in all"),
    ],
)
def test_a_title_says_what_the_shown_counts_show(counts, total, title):
    assert title_of(kinds(counts, total)) == title


def test_a_title_of_rounded_counts_says_about():
    rounded = kinds([15, 5, 5], 25, rounded_to=5)
    assert title_of(rounded) == "Labour exploitation was reported most often: about 15 of about 25 referrals"
    assert "rounded to the nearest 5" in note_of([rounded], 5)


def test_a_chart_of_rounded_counts_says_about_of_a_zero_too():
    chart = chart_of(kinds([15, 0, 5], 20, rounded_to=5), {})
    assert "Criminal exploitation about 0" in chart.description
    assert "Labour exploitation about 15" in chart.description


def test_every_table_has_words():
    keys = {key for _, _, part in PARTS for key in part} - {"timings", "campaigns"}
    assert keys <= set(SUBJECTS)
    assert keys <= set(LARGEST)
    assert keys - {"exploitation_by_age_group", "district_by_exploitation"} <= set(CORNERS)


def test_a_reason_to_decline_is_told_by_somebody_else():
    grid = laid_out(partnership().table("decline_reason"))
    assert not {row.label for row in grid.rows} & set(DECLINE_LABELS.values())
    assert not any(row.label.startswith("We ") for row in grid.rows)


def test_the_note_does_not_say_which_of_the_hidden_ones_was_small():
    few, more = kinds([14, None, None], 26), kinds([None, 14, None], 26)
    assert note_of([few], 5) == note_of([more], 5) == hidden_because(5)
    assert "from 1 to 9" in note_of([few], 10)
    assert "and zeros that would tell of them" in note_of([replace(few, zeros_hidden=True)], 5)
    assert note_of([kinds([14, 7, 5], 26)], 5) == "Nothing is hidden in this table."


def test_the_note_of_a_table_is_about_the_organisations_column_too():
    reading = Reading(from_slug("2026-q3"), replace(partnership(), tables=(kinds([14, 7, 5], 26),)), own=organisation())
    assert section_of(reading, "exploitation").note == hidden_because(5)


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (41, 37, "4 more than in April to June 2026 (37)"),
        (37, 41, "4 fewer than in April to June 2026 (41)"),
        (37, 37, "as many as in April to June 2026"),
        (None, 37, ""),
        (41, None, ""),
    ],
)
def test_totals_are_compared_only_where_both_are_shown(now, before, words):
    assert change_since(now, before, "April to June 2026") == words


@pytest.mark.parametrize(
    ("part", "base", "words"), [(34, 40, "85%"), (4, 19, ""), (20, 20, "100%"), (None, 40, ""), (34, None, "")]
)
def test_a_percentage_needs_a_base(part, base, words):
    assert percent(part, base, 20) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (24, "24 minutes"), (1_130, "19 hours"), (2_950, "2 days"), (4_460, "3.1 days"), (None, "c")],
)
def test_a_time_is_told_in_words(minutes, words):
    assert long(minutes) == words


def test_columns_of_partnership_and_organisation_stand_beside_each_other():
    grid = laid_out(partnership().table("exploitation"), organisation().table("exploitation"), "July to September 2026")
    assert grid.headings == ("Partnership", "Your organisation")
    assert [row.cells for row in grid.rows[:4]] == [("14", "6"), ("7", "c"), ("12", "c"), ("c", "0")]
    assert grid.foot.cells == ("41", "11")


def test_a_table_of_two_dimensions_has_its_totals():
    grid = two_way(partnership().table("exploitation_by_age_group"))
    assert grid.headings == ("18 or over", "Under 18", "Not sure", "All")
    assert grid.rows[0].cells == ("14", "0", "0", "14")
    assert grid.rows[3].cells == ("c", "c", "0", "c")
    assert grid.foot.cells == ("27", "14", "0", "41")


def test_what_is_hidden_of_a_step_is_not_worked_out_for_the_reader():
    rows = {row.label: row.cells for row in timings(partnership()).rows}
    target = "2 working days, or 2 hours in immediate danger"
    assert rows["Triage began"] == (target, "40", "34", "6", "85%", "19 hours")
    assert rows["Accepted by an organisation"] == ("3 working days", "38", "c", "c", "c", "2 days")


def test_hidden_counts_stand_together_in_the_order_of_the_table():
    """Among the others their places would say how large they are."""
    chart = chart_of(kinds([5, None, 9], 20), {})
    assert chart.description == "Labour exploitation 5; Criminal exploitation hidden; Other exploitation 9."
    chart = chart_of(one_way("exploitation", Counted.REFERRAL, EXPLOITATION, [5, None, 9, None, 7, 0, 1], 30), {})
    order = [part.rpartition(" ")[0] for part in chart.description.rstrip(".").split("; ")]
    assert order == [
        "Criminal exploitation",
        "Labour exploitation",
        "More than one kind",
        "Sexual exploitation",
        "Domestic servitude",
        "Other exploitation",
        "Not said",
    ]


def test_districts_without_a_place_are_drawn_as_bars():
    table = one_way("district", Counted.REFERRAL, {"broxbourne": "Broxbourne", "dacorum": "Dacorum"}, [5, 6], 11)
    assert 'viewBox="0 0 320' in chart_of(table, PLACES).wide  # two tiles beside each other
    assert chart_of(table, {"dacorum": (1, 1)}).wide.count("<path") == 2
    assert chart_of(table, {"dacorum": (1, 1), "broxbourne": (1, 1)}) is not None


def test_what_lies_in_no_district_stands_off_the_map():
    labels = {"broxbourne": "Broxbourne", "dacorum": "Dacorum", "elsewhere": "Outside the county, or not known"}
    chart = chart_of(one_way("district", Counted.REFERRAL, labels, [5, 6, None], None), PLACES)
    assert "Elsewhere or not known hidden" in chart.description


def test_a_page_leaves_out_what_was_not_published():
    figures = replace(partnership(), tables=(kinds([14, 7, 5], 26),), timings=())
    [part] = parts_of(Reading(from_slug("2026-q3"), figures))
    assert [section.key for section in part.sections] == ["exploitation"]
    assert part.sections[0].grid.headings == ("Partnership",)


def test_a_month_that_is_hidden_makes_its_title_neutral():
    q3 = from_slug("2026-q3")
    july, august, september = q3.months()
    months = Months(((july, 12), (august, None), (september, 16)))
    assert section_of(Reading(q3, partnership(), months=months), "month").title == (
        "Referrals by month, July 2026 to September 2026"
    )
    months = Months(((july, 12), (august, 9), (september, 16)))
    assert section_of(Reading(q3, partnership(), months=months), "month").title == (
        "Between 9 and 16 referrals a month, most in September 2026"
    )


def a_campaign(first="2026-08-01", last="2026-08-31") -> CampaignDays:
    return CampaignDays("Taxi leaflets", datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))


def test_a_campaign_is_told_from_the_months_that_are_shown():
    july, august, september = from_slug("2026-q3").months()
    reading = Reading(from_slug("2026-q3"), partnership(), campaigns=(a_campaign(),))
    shown = section_of(replace(reading, months=Months(((july, 2), (august, 14), (september, 6)))), "campaigns")
    assert shown.chart.description == "Jul 2026 2; Aug 2026 14 *; Sep 2026 6."
    assert [row.cells for row in shown.grid.rows] == [("–", "2"), ("Taxi leaflets", "14"), ("–", "6")]
    assert shown.told[0].heading == "Taxi leaflets"
    assert "seven times as many" in " ".join(shown.told[0].sentences)


def test_nothing_is_worked_out_from_a_hidden_month():
    july, august, september = from_slug("2026-q3").months()
    reading = Reading(from_slug("2026-q3"), partnership(), campaigns=(a_campaign(),))
    hidden = section_of(replace(reading, months=Months(((july, None), (august, 14), (september, 6)))), "campaigns")
    words = " ".join(hidden.told[0].sentences)
    assert "hidden" in words
    assert "times as many" not in words
    rounded = section_of(replace(reading, months=Months(((july, 5), (august, 15), (september, 5)), 5)), "campaigns")
    assert "rounded to 5" in " ".join(rounded.told[0].sentences)


def test_a_campaign_at_another_time_is_left_out():
    months = Months(tuple((month, 9) for month in from_slug("2026-q3").months()))
    campaigns = (a_campaign("2026-10-01", "2026-10-31"),)
    reading = Reading(from_slug("2026-q3"), partnership(), months=months, campaigns=campaigns)
    assert section_of(reading, "campaigns") is None


def test_who_had_been_trained_stands_beside_the_referrals_of_the_month():
    july, august, september = from_slug("2026-q3").months()
    trained = (Trained(datetime.date(2018, 7, 31), "Trained, to July 2018: more than 500 people"),)
    trained += (Trained(august.ends, "Trained, to August 2026: 900 people"),)
    months = Months(((july, 7), (august, 9), (september, None)))
    shown = section_of(Reading(from_slug("2026-q3"), partnership(), months=months, trained=trained), "campaigns")
    assert shown.title == "No campaign ran in these months"
    assert [row.cells for row in shown.grid.rows] == [("–", "7"), (trained[1].words, "9"), ("–", "c")]
    assert [one.sentences[0] for one in shown.told] == ["Trained, to August 2026: 900 people."]
    assert shown.chart is None


def test_key_figures_say_hidden_where_they_are():
    figures = replace(partnership(), tables=(kinds([None, None, 5], None),), timings=())
    [total] = key_figures(Reading(from_slug("2026-q3"), figures, before=partnership("2026-q2")))
    assert (total.figure, total.text) == ("c", "")


def test_the_organisations_file_holds_its_own_column_alone():
    reading = Reading(from_slug("2026-q3"), partnership(), own=organisation())
    assert own_grid(reading, "exploitation").headings == ("Your organisation",)
    assert own_grid(reading, "district") is None
    assert own_grid(Reading(from_slug("2026-q3"), partnership()), "exploitation") is None
