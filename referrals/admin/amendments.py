"""What was amended, on the case page: who, when and which questions in the open; old beside new after one click."""

from collections.abc import Iterable
from typing import Any

from partners.models import User
from referrals.admin.columns import person
from referrals.disclose import open_amendments
from referrals.forms.amendment import page_of, question_words
from referrals.forms.happened import district_names
from referrals.forms.steps import BY_KEY
from referrals.forms.summary import summary_rows
from referrals.models import Referral, ReferralEvent
from referrals.statuses import Move
from referrals.submission import Answers

NOTHING = "No answer"


def section(events: Iterable[ReferralEvent], reader: User) -> list[dict[str, Any]]:
    """Return who amended what, the newest first, with nothing sealed."""
    rows = [event for event in events if event.move == Move.AMEND]
    return [
        {"who": person(event.by, reader), "at": event.at, "questions": question_words(event.facts["questions"])}
        for event in reversed(rows)
    ]


def opened(referral: Referral, reader: User, place: str) -> list[dict[str, Any]]:
    """Return each amendment with old beside new and the reason, the newest first; the look is recorded.

    `place` is why the location is open; without it what changed there stays closed.
    """
    found, districts = open_amendments(referral, by=reader, place=place), district_names()
    return [
        {
            "who": person(row.event.by, reader),
            "at": row.event.at,
            "rows": [
                one
                for blob in ("secret", "location")
                if kept[blob]
                for one in old_and_new(kept[blob]["old"], kept[blob]["new"], districts)
            ],
            "closed": kept["location"] is None and is_about_the_place(row.event.facts["questions"]),
            "why": kept["why"],
        }
        for row, kept in reversed(found)
    ]


def is_about_the_place(questions: Iterable[str]) -> bool:
    """Return whether one of the questions `step.field` is sealed with the location."""
    parts = (one.partition(".") for one in questions)
    return any(step in BY_KEY and name in BY_KEY[step].form.place for step, _, name in parts)


def old_and_new(old: Answers, new: Answers, districts: dict[str, str], page: str = "") -> list[dict[str, Any]]:
    """Return what differs as rows `{"question", "old", "new", "follows"}` in the order of the form.

    `follows` marks what another page than `page`, the one that is amended, asked: it falls away or comes with it.
    """
    before, now = (_in_words(answers, districts) for answers in (old, new))
    # In the order of the form, though a question may stand on one side only.
    order = _in_words({step: {**old.get(step, {}), **new.get(step, {})} for step in {**old, **new}}, districts)
    return [
        {
            "question": label,
            "old": before.get(key, ("", NOTHING))[1],
            "new": now.get(key, ("", NOTHING))[1],
            "follows": bool(page) and page_of(*key) != page,
        }
        for key, (label, _) in order.items()
    ]


def _in_words(answers: Answers, districts: dict[str, str]) -> dict[tuple[str, str], tuple[str, Any]]:
    """The answers as {(step, field): (question, answer)}; what the form no longer asks stands as it was kept."""
    asked = {
        (row.step.key, row.field): (row.label, row.value)
        for part in summary_rows(answers, districts=districts)
        for row in part.rows
    }
    rest = {
        (step, name): (question_words([f"{step}.{name}"])[0], value)
        for step, given in answers.items()
        for name, value in given.items()
        if (step, name) not in asked
    }
    return asked | rest
