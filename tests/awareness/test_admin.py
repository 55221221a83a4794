"""Figures and campaigns in the coordinators' pages: entered, corrected with a history, refused with a reason."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from awareness.models import Campaign, Figure, Inconsistency, Measure, Source
from partners.models import ConfigurationChange
from tests.partners.settings_pages import address, form_of

pytestmark = pytest.mark.django_db
MODELS = [Source, Measure, Figure, Inconsistency, Campaign]


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def figure() -> Figure:
    source = Source.objects.create(slug="paper", short_name="A paper", title="T", publisher="P", published_words="2018")
    measure = Measure.objects.create(
        slug="calls", name="Calls", unit="calls", counts="Calls to a line", counted_by="The line", area="county"
    )
    days = {"starts_on": datetime.date(2017, 7, 1), "ends_on": datetime.date(2017, 7, 31)}
    return Figure.objects.create(measure=measure, source=source, value=2, **days)


def post(client: Client, model, data: dict, *parts):
    return client.post(address(model, *parts), {name: value for name, value in data.items() if value is not None})


def test_the_first_page_offers_them_in_a_group_of_their_own(coordinator):
    html = coordinator.get("/admin/").content.decode()
    assert "Figures and campaigns" in html
    assert all(f'href="{address(model)}"' in html for model in MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_each_page_says_what_is_missing_and_each_form_opens(coordinator, model):
    assert coordinator.get(address(model)).status_code == 200
    assert coordinator.get(address(model, "add")).status_code == 200


def test_a_corrected_figure_keeps_its_value_before_and_after_and_by_whom(cast, coordinator, figure):
    where = (figure.pk, "change")
    data = form_of(coordinator.get(address(Figure, *where))) | {"value": "3", "qualifier": "nearly"}
    assert post(coordinator, Figure, data, *where).status_code == 302
    change = ConfigurationChange.objects.get(kind="figure")
    assert change.by == cast.coordinator
    assert change.changes == [["Value", "2", "3"], ["How exact", "exactly", "nearly"]]
    assert "nearly" in coordinator.get(address(Figure, figure.pk, "history")).content.decode()


def test_the_list_of_changes_calls_things_by_their_names(coordinator, figure):
    where = (figure.source.pk, "change")
    data = form_of(coordinator.get(address(Source, *where))) | {"caveat": "It contradicts itself."}
    assert post(coordinator, Source, data, *where).status_code == 302
    assert "It contradicts itself." in coordinator.get(reverse("settings_changes")).content.decode()


def test_a_removed_figure_stays_in_the_history(coordinator, figure):
    assert post(coordinator, Figure, {"post": "yes"}, figure.pk, "delete").status_code == 302
    assert not Figure.objects.exists()
    assert ["Value", "2", ""] in ConfigurationChange.objects.get(kind="figure").changes


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"value": "2a"}, "Enter a whole number"),
        ({"value": "-1"}, "greater than or equal to 0"),
        ({"value": "9" * 40}, "less than or equal to"),
        ({"ends_on": "2017-06-01"}, "The last day cannot be before the first"),
        ({"ends_on": "31 June"}, "Enter a valid date"),
        ({"ends_on": "2017-07-31"}, "This source has a figure for these days already"),
        ({"qualifier": "perhaps"}, "Select a valid choice"),
        ({"caveat": "x" * 301}, "at most 300 characters"),
    ],
)
def test_a_wrong_figure_is_refused_with_a_reason_and_nothing_typed_is_lost(coordinator, figure, typed, said):
    days = {"starts_on": "2017-07-01", "ends_on": "2017-08-31"}
    data = {"measure": figure.measure.pk, "source": figure.source.pk, "value": "7", "qualifier": "exactly"}
    response = post(coordinator, Figure, data | days | {"caveat": "Kept."} | typed, "add")
    html = response.content.decode()
    assert response.status_code == 200
    assert said in html
    assert "Kept." in html or "caveat" in typed
    assert Figure.objects.count() == 1


def test_a_figure_without_a_first_day_is_entered_once(coordinator, figure):
    data = {
        "measure": figure.measure.pk, "source": figure.source.pk, "starts_on": "", "ends_on": "2018-07-31",
        "value": "500", "qualifier": "more_than",
    }  # fmt: skip
    assert post(coordinator, Figure, data, "add").status_code == 302
    assert Figure.objects.get(value=500).point().label == "to July 2018"
    again = post(coordinator, Figure, data, "add")
    assert "This source has a figure for these days already" in again.content.decode()


def test_a_campaign_is_entered_with_the_figures_beside_it(coordinator, figure):
    data = {
        "title": "Look twice", "slug": "look-twice", "theme": "Car washes", "audience": "Drivers",
        "starts_on": "2026-10-18", "ends_on": "2026-10-25", "measures": [figure.measure.pk],
    }  # fmt: skip
    assert post(coordinator, Campaign, data, "add").status_code == 302
    assert [measure.slug for measure in Campaign.objects.get().measures.all()] == ["calls"]
    refused = post(coordinator, Campaign, data | {"slug": "again", "ends_on": "2026-10-01"}, "add")
    assert "The last day cannot be before the first." in refused.content.decode()
