"""The stages of a case in the National Referral Mechanism, the arrows between them, and the clock each one starts.

Pure: no ORM, no clock of its own. The lengths of the clocks are data (`partners.Limit`); here are only their names
(facts, 1.7 and 8.4).
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class NrmStage(StrEnum):
    """Where the case stands at the Home Office. A Duty to Notify ends with NOTIFIED: nobody decides about it."""

    PREPARING = "preparing"
    HOME_OFFICE_DRAFT = "home_office_draft"
    SUBMITTED = "submitted"
    NOTIFIED = "notified"
    RG_POSITIVE = "rg_positive"
    RG_NEGATIVE = "rg_negative"
    RG_RECONSIDERATION = "rg_reconsideration"
    CG_POSITIVE = "cg_positive"
    CG_NEGATIVE = "cg_negative"
    CG_RECONSIDERATION = "cg_reconsideration"
    SUSPENDED = "suspended"
    DISQUALIFIED = "disqualified"
    WITHDRAWN = "withdrawn"


N = NrmStage

STAGE_LABELS: dict[NrmStage, str] = {
    N.PREPARING: "Being prepared",
    N.HOME_OFFICE_DRAFT: "Draft on the Home Office form",
    N.SUBMITTED: "Sent, waiting for the reasonable grounds decision",
    N.NOTIFIED: "Duty to Notify sent",
    N.RG_POSITIVE: "Positive reasonable grounds decision, recovery period",
    N.RG_NEGATIVE: "Negative reasonable grounds decision",
    N.RG_RECONSIDERATION: "Reconsideration of the reasonable grounds decision asked for",
    N.CG_POSITIVE: "Positive conclusive grounds decision",
    N.CG_NEGATIVE: "Negative conclusive grounds decision",
    N.CG_RECONSIDERATION: "Reconsideration of the conclusive grounds decision asked for",
    N.SUSPENDED: "Suspended",
    N.DISQUALIFIED: "Disqualified from the recovery period (public order or bad faith)",
    N.WITHDRAWN: "Withdrawn from the NRM",
}

#: What the original referrer may hear: that there is news, never which way a decision went. The person may not know
#: yet, and a referrer signs in on an e-mailed code.
STAGE_BANDS: dict[NrmStage, str] = {
    N.SUBMITTED: "Sent to the National Referral Mechanism",
    N.NOTIFIED: "The Home Office was notified, without anything that says who the person is",
    N.RG_POSITIVE: "The Home Office made its first decision",
    N.RG_NEGATIVE: "The Home Office made its first decision",
    N.CG_POSITIVE: "The Home Office made its final decision",
    N.CG_NEGATIVE: "The Home Office made its final decision",
    N.WITHDRAWN: "The National Referral Mechanism part has ended",
}

#: {stage: stages that may come next}. What is not in it cannot be recorded.
NEXT_STAGES: dict[NrmStage, tuple[NrmStage, ...]] = {
    N.PREPARING: (N.HOME_OFFICE_DRAFT, N.SUBMITTED, N.NOTIFIED, N.WITHDRAWN),
    N.HOME_OFFICE_DRAFT: (N.SUBMITTED, N.NOTIFIED, N.PREPARING, N.WITHDRAWN),
    N.SUBMITTED: (N.RG_POSITIVE, N.RG_NEGATIVE, N.SUSPENDED, N.WITHDRAWN),
    N.NOTIFIED: (),
    N.RG_POSITIVE: (N.CG_POSITIVE, N.CG_NEGATIVE, N.SUSPENDED, N.DISQUALIFIED, N.WITHDRAWN),
    N.RG_NEGATIVE: (N.RG_RECONSIDERATION,),
    N.RG_RECONSIDERATION: (N.RG_POSITIVE, N.RG_NEGATIVE, N.WITHDRAWN),
    N.CG_POSITIVE: (),
    N.CG_NEGATIVE: (N.CG_RECONSIDERATION,),
    N.CG_RECONSIDERATION: (N.CG_POSITIVE, N.CG_NEGATIVE, N.WITHDRAWN),
    N.SUSPENDED: (N.SUBMITTED, N.RG_POSITIVE, N.RG_NEGATIVE, N.CG_POSITIVE, N.CG_NEGATIVE, N.WITHDRAWN),
    N.DISQUALIFIED: (N.RG_RECONSIDERATION, N.CG_RECONSIDERATION, N.WITHDRAWN),
    N.WITHDRAWN: (),
}

#: Stages that only follow a referral, and the one that only follows a Duty to Notify.
ONLY_NOTIFY, DECISIONS = (
    frozenset({N.NOTIFIED}),
    frozenset({N.RG_POSITIVE, N.RG_NEGATIVE, N.CG_POSITIVE, N.CG_NEGATIVE}),
)
RG_DECISIONS, CG_DECISIONS = frozenset({N.RG_POSITIVE, N.RG_NEGATIVE}), frozenset({N.CG_POSITIVE, N.CG_NEGATIVE})


@dataclass(frozen=True)
class Clock:
    """A date that matters: `key` is the limit it is counted from, `acts` says who must act, `kind` how to read it.

    `kind` is "deadline" (do it by then), "target" (the Home Office aims at it, nobody is entitled to it), "minimum"
    (not before then) or "warning".
    """

    key: str
    label: str
    on: datetime.date
    kind: str
    acts: str


@dataclass(frozen=True)
class _Rule:
    key: str
    label: str
    kind: str
    acts: str


_FIRST_RESPONDER, _HOME_OFFICE, _PROVIDER = "the first responder", "the Home Office", "the support provider"

#: {stage: the clocks that run from the day the stage began}.
_RULES: dict[NrmStage, tuple[_Rule, ...]] = {
    N.HOME_OFFICE_DRAFT: (
        _Rule("draft_warning", "The Home Office draft will soon be deleted", "warning", _FIRST_RESPONDER),
        _Rule("draft_expires", "The Home Office deletes the draft", "deadline", _FIRST_RESPONDER),
    ),
    N.SUBMITTED: (_Rule("rg_decision", "Reasonable grounds decision", "target", _HOME_OFFICE),),
    N.RG_POSITIVE: (_Rule("recovery_period", "The recovery period lasts at least until", "minimum", _HOME_OFFICE),),
    N.RG_NEGATIVE: (_Rule("reconsideration", "Ask for reconsideration", "deadline", _FIRST_RESPONDER),),
    N.CG_POSITIVE: (_Rule("move_on", "Support goes on at least until", "minimum", _PROVIDER),),
    N.CG_NEGATIVE: (
        _Rule("exit_negative", "National support ends", "target", _PROVIDER),
        _Rule("reconsideration", "Ask for reconsideration", "deadline", _FIRST_RESPONDER),
    ),
}

#: After the target of a decision has passed this long, somebody asks the Home Office (facts, 8.4).
CHASE_AFTER = {N.SUBMITTED: "outcome_chase"}


def may_follow(stage: NrmStage | str, *, duty_to_notify: bool) -> tuple[NrmStage, ...]:
    """Return the stages that may be recorded after `stage`, for a referral or for a Duty to Notify."""
    left_out = DECISIONS | {N.SUBMITTED, N.SUSPENDED} if duty_to_notify else ONLY_NOTIFY
    return tuple(after for after in NEXT_STAGES[NrmStage(stage)] if after not in left_out)


def clocks(
    began: Mapping[NrmStage, datetime.date],
    stage: NrmStage | str,
    due_on: Callable[[str, datetime.date], datetime.date],
    *,
    ask_again_on: datetime.date | None = None,
) -> list[Clock]:
    """Return the clocks that run at `stage`, the nearest first.

    `began` says on which local date each stage began; `due_on(key, since)` counts a limit (`partners.limits`).
    `ask_again_on` is when somebody who was referred as a child nears 18: from their birthday on they decide themselves
    whether they stay in the NRM (facts, 1.5). It counts until the conclusive decision.
    """
    stage = NrmStage(stage)
    found = [
        Clock(rule.key, rule.label, due_on(rule.key, began[stage]), rule.kind, rule.acts)
        for rule in _RULES.get(stage, ())
        if stage in began
    ]
    if stage in CHASE_AFTER and stage in began:
        target = due_on("rg_decision", began[stage])
        asked = due_on(CHASE_AFTER[stage], target)
        found.append(
            Clock(CHASE_AFTER[stage], "Ask the Home Office what became of it", asked, "deadline", _FIRST_RESPONDER)
        )
    ended = stage in CG_DECISIONS or stage in (N.NOTIFIED, N.WITHDRAWN)
    if ask_again_on is not None and not ended:
        label = "They turn 18 soon: ask for their consent again"
        found.append(Clock("turns_18_notice", label, ask_again_on, "deadline", _FIRST_RESPONDER))
    return sorted(found, key=lambda clock: clock.on)


class StageNotAllowed(ValueError):
    """Raised for a stage or a date that cannot be; the text says why, in words for the person who typed it."""


def check_stage(
    stage: NrmStage | str,
    to: NrmStage | str,
    on: datetime.date,
    today: datetime.date,
    began: Mapping[NrmStage, datetime.date],
    *,
    duty_to_notify: bool = False,
) -> None:
    """Raise StageNotAllowed unless `to` may follow `stage` on the local date `on`."""
    if NrmStage(to) not in may_follow(stage, duty_to_notify=duty_to_notify):
        words = STAGE_LABELS[NrmStage(to)].lower()
        raise StageNotAllowed(f"“{words}” cannot follow “{STAGE_LABELS[NrmStage(stage)].lower()}”")
    if on > today:
        raise StageNotAllowed("The date must be today or in the past")
    # A first responder may have sent the form before the case reached them here: preparing holds nobody up.
    before = None if stage == NrmStage.PREPARING else began.get(NrmStage(stage))
    if before is not None and on < before:
        earlier = STAGE_LABELS[NrmStage(stage)].lower()
        raise StageNotAllowed(f"The date must not be before {before.day} {before:%B %Y}, when “{earlier}” began")
