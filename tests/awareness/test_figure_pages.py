"""The pages of published figures: everything with period, source and caveat, for everybody, and as files."""

import csv
import datetime
import io
import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from awareness.campaign_effects import compare_rows, marks_between
from awareness.figure_tables import block_of, chart_of, whole_years
from awareness.models import Campaign, Figure, Measure, Source
from awareness.national.load import import_national
from partners.county.load import load_county
from tests.awareness.national_tables import write_all
from tests.county_folder import HERTFORDSHIRE

pytestmark = pytest.mark.django_db
INDEX, CAMPAIGNS = reverse("published_figures"), reverse("campaigns_and_reports")


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The county and four small national tables, loaded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_county(HERTFORDSHIRE)
        import_national([write_all(tmp_path_factory.mktemp("tables") / "national")])
        yield
        transaction.set_rollback(True)


def page(client: Client, path: str = INDEX) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def of(measure: str) -> str:
    return reverse("published_figure", args=[measure])


# --- What stands there -----------------------------------------------------------------------------------------------


def test_a_stranger_reads_every_page_without_a_cookie(client, loaded):
    paths = [INDEX, CAMPAIGNS, *(of(slug) for slug in Measure.objects.values_list("slug", flat=True))]
    for path in paths:
        response = client.get(path)
        assert (path, response.status_code) == (path, 200)
        assert not response.cookies


def test_every_figure_of_the_county_stands_with_its_period_and_its_source(client, loaded):
    text = text_of(page(client))
    for figure in Figure.objects.filter(measure__area="county").select_related("measure", "source"):
        point = figure.point()
        assert point.label in text
        assert point.text in text
        assert figure.source.short_name in text
        assert figure.caveat in text


def test_every_inconsistency_and_every_caveat_of_a_source_is_stated(client, loaded):
    html = page(client)
    for words in (
        "cannot be taken to describe the same count",
        "1.83 times as many",
        "A calendar year (2017) is compared with a financial year (2018/19)",
        "six, six and five months",
        "“so far this year”",
        "dated 27 July 2018 but speaks of 30 July",
        "Herts Modern Safety Partnership",
        "being developed",
    ):
        assert words in html
    for source in Source.objects.exclude(caveat=""):
        assert source.caveat in html
    assert html.count("cannot be taken to describe the same count") == 2


def test_the_licence_stands_with_the_national_figures_and_on_their_own_page(client, loaded):
    assert "Open Government Licence v3.0" in page(client)
    assert "Open Government Licence v3.0" in page(client, of("duty-to-notify"))


def test_unequal_periods_are_drawn_as_rates_a_month_and_the_note_says_why(client, loaded):
    html = page(client, of("partner-reports-to-police"))
    assert "Reports a month: 1.3, 4.0 and 5.8" in html
    assert "1.3 a month" in html
    assert "The rate a month is the fairer comparison." in html


def test_no_series_of_the_county_is_drawn_as_a_line(loaded):
    for measure in Measure.objects.filter(area="county").exclude(slug="police-nrm-referrals"):
        chart = chart_of(measure)
        assert chart is None or "chart-1-line" not in chart.wide


def test_long_national_series_are_added_up_to_whole_years_only(loaded):
    national = Measure.objects.get(slug="duty-to-notify")
    assert whole_years(national.series()).points == ()  # two quarters are no year
    decided = Measure.objects.get(slug="conclusive-grounds")
    block = block_of(decided, list(decided.parts.all()), by_year=True)
    assert [(row.period, row.values) for row in block.table.rows] == [("2022", ("330", "110", "110", "110"))]
    assert block.table.caption.endswith("a year, added up from the quarters")


def test_the_county_and_the_country_stand_beside_each_other_with_a_scale_each(client, loaded):
    html = page(client)
    assert "The county beside the country" in html
    assert 'id="beside-county-heading"' in html
    assert 'id="beside-country-heading"' in html


def test_the_queries_do_not_grow_with_the_figures(client, loaded, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        client.get(INDEX)
    with django_assert_max_num_queries(16):
        client.get(CAMPAIGNS)


def test_the_footer_leads_there(client, loaded):
    assert f'href="{INDEX}"' in page(client, reverse("home"))


# --- Files -----------------------------------------------------------------------------------------------------------


def lines_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_a_series_is_downloaded_with_everything_that_belongs_to_it(client, loaded):
    response = client.get(reverse("published_figure_file", args=["arrests-calendar-year"]))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = lines_of(response)
    head = lines.index(
        ["Measure", "Period", "Period start", "Period end", "Value", "Qualifier", "Unit", "Source", "Caveat"]
    )
    assert lines[head + 1][1:7] == ["2015", "2015-01-01", "2015-12-31", "6", "exactly", "arrests"]
    assert sum(line[0] == "Arrests for trafficking" for line in lines[head:] if line) == 1
    above = [line[0] for line in lines[:head] if line]
    assert above.count("What does not agree") == 2
    assert "Caveat of the source" in above


def test_an_open_beginning_and_a_qualifier_are_in_the_file(client, loaded):
    lines = lines_of(client.get(reverse("published_figure_file", args=["staff-trained"])))
    assert ["to July 2018", "", "2018-07-31", "500", "more than", "people"] in [line[1:7] for line in lines]


def test_nothing_in_the_file_is_calculated_by_a_spreadsheet(client, loaded):
    figure = Figure.objects.get(measure__slug="helpline-reports", value=2)
    Figure.objects.filter(pk=figure.pk).update(caveat='=HYPERLINK("https://example.org")')
    Measure.objects.filter(pk=figure.measure_id).update(unit="+reports", caveat="@SUM(A1)")
    lines = lines_of(client.get(reverse("published_figure_file", args=["helpline-reports"])))
    cells = {cell for line in lines for cell in line}
    assert {'\'=HYPERLINK("https://example.org")', "'+reports", "'@SUM(A1)"} <= cells


def test_what_staff_type_is_shown_as_text(client, loaded):
    Measure.objects.filter(slug="helpline-reports").update(name="<script>alert(1)</script>")
    for path in (INDEX, CAMPAIGNS, of("helpline-reports")):
        assert "<script>alert(1)" not in page(client, path)


# --- Campaigns -------------------------------------------------------------------------------------------------------


def test_the_campaign_of_2017_says_seven_times_and_how_little_that_means(client, loaded):
    text = text_of(page(client, CAMPAIGNS))
    assert "14 reports in August 2017 after 2 in July 2017: seven times as many." in text
    assert "With numbers this small the true rise could be anything from about 1.6 to about 64 times." in text
    assert "does not show that the campaign did it" in text
    assert "nobody has published that the campaign ran then" in text


def test_a_day_in_five_months_is_not_compared_and_a_campaign_without_figures_says_so(client, loaded):
    text = text_of(page(client, CAMPAIGNS))
    assert "the figures are of March to July 2018 as a whole. They cannot show what it did." in text
    assert text.count("Nobody has published reports from before, during or after it") == 2


def test_figures_of_this_system_are_compared_as_they_are_published(loaded):
    campaign = Campaign.objects.get(slug="homelessness-and-modern-slavery-2019")
    november, december = (datetime.date(2019, 11, 1), datetime.date(2019, 12, 1))
    rows = [(november, datetime.date(2019, 11, 30), 7), (december, datetime.date(2019, 12, 31), None)]
    effect = compare_rows(campaign, rows)
    assert effect.ratio is None
    assert "Some of these figures are hidden" in " ".join(effect.words)


def test_campaigns_and_training_stand_on_one_line_of_time(loaded):
    campaign = Campaign.objects.get(slug="world-day-against-trafficking-2018")
    marks = marks_between(campaign.starts_on.replace(day=1), campaign.ends_on.replace(day=31))
    assert {mark.words for mark in marks} == {
        "Campaign: World Day Against Trafficking in Persons, 30 July 2018",
        "Staff trained, to July 2018: more than 500 people",
    }
