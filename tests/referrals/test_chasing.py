"""Silent organisations: who is reminded when, and when it stops."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from partners.models import Kind, Message, OpeningHours, SupportLine
from referrals import workflow
from referrals.models import HandOver, NrmCase, Referral
from referrals.pathways import Pathway
from referrals.statuses import NextActor
from referrals.tasks import chase_all, chase_hand_overs, tell_of_clocks
from tests.conftest import LONG_AGO
from tests.referrals.test_handovers import consents, in_triage, offer

LONDON = ZoneInfo("Europe/London")
MONDAY_TEN = datetime.datetime(2026, 11, 23, 10, tzinfo=LONDON)
SATURDAY_EVENING = datetime.datetime(2026, 11, 21, 18, tzinfo=LONDON)


def offered_at(cast, moment, organisation=None, **changes):
    """A hand-over as it would be if it had been made at the aware datetime `moment`."""
    taken = in_triage(cast.officer, cast.coordinator, **changes)
    to = organisation or cast.beacon
    offers = [workflow.Offer(to, Pathway.BEACON if to == cast.beacon else Pathway.POLICE)]
    return workflow.hand_over(
        referral_id=taken.pk, offers=offers, by=cast.coordinator, version=taken.version, at=moment
    )[0]


def beacons_hours(cast):
    """Monday to Friday 8 to 20, Saturday 9 to 17; closed on Sundays (facts, 5.3)."""
    line = SupportLine.objects.create(
        slug="beacon", name="Beacon", purpose="victim_care", organisation=cast.beacon, phone="03000 000000",
        starts_on=LONG_AGO,
    )  # fmt: skip
    for weekday in range(6):
        opens, closes = (8, 20) if weekday < 5 else (9, 17)
        OpeningHours.objects.create(
            line=line, weekday=weekday, opens=datetime.time(opens), closes=datetime.time(closes)
        )


def sent(kind) -> int:
    return Message.objects.filter(kind=kind).count()


def test_the_steps_come_in_working_time(cast):
    made = offered_at(cast, MONDAY_TEN)
    assert made.chase_at.astimezone(LONDON) == MONDAY_TEN + datetime.timedelta(hours=2)
    assert chase_all(made.chase_at - datetime.timedelta(seconds=1)) == 0
    assert chase_all(made.chase_at) == 1
    assert HandOver.objects.get().chase_at.astimezone(LONDON) == MONDAY_TEN + datetime.timedelta(hours=4)


def test_a_closed_organisation_is_chased_from_its_next_opening(cast):
    beacons_hours(cast)
    made = offered_at(cast, SATURDAY_EVENING)
    assert made.chase_at.astimezone(LONDON) == datetime.datetime(2026, 11, 23, 11, tzinfo=LONDON)


def test_in_danger_nobody_waits_for_the_opening_hours(cast):
    beacons_hours(cast)
    made = offered_at(cast, SATURDAY_EVENING, priority="immediate")
    assert made.chase_at - made.offered_at == datetime.timedelta(minutes=10)
    assert made.due_at - made.offered_at == datetime.timedelta(minutes=60)


def test_one_round_takes_one_step_and_two_rounds_at_once_take_it_once(cast):
    made = offered_at(cast, MONDAY_TEN)
    assert chase_all(made.chase_at) == 1
    assert chase_all(made.chase_at) == 0
    assert sent(Kind.HAND_OVER_CHASED) > 0


def test_after_a_long_outage_the_steps_follow_one_by_one(cast):
    made = offered_at(cast, MONDAY_TEN)
    late = MONDAY_TEN + datetime.timedelta(days=3)
    assert [chase_all(late) for _ in range(4)] == [1, 1, 1, 0]
    assert HandOver.objects.get(pk=made.pk).needs_ringing
    assert Referral.objects.get().next_actor == NextActor.COORDINATOR


def test_whoever_in_the_organisation_acts_first_stops_it(cast):
    made = offered_at(cast, MONDAY_TEN)
    chase_all(made.chase_at)
    workflow.open_hand_over(hand_over_id=made.pk, by=cast.beacon_worker2)
    assert chase_all(MONDAY_TEN + datetime.timedelta(days=3)) == 0
    assert sent(Kind.HAND_OVER_RING) == 0


def test_a_revoked_hand_over_is_not_chased(cast):
    made = offered_at(cast, MONDAY_TEN)
    workflow.revoke(hand_over_id=made.pk, reason="not_needed", by=cast.coordinator)
    assert chase_all(MONDAY_TEN + datetime.timedelta(days=3)) == 0


def test_task_and_command_are_the_same_round(cast, capsys):
    made = offered_at(cast, timezone.now() - datetime.timedelta(days=5))
    chase_hand_overs()
    assert HandOver.objects.get(pk=made.pk).chased == 1
    call_command("chase")
    assert HandOver.objects.get(pk=made.pk).chased == 2
    assert "1 hand-overs chased" in capsys.readouterr().out


def test_a_first_responder_has_a_clock_from_the_offer_and_another_from_accepting(cast):
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(nrm="given"))
    made = offer(taken, cast.coordinator, cast.constabulary, Pathway.NRM)
    first = made.due_at
    opened = workflow.open_hand_over(hand_over_id=made.pk, by=cast.police_officer)
    assert opened.due_at == first
    accepted = workflow.accept(hand_over_id=made.pk, by=cast.police_officer, version=opened.version)
    assert accepted.due_at > first
    assert Referral.objects.get().due_at == accepted.due_at


def test_a_clock_of_the_nrm_is_told_of_once(cast):
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(nrm="given"))
    made = offer(taken, cast.coordinator, cast.constabulary, Pathway.NRM)
    workflow.accept(hand_over_id=made.pk, by=cast.police_officer, version=made.version)
    today = timezone.localdate()
    workflow.record_stage(referral_id=taken.pk, stage="submitted", on=today, by=cast.police_officer, version=1)
    due = NrmCase.objects.get().next_on
    assert tell_of_clocks(due - datetime.timedelta(days=1)) == 0
    assert [tell_of_clocks(due), tell_of_clocks(due)] == [1, 0]
    assert sent(Kind.NRM_CLOCK) == 2


@pytest.mark.parametrize("pathway", ["nrm", "beacon"])
def test_an_open_hand_over_always_has_a_clock(cast, pathway):
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(nrm="given", beacon="given"))
    to = cast.constabulary if pathway == "nrm" else cast.beacon
    made = offer(taken, cast.coordinator, to, Pathway(pathway))
    assert made.due_at > made.offered_at
    assert Referral.objects.get().due_at is not None
