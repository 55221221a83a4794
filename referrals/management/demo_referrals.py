"""Enters the demonstration's referrals (data/demo/referrals.toml) through the form's steps and the workflow.

Older ones are carried over (ADR 0010): their events bear the day they are said to have happened and the moment they
were entered. Nothing is written behind the workflow's back, and nothing twice.
"""

import datetime
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from partners.hours import LONDON, is_working_day
from partners.models import Partnership, User
from referrals import drafts
from referrals.forms.answers import to_submission
from referrals.forms.base import Answers
from referrals.management.demo_handovers import HAND_OVER_MOVES
from referrals.models import Draft, Referral
from referrals.statuses import FeedbackBand, Outcome, WithdrawalReason
from referrals.workflow import (
    add_note,
    answer_information,
    close,
    reopen,
    request_information,
    start_triage,
    submit,
    withdraw,
)

#: The draft of each referral gets its submit key from its name, so that a second load finds it.
NAMES = uuid.UUID("6b1e1a52-8a0c-4a57-9a5b-0d7a1f1f7d0e")
WORKING_DAYS_AGO = re.compile(r"(\d+)d (\d\d:\d\d)")
MINUTES_AGO = re.compile(r"(\d+)m")
DAY = re.compile(r"@day(?:-(\d+))?")

People = Mapping[str, User]


def enter_all(data: dict[str, Any], people: People, now: datetime.datetime) -> int:
    """Enter the referrals of `data` and the half-written one; return how many referrals were new.

    `people` are the accounts by the keys that `data` uses; ages are counted back from the aware datetime `now`. With
    one of the referrals already there, nothing is entered.
    """
    keys = [submit_key(entry["key"]) for entry in data["referral"]]
    if Referral.objects.filter(submit_key__in=keys).exists():
        return 0
    for entry in data["referral"]:
        enter(entry, people, now)
    _begin(data["draft"]["answers"], by=people[data["draft"]["by"]], now=now)
    return len(keys)


def submit_key(name: str) -> uuid.UUID:
    """Return the submit key of the referral that the data calls `name`."""
    return uuid.uuid5(NAMES, name)


def enter(entry: dict[str, Any], people: People, now: datetime.datetime) -> Referral:
    """Submit one referral and make its moves."""
    by, at = people[entry["by"]], moment(entry["at"], now)
    days = Partnership.current().draft_days
    draft = Draft(user=by, submit_key=submit_key(entry["key"]), expires_at=now + datetime.timedelta(days=days))
    draft.put({})
    draft.save(force_insert=True)
    answers = on_days(entry["answers"], at.astimezone(LONDON).date())
    referral = submit(by=by, draft_id=draft.pk, submission=to_submission(answers), at=at)
    for step in entry["moves"]:
        make_move(referral.pk, step, people, now)
    return referral


#: What each move of the data does with its words. Those without `at` are made now.
MOVES: dict[str, tuple[Callable[..., Any], dict[str, Callable[[str], Any]], bool]] = {
    "start_triage": (start_triage, {}, True),
    "request_information": (request_information, {"question": str}, True),
    "answer_information": (answer_information, {"answer": str}, False),
    "close": (close, {"outcome": Outcome, "band": FeedbackBand}, True),
    "withdraw": (withdraw, {"reason": WithdrawalReason}, True),
    "reopen": (reopen, {}, True),
    "note": (add_note, {"text": str}, False),
}


def make_move(referral_id: uuid.UUID, step: dict[str, Any], people: People, now: datetime.datetime) -> None:
    """Make one move of the data through the workflow."""
    if step["move"] in HAND_OVER_MOVES:
        at = moment(step["at"], now) if "at" in step else None
        HAND_OVER_MOVES[step["move"]](referral_id, step, people[step["by"]], at)
        return
    function, words, versioned = MOVES[step["move"]]
    given: dict[str, Any] = {name: read(step[name]) for name, read in words.items()}
    if "at" in step:
        given["at"] = moment(step["at"], now)
    if versioned:
        given["version"] = Referral.objects.values_list("version", flat=True).get(pk=referral_id)
    function(referral_id=referral_id, by=people[step["by"]], **given)


def moment(words: str, now: datetime.datetime) -> datetime.datetime:
    """Return when `words` says, counted back from the aware datetime `now`: "9d 10:40" (working days), "12m".

    Raises ValueError for other words.
    """
    if found := MINUTES_AGO.fullmatch(words):
        return now - datetime.timedelta(minutes=int(found[1]))
    if not (found := WORKING_DAYS_AGO.fullmatch(words)) or not int(found[1]):
        raise ValueError(f"“{words}” is not like “9d 10:40” or “12m”")
    day = now.astimezone(LONDON).date()
    left = int(found[1])
    while left:
        day -= datetime.timedelta(days=1)
        left -= is_working_day(day)
    return datetime.datetime.combine(day, datetime.time.fromisoformat(found[2]), LONDON)


def on_days(answers: Answers, day: datetime.date) -> Answers:
    """Return `answers` with "@day" and "@day-2" as dates, counted from the local date `day`."""

    def read(value: Any) -> Any:
        found = DAY.fullmatch(value) if isinstance(value, str) else None
        return (day - datetime.timedelta(days=int(found[1] or 0))).isoformat() if found else value

    return {step: {name: read(value) for name, value in given.items()} for step, given in answers.items()}


def _begin(answers: Answers, *, by: User, now: datetime.datetime) -> None:
    draft = drafts.start(by=by, now=now)
    for step, given in answers.items():
        content = drafts.read(draft)
        drafts.save_answers(
            draft=draft, content=content, step=step, given=given, typed={}, version=content.version(step), by=by
        )
