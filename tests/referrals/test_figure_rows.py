"""The rows of figures: what the database refuses, and who may know of a publication."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from partners.models import AppendOnlyError, Partnership
from referrals.models import FigureAct, OpenBand, PeriodCounts, Publication
from referrals.periods import Kind, Period
from referrals.published import Band, Figures, Scope, band_of

QUARTER = Period(datetime.date(2026, 4, 1), Kind.QUARTER)
APRIL = datetime.date(2026, 4, 1)


def published(organisation=None, period=QUARTER, **more) -> Publication:
    scope = Scope.ORGANISATION if organisation else Scope.PARTNERSHIP
    figures = Figures(period.slug, scope, 5, 10, (), ())
    standard = {"kind": period.kind, "starts": period.starts, "counts_number": 1, "computed_at": timezone.now()}
    made = {"organisation": organisation, "figures_json": figures.as_json()}
    return Publication.objects.create(**(standard | made | more))


def counted(**more) -> PeriodCounts:
    standard = {"kind": Kind.MONTH, "starts": APRIL, "number": 1, "counts": {}}
    return PeriodCounts.objects.create(**(standard | more))


def acted(**more) -> FigureAct:
    return FigureAct.objects.create(**({"kind": Kind.QUARTER, "starts": APRIL, "act": "published"} | more))


@pytest.mark.parametrize(
    ("constraint", "make", "fields"),
    [
        ("publication_is_of_a_period", published, {"kind": "week"}),
        ("publication_is_of_a_period", published, {"starts": datetime.date(2026, 5, 1)}),
        ("publications_are_numbered_from_one", published, {"version": 0}),
        ("a_correction_has_a_reason", published, {"version": 2}),
        ("a_correction_is_somebodys", published, {"version": 2, "reason": "Counted again"}),
        ("counts_are_of_a_period", counted, {"starts": datetime.date(2026, 4, 2)}),
        ("counts_are_numbered_from_one", counted, {"number": 0}),
        ("figure_act_is_of_a_period", acted, {"kind": "year", "starts": datetime.date(2026, 1, 1)}),
        ("figure_act_is_known", acted, {"act": "hidden"}),
        ("only_publishing_is_nobodys_act", acted, {"act": "released"}),
    ],
)
def test_an_impossible_row_about_a_period_is_refused(db, constraint, make, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make(**fields)


def test_no_month_is_published_for_an_organisation(cast):
    with pytest.raises(IntegrityError, match="no_month_of_an_organisation"), transaction.atomic():
        published(cast.council, Period(APRIL, Kind.MONTH))


def test_holding_and_correcting_have_a_reason(cast):
    for act in ("held", "corrected"):
        with pytest.raises(IntegrityError, match="holding_and_correcting_have_a_reason"), transaction.atomic():
            acted(act=act, by=cast.coordinator)


def test_there_is_one_publication_a_version_and_one_that_holds(cast):
    first = published()
    with pytest.raises(IntegrityError, match="one_publication_a_version"), transaction.atomic():
        published(superseded_at=timezone.now())
    correction = {"version": 2, "reason": "A referral had been logged twice", "published_by": cast.coordinator}
    with pytest.raises(IntegrityError, match="one_current_publication"), transaction.atomic():
        published(**correction)
    published(cast.council)
    assert Publication.objects.of(QUARTER).of_partnership().supersede(timezone.now()) == 1
    second = published(**correction)
    assert Publication.objects.current(QUARTER) == second
    assert list(Publication.objects.versions(QUARTER)) == [first, second]
    assert Publication.objects.current(QUARTER, cast.council).version == 1


def test_a_month_is_counted_once_a_number(cast):
    counted()
    counted(organisation=cast.council)
    with pytest.raises(IntegrityError, match="counted_once_a_number"), transaction.atomic():
        counted()


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("one_band_a_day", {}),
        ("band_is_of_a_quarter", {"starts": datetime.date(2026, 5, 1), "on": datetime.date(2026, 5, 6)}),
        ("band_is_of_a_quarter_under_way", {"on": datetime.date(2026, 3, 31)}),
        ("band_is_known", {"on": datetime.date(2026, 4, 6), "band": "7"}),
    ],
)
def test_an_impossible_band_is_refused(db, constraint, fields):
    standard = {"starts": APRIL, "on": datetime.date(2026, 4, 5), "band": Band.UNDER_5}
    OpenBand.objects.create(**standard)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OpenBand.objects.create(**(standard | fields))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("referrals_publication", "figures_json"),
        ("referrals_publication", "reason"),
        ("referrals_publication", "version"),
        ("referrals_periodcounts", "counts"),
        ("referrals_figureact", "act"),
        ("referrals_openband", "band"),
    ],
)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_what_was_published_stands_even_in_plain_sql(db, table, column, statement):
    published(), counted(), acted()
    OpenBand.objects.create(starts=APRIL, on=APRIL, band=Band.UNDER_5)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column))


def test_that_a_version_was_followed_is_said_once(db):
    row = published()
    Publication.objects.of(QUARTER).supersede(timezone.now())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE referrals_publication SET superseded_at = NULL")
    with pytest.raises(AppendOnlyError):
        Publication.objects.filter(pk=row.pk).update(version=7)


@pytest.mark.parametrize(
    ("who", "finds"),
    [
        ("viewer", {"partnership", "council"}),
        ("lead", {"partnership", "council"}),
        ("coordinator", {"partnership"}),
        ("officer", set()),
        ("nurse", set()),
        ("responder", set()),
        ("auditor", set()),
        ("sysadmin", set()),
    ],
)
def test_a_viewer_finds_the_partnerships_figures_and_their_own_organisations(cast, who, finds):
    for organisation in (None, cast.council, cast.hospital):
        published(organisation)
    found = Publication.objects.visible_to(cast.people[who])
    assert {row.organisation.slug if row.organisation else "partnership" for row in found} == finds
    theirs = found.current(QUARTER, cast.hospital)
    assert theirs is None


def test_a_stranger_finds_no_figures(cast):
    published()
    assert not Publication.objects.visible_to(AnonymousUser()).exists()


def test_a_publication_gives_its_figures_back(db):
    row = Publication.objects.get(pk=published().pk)
    assert row.figures == Figures("2026-q2", Scope.PARTNERSHIP, 5, 10, (), ())
    assert (row.period, row.scope, row.is_current) == (QUARTER, Scope.PARTNERSHIP, True)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "fewer than 5"),
        (4, "fewer than 5"),
        (5, "5 to 9"),
        (9, "5 to 9"),
        (10, "10 to 19"),
        (19, "10 to 19"),
        (20, "20 to 49"),
        (49, "20 to 49"),
        (50, "50 or more"),
        (5000, "50 or more"),
    ],
)
def test_an_open_period_has_a_band(count, words):
    assert band_of(count).label == words


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("small_counts_are_hidden", {"figures_hide_below": 2}),
        ("figures_can_be_looked_at_first", {"figures_after_days": 0}),
    ],
)
def test_the_partnership_cannot_publish_small_counts_or_at_once(cast, constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Partnership.objects.update(**fields)
