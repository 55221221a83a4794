"""The pathway rules: facts about one person in, recommended pathways and tasks out, each with its reasons and sources.

Pure: no ORM, no clock. The rules recommend and a coordinator decides; nothing here scores a person. Source: design,
section 4; facts, sections 1, 2.10 to 2.12, 4 and 8; in prose in `docs/pathways.md`. Thresholds and lengths of time are
data: the caller compares with a setting, and a clock is the key of a limit.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from referrals.pathway_words import ACTOR_LABELS, REASONS, TASKS, Actor, Reason, Task

__all__ = [
    "ACTOR_LABELS",
    "BEST_INTERESTS",
    "FIRST_RESPONDER_PATHWAYS",
    "PATHWAY_LABELS",
    "RULES_VERSION",
    "Actor",
    "Facts",
    "Pathway",
    "Reason",
    "Recommended",
    "Result",
    "Task",
    "as_stored",
    "consent_needed",
    "from_stored",
    "recommend",
]

#: Year, month, number. Goes up whenever any result can change, texts included.
RULES_VERSION = "2026.11.1"

#: What `consent_needed` gives where the person's own consent is not enough. No consent is of this kind: only a
#: coordinator's override, with the best-interests record as its reason, opens the way.
BEST_INTERESTS = "best_interests"

_COUNT_AS_CHILD = frozenset({"child", "unsure"})


class Pathway(StrEnum):
    """What a hand-over is for. A value is stored: it is never renamed or taken away."""

    BEACON = "beacon"
    NRM = "nrm"
    DUTY_TO_NOTIFY = "duty_to_notify"
    CHILDRENS_SERVICES = "childrens_services"
    ADULT_SAFEGUARDING = "adult_safeguarding"
    POLICE = "police"


PATHWAY_LABELS: dict[Pathway, str] = {
    Pathway.BEACON: "Local support from the victim care centre",
    Pathway.NRM: "National Referral Mechanism (NRM)",
    Pathway.DUTY_TO_NOTIFY: "Duty to notify",
    Pathway.CHILDRENS_SERVICES: "Children’s services",
    Pathway.ADULT_SAFEGUARDING: "Adult safeguarding",
    Pathway.POLICE: "Police",
}

#: What only a first responder organisation can be handed: the Home Office form is its own.
FIRST_RESPONDER_PATHWAYS = frozenset({Pathway.NRM, Pathway.DUTY_TO_NOTIFY})


@dataclass(frozen=True)
class Facts:
    """What the rules ask. Consents are states of `codes.CONSENT_STATES`; what nobody has answered is "not_asked"."""

    age_group: str  # of codes.AGE_GROUPS
    consent_nrm: str
    consent_beacon: str
    consent_police: str
    may_lack_capacity: bool
    immediate_danger: bool
    first_responder: bool  # the referrer's organisation is a first responder organisation on the day
    section_52: bool  # ... is under the duty to notify on the day
    reception_centre: bool  # the operation has reached the partnership's threshold
    exploited_as_child: bool
    turns_18_soon: bool  # the 18th birthday may come before the conclusive grounds decision
    conflict: bool  # an organisation must not be told


@dataclass(frozen=True)
class Recommended:
    """One pathway: why, who must act, and the key of the limit that says by when ("" where there is none)."""

    pathway: Pathway
    reasons: tuple[Reason, ...]
    actor: Actor
    clock: str


@dataclass(frozen=True)
class Result:
    """What the rules of one version recommend, most urgent first."""

    version: str
    pathways: tuple[Recommended, ...]
    tasks: tuple[Task, ...]


def recommend(facts: Facts) -> Result:
    """Return what `facts` call for, most urgent first; never empty. Any age group but "adult" counts as a child."""
    route = _adult if _is_adult(facts.age_group) else _child
    found = [*_danger(facts), *route(facts), *_beacon(facts), *_police(facts), *_standing(facts)]
    return Result(
        RULES_VERSION,
        tuple(one for one in found if isinstance(one, Recommended)),
        tuple(one for one in found if isinstance(one, Task)),
    )


def consent_needed(pathway: Pathway, *, age_group: str, immediate_danger: bool, may_lack_capacity: bool = False) -> str:
    """Return the kind of consent ("nrm", "beacon", "police") that a hand-over on `pathway` needs, or "" for none.

    `BEST_INTERESTS`, for the NRM of an adult who may lack capacity, is met by no consent, only by an override. Raises
    ValueError for a pathway there is not; an age group there is not frees nobody from asking.
    """
    adult = age_group not in _COUNT_AS_CHILD
    match Pathway(pathway):
        case Pathway.BEACON:
            return "beacon"
        case Pathway.NRM if adult:
            return BEST_INTERESTS if may_lack_capacity else "nrm"
        case Pathway.POLICE if adult and not immediate_danger:
            return "police"
        case _:
            return ""


def as_stored(result: Result) -> dict:
    """Return `result` for a JSON column, with its words: what was recommended stays readable when the rules change."""
    return asdict(result)


def from_stored(data: dict) -> Result:
    """Return the result that `as_stored` gave, of this version or an older one. Raises KeyError or ValueError."""
    return Result(
        data["version"],
        tuple(
            Recommended(
                Pathway(one["pathway"]),
                tuple(Reason(**reason) for reason in one["reasons"]),
                Actor(one["actor"]),
                one["clock"],
            )
            for one in data["pathways"]
        ),
        tuple(Task(**{**one, "actor": Actor(one["actor"])}) for one in data["tasks"]),
    )


def _is_adult(age_group: str) -> bool:
    return age_group == "adult"


def _pathway(pathway: Pathway, actor: Actor, clock: str, *reasons: str) -> Recommended:
    return Recommended(pathway, tuple(Reason(code, *REASONS[code]) for code in reasons), actor, clock)


def _task(code: str) -> Task:
    return Task(code, *TASKS[code])


def _danger(facts: Facts) -> Iterator[Recommended | Task]:
    if facts.immediate_danger:
        yield _pathway(Pathway.POLICE, Actor.EVERYONE, "hand_over_open_immediate", "danger")
        yield _task("tell_coordinators")


def _child(facts: Facts) -> Iterator[Recommended | Task]:
    unsure = () if facts.age_group == "child" else ("age_unsure",)
    actor, clock = Actor.REFERRER_ORGANISATION, "children_services"
    yield _pathway(Pathway.CHILDRENS_SERVICES, actor, clock, *unsure, "child_first")
    yield _nrm(facts, *unsure, "child_no_consent")
    yield _task("explain_to_child")
    yield _task("ask_for_guardian")
    if unsure:
        yield _task("age_assessment")
    if facts.consent_nrm in {"refused", "withdrawn"}:
        yield _task("never_notify_child")
    if facts.turns_18_soon:
        yield _task("consent_at_18")


def _adult(facts: Facts) -> Iterator[Recommended | Task]:
    if facts.may_lack_capacity:
        yield _pathway(Pathway.ADULT_SAFEGUARDING, Actor.REFERRER_ORGANISATION, "hand_over_open", "capacity_in_doubt")
        yield _task("record_best_interests")
    elif facts.consent_nrm == "given":
        yield _nrm(facts, "adult_consents")
    elif facts.consent_nrm in {"refused", "withdrawn"}:
        yield from _duty_to_notify(facts)
    else:
        yield from _no_answer(facts)
    if facts.exploited_as_child:
        yield _task("flag_childhood")


def _nrm(facts: Facts, *reasons: str) -> Recommended:
    if facts.first_responder:
        actor, clock, who = Actor.REFERRER_ORGANISATION, "first_responder_send", "own_first_responder"
    else:
        actor, clock, who = Actor.FIRST_RESPONDER, "first_responder_decide", "named_first_responder"
    return _pathway(Pathway.NRM, actor, clock, *reasons, who)


def _duty_to_notify(facts: Facts) -> Iterator[Recommended | Task]:
    withdrawn = facts.consent_nrm == "withdrawn"
    why = ["consent_withdrawn" if withdrawn else "adult_declines", "nothing_that_identifies"]
    if facts.section_52:
        actor, clock, why = Actor.REFERRER_ORGANISATION, "first_responder_send", [*why, "own_duty"]
    else:
        actor, clock, why = Actor.SECTION_52_BODY, "first_responder_decide", [*why, "duty_elsewhere"]
        why += ["charity_may_notify"] if facts.first_responder else []
    yield _pathway(Pathway.DUTY_TO_NOTIFY, actor, clock, *why)
    if withdrawn:
        yield _task("check_earlier_notice")
        yield _task("tell_home_office")


def _no_answer(facts: Facts) -> Iterator[Recommended | Task]:
    if facts.consent_beacon != "given":
        yield _pathway(Pathway.ADULT_SAFEGUARDING, Actor.REFERRER_ORGANISATION, "hand_over_open", "no_answer_yet")
    yield _task("agree_a_date" if facts.consent_nrm == "wants_time" else "ask_for_nrm_consent")


def _beacon(facts: Facts) -> Iterator[Recommended | Task]:
    adult = _is_adult(facts.age_group)
    if facts.consent_beacon == "given":
        why = ["beacon_agreed"] if adult else ["beacon_agreed", "beside_childrens_services"]
        yield _pathway(Pathway.BEACON, Actor.COORDINATOR, "hand_over_open", *why)
    elif adult and facts.consent_beacon in {"not_asked", "wants_time"}:
        yield _task("ask_for_local_support")


def _police(facts: Facts) -> Iterator[Recommended]:
    """A child's own wish to speak to the police goes through children's services, who bring them in."""
    if facts.consent_police == "given" and _is_adult(facts.age_group) and not facts.immediate_danger:
        yield _pathway(Pathway.POLICE, Actor.COORDINATOR, "hand_over_open", "police_agreed")


def _standing(facts: Facts) -> Iterator[Task]:
    if facts.reception_centre:
        yield _task("tell_duty_officer")
        yield _task("open_reception_centre")
    if facts.conflict:
        yield _task("keep_from_excluded")
