"""What was amended of a case, for an organisation that has it: which of the facts that it sees, never what they say."""

import datetime

from django.utils import timezone

from partners.formfields import in_words, lower_first
from referrals.forms.amendment import title_of
from referrals.forms.steps import BY_KEY
from referrals.limited_views import LIMITED_VIEWS, limited
from referrals.models import HandOver
from referrals.pathways import Pathway
from referrals.statuses import Move

#: The facts that everybody sees who is asked, in words that fit a line.
CODED = {
    "danger.immediate_danger": "whether anybody is in immediate danger",
    "age.age_group": "age group",
    "exploitation.kinds": "kind of exploitation",
    "setting.setting": "kind of place",
    "found.district": "district",
}
NOT_SEEN = "something that you do not see"


def amended_since(hand_over: HandOver) -> list[str]:
    """Return what was amended since it was handed over, a line a day, the newest first."""
    events = hand_over.referral.events.filter(move=Move.AMEND, at__gt=hand_over.offered_at).order_by("-at")
    days: dict[datetime.date, list[str]] = {}
    for event in events:
        asked = days.setdefault(timezone.localtime(event.at).date(), [])
        asked += event.facts.get("questions", [])
    return [f"Amended on {in_words(day)}: {', '.join(_in_words(asked, hand_over))}" for day, asked in days.items()]


def _in_words(questions: list[str], hand_over: HandOver) -> list[str]:
    seen = [CODED.get(one) or (_opened(one, hand_over) if hand_over.accepted_at else "") for one in questions]
    return list(dict.fromkeys(words for words in seen if words)) or [NOT_SEEN]


def _opened(question: str, hand_over: HandOver) -> str:
    """The page that asks `question`, if its answers are among those that the pathway opens; else ""."""
    step, _, name = question.partition(".")
    view = LIMITED_VIEWS[Pathway(hand_over.pathway)]
    if step not in BY_KEY:
        return ""
    steps = view.location if name in BY_KEY[step].form.place else view.secret
    return lower_first(title_of(BY_KEY[step])) if limited({step: {}}, steps) else ""
