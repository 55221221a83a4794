"""The Home Office form as a sheet: its pages in their order, what a case answers, what is missing, what may leave."""

import csv
import dataclasses
import datetime
import itertools
from pathlib import Path

import pytest

from referrals import codes
from referrals.nrm_form import (
    BRANCH_LABELS,
    RETIRED,
    STEPS,
    Branch,
    Case,
    FirstResponder,
    Kind,
    answers_of,
    askable,
    branch_of,
    check_given,
    fields_on,
    may_copy,
    sheet,
    unresolved,
)
from referrals.nrm_form.fields import LONGEST

KEYS = Path(__file__).with_name("nrm_form_fields.tsv")
SHARED = Path(__file__).parents[3] / "shared" / "domain" / KEYS.name
ADULT, CHILD, NOTIFY = Branch.ADULT_NRM, Branch.CHILD_NRM, Branch.DUTY_TO_NOTIFY
TODAY = datetime.date(2026, 11, 23)

SECRET = {
    "danger": {"immediate_danger": "no"},
    "ring_999": {"police_told": "yes", "police_reference": "CAD 20260120-77"},
    "age": {"age_group": "adult", "rough_age": "about 28"},
    "person": {
        "given_names": "Zebulina",
        "family_name": "Testperson",
        "known_as": "Quokkaman",
        "date_of_birth": "1998-03-27",
        "gender": "female",
        "nationality": "Ruritanian, Freedonian",
    },
    "exploited_as_child": {"exploited_as_child": "not_known"},
    "children_services": {
        "contacted": "yes",
        "council_name": "Testshire County Council",
        "council_contact": "Priya Pretend",
        "council_phone": "01632 960301",
        "council_email": "children@council.example.org",
    },
    "found": {"found_on": "2026-01-20"},
    "setting": {"setting": "car_wash"},
    "account": {"what_was_seen": "A man answered for Zebulina.", "what_was_said": "“I must ask him first.”"},
    "exploitation": {"kinds": ["forced-to-work", "other"], "exploitation_other": "Told to marry"},
    "risk": {"still_in_it": "no", "still_at_risk": "yes", "risk_details": "The man waits outside"},
    "childs_wishes": {"wishes": "To go to school"},
    "consent_details": {"explained_on": "2026-01-21", "explained_language": "English", "interpreter": "none_needed"},
    "contact": {
        "channels": ["phone", "email", "post", "someone"],
        "phone_number": "07700 900123",
        "email_address": "z@mail.example.org",
        "someone_name": "Wilma Ward",
        "someone_relationship": "A friend",
        "someone_phone": "01632 960411",
        "someone_email": "wilma@mail.example.org",
        "safe_times": "Mornings",
    },
    "communication": {"interpreter_needed": "yes", "language": "Ruritanian", "other_needs": "Large print"},
    "dependants": {"has_dependants": "yes", "dependants_details": "One child, 4"},
}
LOCATION = {
    "found": {"found_address": "The car wash by the canal", "district": "northtown"},
    "contact": {"post_address": "4 Invented Road, Southtown, Testshire, ZY1 2AB"},
    "where_now": {"address": "Flat 9, Canary Wharf", "postcode": "ZZ9 9ZZ"},
}
RESPONDER = FirstResponder(
    "Test", "Officer", "Housing officer", "01632 960201", "o@council.example.org", "team@council.example.org"
)
AGE_GROUPS = {ADULT: "adult", CHILD: "child", NOTIFY: "adult"}
CONSENTS = {
    ADULT: {"nrm": "given", "msvcc": "given", "police": "given"},
    CHILD: {"police": "given"},
    NOTIFY: {"nrm": "refused", "msvcc": "refused", "police": "refused"},
}


def a_case(branch=ADULT, **changes) -> Case:
    standard = {
        "branch": branch,
        "reference": "K7P-4TX-9WM",
        "age_group": AGE_GROUPS[branch],
        "secret": SECRET,
        "location": LOCATION,
        "exploitation": ["forced-to-work", "other"],
        "indicators": ["G03", "G26", "CH11"],
        "consents": CONSENTS[branch],
        "organisation": "Testshire County Council",
        "district": "Northtown",
        "first_responder": RESPONDER,
    }
    return Case(**(standard | changes))


def with_answers(step, **fields):
    """SECRET with other answers on one page."""
    return SECRET | {step: SECRET.get(step, {}) | fields}


SAMPLES = {
    Kind.TEXT: "Invented", Kind.LONG: "Not known, because nobody asked.", Kind.DATE: "1998-03-27", Kind.NUMBER: "2",
    Kind.EMAIL: "a@example.org", Kind.PHONE: "01632 960001", Kind.PLACE: "Unknown", Kind.LISTED: "Unknown",
}  # fmt: skip


def answered(field, picks):
    if field.kind is Kind.CHOICES:
        return picks.get(field.key, ["email"])
    return picks.get(field.key) or SAMPLES.get(field.kind) or field.options[0][0]


def everything(branch, **picks):
    """An answer to every question of the branch; `picks` (dashes as underscores) choose the way at the forks."""
    chosen = {key.replace("_", "-"): value for key, value in picks.items()}
    return {key: answered(f, chosen) for key, f in fields_on(branch).items() if not f.locked}


def paths(case, given=None):
    return [block.step.path for block in sheet(case, given or {}).blocks]


def keys(case, given=None):
    return [item.field.key for item in sheet(case, given or {}).items]


def item(case, key, given=None):
    return next(one for one in sheet(case, given or {}).items if one.field.key == key)


def listed_keys(path=KEYS):
    with path.open() as rows:
        return [(row["step"], row["field"]) for row in csv.DictReader(rows, delimiter="\t")]


# --- The form ------------------------------------------------------------------------------------------------------


def test_every_key_on_a_path_stands_under_its_page_in_the_forms_own_order():
    known = [(step.path, field.key) for step in STEPS for field in step.fields]
    assert known == [(step, key) for step, key in listed_keys() if key not in RETIRED]


def test_the_retired_keys_are_exactly_the_rest():
    assert {key for _, key in listed_keys()} - {f.key for step in STEPS for f in step.fields} == RETIRED


def test_the_list_of_keys_is_the_one_of_the_shared_notes_where_they_are_at_hand():
    for shared in filter(Path.exists, [SHARED]):
        assert listed_keys() == listed_keys(shared)


@pytest.mark.parametrize(
    ("age_group", "consent", "branch"),
    [
        *((age, consent, CHILD) for age in ("child", "unsure") for consent, _ in codes.CONSENT_STATES),
        ("adult", "given", ADULT),
        *(("adult", consent, NOTIFY) for consent, _ in codes.CONSENT_STATES if consent != "given"),
    ],
)
def test_the_branch_follows_age_and_consent(age_group, consent, branch):
    assert branch_of(age_group, consent) is branch
    assert BRANCH_LABELS[branch]


def test_labels_are_in_place_and_every_choice_has_options():
    for step in STEPS:
        assert step.title
        assert step.fields
        for field in step.fields:
            assert field.label
            assert bool(field.options) == (field.kind in (Kind.CHOICE, Kind.CHOICES, Kind.TICK))
            assert (field.limit is None) == (field.kind not in (Kind.TEXT, Kind.LONG))


def test_a_condition_asks_about_an_answer_that_can_be_given():
    options = {f.key: dict(f.options) for step in STEPS for f in step.fields}
    conditions = [c for step in STEPS for c in (step.when, *(f.shown for f in step.fields)) if hasattr(c, "values")]
    assert len(conditions) > 40
    assert not [(c.key, value) for c in conditions for value in c.values if value not in options[c.key]]


def test_the_ten_boxes_are_the_cases_own_codes():
    boxes = [f.key for f in fields_on(ADULT).values() if f.key.startswith("types-of-exploitation-")]
    assert boxes == [f"types-of-exploitation-{code}" for code in codes.EXPLOITATION_CODES]


# --- The three ways ------------------------------------------------------------------------------------------------


FORKS = [
    dict(
        zip(("still_in_exploitative_situation", "potential_victim_exploitative_situation_multiple"), pair, strict=True)
    )
    for pair in itertools.product(["yes", "no"], ["yes", "no", "dont-know"])
]
OTHER_FORKS = [
    {"where_exploitation_happened": where, "is_this_the_first_chance_to_report": reported, "exploiters_location": known}
    for where, reported, known in itertools.product(
        ["uk", "overseas", "both"], ["yes", "no", "not-sure"], ["yes", "no"]
    )
]
YES_OR_NO = """
    were_they_taken_somewhere_by_their_exploiter modern_slavery_indicators evidence_of_dishonesty are_others_involved
    any_other_pvs future_exploitation_concerns reported_to_police authorities_cooperation does_pv_need_support
    does_pv_have_children pv_interpreter_requirements pv_other_help_with_communication pv_ho_reference
"""
ANSWERS_OF_NO = dict.fromkeys(YES_OR_NO.split(), "no")
CONTACTS = [
    {"who_contact": who, "pv_contact_details": ways, "someone_else": ways, "pv_phone_number": number}
    for who, ways, number in itertools.product(
        ["the-person", "someone-else"], [["email"], ["post"], ["email", "post"]], ["own", "alternative", "none"]
    )
]
WAYS = [*FORKS, *OTHER_FORKS, ANSWERS_OF_NO, *CONTACTS]


@pytest.mark.parametrize("branch", list(Branch))
@pytest.mark.parametrize("picks", WAYS)
def test_a_fully_answered_case_leaves_no_required_field_empty_on_any_way(branch, picks):
    case = a_case(branch)
    if branch is NOTIFY:
        picks = {"authorities_cooperation": "no"} | picks
    full = sheet(case, everything(branch, **picks))
    assert [one.field.key for one in full.items if one.field.required and not one.value] == []
    assert (full.missing, full.over, full.problems) == (0, 0, ())
    assert full.complete


@pytest.mark.parametrize("branch", list(Branch))
def test_every_required_answer_that_is_taken_away_is_called_missing(branch):
    """Each in turn, enumerated: nothing else fills the gap."""
    given = everything(branch) | ({"authorities-cooperation": "no"} if branch is NOTIFY else {})
    required = [one.field for one in sheet(a_case(branch), given).items if one.field.required and not one.field.locked]
    assert len(required) > 30
    for field in required:
        cleared = sheet(a_case(branch), given | {field.key: [] if field.kind is Kind.CHOICES else ""})
        assert field.key in [one.field.key for one in cleared.items if one.missing]
        assert not cleared.complete


def test_a_duty_to_notify_with_recorded_consent_to_be_named_can_be_filled_in_whole():
    case = a_case(NOTIFY, consents=CONSENTS[NOTIFY] | {"police": "given"})
    full = sheet(case, everything(NOTIFY, authorities_cooperation="yes", pv_contact_details=["email", "post"]))
    assert {"/pv-name-dtn", "/pv-contact-details-dtn"} <= {block.step.path for block in full.blocks}
    assert full.complete


def test_at_least_one_kind_of_exploitation_must_be_ticked():
    bare = sheet(a_case(exploitation=[]), {})
    block = next(b for b in bare.blocks if b.step.path == "/types-of-exploitation")
    assert (block.missing, block.note) == (1, "Tick at least one of these")
    assert not any(one.missing for one in block.items)


def test_a_child_is_never_asked_about_support_or_who_gets_the_decision():
    asked = {f.key for f in askable(a_case(CHILD), everything(CHILD))}
    adults_only = {"/does-pv-need-support", "/pv-phone-number", "/who-contact", "/someone-else"}
    adults_only |= {"/pv-contact-details-referral", "/pv-want-to-submit-nrm", "/pv-under-age-at-time-of-exploitation"}
    assert not adults_only & set(paths(a_case(CHILD), everything(ADULT)))
    assert not {f.key for step in STEPS if step.path in adults_only for f in step.fields} & asked
    assert "/local-authority-contacted-about-child" in paths(a_case(CHILD))


def test_an_adult_is_never_asked_about_the_childrens_services():
    for branch in (ADULT, NOTIFY):
        assert "/local-authority-contacted-about-child" not in paths(a_case(branch))


def test_a_duty_to_notify_never_asks_what_only_a_referral_asks():
    asked = set(keys(a_case(NOTIFY), everything(ADULT)))
    never = {"pv-dob", "does-pv-have-children", "pv-interpreter-requirements", "pv-ho-reference", "fr-details-phone"}
    never |= {"fr-alternative-contact", "upload-file", "does-pv-need-support", "who-contact", "pv-name-first-name"}
    assert not never & asked
    assert {"refuse-nrm", "pv-gender", "pv-nationality"} <= asked


@pytest.mark.parametrize(
    ("state", "answer", "named"),
    [("given", "yes", True), ("given", "no", False), ("refused", "yes", False), ("wants_time", "yes", False)],
)
def test_a_duty_to_notify_names_nobody_without_both_willingness_and_recorded_consent(state, answer, named):
    case = a_case(NOTIFY, consents={"nrm": "refused", "police": state})
    made = sheet(case, {"authorities-cooperation": answer, "pv-name-first-name": "Zebulina"})
    assert ("/pv-name-dtn" in [block.step.path for block in made.blocks]) is named
    assert any("Zebulina" in one.copy for one in made.items) is named
    assert bool(made.problems) == (answer == "yes" and not named)
    assert not made.complete


def test_no_name_reaches_the_answers_of_a_duty_to_notify_as_something_to_copy():
    made = sheet(a_case(NOTIFY), {})
    copied = " ".join(one.copy for one in made.items)
    for word in ("Zebulina", "Testperson", "1998", "07700", "Canary", "canal", "Southtown", "20260120"):
        assert word not in copied
    assert "Zebulina" in item(a_case(NOTIFY), "professional-insight").value, "the draft is there to be checked"


def test_notes_beside_the_questions_of_a_duty_to_notify_name_the_district_at_most():
    notes = {one.field.key: one.note for one in sheet(a_case(NOTIFY), {}).items if one.note}
    assert notes == {"current-pv-location-uk-city": "They were met in: Northtown"}


def test_answers_of_a_way_that_was_left_are_not_on_the_sheet():
    given = {"still-in-exploitative-situation": "yes", "how-why-did-they-leave-the-situation": "Ran", "who-contact": ""}
    assert "how-why-did-they-leave-the-situation" not in keys(a_case(), given)
    assert "reasons-preventing" in " ".join(paths(a_case(), given))
    assert not {"/someone-else", "/pv-contact-details-referral"} & set(paths(a_case(), given))


def test_towns_that_nobody_named_take_no_room_on_the_sheet_and_are_asked_all_the_same():
    given = {"where-exploitation-happened": "uk", "where-exploitation-happened-uk-city-2": "Northtown"}
    shown = [key for key in keys(a_case(), given) if "uk-city-" in key]
    assert shown == ["where-exploitation-happened-uk-city-1", "where-exploitation-happened-uk-city-2"]
    assert len([f for f in askable(a_case(), given) if "-happened-uk-city-" in f.key]) == 10


# --- What the case answers -----------------------------------------------------------------------------------------

TAKEN = {
    "reference": "K7P-4TX-9WM",
    "user-organisation": "Testshire County Council",
    "pv-under-age": "no",
    "pv-under-age-at-time-of-exploitation": "not-sure",
    "still-in-exploitative-situation": "no",
    "modern-slavery-indicators": "yes",
    "types-of-exploitation-forced-to-work": "yes",
    "types-of-exploitation-other": "yes",
    "other-exploitation-details": "Told to marry",
    "authorities-cooperation": "yes",
    "pv-want-to-submit-nrm": "yes",
    "does-pv-need-support": "yes",
    "pv-phone-number": "own",
    "pv-phone-number-yes": "07700 900123",
    "pv-name-first-name": "Zebulina",
    "pv-name-last-name": "Testperson",
    "pv-name-nickname": "Quokkaman",
    "pv-dob": "1998-03-27",
    "pv-gender": "female",
    "pv-interpreter-requirements": "yes",
    "pv-interpreter-requirements-language": "Ruritanian",
    "pv-contact-details-email-input": "z@mail.example.org",
    "pv-contact-details-email-check": "yes",
    "pv-contact-details-postcode": "ZY1 2AB",
    "pv-contact-details-post-check": "yes",
    "fr-details-first-name": "Test",
    "fr-details-last-name": "Officer",
    "fr-details-role": "Housing officer",
    "fr-details-phone": "01632 960201",
    "fr-alternative-contact": "team@council.example.org",
}
DRAFTS = {
    "pv-nationality": "Ruritanian",
    "pv-nationality-second": "Freedonian",
    "does-pv-have-children": "yes",
    "pv-other-help-with-communication": "yes",
    "pv-other-help-with-communication-aid": "Large print",
    "who-contact": "the-person",
    "pv-contact-details": ["email", "post"],
    "pv-contact-details-street": "4 Invented Road",
    "pv-contact-details-town": "Southtown",
    "pv-contact-details-county": "Testshire",
    "future-exploitation-concerns": "yes",
    "future-exploitation-reasons": "The man waits outside",
    "reported-to-police": "yes",
    "reported-to-police-crime-reference": "CAD 20260120-77",
}
ACCOUNTS = {
    "how-they-were-treated": "I must ask him first",
    "modern-slavery-indicators-details": "Control and freedom:\n- Somebody controls where they go\n",
    "where-how-interview-carried-out": "They were met on 20 January 2026.\nKind of place: car wash.",
    "professional-insight": "A man answered for Zebulina.",
}


def test_what_a_case_answers_is_taken_over_and_what_is_uncertain_is_a_draft():
    items = {one.field.key: one for one in sheet(a_case(), {}).items if one.value}
    for expected, draft in ((TAKEN, False), (DRAFTS, True)):
        assert {key: (items[key].value, items[key].draft) for key in expected} == {
            key: (value, draft) for key, value in expected.items()
        }
    for key, words in ACCOUNTS.items():
        assert words in items[key].value
        assert items[key].draft
    assert set(items) == {*TAKEN, *DRAFTS, *ACCOUNTS}, "nothing else is invented"


def test_the_answers_of_a_case_are_its_items_and_those_that_wait_for_a_choice():
    answers = answers_of(a_case())
    assert {key: value for key, value in answers.items() if not key.startswith("someone-else")} == {
        one.field.key: one.value for one in sheet(a_case(), {}).items if one.value
    }


def test_a_case_that_says_nothing_answers_nothing_but_what_follows_from_its_branch():
    empty = Case(branch=CHILD, reference="K7P-4TX-9WM", age_group="unsure")
    assert answers_of(empty) == {"reference": "K7P-4TX-9WM", "pv-under-age": "not-sure"}
    assert sheet(empty, {}).missing > 30


def test_a_child_brings_the_council_that_was_told_and_what_it_wants():
    answers = answers_of(a_case(CHILD))
    council = "local-authority-contacted-about-child-local-authority"
    assert [answers[f"{council}-{part}"] for part in ("name", "phone", "email", "first-name", "last-name")] == [
        "Testshire County Council", "01632 960301", "children@council.example.org", "Priya", "Pretend",
    ]  # fmt: skip
    assert "To go to school" in answers["professional-insight"]


@pytest.mark.parametrize(
    ("step", "fields", "gone"),
    [
        ("risk", {"still_in_it": "not_known"}, "still-in-exploitative-situation"),
        ("risk", {"still_at_risk": "no"}, "future-exploitation-concerns"),
        ("person", {"gender": "not_known"}, "pv-gender"),
        ("person", {"given_names": ""}, "pv-name-first-name"),
        ("communication", {"interpreter_needed": "not_known"}, "pv-interpreter-requirements"),
        ("communication", {"other_needs": ""}, "pv-other-help-with-communication"),
        ("dependants", {"has_dependants": "not_known"}, "does-pv-have-children"),
        ("ring_999", {"police_told": "no"}, "reported-to-police"),
        ("contact", {"channels": ["none"]}, "pv-phone-number"),
        ("contact", {"channels": ["text"]}, "who-contact"),
    ],
)
def test_what_is_not_known_is_missing_and_not_made_a_no(step, fields, gone):
    case = a_case(secret=with_answers(step, **fields))
    assert gone not in answers_of(case)
    assert item(case, gone).missing


@pytest.mark.parametrize("state", ["not_asked", "wants_time"])
def test_a_choice_that_was_not_made_is_missing_and_the_sheet_says_which(state):
    case = a_case(consents={"nrm": "given", "msvcc": state, "police": state})
    for key in ("does-pv-need-support", "authorities-cooperation"):
        assert item(case, key).missing
        assert item(case, key).note.startswith("Not decided on the case yet")
    undecided = a_case(NOTIFY, consents={"nrm": state})
    assert item(undecided, "pv-want-to-submit-nrm").missing, "only a person who declined has declined"


def test_the_tick_that_it_is_safe_follows_the_recorded_channel():
    unsafe = a_case(secret=with_answers("contact", channels=["post"]))
    assert not {"pv-contact-details-email-check", "pv-contact-details-email-input"} & set(answers_of(unsafe))
    assert answers_of(unsafe)["pv-contact-details-post-check"] == "yes"
    withdrawn = a_case(consents=CONSENTS[ADULT] | {"contact_post": "withdrawn", "contact_email": "given"})
    assert answers_of(withdrawn)["pv-contact-details"] == ["email"]
    assert "pv-contact-details-post-check" not in answers_of(withdrawn)


def test_somebody_they_trust_is_a_draft_and_the_permission_is_never_ticked():
    case = a_case(secret=with_answers("contact", channels=["someone"]))
    made = {one.field.key: one for one in sheet(case, {}).items}
    assert (made["who-contact"].value, made["who-contact"].draft) == ("someone-else", True)
    assert (made["someone-else-first-name"].value, made["someone-else-last-name"].value) == ("Wilma", "Ward")
    assert made["someone-else-email-input"].value == "wilma@mail.example.org"
    assert made["someone-else-permission-check"].missing
    assert made["pv-phone-number"].value == "alternative"
    assert made["alternative-number-relation-to-pv"].value == "A friend"


@pytest.mark.parametrize("branch", list(Branch))
def test_the_reference_is_the_cases_own_and_cannot_be_given_a_name(branch):
    named = item(a_case(branch), "reference", {"reference": "Zebulina Testperson"})
    assert (named.value, named.copy) == ("K7P-4TX-9WM", "K7P-4TX-9WM")
    assert "reference" not in [f.key for f in askable(a_case(branch), {})]
    assert check_given(fields_on(branch)["reference"], "Zebulina").error


def test_what_the_first_responder_answers_wins_and_an_empty_answer_clears():
    assert (item(a_case(), "pv-gender").origin, item(a_case(), "pv-gender").copy) == ("case", "Female")
    corrected = item(a_case(), "pv-gender", {"pv-gender": "male"})
    assert (corrected.value, corrected.copy, corrected.origin) == ("male", "Male", "first_responder")
    cleared = item(a_case(), "pv-gender", {"pv-gender": ""})
    assert (cleared.value, cleared.origin, cleared.missing) == ("", "", True)
    assert item(a_case(), "fr-details-role").origin == "first_responder"


def test_saving_a_draft_unchanged_confirms_it():
    text = item(a_case(), "professional-insight").value
    assert not item(a_case(), "professional-insight", {"professional-insight": text}).draft


def test_age_and_consent_follow_the_case_and_not_the_sheet():
    given = {"pv-under-age": "yes", "pv-want-to-submit-nrm": "no"}
    assert item(a_case(), "pv-under-age", given).value == "no"
    assert item(a_case(), "pv-want-to-submit-nrm", given).value == "yes"


def test_an_answer_over_the_limit_is_counted_to_the_letter():
    long = item(a_case(), "family", {"family": "x" * (LONGEST + 12)})
    assert long.over == 12
    assert sheet(a_case(), everything(ADULT) | {"family": "x" * (LONGEST + 1)}).over == 1
    assert not sheet(a_case(), everything(ADULT) | {"family": "x" * (LONGEST + 1)}).complete
    assert item(a_case(), "family", {"family": "x" * LONGEST}).over == 0
    story = a_case(secret=with_answers("account", what_was_said="y" * LONGEST))
    assert item(story, "how-they-were-treated").over > 0


def test_a_date_and_choices_are_copied_in_words():
    assert item(a_case(), "pv-dob").copy == "27/03/1998"
    assert item(a_case(), "pv-contact-details").copy == "E-mail, Letter"


def test_nothing_of_a_person_shows_when_a_case_or_a_sheet_is_printed():
    case = a_case()
    printed = repr(case) + repr(sheet(case, {"family": "Zebulina's mother"}))
    for word in ("Zebulina", "Testperson", "07700", "Canary", "Officer"):
        assert word not in printed


# --- What the first responder types ----------------------------------------------------------------------------------

FIELDS = fields_on(ADULT) | fields_on(CHILD) | fields_on(NOTIFY)


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("family", "  A mother.\r\nA brother.  ", "A mother.\nA brother."),
        ("family", "", ""),
        ("pv-dob", "27 3 1998", "1998-03-27"),
        ("pv-dob", "27/03/1998", "1998-03-27"),
        ("pv-dob", "27 March 1998", "1998-03-27"),
        ("pv-dob", "1998-03-27", "1998-03-27"),
        ("pv-dob", "2026-11-23", "2026-11-23"),
        ("pv-gender", "other", "other"),
        ("pv-contact-details", ["post", "email"], ["email", "post"]),
        ("pv-contact-details", "post", ["post"]),
        ("pv-contact-details", [], []),
        ("someone-else-permission-check", "yes", "yes"),
        ("does-pv-have-children-yes-amount", " 02 ", "2"),
        ("fr-alternative-contact", "team@council.example.org", "team@council.example.org"),
        ("pv-phone-number-yes", "+44 (0)7700 900123", "+44 (0)7700 900123"),
        ("details-last-contact", "By e-mail from x@mail.example.org.uk. He said no", None),
        ("current-pv-location-uk-city", "St Albans", "St Albans"),
    ],
)
def test_good_answers_are_kept_clean(key, raw, value):
    assert check_given(FIELDS[key], raw, today=TODAY) == (raw if value is None else value, "")


@pytest.mark.parametrize(
    ("key", "raw", "says"),
    [
        ("pv-gender", "unlisted", "Choose from the answers on this page"),
        ("pv-contact-details", ["email", "pigeon"], "Choose from"),
        ("pv-contact-details", 7, "Choose from"),
        ("someone-else-permission-check", "on", "Choose from"),
        ("family", "x" * 15_012, "Shorten this by 12: the form takes 15,000 characters"),
        ("alternative-number-relation-to-pv", "x" * 251, "Shorten this by 1: the form takes 250 characters"),
        ("family", "a\x00b", "invisible control character"),
        ("family", None, "Enter text"),
        ("pv-dob", "31 2 1998", "Enter a real date"),
        ("pv-dob", "soon", "Enter a real date"),
        ("pv-dob", "2026-11-24", "today or in the past"),
        ("pv-dob", "31/12/1899", "1900 or later"),
        ("fr-alternative-contact", "team at council", "Enter an e-mail address"),
        ("fr-alternative-contact", "a@b", "Enter an e-mail address"),
        ("pv-phone-number-yes", "ask him", "Enter one phone number"),
        ("pv-phone-number-yes", "123", "Enter one phone number"),
        ("does-pv-have-children-yes-amount", "two", "whole number from 1 to 99"),
        ("does-pv-have-children-yes-amount", "0", "whole number"),
        ("does-pv-have-children-yes-amount", "9" * 5000, "whole number"),
        ("details-last-contact", "See https://example.org/x", "Take out the web address"),
        ("details-last-contact", "see www.example.org", "Take out the web address"),
        ("birthplace", "One\nTwo", "on one line"),
        ("pv-want-to-submit-nrm", "yes", "follows the case"),
    ],
)
def test_bad_answers_get_a_clear_error(key, raw, says):
    assert says in check_given(FIELDS[key], raw, today=TODAY).error


def test_what_is_refused_is_given_back_as_typed():
    assert check_given(FIELDS["pv-dob"], "31 2 1998").value == "31 2 1998"
    assert check_given(FIELDS["family"], "x" * 15_001).value == "x" * 15_001


@pytest.mark.parametrize("branch", list(Branch))
def test_what_a_fully_answered_sheet_holds_passes_its_own_checks(branch):
    for key, value in everything(branch).items():
        assert check_given(fields_on(branch)[key], value, today=TODAY) == (value, "")


# --- Before a duty to notify is copied --------------------------------------------------------------------------------


def safe_answers():
    """Every answer of an anonymous duty to notify, and none beyond it."""
    full = sheet(a_case(NOTIFY), everything(NOTIFY, authorities_cooperation="no"))
    return {one.field.key: one.value for one in full.items if not one.field.locked}


def test_a_duty_to_notify_may_be_copied_when_its_texts_name_nobody():
    clean = sheet(a_case(NOTIFY), safe_answers())
    assert unresolved(clean, set()) == []
    assert may_copy(clean, set())


def test_drafts_must_be_looked_at_first():
    assert sheet(a_case(NOTIFY), {}).drafts > 4
    assert not may_copy(sheet(a_case(NOTIFY), {}), set())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Zébulina’s shifts", "name"),
        ("known as quokka-man", "name"),
        ("her friend Wilma", "name"),
        ("born 27/3/98", "date_of_birth"),
        ("rings from +44 7700 900123", "phone"),
        ("writes from z@mail.example.org", "email"),
        ("sleeps in Invented Rd", "address"),
        ("near ZZ9 9ZZ", "address"),
        ("taken to Northtown", "place"),
        ("Home Office number A7654321", "number"),
        ("see CAD 20260120-77", "number"),
    ],
)
def test_each_hit_in_a_text_waits_for_the_first_responder(text, kind):
    made = sheet(a_case(NOTIFY), safe_answers() | {"family": text})
    (only,) = unresolved(made, set())
    assert (only.item.field.key, str(only.hit.kind)) == ("family", kind)
    assert not may_copy(made, set())
    assert unresolved(made, {only.mark}) == []
    assert may_copy(made, {only.mark})


def test_a_text_that_was_edited_is_asked_about_again_and_so_is_the_same_text_elsewhere():
    first = sheet(a_case(NOTIFY), safe_answers() | {"family": "Rose of Northtown"})
    marks = {one.mark for one in unresolved(first, set())}
    for changed in ({"family": "Rose of  Northtown"}, {"family": "x", "education": "Rose of Northtown"}):
        assert unresolved(sheet(a_case(NOTIFY), safe_answers() | changed), marks)


def test_a_mark_repeats_no_words():
    (one,) = unresolved(sheet(a_case(NOTIFY), safe_answers() | {"family": "Zebulina"}), set())
    assert len(one.mark) == 64
    assert set(one.mark) <= set("0123456789abcdef")


def test_a_town_is_what_a_town_is_asked_for_but_a_name_or_an_address_is_not():
    where = "current-pv-location-uk-city"
    assert unresolved(sheet(a_case(NOTIFY), safe_answers() | {where: "Southtown"}), set()) == []
    assert unresolved(sheet(a_case(NOTIFY), safe_answers() | {where: "4 Invented Road"}), set())


def test_the_pages_that_name_the_person_on_purpose_are_not_asked_about():
    case = a_case(NOTIFY, consents={"nrm": "refused", "police": "given"})
    given = safe_answers() | {"authorities-cooperation": "yes", "pv-name-first-name": "Zebulina"}
    assert unresolved(sheet(case, given), set()) == []


def test_a_name_typed_before_the_person_declined_is_looked_for_too():
    given = safe_answers() | {
        "pv-ho-reference-type": "Visa 998877X",
        "pv-name-nickname": "Zozo",
        "family": "Zozo 998877x",
    }
    case = a_case(NOTIFY, secret={}, location={})
    assert [str(one.hit.kind) for one in unresolved(sheet(case, given), set())] == ["name", "number"]


def test_an_nrm_referral_names_the_person_and_has_nothing_to_resolve():
    for branch in (ADULT, CHILD):
        made = sheet(a_case(branch), {})
        assert unresolved(made, set()) == []
        assert may_copy(made, set())


def test_a_case_cannot_be_changed_by_its_sheet():
    case = a_case()
    before = dataclasses.asdict(case)
    sheet(case, everything(ADULT))
    assert dataclasses.asdict(case) == before
