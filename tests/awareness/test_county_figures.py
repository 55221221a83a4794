"""The county's published figures and campaigns as they are shipped, each with its period, source and caveat."""

import datetime

import pytest
from django.db import transaction

from awareness.figures import NotComparable, Qualifier
from awareness.models import Campaign, Figure, Inconsistency, Measure, Source
from partners.county.load import load_county
from tests.county_folder import HERTFORDSHIRE

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def hertfordshire(django_db_setup, django_db_blocker):
    """The county, loaded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_county(HERTFORDSHIRE)
        transaction.set_rollback(True)


def shown(measure: str) -> list[tuple[str, str]]:
    """The period and value of each figure, as a reader sees them."""
    return [(point.label, point.text) for point in Measure.objects.get(slug=measure).series().points]


# --- What is loaded (facts, 5.5 A) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        ("offences-recorded", [("2017", "10"), ("2018/19, April to March", "55")]),
        ("arrests-financial-year", [("2017/18, April to March", "0"), ("2018/19, April to March", "5")]),
        ("arrests-calendar-year", [("2015", "6"), ("2016", "0"), ("2017", "1"), ("2018", "1"), ("2019", "11")]),
        ("arrests-kidnap", [("2019", "6")]),
        ("arrests-holding-in-slavery", [("2019", "3")]),
        ("arrests-forced-work", [("2019", "1")]),
        ("arrests-trafficking", [("2019", "1")]),
        (
            "partner-reports-to-police",
            [("March to August 2017", "8"), ("September 2017 to February 2018", "24"), ("March to July 2018", "29")],
        ),
        ("helpline-reports", [("July 2017", "2"), ("August 2017", "14")]),
        ("staff-trained", [("to July 2018", "more than 500")] * 2),
        ("member-organisations", [("July 2018", "more than 40"), ("about early 2020", "more than 60")]),
        ("district-councils", [("July 2018", "10")]),
        ("reception-centre-threshold", [("July 2018", "at least 5")]),
        ("people-in-slavery", [("about 2017 (undated)", "about 13,000")]),
        ("nrm-referrals-quoted", [("2015", "3,266"), ("2017", "more than 5,000")]),
        ("nrm-referrals-quoted-children", [("2017", "2,000")]),
        ("police-investigations", [("2016", "188"), ("2018, to early October", "nearly 900")]),
    ],
)
def test_every_figure_of_the_facts_is_there(hertfordshire, measure, figures):
    assert shown(measure) == figures


def test_the_kinds_of_arrest_of_2019_add_up_to_all_of_them(hertfordshire):
    parts = Figure.objects.filter(measure__part_of__slug="arrests-calendar-year")
    assert sum(part.value for part in parts) == 11


def test_nothing_is_without_a_source_that_says_when(hertfordshire):
    assert all(source.when and source.publisher and source.title for source in Source.objects.all())
    assert not Measure.objects.filter(counts="").exists()
    assert not Measure.objects.filter(counted_by="").exists()


def test_the_reports_of_partners_are_rates_of_1_3_and_4_and_5_8_a_month(hertfordshire):
    bars = Measure.objects.get(slug="partner-reports-to-police").series().bars()
    assert [round(rate, 1) for _, rate in bars] == [1.3, 4.0, 5.8]


def test_none_of_the_countys_own_series_is_one_bare_trend_line(hertfordshire):
    for measure in Measure.objects.exclude(slug="police-nrm-referrals"):  # from the Home Office's tables, each quarter
        with pytest.raises(NotComparable):
            measure.series().line()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("arrests-financial-year", "cannot be taken to describe the same count"),
        ("arrests-calendar-year", "cannot be taken to describe the same count"),
        ("arrests-calendar-year", "1.83 times"),
        ("offences-recorded", "A calendar year (2017) is compared with a financial year"),
        ("partner-reports-to-police", "six, six and five months"),
        ("police-investigations", "“so far this year”"),
    ],
)
def test_each_inconsistency_is_stated_with_the_figures_it_is_about(hertfordshire, where, words):
    assert any(words in note.text for note in Inconsistency.objects.filter(measures__slug=where))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("police-press-release-2018", "dated 27 July 2018 but speaks of 30 July"),
        ("police-press-release-2018", "a victim pathway exists"),
        ("police-commons-seminar", "being developed"),
        ("local-news-arrests", "Herts Modern Safety Partnership"),
    ],
)
def test_what_is_wrong_with_a_source_is_said_of_the_source(hertfordshire, source, words):
    assert words in Source.objects.get(slug=source).caveat


def test_the_four_campaigns_of_the_facts_are_there(hertfordshire):
    assert list(Campaign.objects.values_list("title", "starts_on", "ends_on")) == [
        ("Homelessness and modern slavery", datetime.date(2019, 12, 9), datetime.date(2019, 12, 13)),
        ("Anti-Slavery Day", datetime.date(2019, 10, 18), datetime.date(2019, 10, 18)),
        ("World Day Against Trafficking in Persons", datetime.date(2018, 7, 30), datetime.date(2018, 7, 30)),
        ("Slavery can happen anywhere", datetime.date(2017, 8, 1), datetime.date(2017, 8, 31)),
    ]
    first = Campaign.objects.get(slug="slavery-can-happen-anywhere")
    assert "nobody has published that the campaign ran then" in first.dates_note
    assert [measure.slug for measure in first.measures.all()] == ["helpline-reports"]


# --- Loading it again ------------------------------------------------------------------------------------------------


def test_loading_it_again_changes_nothing(hertfordshire):
    again = load_county(HERTFORDSHIRE)
    assert (again.added, again.changed) == ([], {})


def test_a_changed_figure_is_brought_in_line_and_with_only_new_it_is_left(hertfordshire):
    figure = Figure.objects.get(measure__slug="helpline-reports", value=14)
    Figure.objects.filter(pk=figure.pk).update(value=15, qualifier=Qualifier.ABOUT)
    assert load_county(HERTFORDSHIRE, only_new=True).added == []
    figure.refresh_from_db()
    assert figure.value == 15
    changed = load_county(HERTFORDSHIRE).changed
    assert list(changed.values()) == ["value, qualifier"]
    figure.refresh_from_db()
    assert figure.value == 14
