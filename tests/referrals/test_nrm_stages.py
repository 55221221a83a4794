"""The stages of the NRM and their clocks; the worked examples are those of the facts, section 8.3."""

import datetime

import pytest

from partners.hours import add_working_days
from referrals.nrm_stages import (
    CG_DECISIONS,
    NEXT_STAGES,
    STAGE_BANDS,
    STAGE_LABELS,
    NrmStage,
    StageNotAllowed,
    check_stage,
    clocks,
    may_follow,
)

D = datetime.date
#: The limits as they are seeded; the tests of `partners.limits` tie these to the database.
LIMITS = {
    "rg_decision": (5, True), "outcome_chase": (10, True), "exit_negative": (9, True), "recovery_period": (30, False),
    "reconsideration": (30, False), "move_on": (45, False), "draft_warning": (21, False), "draft_expires": (28, False),
}  # fmt: skip


def due_on(key, since):
    amount, working = LIMITS[key]
    return add_working_days(since, amount) if working else since + datetime.timedelta(days=amount)


def on(stage, since, **more):
    return {clock.key: clock.on for clock in clocks({NrmStage(stage): since}, stage, due_on, **more)}


@pytest.mark.parametrize(
    ("received", "decided"),
    [
        (D(2026, 11, 23), D(2026, 11, 30)),
        (D(2026, 11, 28), D(2026, 12, 4)),
        (D(2026, 12, 24), D(2027, 1, 5)),
        (D(2027, 3, 25), D(2027, 4, 5)),
        (D(2027, 12, 24), D(2028, 1, 5)),
    ],
)
def test_the_reasonable_grounds_decision_is_due_five_working_days_after_it_was_sent(received, decided):
    assert on("submitted", received)["rg_decision"] == decided


def test_a_draft_warns_at_21_days_and_is_deleted_at_28():
    assert on("home_office_draft", D(2026, 3, 20)) == {
        "draft_warning": D(2026, 4, 10),
        "draft_expires": D(2026, 4, 17),
    }


def test_recovery_reconsideration_and_moving_on_are_counted_in_calendar_days():
    day = D(2026, 12, 20)
    assert on("rg_positive", day) == {"recovery_period": D(2027, 1, 19)}
    assert on("rg_negative", day) == {"reconsideration": D(2027, 1, 19)}
    assert on("cg_positive", day) == {"move_on": D(2027, 2, 3)}
    assert on("cg_negative", day)["reconsideration"] == D(2027, 1, 19)


def test_the_home_office_is_asked_ten_working_days_after_its_target():
    assert on("submitted", D(2026, 11, 23))["outcome_chase"] == D(2026, 12, 14)


def test_near_18_consent_is_asked_again_until_the_conclusive_decision():
    birthday = D(2027, 2, 1)
    assert on("rg_positive", D(2026, 11, 23), ask_again_on=birthday)["turns_18_notice"] == birthday
    for stage in (*CG_DECISIONS, NrmStage.WITHDRAWN, NrmStage.NOTIFIED):
        assert "turns_18_notice" not in on(stage, D(2026, 11, 23), ask_again_on=birthday)


def test_the_nearest_clock_comes_first():
    found = clocks({NrmStage.HOME_OFFICE_DRAFT: D(2026, 3, 1)}, "home_office_draft", due_on)
    assert [clock.on for clock in found] == sorted(clock.on for clock in found)


def test_every_stage_has_words_and_arrows():
    assert set(STAGE_LABELS) == set(NEXT_STAGES) == set(NrmStage)


def test_every_stage_can_be_reached_from_the_first():
    reached, front = {NrmStage.PREPARING}, {NrmStage.PREPARING}
    while front := {after for stage in front for after in NEXT_STAGES[stage]} - reached:
        reached |= front
    assert reached == set(NrmStage)


def test_a_band_never_says_which_way_a_decision_went():
    for stages in ({NrmStage.RG_POSITIVE, NrmStage.RG_NEGATIVE}, {NrmStage.CG_POSITIVE, NrmStage.CG_NEGATIVE}):
        assert len({STAGE_BANDS[stage] for stage in stages}) == 1


def test_a_notification_has_no_decisions_and_a_referral_is_not_notified():
    assert NrmStage.SUBMITTED not in may_follow("preparing", duty_to_notify=True)
    assert NrmStage.NOTIFIED not in may_follow("preparing", duty_to_notify=False)


@pytest.mark.parametrize(
    ("stage", "to", "day", "words"),
    [
        ("preparing", "rg_positive", D(2026, 11, 23), "cannot follow"),
        ("submitted", "cg_positive", D(2026, 11, 23), "cannot follow"),
        ("submitted", "rg_positive", D(2026, 11, 24), "today or in the past"),
        ("submitted", "rg_positive", D(2026, 11, 19), "must not be before 20 November 2026"),
    ],
)
def test_an_impossible_stage_or_date_is_refused_in_words(stage, to, day, words):
    with pytest.raises(StageNotAllowed, match=words):
        check_stage(stage, to, day, D(2026, 11, 23), {NrmStage(stage): D(2026, 11, 20)})
