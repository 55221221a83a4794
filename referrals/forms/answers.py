"""From a draft's answers to what is sent: only the path counts, and each answer goes where it belongs."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from referrals.codes import CHANNELS, EXPLOITATION_CODES, INDICATOR_CODES, NOT_KNOWN, SETTINGS, language_in_the_open
from referrals.forms.base import Answers, includes
from referrals.forms.consent import states_given
from referrals.forms.happened import NONE, OUTSIDE, chosen_themes
from referrals.forms.people import contradicts_age, eighteenth_birthday, in_danger, is_minor
from referrals.forms.steps import BY_KEY, Step, path
from referrals.statuses import Priority
from referrals.submission import ConsentGiven, Submission


@dataclass(frozen=True)
class Problem:
    """Something that must be put right before the referral can be sent."""

    step: Step
    text: str


def on_the_path(answers: Answers) -> Answers:
    """Return the answers that count: those of the steps the path goes through, without what an answer hides."""
    kept = {step.key: _shown(step, answers[step.key]) for step in path(answers) if step.key in answers}
    if themes := kept.get("signs", {}).get("themes"):
        offered = chosen_themes(answers) | {NONE}
        kept["signs"] = {"themes": [theme for theme in themes if theme in offered]}
    return {key: given for key, given in kept.items() if given}


def _shown(step: Step, given: dict[str, Any]) -> dict[str, Any]:
    def counts(name: str) -> bool:
        question, answer = step.form.reveals.get(name, ("", ""))
        return not question or includes(given.get(question), answer)

    return {name: value for name, value in given.items() if name in step.form.base_fields and counts(name)}


def priority_of(answers: Answers) -> Priority:
    """Return the order of work, with the plain reasons of facts 3.11: never a sum of ticks.

    Immediate when somebody is in danger now. Urgent for a child or somebody who may be one, for somebody who is still
    in it or still at risk, and when nobody can say that there is no danger now.
    """
    if in_danger(answers):
        return Priority.IMMEDIATE
    risk = answers.get("risk", {})
    pressing = (
        is_minor(answers)
        or "yes" in (risk.get("still_in_it"), risk.get("still_at_risk"))
        or answers.get("danger", {}).get("immediate_danger") == NOT_KNOWN
    )
    return Priority.URGENT if pressing else Priority.STANDARD


def problems(
    answers: Answers, unfinished: Collection[str] = (), *, today: datetime.date | None = None
) -> list[Problem]:
    """Return what stands between `answers` and sending them, in the order of the path.

    `unfinished` are the keys of the steps that hold typed text which was never saved as an answer.
    """
    found = []
    for step in path(answers):
        given = answers.get(step.key, {})
        missing = [name for name, field in step.form.base_fields.items() if field.required and not given.get(name)]
        if missing:
            found.append(Problem(step, str(step.form.base_fields[missing[0]].error_messages["required"])))
        elif step.key in unfinished:
            found.append(Problem(step, f"Finish the page “{step.title}”: what you typed there is not saved yet"))
        elif step.key == "person" and (text := _contradiction(answers, today or timezone.localdate())):
            found.append(Problem(step, text))
    return found


def _contradiction(answers: Answers, today: datetime.date) -> str:
    born = _born(answers)
    return contradicts_age(answers, born, today) if born else ""


def _born(answers: Answers) -> datetime.date | None:
    born = answers.get("person", {}).get("date_of_birth")
    return datetime.date.fromisoformat(born) if born else None


def to_submission(answers: Answers) -> Submission:
    """Return what `answers` say, ready to be stored. Raises ValueError when `problems` are left.

    Who must not hear of it goes to the exclusions alone: what is sealed with the story is shown to organisations.
    """
    if left := problems(answers):
        raise ValueError(f"{len(left)} steps are not ready")
    return as_read(on_the_path(answers))


def as_read(kept: Answers) -> Submission:
    """Return what the answers `kept`, those of one path, say: also of a referral whose questions were others once.

    They must name the age group.
    """
    kept_from = kept.get("do_not_share", {})
    kept = {key: given for key, given in kept.items() if key != "do_not_share"}
    secret, location = _apart(kept)
    district = kept.get("found", {}).get("district", "")
    setting = kept.get("setting", {}).get("setting")
    return Submission(
        priority=priority_of(kept),
        age_group=kept["age"]["age_group"],
        setting=setting if setting in dict(SETTINGS) else NOT_KNOWN,
        district_code="" if district in (OUTSIDE, NOT_KNOWN) else district,
        exploitation=[code for code in EXPLOITATION_CODES if code in kept.get("exploitation", {}).get("kinds", [])],
        indicators=_indicators(kept),
        secret=secret,
        location=location,
        consents=_consents(kept),
        may_lack_capacity=kept.get("consent", {}).get("capacity") == "yes",
        exploited_as_child=kept.get("exploited_as_child", {}).get("exploited_as_child") == "yes",
        people_met=int(kept.get("found", {}).get("people_met", 1)),
        turns_18_on=_turns_18_on(kept),
        exclude=list(kept_from.get("organisations", [])),
        exclude_reason=kept_from.get("why", ""),
    )


def _turns_18_on(kept: Answers) -> str:
    """The 18th birthday of somebody under 18; "" for one that has passed, which only a person in doubt can have."""
    born = _born(kept)
    if born is None or not is_minor(kept):
        return ""
    birthday = eighteenth_birthday(born)
    return birthday.isoformat() if birthday > timezone.localdate() else ""


def _indicators(kept: Answers) -> list[str]:
    ticked = {code for given in kept.values() for code in given.get("indicators", [])}
    return [code for code in INDICATOR_CODES if code in ticked]


def _apart(kept: Answers) -> tuple[Answers, Answers]:
    secret: Answers = {}
    location: Answers = {}
    for key, given in kept.items():
        for name, value in given.items():
            blob = location if name in BY_KEY[key].form.place else secret
            blob.setdefault(key, {})[name] = value
    return secret, location


def _consents(kept: Answers) -> list[ConsentGiven]:
    how = kept.get("consent_details", {})
    details = {
        "explained_on": how.get("explained_on", ""),
        "explained_by": how.get("explained_by", ""),
        "language": language_in_the_open(how.get("explained_language", "")),
        "interpreter": how.get("interpreter", ""),
        "privacy_notice_given": how.get("privacy_notice_given", ""),
    }
    states = states_given(kept, minor=is_minor(kept)) | _safe_channels(kept)
    return [
        ConsentGiven(kind=kind, state=state, **(details if state != "not_asked" else {}))
        for kind, state in states.items()
    ]


def _safe_channels(kept: Answers) -> dict[str, str]:
    """A way of contact that is called safe is one they agreed to; of the others nothing is known."""
    chosen = kept.get("contact", {}).get("channels", [])
    return {f"contact_{channel}": "given" for channel, _ in CHANNELS if channel in chosen}
