"""The dashboard: protected figures of the partnership and of the reader's own organisation, and nothing else at all."""

import csv
import datetime
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awareness.models import Campaign, Figure, Measure, Source
from partners.models import Area
from partners.roles import Role
from referrals.models import OpenBand, Publication
from tests.conftest import make_organisation, make_person
from tests.referrals.published_sample import (
    organisation,
    partnership,
    publish_row,
    publish_sample,
    put_districts_on_the_map,
)

Q3 = datetime.date(2026, 7, 1)
DASHBOARD = "/dashboard/"
READERS = ["lead", "coordinator", "viewer"]
NOT_READERS = ["officer", "responder", "auditor", "sysadmin"]
#: Referral, hand-over and event rows: the pages live from publications alone.
ROWS = re.compile(r'"referrals_(?!publication|openband)\w+"')
KEYS = [
    *("month", "exploitation", "age_group", "setting", "exploitation_by_age_group", "district", "pathway", "outcome"),
    *("decline_reason", "gap", "timings"),
]
OWN_KEYS = ["exploitation", "age_group", "pathway", "outcome", "timings"]


@pytest.fixture
def published(cast) -> Publication:
    """The sample: the newest quarter with that of the council, the quarter before, a year, twelve months."""
    put_districts_on_the_map()
    return publish_sample(cast.council)


class Tables(HTMLParser):
    """The tables of a page by the id of their captions, as lines of text without what only screen readers get."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self._lines: list[list[str]] | None = None
        self._hidden = self._cell = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "caption":
            self._lines = self.found[given["id"].removesuffix("-caption")] = []
        elif tag == "tr" and self._lines is not None:
            self._lines.append([])
        elif tag in {"th", "td"} and self._lines:
            self._lines[-1].append("")
            self._cell = True
        elif tag == "span" and "visually-hidden" in given.get("class", ""):
            self._hidden = True

    def handle_endtag(self, tag):
        if tag == "span":
            self._hidden = False
        if tag in {"th", "td"}:
            self._cell = False

    def handle_data(self, data):
        if self._lines and self._cell and not self._hidden:
            self._lines[-1][-1] += data


def page_of(client, address=DASHBOARD) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def lines_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("role", READERS)
def test_leads_coordinators_and_viewers_read_it(client, cast, sign_in, published, role):
    sign_in(client, getattr(cast, role))
    page = page_of(client)
    assert "July to September 2026" in page
    assert "Labour exploitation was reported most often: 14 of 41 referrals" in page
    assert ">Dashboard<" in page_of(client, "/")


@pytest.mark.parametrize("role", NOT_READERS)
@pytest.mark.parametrize(
    "address",
    [DASHBOARD, "/dashboard/2026-q3/", "/dashboard/2026-q3/setting.csv", "/dashboard/2026-q3/own/exploitation.csv"],
)
def test_for_everybody_else_it_does_not_exist(client, cast, sign_in, published, role, address):
    sign_in(client, getattr(cast, role))
    assert client.get(address).status_code == 404


def test_an_emailed_code_alone_is_not_enough(client, cast, sign_in, published):
    sign_in(client, cast.viewer, second_factor=False)
    response = client.get(DASHBOARD)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("second_factor"))


def test_the_own_organisation_stands_beside_the_partnership(client, cast, sign_in, published):
    sign_in(client, cast.viewer)
    tables = Tables(page_of(client)).found
    assert tables["exploitation"][0] == ["Kind of exploitation", "Partnership", "Your organisation"]
    assert tables["exploitation"][1] == ["Labour exploitation", "14", "6"]
    assert tables["exploitation"][-1] == ["All", "41", "11"]
    assert tables["timings-own"][1][:3] == ["Accepted by an organisation", "3 working days", "7"]


def test_another_organisations_figures_are_nowhere(client, cast, sign_in, published):
    """The hospital's reader gets the partnership alone; the council's numbers are in no page and no file of theirs."""
    reader = make_person("board", Role.VIEWER, cast.hospital)
    sign_in(client, reader)
    page = page_of(client)
    assert "Your organisation</th>" not in page
    assert "There are no figures of Hospital for this period" in page
    for key in KEYS:
        assert client.get(f"/dashboard/2026-q3/own/{key}.csv").status_code == 404
        assert all(len(line) <= 2 for line in lines_of(client.get("/dashboard/2026-q3/gap.csv")))


def test_each_reader_gets_the_column_of_their_own_organisation(client, cast, sign_in, published):
    other = make_organisation("elsewhere")
    mine = replace(organisation(), tables=(replace(organisation().table("exploitation"), total=97),))
    publish_row("quarter", Q3, mine, organisation=other)
    sign_in(client, cast.viewer)
    assert ["All", "41", "11"] in Tables(page_of(client)).found["exploitation"]
    assert ["All", "11"] in lines_of(client.get("/dashboard/2026-q3/own/exploitation.csv"))
    sign_in(client, make_person("board", Role.VIEWER, other))
    assert ["All", "41", "97"] in Tables(page_of(client)).found["exploitation"]


@pytest.mark.parametrize("key", KEYS)
def test_a_file_holds_what_the_table_holds(client, cast, sign_in, published, key):
    sign_in(client, cast.viewer)
    table = Tables(page_of(client)).found[key]
    response = client.get(f"/dashboard/2026-q3/{key}.csv")
    lines = lines_of(response)
    above, below = lines[: lines.index([])], lines[lines.index([]) + 1 :]
    whole = key in {"timings", "exploitation_by_age_group"}
    assert below == (table if whole else [line[:2] for line in table])
    assert dict(above)["Period"] == "July to September 2026"
    assert dict(above)["Version"].startswith("1, published ")
    assert "from 1 to 4" in dict(above)["Rule"]
    assert response["Content-Disposition"] == f'attachment; filename="2026-q3-{key.replace("_", "-")}-v1.csv"'


@pytest.mark.parametrize("key", OWN_KEYS)
def test_the_organisations_file_holds_its_column(client, cast, sign_in, published, key):
    sign_in(client, cast.viewer)
    tables = Tables(page_of(client)).found
    lines = lines_of(client.get(f"/dashboard/2026-q3/own/{key}.csv"))
    above, below = lines[: lines.index([])], lines[lines.index([]) + 1 :]
    shown = tables["timings-own"] if key == "timings" else [[line[0], line[2]] for line in tables[key]]
    assert below[1:] == shown[1:]
    assert dict(above)["Counted for"] == cast.council.name


@pytest.mark.parametrize(
    "address",
    [
        *("/dashboard/2026-q1/", "/dashboard/2026-q4/", "/dashboard/2026-09/", "/dashboard/2026-07-01/"),
        *("/dashboard/nothing/", "/dashboard/2026-q3/no_such_table.csv", "/dashboard/2026-q1/setting.csv"),
        *("/dashboard/2026-q3/own/district.csv", "/dashboard/2026-q2/own/exploitation.csv"),
        "/dashboard/2026-q3/referrals.csv",
    ],
)
def test_what_is_not_published_does_not_exist(client, cast, sign_in, published, address):
    """Nor do days of one's own choice: only whole periods have an address."""
    sign_in(client, cast.viewer)
    assert client.get(address).status_code == 404


def test_days_in_the_address_change_nothing(client, cast, sign_in, published):
    sign_in(client, cast.viewer)
    with_days = Tables(page_of(client, f"{DASHBOARD}?from=2026-07-01&to=2026-07-02&district=watford")).found
    assert with_days == Tables(page_of(client)).found


def test_periods_are_links_to_what_is_published(client, cast, sign_in, published):
    sign_in(client, cast.viewer)
    page = page_of(client)
    assert set(re.findall(r'href="/dashboard/(\d[\w-]+)/"', page)) == {"2026-q3", "2026-q2", "2025-26-year"}
    assert '<a class="govuk-link" href="/dashboard/2026-q3/" aria-current="page">' in page
    assert "April to June 2026" in page_of(client, "/dashboard/2026-q2/")
    assert "April 2025 to March 2026" in page_of(client, "/dashboard/2025-26-year/")


def test_only_the_newest_version_is_served_with_its_reason(client, cast, sign_in, published):
    table = replace(partnership().table("exploitation"), total=43)
    Publication.objects.of(published.period).of_partnership().supersede(published.published_at)
    more = {"version": 2, "reason": "Two referrals were logged late.", "published_by": cast.coordinator}
    publish_row("quarter", Q3, replace(partnership(), tables=(table,)), **more)
    sign_in(client, cast.viewer)
    page = page_of(client)
    assert "This is version 2" in page
    assert "Two referrals were logged late." in page
    assert ["All", "43", "11"] in Tables(page).found["exploitation"]
    file = client.get("/dashboard/2026-q3/exploitation.csv")
    assert dict(line for line in lines_of(file) if len(line) == 2)["Corrected because"] == more["reason"]
    assert "-v2.csv" in file["Content-Disposition"]
    assert client.get("/dashboard/2026-q3/setting.csv").status_code == 404  # version 1 had it


def test_before_anything_is_published_it_says_so(client, cast, sign_in):
    sign_in(client, cast.viewer)
    assert "No figures have been published yet" in page_of(client)


def test_the_quarter_under_way_is_a_band(client, cast, sign_in, published, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a: datetime.date(2026, 11, 23))
    band = OpenBand(starts=datetime.date(2026, 10, 1), on=datetime.date(2026, 11, 23), band="10_to_19")
    OpenBand.objects.bulk_create([band])
    sign_in(client, cast.viewer)
    page = page_of(client)
    assert "October to December 2026 is under way: 10 to 19 referrals so far." in page
    assert "are published after it ends on 31 December 2026" in page


def test_a_quarter_that_ended_and_is_held_back_is_being_checked(client, cast, sign_in, published, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a: datetime.date(2027, 2, 1))
    sign_in(client, cast.viewer)
    assert "October to December 2026 has ended. Its figures are being checked" in page_of(client)


def test_no_page_and_no_file_reads_a_referral(client, cast, sign_in, published):
    sign_in(client, cast.viewer)
    for address in [DASHBOARD, "/dashboard/2025-26-year/", "/dashboard/2026-q3/own/exploitation.csv"]:
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        assert not [query["sql"] for query in caught if ROWS.search(query["sql"])]


def test_its_queries_do_not_grow(client, cast, sign_in, published):
    sign_in(client, cast.viewer)
    client.get(DASHBOARD)
    with CaptureQueriesContext(connection) as few:
        client.get(DASHBOARD)
    for year in range(2010, 2025):
        publish_row("quarter", datetime.date(year, 1, 1), partnership(f"{year}-q1"))
    with CaptureQueriesContext(connection) as many:
        client.get(DASHBOARD)
    assert len(many) == len(few) <= 20


def test_a_campaign_stands_beside_the_referrals_of_its_months(client, cast, sign_in, published):
    days = {"starts_on": datetime.date(2026, 6, 1), "ends_on": datetime.date(2026, 6, 30)}
    Campaign.objects.create(slug="taxis", title="Taxi leaflets", theme="Taxis", audience="Drivers", **days)
    sign_in(client, cast.viewer)
    page = page_of(client)
    assert ["June 2026", "Taxi leaflets", "14"] in Tables(page).found["campaigns"]
    assert "does not show that the campaign did it" in page
    assert ["June 2026", "Taxi leaflets", "14"] in lines_of(client.get("/dashboard/2026-q3/campaigns.csv"))


def test_how_many_were_trained_stands_beside_the_referrals(client, cast, sign_in, published):
    source = Source.objects.create(slug="talk", short_name="A talk", title="T", publisher="P", published_words="2018")
    of_it = {"name": "Staff trained", "unit": "people", "counts": "Staff", "counted_by": "P", "area": "county"}
    measure = Measure.objects.create(slug="staff-trained", **of_it)
    until = datetime.date(2018, 7, 31)
    Figure.objects.create(measure=measure, source=source, ends_on=until, value=500, qualifier="more_than")
    sign_in(client, cast.viewer)
    page = page_of(client)
    assert "No campaign ran in these months" in page
    assert "more than 500" in page[page.index("Campaigns and training") :]


def test_an_area_that_has_no_place_takes_nothing_away(client, cast, sign_in, published):
    Area.objects.filter(code="watford").update(tile_row=None, tile_column=None)
    sign_in(client, cast.viewer)
    assert ["Watford", "8"] in Tables(page_of(client)).found["district"]


@pytest.mark.parametrize("role", READERS)
def test_what_is_missing_from_a_total_is_not_said(client, cast, sign_in, published, role):
    """What is hidden together can be worked out (10 and 7 here); no chart, text alternative or file says it."""
    together = {"setting": 41 - 9 - 6 - 11 - 5, "outcome": 29 - 9 - 8 - 5}
    sign_in(client, getattr(cast, role))
    page = page_of(client)
    for key, missing in together.items():
        for width in ("wide", "narrow"):
            [chart] = re.findall(rf'<svg[^>]*aria-labelledby="{key}-{width}-title".*?</svg>', page, re.DOTALL)
            words = " ".join(re.findall(r">([^<]+)<", chart))
            assert str(missing) not in re.findall(r"\d+", words)
            assert words.count("hidden") == 2
        lines = lines_of(client.get(f"/dashboard/2026-q3/{key}.csv"))
        assert not any(str(missing) in line for line in lines)
    assert "None" not in page


def test_charts_have_no_style_and_no_script(client, cast, sign_in, published):
    sign_in(client, cast.viewer)
    charts = re.findall(
        r"<svg class=\"chart__svg\".*?</svg>|<svg xmlns[^>]*chart__svg.*?</svg>", page_of(client), re.DOTALL
    )
    assert len(charts) >= 20
    for chart in charts:
        assert not re.search(r"<style|<script|\sstyle=|\son\w+=", chart)


def test_ids_are_unique_on_the_page(client, cast, sign_in, published):
    sign_in(client, cast.viewer)
    ids = re.findall(r'\sid="([^"]+)"', page_of(client))
    assert len(ids) == len(set(ids))
