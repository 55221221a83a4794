"""What is sent: the path's answers and nothing else, each in its place."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.codes import INDICATOR_CODES, THEMES
from referrals.forms.answers import on_the_path, priority_of, problems, to_submission
from referrals.forms.consent import CHILD_KINDS, KINDS
from referrals.forms.people import TOO_OLD, eighteenth_birthday
from referrals.forms.steps import BY_KEY, STEPS, path
from referrals.forms.summary import NOT_ANSWERED, page_rows, summary_rows
from referrals.statuses import Priority
from referrals.workflow import submit
from tests.conftest import make_draft
from tests.referrals.filled import ADULT, CHILD

#: What lies in the two sealed parts: all but who must not hear of it.
SEALED = ADULT.keys() - {"do_not_share"}
MINIMUM = {"danger": {"immediate_danger": "no"}, "age": {"age_group": "adult"}}


def with_(answers, **changed):
    return {**answers, **changed}


def test_an_adults_answers_become_codes_and_two_sealed_parts():
    sent = to_submission(ADULT)
    assert (sent.age_group, sent.setting, sent.district_code) == ("adult", "car_wash", "northtown")
    assert sent.exploitation == ["forced-to-work", "other"]
    assert sent.indicators == ["G03", "G05", "G26"]
    assert sent.secret["person"]["given_names"] == "Zebulina"
    assert sent.secret["contact"]["phone_number"] == "07700 900123"


def test_everything_about_the_place_lies_in_the_second_blob_only():
    sent = to_submission(ADULT)
    assert sent.location == {
        "found": {"district": "northtown", "found_address": "The car wash by the canal"},
        "contact": {"post_address": "Care of the day centre"},
        "where_now": ADULT["where_now"],
    }
    assert not {"district", "found_address", "post_address", "address", "postcode"} & {
        name for given in sent.secret.values() for name in given
    }


def test_nothing_is_lost_between_the_answers_and_the_two_parts():
    sent = to_submission(ADULT)
    together = {key: sent.secret.get(key, {}) | sent.location.get(key, {}) for key in SEALED}
    assert together == {key: ADULT[key] for key in SEALED}


def test_consents_are_recorded_kind_by_kind_with_how_it_was_explained():
    consents = {given.kind: given for given in to_submission(ADULT).consents}
    asked = {kind: given.state for kind, given in consents.items() if not kind.startswith("contact_")}
    assert asked == {kind: state for kind, state in ADULT["consent"].items() if kind != "capacity"}
    assert consents["beacon"].explained_by == "me"
    assert consents["beacon"].explained_on == "2026-01-21"
    assert consents["beacon"].privacy_notice_given == "yes"
    assert consents["nrm"].explained_on == "", "nothing was explained about what was not asked"


def test_a_way_of_contact_that_is_called_safe_is_a_consent_with_its_details_and_none_is_nothing():
    channels = {given.kind: given for given in to_submission(ADULT).consents if given.kind.startswith("contact_")}
    assert {kind: given.state for kind, given in channels.items()} == {
        "contact_phone": "given",
        "contact_post": "given",
    }
    assert channels["contact_post"].explained_on == "2026-01-21"
    nothing = to_submission(with_(ADULT, contact={"channels": ["none"]})).consents
    assert {given.kind for given in nothing} == set(KINDS)


@pytest.mark.parametrize(("answer", "doubt"), [("yes", True), ("no", False), ("not_known", False), (None, False)])
def test_capacity_is_presumed_unless_somebody_doubts_it(answer, doubt):
    consent = {"nrm": "given"} | ({"capacity": answer} if answer else {})
    assert to_submission(with_(MINIMUM, consent=consent)).may_lack_capacity is doubt


def test_a_doubt_about_an_adult_is_not_carried_into_a_childs_referral():
    changed = with_(ADULT, consent={"capacity": "yes"}, age={"age_group": "child"}, person={})
    assert to_submission(changed).may_lack_capacity is False


def test_exploited_as_a_child_and_people_met_are_coded_facts():
    sent = to_submission(with_(ADULT, exploited_as_child={"exploited_as_child": "yes"}, found={"people_met": "11"}))
    assert (sent.exploited_as_child, sent.people_met) == (True, 11)
    assert (to_submission(MINIMUM).exploited_as_child, to_submission(MINIMUM).people_met) == (False, 1)


def test_who_must_not_hear_of_it_is_in_no_sealed_part_that_others_are_shown():
    sent = to_submission(ADULT)
    assert sent.exclude == ["hospital"]
    assert sent.exclude_reason == "The man who drives her has a brother on the ward"
    assert "do_not_share" not in sent.secret | sent.location
    no = to_submission(with_(ADULT, do_not_share=ADULT["do_not_share"] | {"keep_from": "no"}))
    assert (no.exclude, no.exclude_reason) == ([], "")


def test_the_eighteenth_birthday_of_a_child_is_known_and_of_nobody_else():
    assert to_submission(CHILD).turns_18_on == "2030-05-01"
    assert to_submission(with_(CHILD, age={"age_group": "unsure"})).turns_18_on == "2030-05-01"
    assert to_submission(with_(CHILD, person={})).turns_18_on == ""
    assert to_submission(ADULT).turns_18_on == ""
    in_doubt = with_(CHILD, age={"age_group": "unsure"}, person={"date_of_birth": "1999-03-27"})
    assert to_submission(in_doubt).turns_18_on == "", "a birthday long ago is no reason to ask again soon"


@pytest.mark.parametrize(
    ("born", "birthday"), [("2012-02-29", "2030-03-01"), ("2014-02-28", "2032-02-28"), ("2012-12-31", "2030-12-31")]
)
def test_somebody_born_on_a_leap_day_turns_18_in_march(born, birthday):
    assert eighteenth_birthday(datetime.date.fromisoformat(born)).isoformat() == birthday


def test_consent_that_nobody_touched_is_not_asked():
    assert {given.state for given in to_submission(MINIMUM).consents} == {"not_asked"}


def test_a_child_has_no_consent_to_the_nrm_but_a_view_on_the_rest():
    sent = to_submission(CHILD)
    states = {given.kind: given.state for given in sent.consents if not given.kind.startswith("contact_")}
    assert states == {"beacon": "given", "police": "not_asked"}
    assert sent.secret["childs_wishes"]["wishes"] == "To go to school"


def test_changing_adult_to_child_drops_what_only_adults_are_asked():
    changed = with_(ADULT, age={"age_group": "child"}, person={"given_names": "Zebulina"})
    sent = to_submission(changed)
    assert not {"consent", "exploited_as_child", "consent_details"} & set(sent.secret)
    states = {given.kind: given.state for given in sent.consents if not given.kind.startswith("contact_")}
    assert states == {"beacon": "not_asked", "police": "not_asked"}


def test_changing_child_to_adult_drops_the_childs_pages_and_signs():
    changed = with_(CHILD, age={"age_group": "adult"}, person={})
    sent = to_submission(changed)
    assert not {"children_services", "childs_wishes", "signs_child"} & set(sent.secret)
    assert "CH05" not in sent.indicators
    assert sent.secret["signs"] == {"themes": ["control"]}
    assert sent.secret["signs_control"], "what both are asked stays"


def test_no_longer_choosing_a_group_of_signs_drops_its_signs():
    sent = to_submission(with_(ADULT, signs={"themes": ["work"]}))
    assert sent.indicators == ["G26"]
    assert "signs_control" not in sent.secret


def test_an_answer_that_hid_its_details_drops_them():
    sent = to_submission(with_(ADULT, contact=ADULT["contact"] | {"channels": ["none"]}))
    assert sent.secret["contact"] == {"channels": ["none"], "safe_times": "Mornings"}
    assert "contact" not in sent.location


def test_the_draft_itself_keeps_the_answers_of_a_branch_that_was_left():
    changed = with_(ADULT, age={"age_group": "child"})
    on_the_path(changed)
    assert changed["consent"] == ADULT["consent"]


@pytest.mark.parametrize("district", ["outside", "not_known", ""])
def test_a_place_outside_or_unknown_is_no_district_but_is_kept_as_said(district):
    found = {"district": district} if district else {}
    sent = to_submission(with_(MINIMUM, found=found))
    assert sent.district_code == ""
    assert sent.location.get("found", {}).get("district", "") == district


def test_a_setting_or_sign_that_no_longer_exists_does_not_stop_a_referral():
    old = with_(ADULT, setting={"setting": "workhouse"}, signs_control={"indicators": ["G03", "G99"]})
    sent = to_submission(old)
    assert sent.setting == "not_known"
    assert sent.indicators == ["G03", "G26"]


@pytest.mark.parametrize(
    ("changes", "priority"),
    [
        ({}, Priority.STANDARD),
        ({"danger": {"immediate_danger": "yes"}}, Priority.IMMEDIATE),
        ({"danger": {"immediate_danger": "not_known"}}, Priority.URGENT),
        ({"age": {"age_group": "child"}}, Priority.URGENT),
        ({"age": {"age_group": "unsure"}}, Priority.URGENT),
        ({"age": {"age_group": "child"}, "danger": {"immediate_danger": "yes"}}, Priority.IMMEDIATE),
        ({"risk": {"still_in_it": "yes"}}, Priority.URGENT),
        ({"risk": {"still_at_risk": "yes", "still_in_it": "no"}}, Priority.URGENT),
        ({"risk": {"still_at_risk": "not_known", "still_in_it": "not_known"}}, Priority.STANDARD),
        ({"signs": {"themes": ["fear"]}, "signs_fear": {"indicators": ["G09", "G10", "G11"]}}, Priority.STANDARD),
    ],
)
def test_priority_has_plain_reasons_and_is_no_sum_of_signs(changes, priority):
    assert priority_of(with_(MINIMUM, **changes)) is priority
    assert to_submission(with_(MINIMUM, **changes)).priority is priority


def test_only_danger_and_age_stand_in_the_way():
    assert [problem.step.key for problem in problems({})] == ["danger", "age"]
    assert problems(MINIMUM) == []
    with pytest.raises(ValueError, match="2 steps"):
        to_submission({})


def test_typed_text_that_was_never_saved_stands_in_the_way_on_the_path_only():
    assert [problem.step.key for problem in problems(ADULT, {"account", "childs_wishes"})] == ["account"]


def test_a_birth_date_that_contradicts_the_age_is_found_whichever_was_changed_last():
    born = with_(MINIMUM, person={"date_of_birth": "2010-06-02"})
    today = datetime.date(2028, 6, 1)
    assert [problem.step.key for problem in problems(born, today=today)] == ["person"]
    assert problems(born, today=datetime.date(2028, 6, 2)) == [], "the eighteenth birthday"
    assert problems(with_(born, age={"age_group": "unsure"}), today=today) == []


def test_a_child_whose_eighteenth_birthday_has_come_is_found_too_and_a_doubt_stays_a_doubt():
    born = with_(MINIMUM, age={"age_group": "child"}, person={"date_of_birth": "2010-06-02"})
    assert problems(born, today=datetime.date(2028, 6, 1)) == []
    birthday = datetime.date(2028, 6, 2)
    assert [(problem.step.key, problem.text) for problem in problems(born, today=birthday)] == [("person", TOO_OLD)]
    assert problems(with_(born, age={"age_group": "unsure"}), today=birthday) == []


@given(
    st.sets(st.sampled_from(sorted({*ADULT, *CHILD}))),
    st.lists(st.sampled_from([*(theme.slug for theme in THEMES), "none", "forged"]), unique=True),
    st.sampled_from(["adult", "child", "unsure"]),
    st.sampled_from(["yes", "no", "not_known"]),
)
def test_whatever_was_answered_only_the_path_is_sent(keys, themes, age, danger):
    answers = {key: (CHILD | ADULT)[key] for key in keys - {"person"}}
    answers |= {theme: {"indicators": INDICATOR_CODES} for theme in BY_KEY if theme.startswith("signs_")}
    answers |= {"signs": {"themes": themes}, "age": {"age_group": age}, "danger": {"immediate_danger": danger}}
    sent = to_submission(answers)
    asked = {step.key for step in path(answers)}
    assert set(sent.secret) | set(sent.location) <= asked - {"do_not_share"}
    assert bool(sent.indicators) is any(key.startswith("signs_") for key in asked)
    asked = {consent.kind for consent in sent.consents if not consent.kind.startswith("contact_")}
    assert asked == set(KINDS if age == "adult" else CHILD_KINDS)
    assert sent.content_hash() == to_submission(answers).content_hash()


def test_what_is_sent_can_be_stored_and_read_back(cast):
    for answers in (ADULT, CHILD, MINIMUM):
        sent = to_submission(answers)
        referral = submit(by=cast.officer, draft_id=make_draft(cast.officer).pk, submission=sent)
        referral.refresh_from_db()
        assert referral.secret.take_out() == sent.secret
        assert referral.location.take_out() == sent.location
        assert referral.consents.count() == len(sent.consents)


def rows(parts):
    return {(row.step.key, row.field): row.value for part in parts for row in part.rows}


def test_the_summary_says_answers_in_words():
    shown = rows(summary_rows(ADULT, districts={"northtown": "Northtown"}, organisations={"hospital": "Hospital"}))
    assert shown["do_not_share", "organisations"] == ["Hospital"]
    assert shown["found", "people_met"] == "2"
    assert shown["age", "age_group"] == "18 or over"
    assert shown["person", "date_of_birth"] == "27 March 1999"
    assert shown["found", "district"] == "Northtown"
    assert shown["signs", "themes"] == ["Control and freedom", "Work and pay"]
    assert shown["signs_work", "indicators"] == ["Gets little or no pay"]
    assert shown["consent", "police"] == "They want time to decide"
    assert len(shown) == sum(len(given) for given in ADULT.values())


def test_the_summary_of_a_sealed_part_shows_that_part_only():
    sent = to_submission(ADULT)
    assert {key for key, _ in rows(summary_rows(sent.location))} == {"found", "contact", "where_now"}
    assert not {key for key, _ in rows(summary_rows(sent.secret))} & {"where_now"}


def test_the_summary_passes_over_what_is_no_longer_asked():
    assert rows(summary_rows({"star_sign": {"star_sign": "Leo"}, "person": {"star_sign": "Leo"}})) == {}


def test_gaps_are_shown_plainly_where_the_answers_are_checked():
    parts = summary_rows(on_the_path(ADULT), steps=path(ADULT))
    gaps = {(row.step.key, row.field) for part in parts for row in part.rows if not row.answered}
    assert ("contact", "safe_words") in gaps
    assert ("contact", "text_number") not in gaps, "it is not asked without the channel"
    empty = summary_rows({}, steps=path({}))
    assert {row.value for part in empty for row in part.rows} == {NOT_ANSWERED}
    assert [row.label for part in empty for row in part.rows] == [step.title for step in path({})]


def test_what_was_typed_is_shown_right_or_wrong():
    form = BY_KEY["person"].form(answers={})
    typed = {"given_names": ["Zebulina"], "date_of_birth_day": ["31"], "date_of_birth_month": ["2"], "gender": ["?"]}
    assert page_rows(form, form.as_typed(typed)) == [
        ("First names", "Zebulina"),
        ("Date of birth", "31 2"),
        ("How do they describe their gender?", "?"),
    ]


#: The pages that read their choices from the database are posted in test_intake.py.
FIXED = [step for step in STEPS if step.key not in ("found", "do_not_share")]


@pytest.mark.parametrize("step", FIXED, ids=lambda step: step.key)
def test_saved_answers_are_shown_again_as_they_were_given(step):
    for answers in (ADULT, CHILD):
        if step.key in answers:
            form = step.form(answers=answers)
            posted = form.as_given(answers[step.key])
            assert set(posted) == set(answers[step.key])
            assert len(page_rows(form, posted)) == len(answers[step.key])
