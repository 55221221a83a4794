"""What the people who follow a referral read of its progress: what happened, and which organisation has it now.

Words safe for somebody who is not on the case: no reason, no chasing, no outcome, nothing about whom it is kept from.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from partners.formfields import in_words
from partners.lines import openings_of
from referrals.attachment_kinds import counted
from referrals.forms.paper import on_paper
from referrals.handover_states import SEEN_STATES, HandOverStatus
from referrals.models import HandOver, ReferralEvent
from referrals.nrm_stages import STAGE_BANDS
from referrals.pathways import Pathway
from referrals.statuses import Move

#: What a referrer reads of each event. What is not here (openings by partners, chasing, exclusions, clocks) is not
#: theirs to see. "{}" is the organisation.
HAPPENED = {
    Move.SUBMIT: "Referral sent",
    Move.OPEN: "Read by a coordinator",
    Move.START_TRIAGE: "A coordinator started to look at it",
    Move.AMEND: "A coordinator corrected it",
    Move.REQUEST_INFORMATION: "A coordinator asked a question",
    Move.ANSWER_INFORMATION: "The question was answered",
    Move.HAND_OVER: "Passed to {}",
    Move.HAND_OVER_ACCEPTED: "{} has accepted it",
    Move.HAND_OVER_DECLINED: "{} could not take it",
    Move.HAND_OVER_QUESTION: "{} wants to know more",
    Move.HAND_OVER_ANSWERED: "The coordinators answered {}",
    Move.HAND_OVER_COMPLETED: "{} has finished its part",
    Move.HAND_OVER_REVOKED: "{} does not have it any more",
    Move.RETURN_TO_TRIAGE: "Given back to the coordinators",
    Move.BACK_WITH_PARTNERS: "With the partner organisations again",
    Move.RECORD_CONSENT: "What the person agrees to was recorded",
    Move.NRM_STAGE: "{}",
    Move.ATTACH: "{} added",
    Move.CLOSE: "Closed",
    Move.REOPEN: "Opened again",
    Move.WITHDRAW: "Withdrawn",
}
SOME_ORGANISATION = "A partner organisation"

#: Where a hand-over stands: words, tone, and the column and the words that say since when.
STANDS = {
    HandOverStatus.OFFERED: ("Asked, no answer yet", "info", "offered_at", "Asked on"),
    HandOverStatus.OPENED: ("Asked, no answer yet", "info", "offered_at", "Asked on"),
    HandOverStatus.MORE_INFORMATION: ("Wants to know more", "warn", "offered_at", "Asked on"),
    HandOverStatus.ACCEPTED: ("Accepted", "good", "accepted_at", "Accepted on"),
    HandOverStatus.COMPLETED: ("Finished its part", "quiet", "ended_at", "Finished on"),
}
FIRST_RESPONDERS = frozenset({Pathway.NRM, Pathway.DUTY_TO_NOTIFY})


def timeline(events: Iterable[ReferralEvent], hand_overs: Iterable[HandOver]) -> list[dict]:
    """Return what happened, newest first, as the timeline component takes it."""
    names = {str(one.pk): one.organisation.name for one in hand_overs}
    told = [(event, title_of(event, names)) for event in events]
    return [
        {"title": title, "at": timezone.localtime(event.at), "text": _days_of_paper(event)}
        for event, title in reversed(told)
        if title
    ]


def _days_of_paper(event: ReferralEvent) -> str:
    return on_paper(event.facts) if event.move == Move.SUBMIT else ""


def title_of(event: ReferralEvent, names: Mapping[str, str]) -> str:
    """Return what a referrer reads of `event`, or "" for what is not theirs. `names` are organisations by hand-over."""
    if event.move == Move.NRM_STAGE:
        return STAGE_BANDS.get(event.facts["stage"], "")
    if event.move == Move.SUBMIT and on_paper(event.facts):
        return "Received on paper"
    if event.move == Move.ATTACH:  # what coordinators keep with a case is not the referrer's to know
        what = counted(event.facts["kind"]) if "from_referrer" in event.facts else ""
        return HAPPENED[Move.ATTACH].replace("{}", what) if what else ""
    name = names.get(event.facts.get("hand_over", ""), SOME_ORGANISATION)
    title = HAPPENED.get(Move(event.move), "").replace("{}", name)
    return title[:1].upper() + title[1:]


def holders(hand_overs: Sequence[HandOver], now: datetime.datetime) -> list[dict]:
    """Return who has the referral, or has finished its part: organisation, state, since when, and when it next opens.

    An organisation that is asked for two things in the same state stands here once. At most three queries.
    """
    seen = [one for one in hand_overs if one.status in SEEN_STATES]
    busy = [one.organisation for one in seen if one.is_open]
    openings = openings_of(busy, now)
    rows: dict[tuple[int, str], dict] = {}
    for one in sorted(seen, key=lambda one: (not one.is_open, one.offered_at)):
        words, tone, column, since = STANDS[HandOverStatus(one.status)]
        is_there, opening = openings.get(one.organisation_id, (None, ""))
        row = {
            "name": one.organisation.name,
            "status": words,
            "tone": tone,
            "since": f"{since} {in_words(timezone.localtime(getattr(one, column)).date())}",
            "closed": opening if one.is_open and is_there is False else "",
        }
        rows.setdefault((one.organisation_id, words), row)
    return list(rows.values())


def names_first_responder(hand_overs: Iterable[HandOver], user_id: int) -> bool:
    """Return whether one of the hand-overs names the person as the first responder, and was not taken back."""
    return any(
        one.responder_id == user_id and one.pathway in FIRST_RESPONDERS and one.status in SEEN_STATES
        for one in hand_overs
    )
