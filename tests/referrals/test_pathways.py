"""The pathway rules against the practitioners' table, for every combination of facts there is.

`pathways_expected.csv` is seven small tables in one file. In each, every combination of facts meets exactly one row,
and what is expected is what the seven rows say together. A row was written from the law and the guidance, never from
what the rules gave.
"""

import csv
import dataclasses
import itertools
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.models import LimitKey
from referrals.codes import AGE_GROUPS, CONSENT_STATES
from referrals.pathway_words import REASONS, TASKS
from referrals.pathways import (
    ACTOR_LABELS,
    BEST_INTERESTS,
    PATHWAY_LABELS,
    RULES_VERSION,
    Actor,
    Facts,
    Pathway,
    as_stored,
    consent_needed,
    from_stored,
    recommend,
)

TABLE = Path(__file__).with_name("pathways_expected.csv")

AGES = {"18 or over": "adult", "under 18": "child", "not sure": "unsure"}
CONSENTS = {
    "yes": "given",
    "no": "refused",
    "not asked": "not_asked",
    "wants time": "wants_time",
    "withdrawn": "withdrawn",
}
YES_NO = {"yes": True, "no": False}

#: The column of the table for each fact, and its words.
COLUMNS = {
    "age_group": ("age", AGES),
    "consent_nrm": ("consent to the NRM", CONSENTS),
    "consent_beacon": ("consent to local support", CONSENTS),
    "consent_police": ("consent to the police", CONSENTS),
    "may_lack_capacity": ("may lack capacity", YES_NO),
    "immediate_danger": ("immediate danger", YES_NO),
    "first_responder": ("own organisation is a first responder", YES_NO),
    "section_52": ("own organisation is under the duty to notify", YES_NO),
    "reception_centre": ("enough people for a reception centre", YES_NO),
    "exploited_as_child": ("under 18 while exploited", YES_NO),
    "turns_18_soon": ("may turn 18 before the decision", YES_NO),
    "conflict": ("an organisation must not be told", YES_NO),
}
PATHWAYS = {
    "children's services": Pathway.CHILDRENS_SERVICES,
    "adult safeguarding": Pathway.ADULT_SAFEGUARDING,
    "NRM": Pathway.NRM,
    "duty to notify": Pathway.DUTY_TO_NOTIFY,
    "local support": Pathway.BEACON,
    "police": Pathway.POLICE,
}
ACTORS = {
    "own organisation": Actor.REFERRER_ORGANISATION,
    "first responder": Actor.FIRST_RESPONDER,
    "body under the duty": Actor.SECTION_52_BODY,
    "coordinator": Actor.COORDINATOR,
    "county duty officer": Actor.COUNTY_DUTY_OFFICER,
    "children's services": Actor.CHILDRENS_SERVICES,
    "everyone": Actor.EVERYONE,
}
#: The limits that run forward from the day the rules speak, and "" for none. Not among them: thresholds in people, and
#: the notice before an 18th birthday, which counts back.
CLOCKS = {*LimitKey.values, ""} - {LimitKey.RECEPTION_CENTRE, LimitKey.TURNS_18_NOTICE}

every_value = {fact: list(words.values()) for fact, (_, words) in COLUMNS.items()}
any_facts = st.builds(Facts, **{fact: st.sampled_from(values) for fact, values in every_value.items()})


def every_combination():
    return (Facts(**dict(zip(every_value, values, strict=True))) for values in itertools.product(*every_value.values()))


# --- Reading the table -----------------------------------------------------------------------------------------------


def allowed(fact: str, cell: str) -> set:
    """The values that a cell stands for: one, "any", or "anything but" one."""
    _, words = COLUMNS[fact]
    if cell == "any":
        return set(words.values())
    if cell.startswith("anything but "):
        return set(words.values()) - {words[cell.removeprefix("anything but ")]}
    return {words[cell]}


def code(words: str) -> str:
    return words.strip().replace(" ", "_")


def entries(cell: str) -> list[tuple[str, str]]:
    return [tuple(part.strip() for part in one.split(":")) for one in cell.split(";") if one.strip()]


def who_and_when(text: str) -> tuple[Actor, str]:
    """ "first responder [first responder send]": who acts, and the limit that says by when."""
    who, _, clock = text.rstrip("]").partition("[")
    return ACTORS[who.strip()], code(clock)


@dataclasses.dataclass(frozen=True)
class Row:
    line: int
    table: str
    facts: dict
    pathways: dict
    tasks: dict


def read(line: int, cells: dict) -> Row:
    reasons = {PATHWAYS[name]: tuple(code(one) for one in why.split("+")) for name, why in entries(cells["because"])}
    recommended = {PATHWAYS[name]: who_and_when(rest) for name, rest in entries(cells["recommended"])}
    assert recommended.keys() == reasons.keys(), f"line {line}: a reason for each pathway, a pathway for each reason"
    return Row(
        line,
        cells["decides"],
        {fact: allowed(fact, cells[column]) for fact, (column, _) in COLUMNS.items()},
        {pathway: (*recommended[pathway], reasons[pathway]) for pathway in recommended},
        {code(name): who_and_when(rest) for name, rest in entries(cells["tasks"])},
    )


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with TABLE.open(newline="", encoding="utf-8") as lines:
        return [read(number, cells) for number, cells in enumerate(csv.DictReader(lines), start=2)]


class Lookup:
    """One of the tables, opened out over the facts it depends on. A hole or an overlap is an error."""

    def __init__(self, rows: list[Row]):
        self.facts = [fact for fact in COLUMNS if any(row.facts[fact] != set(every_value[fact]) for row in rows)]
        met: dict[tuple, list[Row]] = {
            key: [] for key in itertools.product(*(every_value[fact] for fact in self.facts))
        }
        for row in rows:
            for key in itertools.product(*(row.facts[fact] for fact in self.facts)):
                met[key].append(row)
        self.faults = {key: [row.line for row in found] for key, found in met.items() if len(found) != 1}
        self.rows = {key: found[0] for key, found in met.items() if found}

    def __getitem__(self, facts: Facts) -> Row:
        return self.rows[tuple(getattr(facts, fact) for fact in self.facts)]


def lookups(rows: list[Row]) -> dict[str, Lookup]:
    return {table: Lookup([row for row in rows if row.table == table]) for table in {row.table for row in rows}}


# --- The table itself ------------------------------------------------------------------------------------------------


def test_the_table_asks_every_fact_and_every_answer():
    assert COLUMNS.keys() == {field.name for field in dataclasses.fields(Facts)}
    assert set(AGES.values()) == {value for value, _ in AGE_GROUPS}
    assert set(CONSENTS.values()) == {value for value, _ in CONSENT_STATES}
    assert set(PATHWAYS.values()) == set(Pathway)
    assert set(ACTORS.values()) == set(Actor)


def test_each_combination_meets_exactly_one_row_of_each_table(rows):
    assert {table: lookup.faults for table, lookup in lookups(rows).items() if lookup.faults} == {}


def test_leaving_out_any_row_leaves_a_hole(rows):
    for gone in rows:
        rest = [row for row in rows if row.table == gone.table and row is not gone]
        assert Lookup(rest).faults, f"line {gone.line} decides nothing"


def test_the_table_is_small_enough_to_read(rows):
    assert len(rows) < 150


# --- The rules -------------------------------------------------------------------------------------------------------


def test_the_rules_give_what_the_table_says_for_every_combination(rows):
    tables = lookups(rows).values()
    wrong, reached, seen = [], Counter(), 0
    for facts in every_combination():
        met = [table[facts] for table in tables]
        seen += 1
        reached.update(row.line for row in met)
        result = recommend(facts)
        given_pathways = [
            (r.pathway, (r.actor, r.clock, tuple(why.code for why in r.reasons))) for r in result.pathways
        ]
        given_tasks = [(task.code, (task.actor, task.clock)) for task in result.tasks]
        expected_pathways = [one for row in met for one in row.pathways.items()]
        expected_tasks = [one for row in met for one in row.tasks.items()]
        if Counter(given_pathways) != Counter(expected_pathways) or Counter(given_tasks) != Counter(expected_tasks):
            wrong.append((facts, [row.line for row in met]))
    assert wrong[:3] == []
    assert seen == 3 * 5**3 * 2**8
    assert reached.keys() == {row.line for row in rows}


def test_every_reason_and_every_task_is_used(rows):
    assert {why for row in rows for *_, reasons in row.pathways.values() for why in reasons} == REASONS.keys()
    assert {task for row in rows for task in row.tasks} == TASKS.keys()


# --- What must hold whatever the table says --------------------------------------------------------------------------


def pathways_of(facts: Facts) -> list[Pathway]:
    return [one.pathway for one in recommend(facts).pathways]


@given(any_facts)
def test_a_child_or_somebody_who_may_be_one_never_gets_a_duty_to_notify(facts):
    child = dataclasses.replace(facts, age_group="child")
    unsure = dataclasses.replace(facts, age_group="unsure")
    for person in (child, unsure):
        found = pathways_of(person)
        assert Pathway.DUTY_TO_NOTIFY not in found
        assert Pathway.NRM in found
        assert next(one for one in found if one != Pathway.POLICE) == Pathway.CHILDRENS_SERVICES
    assert set(pathways_of(child)) == set(pathways_of(unsure))


@given(any_facts)
def test_no_adult_goes_to_the_nrm_without_a_yes_they_were_able_to_give(facts):
    if facts.age_group == "adult" and Pathway.NRM in pathways_of(facts):
        assert facts.consent_nrm == "given"
        assert not facts.may_lack_capacity


@given(any_facts)
def test_nobody_is_both_referred_and_notified(facts):
    assert not {Pathway.NRM, Pathway.DUTY_TO_NOTIFY} <= set(pathways_of(facts))


@given(any_facts)
def test_nothing_is_recommended_that_the_hand_over_would_refuse(facts):
    consents = {"nrm": facts.consent_nrm, "beacon": facts.consent_beacon, "police": facts.consent_police, "": "given"}
    for pathway in pathways_of(facts):
        kind = consent_needed(
            pathway,
            age_group=facts.age_group,
            immediate_danger=facts.immediate_danger,
            may_lack_capacity=facts.may_lack_capacity,
        )
        assert consents[kind] == "given"


@given(any_facts)
def test_nobody_is_left_with_nothing_and_danger_comes_first(facts):
    found = pathways_of(facts)
    assert found
    assert len(found) == len(set(found))
    assert (found[0] == Pathway.POLICE) is facts.immediate_danger


@given(any_facts)
def test_everything_said_has_words_a_source_and_a_clock_that_exists(facts):
    result = recommend(facts)
    for said in (*result.tasks, *(why for one in result.pathways for why in one.reasons)):
        assert said.text.endswith(".")
        assert said.source
    assert all(one.reasons for one in result.pathways)
    assert {one.clock for one in (*result.pathways, *result.tasks)} <= CLOCKS


@given(any_facts)
def test_a_pathway_does_not_depend_on_an_operation_or_a_conflict(facts):
    alone = dataclasses.replace(facts, reception_centre=False, conflict=False)
    assert recommend(facts).pathways == recommend(alone).pathways


@given(any_facts)
def test_a_withdrawn_consent_is_a_no(facts):
    taken_back = dataclasses.replace(facts, consent_nrm="withdrawn", consent_beacon="withdrawn")
    refused = dataclasses.replace(facts, consent_nrm="refused", consent_beacon="refused")
    assert pathways_of(taken_back) == pathways_of(refused)


# --- Consent at the hand-over ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pathway", "adult", "adult_in_danger", "child"),
    [
        (Pathway.NRM, "nrm", "nrm", ""),
        (Pathway.BEACON, "beacon", "beacon", "beacon"),
        (Pathway.POLICE, "police", "", ""),
        (Pathway.DUTY_TO_NOTIFY, "", "", ""),
        (Pathway.ADULT_SAFEGUARDING, "", "", ""),
        (Pathway.CHILDRENS_SERVICES, "", "", ""),
    ],
)
def test_the_consent_a_hand_over_needs(pathway, adult, adult_in_danger, child):
    assert consent_needed(pathway, age_group="adult", immediate_danger=False) == adult
    assert consent_needed(pathway, age_group="adult", immediate_danger=True) == adult_in_danger
    for age in ("child", "unsure"):
        assert consent_needed(pathway, age_group=age, immediate_danger=False, may_lack_capacity=True) == child


def test_doubt_about_capacity_never_frees_anybody_from_consent():
    for pathway in Pathway:
        plain = consent_needed(pathway, age_group="adult", immediate_danger=False)
        doubt = consent_needed(pathway, age_group="adult", immediate_danger=False, may_lack_capacity=True)
        assert doubt == (BEST_INTERESTS if pathway is Pathway.NRM else plain)


def test_a_stored_value_is_as_good_as_the_name_and_rubbish_opens_nothing():
    assert consent_needed("nrm", age_group="adult", immediate_danger=False) == "nrm"
    assert consent_needed(Pathway.NRM, age_group="", immediate_danger=False) == "nrm"
    with pytest.raises(ValueError, match="home_visit"):
        consent_needed("home_visit", age_group="adult", immediate_danger=False)


# --- Stored ----------------------------------------------------------------------------------------------------------


@given(any_facts)
def test_a_result_comes_back_from_json_as_it_was(facts):
    result = recommend(facts)
    assert result.version == RULES_VERSION
    assert from_stored(json.loads(json.dumps(as_stored(result)))) == result


def test_what_an_older_version_said_is_still_shown():
    reason = {"code": "retired", "text": "Words of that time.", "source": "A rule of that time"}
    task = {**reason, "actor": "coordinator", "clock": "retired_limit"}
    nrm = {"pathway": "nrm", "reasons": [reason], "actor": "first_responder", "clock": ""}
    old = from_stored({"version": "2025.1.1", "pathways": [nrm], "tasks": [task]})
    assert old.version == "2025.1.1"
    assert old.pathways[0].reasons[0].text == "Words of that time."
    assert (old.tasks[0].code, old.tasks[0].actor) == ("retired", Actor.COORDINATOR)
    assert isinstance(old.tasks[0].actor, Actor)


def test_every_pathway_and_actor_has_words():
    assert PATHWAY_LABELS.keys() == set(Pathway)
    assert ACTOR_LABELS.keys() == set(Actor)
