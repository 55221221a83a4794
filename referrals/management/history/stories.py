"""One story a referral: what was told, who was asked, how it ended. Pure; the same month gives the same stories."""

import datetime
import random
from collections.abc import Mapping
from dataclasses import dataclass

from partners.demo import CHILDREN, COUNCIL, COUNTY, POLICE, VICTIM_CARE
from partners.hours import LONDON, add_working_days, add_working_minutes, is_working_day
from referrals.handover_states import DeclineReason, HandOverOutcome
from referrals.management.history import odds
from referrals.pathways import Pathway
from referrals.periods import Period
from referrals.statuses import FeedbackBand, Outcome
from referrals.submission import Answers

SEED = "an invented county"
Weights = Mapping

#: Who answers for an organisation that is handed something.
WORKERS = {
    POLICE: "police",
    VICTIM_CARE: "beacon",
    CHILDREN: "children",
    COUNTY: "county",
    COUNCIL: "council-responder",
}
NRM_OUTCOMES = {
    HandOverOutcome.NRM_SUBMITTED: Outcome.NRM_SUBMITTED,
    HandOverOutcome.NOTIFIED: Outcome.DUTY_TO_NOTIFY_SENT,
}
OUTCOMES = NRM_OUTCOMES | {
    HandOverOutcome.SAFEGUARDING_STARTED: Outcome.SAFEGUARDING,
    HandOverOutcome.SUPPORT_GIVEN: Outcome.SUPPORTED_LOCALLY,
    HandOverOutcome.SUPPORT_GOES_ON: Outcome.SUPPORTED_LOCALLY,
    HandOverOutcome.DECLINED_BY_PERSON: Outcome.DECLINED_SUPPORT,
    HandOverOutcome.NO_CONTACT: Outcome.NO_CONTACT,
}  # fmt: skip
HELPED = frozenset({Outcome.SUPPORTED_LOCALLY, Outcome.NRM_SUBMITTED, Outcome.SAFEGUARDING})


@dataclass(frozen=True)
class Asked:
    """One hand-over: to which organisation, for what, when, and the answer: an outcome or a reason for saying no."""

    to: str
    pathway: Pathway
    offered_at: datetime.datetime
    answered_at: datetime.datetime
    ended_at: datetime.datetime
    outcome: HandOverOutcome | None = None
    reason: DeclineReason | None = None


@dataclass(frozen=True)
class Story:
    """One invented referral from beginning to end. Moments are aware; `by` is a demo person or "" (carried over)."""

    name: str
    organisation: str
    by: str
    answers: Answers
    at: datetime.datetime
    opened_at: datetime.datetime
    asked: Asked | None
    closed_at: datetime.datetime
    outcome: Outcome | None
    band: FeedbackBand | None

    @property
    def is_duplicate(self) -> bool:
        """Whether it was withdrawn as a duplicate; it has no outcome then."""
        return self.outcome is None


def stories_of(month: Period, year_number: int) -> list[Story]:
    """Return the stories of a month, `year_number` years after the first, in the order in which they came in."""
    dice = random.Random(f"{SEED} {month.slug}")  # noqa: S311 - no secret: the same every time
    expected = (odds.A_MONTH + odds.MORE_EACH_YEAR * year_number) * odds.QUIET_MONTHS.get(month.starts.month, 1)
    count = max(3, round(dice.gauss(expected, odds.SPREAD)))
    moments = sorted(_moment(dice, month) for _ in range(count))
    return [_story(dice, f"{month.slug}-{number:02}", at) for number, at in enumerate(moments, 1)]


def _moment(dice: random.Random, month: Period) -> datetime.datetime:
    """Most come in on working days between eight and eight; some at night and at weekends."""
    days = [month.starts + datetime.timedelta(days=n) for n in range((month.ends - month.starts).days + 1)]
    usual = dice.randrange(100) >= odds.OUT_OF_HOURS
    day = dice.choice([one for one in days if is_working_day(one)] if usual else days)
    minute = round(dice.triangular(8 * 60, 20 * 60, 12 * 60)) if usual else dice.randrange(24 * 60)
    return datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60), LONDON)


def _story(dice: random.Random, name: str, at: datetime.datetime) -> Story:
    organisation, by = _one_of(dice, odds.REFERRING)
    answers = _answers(dice, name, organisation)
    opened = _later(dice, at, odds.OPENED)
    if dice.randrange(100) < odds.DUPLICATE:
        return Story(name, organisation, by, answers, at, opened, None, _later(dice, opened, (60, 200)), None, None)
    asked = _ask(dice, organisation, answers, opened)
    last = asked.ended_at if asked else add_working(dice, opened, 1, 8)
    outcome = OUTCOMES[asked.outcome] if asked and asked.outcome else _one_of(dice, odds.ENDED_WITHOUT)
    band = FeedbackBand.HELP_IN_PLACE if outcome in HELPED else FeedbackBand.NO_FURTHER_ACTION
    closed = add_working(dice, last, 1, 4)
    return Story(name, organisation, by, answers, at, opened, asked, closed, outcome, band)


def _answers(dice: random.Random, name: str, organisation: str) -> Answers:
    """What the form would hold: the coded answers, and a person who cannot be taken for anybody."""
    kinds = _one_of(dice, {kinds: told[0] for kinds, told in odds.KINDS.items()})
    _, ages, settings = odds.KINDS[kinds]
    age = _one_of(dice, ages)
    adult = age == "adult"
    nrm = _one_of(dice, odds.NRM_CONSENT) if adult else ""
    if organisation == POLICE and adult and nrm != "refused":
        nrm = "given"
    still = "yes" if dice.randrange(100) < odds.STILL_IN_IT else "no"
    common = {
        "danger": {"immediate_danger": "no"},
        "age": {"age_group": age},
        "person": {"given_names": "Specimena", "family_name": f"Invented {name}"},
        "found": {"district": _one_of(dice, odds.DISTRICTS) or "outside"},
        "setting": {"setting": dice.choice(settings)},
        "signs": {"themes": ["none"]},
        "account": {"what_was_seen": "An invented account for the demonstration."},
        "exploitation": {"kinds": list(kinds) or ["not_known"]},
        "risk": {"still_in_it": still, "still_at_risk": still},
        "contact": {"channels": ["none"]},
    }
    beacon = _one_of(dice, odds.BEACON_CONSENT)
    if not adult:
        common["children_services"] = {"contacted": "yes", "council_name": "Hertfordshire County Council"}
    if adult:
        return common | {"consent": {"nrm": nrm, "beacon": beacon, "police": "not_asked"}}
    return common | {"childs_wishes": {"beacon": beacon, "police": "not_asked"}}


def _ask(dice: random.Random, organisation: str, answers: Answers, opened: datetime.datetime) -> Asked | None:
    pathway = _pathway(dice, organisation, answers)
    if pathway is None or dice.randrange(100) < odds.NO_HAND_OVER:
        return None
    to, outcome = _receiver(dice, pathway, organisation)
    offered = _later(dice, opened, odds.HANDED_OVER)
    answered = _later(dice, offered, odds.ANSWERED)
    if dice.randrange(100) < odds.DECLINED and to != organisation:
        reason = _one_of(dice, odds.DECLINE_REASONS)
        return Asked(to, pathway, offered, answered, answered, reason=reason)
    return Asked(to, pathway, offered, answered, add_working(dice, answered, 2, 12), outcome=outcome)


def _pathway(dice: random.Random, organisation: str, answers: Answers) -> Pathway | None:
    consent = answers.get("consent", {})
    if answers["age"]["age_group"] != "adult":
        # The police tell children's services themselves, and then send the form: no consent is needed (facts, 1.5).
        sends = organisation == POLICE and dice.randrange(100) < odds.POLICE_SENDS_FOR_A_CHILD
        return Pathway.NRM if sends else Pathway.CHILDRENS_SERVICES
    if consent["nrm"] == "given":
        return Pathway.NRM
    if consent["beacon"] == "given":
        return Pathway.BEACON
    return Pathway.DUTY_TO_NOTIFY if consent["nrm"] == "refused" else None


def _receiver(dice: random.Random, pathway: Pathway, organisation: str) -> tuple[str, HandOverOutcome]:
    match pathway:
        case Pathway.CHILDRENS_SERVICES:
            return CHILDREN, HandOverOutcome.SAFEGUARDING_STARTED
        case Pathway.BEACON:
            return VICTIM_CARE, _one_of(dice, odds.BEACON_OUTCOMES)
        case Pathway.NRM:
            to = organisation if organisation in (POLICE, COUNTY, COUNCIL) else dice.choice((POLICE, POLICE, COUNTY))
            return to, HandOverOutcome.NRM_SUBMITTED
        case _:
            return dice.choice((POLICE, COUNTY)), HandOverOutcome.NOTIFIED


def _one_of(dice: random.Random, weights: Weights):
    return dice.choices(list(weights), list(weights.values()))[0]


def _later(dice: random.Random, moment: datetime.datetime, minutes: tuple[int, int]) -> datetime.datetime:
    usual, late = minutes
    work = dice.randrange(5, usual) if dice.randrange(100) >= odds.LATE else dice.randrange(usual, usual + late)
    return add_working_minutes(moment, work)


def add_working(dice: random.Random, moment: datetime.datetime, least: int, most: int) -> datetime.datetime:
    """Return a moment of the working day that is `least` to `most` working days after the aware `moment`."""
    day = add_working_days(moment.date(), dice.randint(least, most))
    clock = datetime.time(dice.randrange(9, 17), dice.randrange(60))
    return datetime.datetime.combine(day, clock, moment.tzinfo)
