"""What the pathway rules recommend for a referral, with reasons and dates, beside what was done about it."""

import datetime
from collections.abc import Sequence

from partners.formfields import in_words, lower_first
from partners.hours import LONDON, when
from partners.limits import LimitMissing, Limits, LimitUnitWrong
from referrals.admin.columns import in_short
from referrals.codes import AGE_GROUPS, CONSENT_STATES, label_of
from referrals.handover_states import HandOverStatus
from referrals.models import HandOver, Recommendation, Referral
from referrals.pathways import ACTOR_LABELS, PATHWAY_LABELS, RULES_VERSION, Pathway, from_stored

#: The facts of the rules in words, for saying what has changed since the rules were asked before.
FACT_WORDS = {
    "consent_nrm": "consent to the NRM",
    "consent_beacon": "consent to local support",
    "consent_police": "consent to working with the police",
    "may_lack_capacity": "may lack capacity",
    "immediate_danger": "immediate danger",
    "first_responder": "the referrer’s organisation is a first responder",
    "section_52": "the referrer’s organisation is under the duty to notify",
    "reception_centre": "enough people for a reception centre",
    "exploited_as_child": "was under 18 while exploited",
    "turns_18_soon": "turns 18 soon",
    "conflict": "an organisation must not be told",
    "age_group": "age",
}

#: What stands beside a pathway that somebody has been asked for, the most telling state first.
DONE_WORDS = {
    HandOverStatus.COMPLETED: ("Done by {}", "good"),
    HandOverStatus.ACCEPTED: ("Accepted by {}", "good"),
    HandOverStatus.MORE_INFORMATION: ("{} has a question", "warn"),
    HandOverStatus.OPENED: ("With {}", "info"),
    HandOverStatus.OFFERED: ("With {}", "info"),
}


def section(
    referral: Referral,
    rows: list[Recommendation],
    hand_overs: list[HandOver],
    limits: Limits,
    now: datetime.datetime,
) -> dict | None:
    """Return the newest recommendation in words; `rows` are all of them, the newest first. None without any."""
    if not rows:
        return None
    newest, since = rows[0], _since(rows, referral)
    result = from_stored(newest.result)
    return {
        "pathways": [
            {
                "pathway": one.pathway,
                "title": PATHWAY_LABELS[one.pathway],
                "actor": ACTOR_LABELS[one.actor],
                "reasons": one.reasons,
                **due_by(limits, one.clock, since[one.pathway], now),
                **_done(one.pathway, hand_overs),
            }
            for one in result.pathways
        ],
        "tasks": [
            {
                "text": task.text,
                "source": task.source,
                "actor": ACTOR_LABELS[task.actor],
                **due_by(limits, task.clock, since[task.code], now),
            }
            for task in result.tasks
        ],
        "version": newest.rules_version,
        "outdated": newest.rules_version != RULES_VERSION,
        "at": newest.at,
        "changed": _changed(rows[1], newest) if len(rows) > 1 else [],
    }


def _since(rows: list[Recommendation], referral: Referral) -> dict[str, datetime.datetime]:
    """Return since when each pathway and task of the newest row has been recommended without a break.

    What was recommended at once counts from the day the referral came in: asking again gives nobody more time.
    """
    since: dict[str, datetime.datetime] = {}
    for row in reversed(rows):  # the oldest first
        at = referral.submitted_at if row is rows[-1] else row.at
        codes = [one["pathway"] for one in row.result["pathways"]] + [one["code"] for one in row.result["tasks"]]
        since = {code: since.get(code, at) for code in codes}
    return since


def due_by(limits: Limits, clock: str, since: datetime.datetime, now: datetime.datetime) -> dict:
    """Return by when something is due, `{"by": words or "", "late": bool}`."""
    try:
        due = limits.due(clock, since) if clock else None
    except (LimitMissing, LimitUnitWrong):
        due = None
    if due is None:
        return {"by": "", "late": False}
    far = abs((due - now).days) > 6
    return {"by": in_words(due.astimezone(LONDON).date()) if far else when(due, now), "late": due < now}


def _done(pathway: Pathway, hand_overs: Sequence[HandOver]) -> dict:
    """Return how far the hand-overs on a pathway went, `{"state", "tone"}`; empty for none."""
    for status, (words, tone) in DONE_WORDS.items():
        rows = [one for one in hand_overs if one.pathway == pathway and one.status == status]
        if rows:
            names = [one.organisation.short_name or one.organisation.name for one in rows]
            return {"state": words.format(in_short(names)), "tone": tone}
    return {}


def _changed(before: Recommendation, after: Recommendation) -> list[str]:
    """Say which facts differ between two answers of the rules: ['consent to the NRM: yes, they agree']."""
    return [
        f"{words}: {_fact(after.facts.get(name))}"
        for name, words in FACT_WORDS.items()
        if before.facts.get(name) != after.facts.get(name)
    ]


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return lower_first(label_of(str(value), [*CONSENT_STATES, *AGE_GROUPS]))
