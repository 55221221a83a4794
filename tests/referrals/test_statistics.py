"""True counts: what the grouping statements say is what a slow recount in plain Python says."""

import datetime
import statistics
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.hours import LONDON, end_of_working_day
from partners.models import Area, Partnership
from referrals.codes import EXPLOITATION_CODES, SETTINGS
from referrals.handover_states import DeclineReason, HandOverStatus
from referrals.models import HandOver, Referral, ReferralEvent
from referrals.pathways import Pathway
from referrals.periods import Kind, Period, containing
from referrals.statistics.categories import (
    EXPLOITATION_GROUPS,
    SETTING_GROUPS,
    WANTING,
    Districts,
)
from referrals.statistics.counting import count_month
from referrals.statistics.counts import Counts, added
from referrals.statistics.targets import current_targets
from referrals.statistics.timings import TELLING, medians
from referrals.statuses import Move, Priority, Status, WithdrawalReason
from tests.conftest import make_organisation
from tests.referrals.happenings import HOUR, asked, at_random, event, happened, london

MARCH = Period(datetime.date(2026, 3, 1), Kind.MONTH)
QUARTER = containing(Kind.QUARTER, MARCH.starts)


def all_counted():
    return Referral.objects.counted(), HandOver.objects.all()


def counted(month=MARCH):
    return count_month(month, *all_counted(), current_targets())


def group_of(boxes: list[str]) -> str:
    found = {code for code, (_, own) in EXPLOITATION_GROUPS.items() for box in boxes if box in own}
    return "not_said" if not boxes else found.pop() if len(found) == 1 else "several"


def within(moment: datetime.datetime | None, period: Period) -> bool:
    return moment is not None and period.starts <= moment.astimezone(LONDON).date() <= period.ends


def counts_at_all(referral: Referral) -> bool:
    reasons = {WithdrawalReason.DUPLICATE, WithdrawalReason.LOGGED_IN_ERROR}
    return not (referral.status == Status.WITHDRAWN and referral.withdrawal_reason in reasons)


def slow_recount(month: Period) -> dict[str, Counter]:
    """The partnership's counts by looping over every row, with none of the code under test."""
    groups = {setting: code for code, (_, settings) in SETTING_GROUPS.items() for setting in settings}
    tables = {key: Counter() for key in ("kind_age", "place_kind", "setting", "outcome", "pathway", "reason", "gap")}
    for row in filter(counts_at_all, Referral.objects.select_related("district")):
        kind = group_of(row.exploitation)
        if within(row.submitted_at, month):
            tables["kind_age"][f"{kind}|{row.age_group}"] += 1
            tables["place_kind"][f"{row.district.code if row.district else ''}|{kind}"] += 1
            tables["setting"][groups[row.setting]] += 1
        if row.status == Status.CLOSED and within(row.closed_at, month):
            tables["outcome"][row.outcome] += 1
    wanted: dict[tuple, list[HandOver]] = {}
    for row in HandOver.objects.select_related("referral"):
        wanted.setdefault((row.referral_id, row.pathway), []).append(row)
        tables["pathway"][row.pathway] += within(row.offered_at, month)
        if row.status == HandOverStatus.DECLINED:
            tables["reason"][row.decline_reason] += within(row.ended_at, month)
    for (_, pathway), rows in wanted.items():
        moments = [row.ended_at for row in rows if row.decline_reason in WANTING]
        taken = any(row.status in {HandOverStatus.ACCEPTED, HandOverStatus.COMPLETED} for row in rows)
        tables["gap"][pathway] += bool(moments and not taken and within(min(moments), month))
    return tables


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_month_is_counted_as_a_slow_recount_counts_it(cast, seed):
    Area.objects.create(code="southtown", name="Southtown")
    at_random(cast, 120, datetime.date(2026, 1, 15), datetime.date(2026, 4, 15), seed)
    found, slow = counted()[None], slow_recount(MARCH)
    tables = {
        "kind_age": "exploitation_by_age_group",
        "place_kind": "district_by_exploitation",
        "setting": "setting",
        "outcome": "outcome",
        "pathway": "pathway",
        "reason": "decline_reason",
        "gap": "gap",
    }
    for name, key in tables.items():
        assert found.cells(key) == {code: count for code, count in slow[name].items() if count}, key
        assert found.total(key) > 0


@pytest.mark.parametrize("seed", [4, 5])
def test_the_timings_of_a_month_are_those_of_a_slow_recount(cast, seed):
    at_random(cast, 120, datetime.date(2026, 1, 15), datetime.date(2026, 4, 15), seed)
    own = Partnership.current()
    slow = {key: [] for key in ("acknowledge", "triage", "accept", "feedback")}
    for row in filter(counts_at_all, Referral.objects.all()):
        urgent = row.priority == Priority.IMMEDIATE
        if within(row.opened_at, MARCH):
            minutes = own.unopened_minutes_immediate if urgent else own.unopened_minutes
            slow["acknowledge"].append((row.submitted_at, row.opened_at, row.submitted_at + HOUR * minutes / 60))
        for key, moves in (("triage", [Move.START_TRIAGE]), ("feedback", TELLING)):
            first = ReferralEvent.objects.filter(referral=row, move__in=moves).order_by("at").first()
            if first is None or not within(first.at, MARCH):
                continue
            days = own.triage_days_standard if key == "triage" else own.feedback_days
            due = end_of_working_day(row.submitted_at, days)
            if key == "triage" and urgent:
                due = row.submitted_at + own.triage_hours_immediate * HOUR
            slow[key].append((row.submitted_at, first.at, due))
    for row in HandOver.objects.filter(accepted_at__isnull=False):
        if within(row.accepted_at, MARCH):
            slow["accept"].append((row.offered_at, row.accepted_at, end_of_working_day(row.offered_at, 2)))
    found, middle = counted()[None].timings, medians(MARCH, *all_counted())[None]
    for key, rows in slow.items():
        in_time = sum(ended <= due for _, ended, due in rows)
        assert found[key] == (in_time, len(rows) - in_time), key
        assert 0 < in_time < len(rows)
        minutes = statistics.median((ended - began).total_seconds() / 60 for began, ended, _ in rows)
        assert middle[key] == pytest.approx(minutes)


def test_an_organisation_has_its_own_referrals_and_the_hand_overs_to_it(cast):
    one = happened(cast, london("2026-03-10T10:00"))
    happened(cast, london("2026-03-11T10:00"), organisation=cast.hospital, referrer=cast.nurse)
    asked(cast, one, cast.beacon, london("2026-03-12T10:00"))
    found = counted()
    assert found.keys() == {None, cast.council.pk, cast.hospital.pk, cast.beacon.pk}
    assert found[cast.council.pk].cells("exploitation_by_age_group") == {"labour|adult": 1}
    assert found[cast.beacon.pk].cells("pathway") == {"beacon": 1}
    assert found[cast.beacon.pk].timings == {"accept": (1, 0)}
    assert found[cast.council.pk].cells("pathway") == {}
    assert found[None].total("exploitation_by_age_group") == 2


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        ("2026-02-28T23:59:59.999999+00:00", False),
        ("2026-03-01T00:00:00+00:00", True),
        ("2026-03-31T23:30:00+01:00", True),
        ("2026-03-31T22:59:59+00:00", True),
        ("2026-03-31T23:00:00+00:00", False),  # the clocks have changed: that is midnight in London
    ],
)
def test_a_period_begins_and_ends_at_midnight_in_london(cast, moment, counts):
    happened(cast, datetime.datetime.fromisoformat(moment), closed_at=london("2026-05-01T12:00"))
    assert counted()[None].total("setting") == counts


def test_what_was_logged_twice_or_by_mistake_is_not_counted(cast):
    for reason in WithdrawalReason:
        gone = {"status": Status.WITHDRAWN, "outcome": "", "feedback_band": "", "closed_at": None}
        happened(cast, london("2026-03-10T10:00"), withdrawal_reason=reason, **gone)
    assert counted()[None].total("setting") == 1  # consent was withdrawn: it was a referral all the same


def test_a_request_is_a_gap_once_and_only_while_nobody_has_accepted(cast):
    third = make_organisation("third", receives_referrals=True)
    declined = HandOverStatus.DECLINED
    lost, taken, unsafe = (happened(cast, london("2026-02-10T10:00")) for _ in range(3))
    asked(cast, lost, cast.beacon, london("2026-03-10T10:00"), declined)
    asked(cast, lost, third, london("2026-04-10T10:00"), declined)
    asked(cast, taken, cast.beacon, london("2026-03-10T10:00"), declined)
    asked(cast, taken, third, london("2026-04-10T10:00"))
    asked(cast, taken, cast.constabulary, london("2026-03-10T10:00"), declined, pathway=Pathway.POLICE)
    asked(cast, unsafe, cast.beacon, london("2026-03-10T10:00"), declined, decline_reason=DeclineReason.UNSAFE)
    assert counted()[None].cells("gap") == {"beacon": 1, "police": 1}
    assert counted(MARCH.next())[None].cells("gap") == {}
    assert counted()[None].cells("decline_reason") == {"no_capacity": 3, "unsafe": 1}


def test_first_feedback_is_counted_once_and_triage_is_none(cast):
    referral = happened(cast, london("2026-02-26T10:00"))
    event(referral, Move.START_TRIAGE, london("2026-02-26T11:00"))
    event(referral, Move.REQUEST_INFORMATION, london("2026-03-05T17:00"))
    event(referral, Move.CLOSE, london("2026-04-05T10:00"))
    assert counted()[None].timings["feedback"] == (1, 0)  # the fifth working day ends at 17:00
    assert "triage" not in counted()[None].timings
    assert "feedback" not in counted(MARCH.next())[None].timings


def test_the_sum_of_the_months_is_the_count_of_the_quarter(cast):
    at_random(cast, 90, QUARTER.starts, QUARTER.ends)
    whole = added(counted(month)[None] for month in QUARTER.months())
    assert whole.total("setting") == sum(counts_at_all(row) for row in Referral.objects.all())
    assert sum(whole.timings["acknowledge"]) == whole.total("setting")
    assert Counts.from_json(whole.as_json()) == whole


def test_only_a_month_is_counted(cast):
    with pytest.raises(ValueError, match="no month"):
        counted(QUARTER)


def test_counting_takes_as_many_statements_for_many_referrals_as_for_few(cast):
    taken = []
    for more in (1, 60):
        at_random(cast, more, MARCH.starts, MARCH.ends)
        with CaptureQueriesContext(
            connection,
        ) as statements:
            counted()
        taken.append(len(statements))
    assert taken[0] == taken[1] <= 18


def test_every_answer_of_the_intake_has_exactly_one_group():
    boxes = [box for _, own in EXPLOITATION_GROUPS.values() for box in own]
    settings = [setting for _, own in SETTING_GROUPS.values() for setting in own]
    assert sorted(boxes) == sorted(EXPLOITATION_CODES)
    assert sorted(settings) == sorted(code for code, _ in SETTINGS)


def test_a_district_that_has_ended_is_counted_under_what_became_of_it(cast):
    new = Area.objects.create(code="newshire", name="Newshire", starts_on=datetime.date(2026, 10, 1))
    last = datetime.date(2026, 9, 30)
    for code in ("oldtown", "oldham"):
        Area.objects.create(code=code, name=code.title(), ends_on=last, successor=new)
    Area.objects.create(code="gone", name="Gone", ends_on=last)
    year = Districts(containing(Kind.YEAR, last), Area.objects.all())
    summer = Districts(containing(Kind.QUARTER, last), Area.objects.all())
    assert [one.code for one in year.categories] == ["newshire", "northtown", "elsewhere"]
    assert [year.now(code) for code in ("oldtown", "oldham", "gone", "")] == [
        "newshire",
        "newshire",
        *["elsewhere"] * 2,
    ]
    assert summer.now("oldtown") == "oldtown"
    assert {one.code for one in summer.categories} == {"northtown", "oldtown", "oldham", "gone", "elsewhere"}
