"""The database refuses impossible figures and campaigns; each refusal is tried here."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from awareness.figures import Qualifier
from awareness.models import Campaign, Content, ContentVersion, Edition, Figure, Link, Measure, Source

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


def test_a_measure_is_no_part_of_itself_nor_of_its_own_part(measure):
    with refused("measure_is_not_a_part_of_itself"), transaction.atomic():
        Measure.objects.filter(pk=measure.pk).update(part_of=measure, part_name="Itself")
    of_it = {"unit": "reports", "counts": "c", "counted_by": "p", "area": "county"}
    part = Measure.objects.create(slug="part", name="Part", part_of=measure, part_name="Part", **of_it)
    deeper = Measure.objects.create(slug="deeper", name="Deeper", part_of=part, part_name="Deeper", **of_it)
    measure.part_of, measure.part_name = deeper, "Round"
    with pytest.raises(ValidationError, match="This is a part of what you are editing"):
        measure.full_clean()


def test_a_source_says_when_it_was_published(source):
    with refused("source_says_when"), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(published_on=None)


def test_a_campaign_ends_no_earlier_than_it_starts():
    days = {"starts_on": DAY, "ends_on": BEFORE}
    with refused("campaign_ends_after_start"), transaction.atomic():
        Campaign.objects.create(slug="c", title="C", theme="T", audience="A", **days)


def a_text(**fields) -> Content:
    return Content.objects.create(**{"kind": "page", "slug": "a-page", "review_by": DAY} | fields)


def a_version(content: Content, **fields) -> ContentVersion:
    return ContentVersion.objects.create(content=content, **{"number": 1, "title": "T", "summary": "S"} | fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("content_kind_is_known", {"kind": "poem"}),
        ("content_owner_is_known", {"owner": "anybody"}),
        ("signs_have_a_subject", {"kind": "sign"}),
        ("signs_have_a_subject", {"kind": "sign", "subject": "circus"}),
        ("signs_have_a_subject", {"subject": "taxi"}),
    ],
)
def test_an_impossible_text_is_refused(constraint, fields):
    with refused(constraint), transaction.atomic():
        a_text(**fields)


def test_a_text_has_an_address_and_a_subject_of_its_own():
    a_text(kind="sign", slug="taxi", subject="taxi")
    a_text(kind="page", slug="taxi")
    with refused("content_address_is_its_own"), transaction.atomic():
        a_text(kind="page", slug="taxi")
    with refused("one_page_of_signs_a_subject"), transaction.atomic():
        a_text(kind="sign", slug="cabs", subject="taxi")


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("version_number_is_its_own", {}),
        ("version_numbers_start_at_one", {"number": 0}),
        ("version_section_is_known", {"number": 2, "section": "attic"}),
        ("version_audience_is_known", {"number": 2, "audience": "robots"}),
        ("version_file_kind_is_known", {"number": 2, "file_kind": "exe"}),
        ("version_brought_back_names_its_source", {"number": 2, "act": "restored"}),
    ],
)
def test_an_impossible_version_is_refused(constraint, fields):
    content = a_text()
    a_version(content)
    with refused(constraint), transaction.atomic():
        a_version(content, **fields)


@pytest.mark.parametrize(
    ("constraint", "starts", "ends"),
    [
        ("edition_ends_after_start", 5, 4),
        ("one_edition_of_a_text_at_a_time", 0, None),
        ("one_edition_of_a_text_at_a_time", 1, 3),
        ("one_edition_of_a_text_at_a_time", 3, 9),
    ],
)
def test_the_public_never_sees_two_editions_of_a_text(constraint, starts, ends):
    content, other = a_text(), a_text(slug="other")
    version, moment = a_version(content), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    hours = [moment + datetime.timedelta(hours=number) for number in range(10)]
    shown = {"content": content, "version": version}
    Edition.objects.create(**shown, starts_at=hours[2], ends_at=hours[4])
    Edition.objects.create(**shown, starts_at=hours[4], ends_at=hours[5])
    Edition.objects.create(**shown, starts_at=hours[3], ends_at=hours[3])  # called off: shown at no moment
    Edition.objects.create(content=other, version=a_version(other), starts_at=hours[0])
    with refused(constraint), transaction.atomic():
        Edition.objects.create(**shown, starts_at=hours[starts], ends_at=None if ends is None else hours[ends])


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_broken_link_says_since_when_and_why", {"failures": 1, "trouble": "tls"}),
        ("a_broken_link_says_since_when_and_why", {"trouble": "tls"}),
        ("a_broken_link_says_since_when_and_why", {"failures": 1, "broken_since": timezone.now()}),
        ("link_trouble_is_known", {"failures": 1, "trouble": "rain", "broken_since": timezone.now()}),
        ("awareness_link_url", {}),
    ],
)
def test_an_impossible_link_is_refused(constraint, fields):
    Link.objects.create(url="https://www.example.org/")
    with refused(constraint), transaction.atomic():
        Link.objects.create(url="https://www.example.org/" + ("other" if fields else ""), **fields)
