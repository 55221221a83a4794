"""The database refuses impossible figures and campaigns; each refusal is tried here."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from awareness.figures import Qualifier
from awareness.models import Campaign, Figure, Measure, Source

pytestmark = pytest.mark.django_db
DAY = datetime.date(2017, 7, 31)
BEFORE = datetime.date(2017, 7, 1)


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="paper", short_name="Paper", title="Paper", publisher="P", published_on=DAY)


@pytest.fixture
def measure() -> Measure:
    return Measure.objects.create(slug="m", name="M", unit="reports", counts="Reports", counted_by="P", area="county")


def figure(measure, source, **fields) -> Figure:
    standard = {"starts_on": BEFORE, "ends_on": DAY, "value": 2}
    return Figure.objects.create(measure=measure, source=source, **standard | fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("figure_ends_after_start", {"starts_on": DAY, "ends_on": BEFORE}),
        ("figure_is_not_negative", {"value": -1}),
        ("figure_qualifier_is_known", {"qualifier": "perhaps"}),
    ],
)
def test_an_impossible_figure_is_refused(measure, source, constraint, fields):
    with refused(constraint), transaction.atomic():
        figure(measure, source, **fields)


@pytest.mark.parametrize("starts_on", [BEFORE, None])
def test_a_source_has_one_figure_for_a_period_even_without_a_first_day(measure, source, starts_on):
    figure(measure, source, starts_on=starts_on)
    with refused("one_figure_of_a_source_and_period"), transaction.atomic():
        figure(measure, source, starts_on=starts_on, value=3, qualifier=Qualifier.ABOUT)


def test_another_source_may_say_something_else_of_the_same_days(measure, source):
    other = Source.objects.create(slug="other", short_name="Other", title="O", publisher="P", published_words="undated")
    figure(measure, source)
    figure(measure, other, value=3)
    assert [point.value for point in measure.series().points] == [3, 2]


def test_a_moment_and_an_open_beginning_can_be_said(measure, source):
    figure(measure, source, starts_on=DAY)
    figure(measure, source, starts_on=None, value=0)
    assert {point.label for point in measure.series().points} == {"31 July 2017", "to July 2017"}


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("measure_area_is_known", {"area": "moon"}),
        ("measure_part_has_a_name", {"part_name": "Children"}),
    ],
)
def test_an_impossible_measure_is_refused(measure, constraint, changes):
    with refused(constraint), transaction.atomic():
        Measure.objects.filter(pk=measure.pk).update(**changes)


def test_a_measure_is_no_part_of_itself_and_a_part_has_no_parts(measure):
    with refused("measure_is_not_a_part_of_itself"), transaction.atomic():
        Measure.objects.filter(pk=measure.pk).update(part_of=measure, part_name="Itself")
    of_it = {"unit": "reports", "counts": "c", "counted_by": "p", "area": "county"}
    part = Measure.objects.create(slug="part", name="Part", part_of=measure, part_name="Part", **of_it)
    with pytest.raises(ValidationError, match="This is itself a part"):
        Measure(slug="deeper", name="Deeper", part_of=part, part_name="Deeper", **of_it).full_clean()


def test_a_source_says_when_it_was_published(source):
    with refused("source_says_when"), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(published_on=None)


def test_a_campaign_ends_no_earlier_than_it_starts():
    days = {"starts_on": DAY, "ends_on": BEFORE}
    with refused("campaign_ends_after_start"), transaction.atomic():
        Campaign.objects.create(slug="c", title="C", theme="T", audience="A", **days)
