"""Figures are computed once a period, protected, published with a version, and served from there."""

import datetime
import json
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from partners.hours import LONDON
from partners.models import Partnership
from referrals.models import FigureAct, HandOver, OpenBand, PeriodCounts, Publication, Referral
from referrals.periods import Kind, Period, from_slug
from referrals.published import from_json
from referrals.publishing import MayNotBeDone, acts, correct, hold, note_band, preview, publish_due, release
from referrals.publishing.calculation import Calculation
from referrals.publishing.ledger import Ledger
from referrals.publishing.reading import band_now, beside, newest, published_periods, series
from referrals.statistics.counts import Counts, added
from referrals.tasks import publish_figures
from referrals.workflow import NotAllowed
from tests.referrals.happenings import asked, at_random, happened, london

APRIL, QUARTER, YEAR = from_slug("2025-04"), from_slug("2025-q2"), from_slug("2025-26-year")
DUPLICATE = "A referral had been logged twice"


def noon(day: str) -> datetime.datetime:
    return london(f"{day}T12:00")


def many(cast, count: int, day: str, **changes) -> list[Referral]:
    """So many alike on one day; the quarter then has no small count but those of a test."""
    return [happened(cast, noon(day), closed_at=noon(day), **changes) for _ in range(count)]


@pytest.fixture
def april_to_june(cast):
    """Ten in April, twelve in May, nine in June of 2025, all alike, and two children in June."""
    many(cast, 10, "2025-04-10"), many(cast, 12, "2025-05-12"), many(cast, 9, "2025-06-11")
    many(cast, 2, "2025-06-12", age_group="child")


def slugs(periods) -> list[str]:
    return [period.slug for period in periods]


def table(period: Period, key: str, organisation=None) -> dict:
    return Publication.objects.current(period, organisation).figures.table(key).one_way()


def test_each_period_is_published_once_its_days_of_grace_are_over(april_to_june):
    assert slugs(publish_due(noon("2025-05-07"))) == []  # the fifth working day after April is the 8th: a holiday
    assert slugs(publish_due(noon("2025-05-08"))) == ["2025-04"]
    assert slugs(publish_due(noon("2025-05-08"))) == []
    assert slugs(publish_due(noon("2025-07-07"))) == ["2025-05", "2025-06", "2025-q2"]
    assert Publication.objects.current(QUARTER).published_by is None


def test_the_days_of_grace_are_the_partnerships(april_to_june):
    Partnership.objects.update(figures_after_days=1)
    assert slugs(publish_due(noon("2025-05-01"))) == ["2025-04"]


def test_an_outage_of_a_year_is_caught_up_in_order(april_to_june):
    done = publish_due(noon("2026-07-01"))
    assert slugs(done[:5]) == ["2025-04", "2025-05", "2025-06", "2025-q2", "2025-07"]
    assert slugs(done).index("2025-26-year") > slugs(done).index("2026-q1")
    assert len(done) == 14 + 4 + 1  # April 2025 to May 2026; June is in its days of grace
    assert publish_due(noon("2026-07-01")) == ()


def test_what_is_published_is_what_was_counted_where_nothing_is_small(april_to_june):
    publish_due(noon("2025-07-20"))
    figures = Publication.objects.current(QUARTER).figures
    assert table(QUARTER, "month") == {"2025-04": 10, "2025-05": 12, "2025-06": 11}
    assert figures.table("month").total == 33
    assert table(QUARTER, "exploitation") == {
        **dict.fromkeys(("sexual", "criminal", "domestic", "other", "several", "not_said"), 0),
        "labour": 33,
    }
    assert table(QUARTER, "district") == {"northtown": 33, "elsewhere": 0}
    assert table(QUARTER, "outcome")["supported_locally"] == 33
    assert figures.timing("acknowledge").within == 33
    assert Publication.objects.current(APRIL).figures.table("referrals").total == 10
    assert [one.key for one in Publication.objects.current(APRIL).figures.tables] == ["referrals"]


def test_a_small_count_is_in_nothing_that_is_stored_for_readers(cast, april_to_june):
    many(cast, 3, "2025-06-13", exploitation=["prostitution"])
    publish_due(noon("2025-07-20"))
    row = Publication.objects.current(QUARTER)
    hidden = {"labour": None, "sexual": None}
    assert from_json(json.loads(json.dumps(row.figures_json))) == row.figures
    assert row.figures.table("exploitation").one_way() == {
        **hidden,
        **dict.fromkeys(("criminal", "domestic", "other", "several", "not_said"), 0),
    }
    kept = {tuple(key): (least, most) for key, least, most in row.known["referral"] if key[0] == "exploitation"}
    for code in hidden:
        least, most = kept["exploitation", code]
        assert most is None or most - least >= 3
    month = PeriodCounts.objects.get(kind="month", starts="2025-06-01", organisation=None)
    assert month.counts["tables"]["exploitation_by_age_group"]["sexual|adult"] == 3


def test_below_a_total_of_zero_nothing_is_hidden_and_the_promise_is_kept_for_the_rest(cast):
    """A crossed table that is rounded: its zero rows are no secret, and no hidden count of it is known better."""
    for kind in ("prostitution", "forced-to-work", "other"):
        for age_group in ("adult", "child", "unsure"):
            many(cast, 3, "2025-06-13", exploitation=[kind], age_group=age_group)
    publish_due(noon("2025-07-20"))
    crossed = Publication.objects.current(QUARTER).figures.table("exploitation_by_age_group")
    rows = {row.code: cells for row, cells in zip(crossed.rows, crossed.cells, strict=True)}
    assert rows["domestic"] == rows["criminal"] == (0, 0, 0)
    assert crossed.rounded_to == 5
    assert crossed.width >= 3


def test_an_organisation_gets_its_own_figures_with_the_partnerships(cast, april_to_june):
    many(cast, 7, "2025-05-20", organisation=cast.hospital, referrer=cast.nurse)
    publish_due(noon("2025-07-20"))
    found = Publication.objects.of(QUARTER).order_by("organisation__slug")
    assert [row.organisation.slug if row.organisation else None for row in found] == ["council", "hospital", None]
    assert len({row.published_at for row in found}) == 1
    assert table(QUARTER, "exploitation", cast.hospital)["labour"] == 7
    assert table(QUARTER, "exploitation", cast.council)["labour"] == 33
    keys = {one.key for one in Publication.objects.current(QUARTER, cast.hospital).figures.tables}
    assert keys == {"exploitation", "age_group", "outcome", "pathway"}


def test_an_organisation_cannot_be_taken_out_of_the_partnership_to_find_a_small_one(cast, april_to_june):
    """All but two are the council's: beside the partnership's 35, its 33 would say that the hospital has two."""
    many(cast, 2, "2025-05-20", organisation=cast.hospital, referrer=cast.nurse)
    publish_due(noon("2025-07-20"))
    ours = Publication.objects.current(QUARTER).figures.table("exploitation")
    theirs = Publication.objects.current(QUARTER, cast.council).figures.table("exploitation")
    assert ours.one_way()["labour"] == 35
    assert theirs.one_way()["labour"] is None or theirs.rounded_to
    assert theirs.total is None or theirs.rounded_to
    hospital = Publication.objects.current(QUARTER, cast.hospital).figures.table("exploitation")
    assert {hospital.total, *hospital.one_way().values()} == {None}


def test_a_year_is_the_sum_of_its_quarters_for_ever(cast):
    at_random(cast, 60, datetime.date(2025, 4, 1), datetime.date(2026, 3, 31))
    publish_due(noon("2026-01-20"))
    before = [Ledger().of(quarter)[None] for quarter in YEAR.parts()[:3]]
    HandOver.objects.all().delete()
    Referral.objects.update(age_group="unsure", exploitation=[])
    publish_due(noon("2026-04-20"))
    year = Ledger().of(YEAR)[None]
    last = Ledger().of(YEAR.parts()[3])[None]
    assert year == added([*before, last])
    assert last.margin("exploitation_by_age_group", 1).keys() == {"unsure"}
    assert year.margin("exploitation_by_age_group", 1).keys() > {"unsure"}
    assert Publication.objects.current(YEAR).figures.table("month").total in {year.total("setting"), None}


def test_what_was_published_stays_when_a_case_is_amended_or_deleted(april_to_june):
    publish_due(noon("2025-07-20"))
    before = list(Publication.objects.values_list("pk", "figures_json", "version"))
    Referral.objects.filter(submitted_at__lt=noon("2025-05-01")).delete()
    Referral.objects.update(age_group="child")
    publish_due(noon("2025-08-01"))
    assert list(Publication.objects.values_list("pk", "figures_json", "version")) == before


# --- Holding back ------------------------------------------------------------------------------------------------


def test_a_period_that_is_held_waits_and_so_does_what_it_is_a_part_of(cast, april_to_june):
    may = from_slug("2025-05")
    hold(by=cast.coordinator, period=may, reason="Two referrals are still being checked")
    assert slugs(publish_due(noon("2025-07-20"))) == ["2025-04", "2025-06"]
    release(by=cast.coordinator2, period=may)
    assert slugs(publish_due(noon("2025-07-20"))) == ["2025-05", "2025-q2"]
    told = FigureAct.objects.filter(starts=may.starts, kind="month").order_by("pk")
    assert [(one.act, one.by, one.reason) for one in told] == [
        ("held", cast.coordinator, "Two referrals are still being checked"),
        ("released", cast.coordinator2, ""),
        ("published", None, ""),
    ]


def test_a_double_click_holds_once_and_releases_once(cast, april_to_june):
    first = hold(by=cast.coordinator, period=APRIL, reason="Still being checked")
    assert hold(by=cast.coordinator2, period=APRIL, reason="Me too, wait please") == first
    assert release(by=cast.coordinator, period=APRIL) is not None
    assert release(by=cast.coordinator, period=APRIL) is None
    assert FigureAct.objects.count() == 2


def test_what_is_published_is_not_held_any_more(cast, april_to_june):
    publish_due(noon("2025-05-20"))
    with pytest.raises(MayNotBeDone, match="published already"):
        hold(by=cast.coordinator, period=APRIL, reason="Still being checked")


@pytest.mark.parametrize("who", ["lead", "viewer", "officer", "auditor", "sysadmin"])
def test_only_a_coordinator_holds_releases_and_corrects(cast, april_to_june, who):
    by = cast.people[who]
    for act in (
        lambda: hold(by=by, period=APRIL, reason=DUPLICATE),
        lambda: release(by=by, period=APRIL),
        lambda: correct(by=by, period=APRIL, reason=DUPLICATE),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize(
    "reason", ["", "too short", "x" * 201, "Ring 01632 960123 about this one", "It was somebody@example.org again"]
)
def test_a_reason_says_something_and_nothing_about_one_person(cast, reason):
    with pytest.raises(MayNotBeDone):
        hold(by=cast.coordinator, period=APRIL, reason=reason)
    assert not FigureAct.objects.exists()


# --- Correcting --------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_of_the_period_and_of_what_it_is_a_part_of(cast, april_to_june):
    publish_due(noon("2025-07-20"))
    many(cast, 6, "2025-04-20", age_group="unsure")
    done = correct(by=cast.coordinator, period=APRIL, reason=DUPLICATE)
    assert slugs(done) == ["2025-04", "2025-q2"]
    now = Publication.objects.current(APRIL)
    assert (now.version, now.reason, now.published_by, now.counts_number) == (2, DUPLICATE, cast.coordinator, 2)
    assert now.figures.table("referrals").total == 16
    assert [row.figures.table("referrals").total for row in Publication.objects.versions(APRIL)] == [10, 16]
    assert Publication.objects.current(QUARTER).figures.table("month").total == 39
    assert Publication.objects.current(from_slug("2025-05")).version == 1
    assert Publication.objects.current(QUARTER, cast.council).version == 2
    assert FigureAct.objects.filter(act="corrected", by=cast.coordinator, reason=DUPLICATE).count() == 2


def test_a_correction_never_shows_what_an_earlier_version_hid(cast, april_to_june):
    publish_due(noon("2025-07-20"))
    many(cast, 20, "2025-06-20", age_group="child")
    correct(by=cast.coordinator, period=QUARTER, reason=DUPLICATE)
    now = Publication.objects.current(QUARTER).figures.table("age_group")
    assert now.one_way()["child"] is None
    assert now.one_way()["adult"] is None


def test_only_what_is_published_is_corrected(cast, april_to_june):
    with pytest.raises(MayNotBeDone, match="not published"):
        correct(by=cast.coordinator, period=APRIL, reason=DUPLICATE)


def test_an_earlier_log_is_published_with_a_correction_and_never_beside_it(cast, april_to_june):
    Referral.objects.filter(submitted_at__lt=noon("2025-05-01")).delete()
    publish_due(noon("2025-07-20"))
    many(cast, 8, "2025-04-10")  # carried over afterwards
    assert APRIL not in publish_due(noon("2025-07-21"))
    assert slugs(correct(by=cast.coordinator, period=QUARTER, reason="An earlier log was carried over")) == [
        "2025-04",
        "2025-05",
        "2025-06",
        "2025-q2",
    ]
    assert table(QUARTER, "month") == {"2025-04": 8, "2025-05": 12, "2025-06": 11}


# --- What may go wrong -------------------------------------------------------------------------------------------


def test_a_crash_in_the_middle_publishes_nothing_of_the_period(cast, april_to_june, monkeypatch):
    publish_due(noon("2025-07-01"))
    many(cast, 7, "2025-06-20", organisation=cast.hospital, referrer=cast.nurse)
    kept = Publication.objects.count(), PeriodCounts.objects.count()

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(acts.FigureAct.objects, "create", dies)
        with pytest.raises(KeyboardInterrupt):
            publish_due(noon("2025-07-20"))
    assert (Publication.objects.count(), PeriodCounts.objects.count()) == kept
    assert slugs(publish_due(noon("2025-07-20"))) == ["2025-06", "2025-q2"]


def test_what_cannot_be_protected_is_not_published_and_holds_up_nothing_else(april_to_june, monkeypatch):
    works = Calculation.work_out

    def fails_for_may(self, period):
        if period.slug == "2025-05":
            raise ValueError("does not add up")
        return works(self, period)

    monkeypatch.setattr(Calculation, "work_out", fails_for_may)
    assert slugs(publish_due(noon("2025-07-20"))) == ["2025-04", "2025-06"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_publish_once(cast, april_to_june):
    ready, done = threading.Barrier(2), []

    def publish() -> None:
        try:
            ready.wait(timeout=20)
            done.extend(publish_due(noon("2025-07-20")))
        finally:
            connection.close()

    workers = [threading.Thread(target=publish) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(timeout=60)
    assert set(slugs(done)) == {"2025-04", "2025-05", "2025-06", "2025-q2"}
    assert Publication.objects.filter(organisation=None).count() == 4
    assert FigureAct.objects.filter(act="published").count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_make_one_new_version_or_two_never_a_mixed_one(cast, april_to_june):
    publish_due(noon("2025-07-20"))
    many(cast, 6, "2025-04-20")
    ready, failed = threading.Barrier(2), []

    def put_right() -> None:
        try:
            ready.wait(timeout=20)
            correct(by=cast.coordinator, period=APRIL, reason=DUPLICATE)
        except acts.ChangedMeanwhile:
            failed.append(1)
        finally:
            connection.close()

    workers = [threading.Thread(target=put_right) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(timeout=60)
    versions = [row.version for row in Publication.objects.versions(APRIL)]
    assert versions == list(range(1, 4 - len(failed)))
    assert Publication.objects.current(QUARTER).figures.table("month").total == 39


# --- Preview, bands, reading -------------------------------------------------------------------------------------


def test_a_preview_shows_what_will_be_published_and_keeps_nothing(april_to_june):
    seen = preview(QUARTER)
    assert not Publication.objects.exists()
    assert not PeriodCounts.objects.exists()
    publish_due(noon("2025-07-20"))
    assert seen.results[0].figures == Publication.objects.current(QUARTER).figures
    assert seen.counted[None].margin("exploitation_by_age_group", 1) == {"adult": 31, "child": 2}
    assert isinstance(seen.counted[None], Counts)


def test_the_open_quarter_has_a_band_that_moves_once_a_day(cast):
    many(cast, 4, "2025-05-02")
    assert note_band(noon("2025-05-03"))
    many(cast, 4, "2025-05-03")
    assert not note_band(noon("2025-05-03"))
    assert band_now(datetime.date(2025, 5, 3)).get_band_display() == "fewer than 5"
    assert note_band(noon("2025-05-04"))
    assert band_now(datetime.date(2025, 5, 4)).get_band_display() == "5 to 9"
    assert band_now(datetime.date(2025, 7, 1)) is None


def test_a_reader_finds_what_is_published_with_one_question(cast, april_to_june, django_assert_num_queries):
    publish_due(noon("2025-07-20"))
    viewer = cast.viewer
    assert viewer.organisation == cast.council
    for ask, answer in (
        (lambda: published_periods(viewer), (QUARTER,)),
        (lambda: newest(viewer), QUARTER),
        (lambda: [row.period.slug for row in series(viewer, Kind.MONTH, 2)], ["2025-05", "2025-06"]),
        (lambda: [row.organisation for row in beside(viewer, QUARTER)], [None, cast.council]),
    ):
        with django_assert_num_queries(1):
            assert ask() == answer
    assert published_periods(cast.officer) == ()


def test_the_command_and_the_task_publish_what_is_due(cast):
    today = timezone.localtime().date()
    last = Period(today.replace(day=1), Kind.MONTH).previous()
    middle = datetime.datetime.combine(last.starts + datetime.timedelta(days=14), datetime.time(12), LONDON)
    for _ in range(6):
        happened(cast, middle)
    out = StringIO()
    call_command("publish_figures", "--all", stdout=out)
    assert f"periods published: {last.label}" in out.getvalue()
    assert Publication.objects.current(last).figures.table("referrals").total == 6
    publish_figures()
    assert OpenBand.objects.filter(on=today).count() == 1
    assert FigureAct.objects.filter(kind="month", act="published").count() == 1


def test_the_board_is_told_of_hand_overs_and_of_what_nobody_could_take(cast):
    for one in many(cast, 12, "2025-04-10"):
        asked(cast, one, cast.beacon, noon("2025-04-11"), "declined")
    publish_due(noon("2025-07-20"))
    assert table(QUARTER, "pathway")["beacon"] == table(QUARTER, "gap")["beacon"] == 12
    assert table(QUARTER, "decline_reason")["no_capacity"] == 12
    assert table(QUARTER, "pathway", cast.beacon)["beacon"] == 12
