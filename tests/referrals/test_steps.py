"""The path: which pages are asked, in which order, and what each of them is made of."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.codes import CHILD_THEME, THEMES
from referrals.forms.steps import BY_KEY, BY_SLUG, PARTS, STEPS, path, step_after, step_before
from referrals.identifiers import NAME_FIELDS, NUMBER_FIELDS, TEXT_FIELDS


def keys(answers):
    return [step.key for step in path(answers)]


AGE = {group: {"age": {"age_group": group}} for group in ("adult", "child", "unsure")}


def test_before_the_age_is_known_no_page_for_adults_or_children_is_asked():
    asked = set(keys({}))
    assert not asked & {"children_services", "exploited_as_child", "consent", "childs_wishes", "consent_details"}
    assert {"danger", "age", "person", "account", "referrer"} <= asked


def test_danger_leads_to_the_stop_page_at_once():
    assert keys({"danger": {"immediate_danger": "yes"}})[:3] == ["danger", "ring_999", "age"]
    assert "ring_999" not in keys({"danger": {"immediate_danger": "not_known"}})


def test_an_adult_is_asked_for_consent_and_never_sent_to_children_services():
    asked = keys(AGE["adult"])
    assert {"consent", "exploited_as_child"} <= set(asked)
    assert not {"children_services", "childs_wishes"} & set(asked)


@pytest.mark.parametrize("group", ["child", "unsure"])
def test_a_child_or_somebody_who_may_be_one_goes_the_childs_way(group):
    asked = keys(AGE[group])
    assert {"children_services", "childs_wishes"} <= set(asked)
    assert not {"consent", "exploited_as_child"} & set(asked)


def test_each_chosen_group_of_signs_has_a_page_and_none_of_these_has_none():
    chosen = keys({**AGE["adult"], "signs": {"themes": ["work", "control"]}})
    assert [key for key in chosen if key.startswith("signs_")] == ["signs_control", "signs_work"]
    assert not [key for key in keys({**AGE["adult"], "signs": {"themes": ["none"]}}) if key.startswith("signs_")]


def test_the_childs_signs_are_asked_for_children_only():
    themes = {"signs": {"themes": [theme.slug for theme in THEMES]}}
    assert f"signs_{CHILD_THEME}" in keys({**AGE["unsure"], **themes})
    assert f"signs_{CHILD_THEME}" not in keys({**AGE["adult"], **themes})


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        (AGE["adult"], False),
        ({**AGE["adult"], "consent": {"nrm": "not_asked", "police": "not_asked"}}, False),
        ({**AGE["adult"], "consent": {"police": "refused"}}, True),
        ({**AGE["adult"], "childs_wishes": {"beacon": "given"}}, False),
        ({**AGE["child"], "childs_wishes": {"beacon": "given"}}, True),
        ({**AGE["child"], "consent": {"nrm": "given"}}, False),
        ({"consent": {"nrm": "given"}}, False),
    ],
)
def test_how_it_was_explained_is_asked_only_when_something_was(answers, asked):
    assert ("consent_details" in keys(answers)) is asked


def test_names_parts_and_order_are_sound():
    assert len(BY_KEY) == len(BY_SLUG) == len(STEPS)
    assert [step.part for step in STEPS] == sorted(step.part for step in STEPS)
    assert {step.part for step in STEPS} == set(range(1, len(PARTS) + 1))
    assert not {"check", "declaration", "discard"} & set(BY_SLUG), "these are addresses of their own"
    assert BY_KEY["account"].caption == "Part 3 of 7: What you saw"


def test_no_field_name_stands_on_two_pages_of_one_path_except_the_signs_and_consents():
    """Names say what a value is wherever it lies; the net of identifiers.py goes by them."""
    for group, answers in AGE.items():
        names = [(name, step.key) for step in path(answers) for name in step.form.base_fields]
        double = [name for name, same in itertools.groupby(sorted(names), lambda pair: pair[0]) if len(list(same)) > 1]
        assert double == [], group


def test_the_fields_that_identify_a_person_are_called_as_the_net_expects():
    asked = {name for step in STEPS for name in step.form.base_fields}
    assert {*NAME_FIELDS, *NUMBER_FIELDS, *TEXT_FIELDS, "date_of_birth"} <= asked


def test_only_danger_and_age_must_be_answered():
    required = [(step.key, name) for step in STEPS for name, field in step.form.base_fields.items() if field.required]
    assert required == [("danger", "immediate_danger"), ("age", "age_group")]


def test_every_reveal_and_exclusive_answer_names_a_choice_that_exists():
    for step in STEPS:
        # These two read their choices from the database, and no field of theirs is exclusive.
        form = step.form(answers=AGE["child"]) if step.key not in ("found", "do_not_share") else None
        for name, (question, answer) in step.form.reveals.items():
            assert name in step.form.base_fields
            assert answer in dict(step.form.base_fields[question].choices)
        for question, answer in step.form.exclusive.items():
            assert answer in dict(form.fields[question].choices)
        assert step.form.place <= set(step.form.base_fields)


THEME_LISTS = st.lists(st.sampled_from([*(theme.slug for theme in THEMES), "none", "forged"]), unique=True)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "danger": st.fixed_dictionaries({"immediate_danger": st.sampled_from(["yes", "no", "not_known"])}),
        "age": st.fixed_dictionaries({"age_group": st.sampled_from(["adult", "child", "unsure", "forged"])}),
        "signs": st.fixed_dictionaries({"themes": THEME_LISTS}),
        "consent": st.fixed_dictionaries({}, optional={"nrm": st.sampled_from(["given", "not_asked"])}),
        "childs_wishes": st.fixed_dictionaries({}, optional={"police": st.sampled_from(["refused", "not_asked"])}),
    },
)


@given(ANSWERS)
def test_forwards_and_backwards_meet_every_page_of_the_path_once(answers):
    way = path(answers)
    forwards = [way[0]]
    while later := step_after(forwards[-1], answers):
        forwards.append(later)
    backwards = [way[-1]]
    while earlier := step_before(backwards[-1], answers):
        backwards.append(earlier)
    assert forwards == way == backwards[::-1]


@given(ANSWERS, st.sampled_from(STEPS))
def test_from_a_page_that_is_no_longer_on_the_path_there_is_a_way_on_and_back(answers, step):
    later, earlier = step_after(step, answers), step_before(step, answers)
    assert later is None or STEPS.index(later) > STEPS.index(step)
    assert earlier is None or STEPS.index(earlier) < STEPS.index(step)
