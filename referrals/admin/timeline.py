"""What happened to a referral, in words for a coordinator: one line for every event there can be."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from partners.formfields import in_words, lower_first
from partners.models import LimitKey, Organisation, User
from referrals.admin.columns import person
from referrals.admin.reading import CaseFile
from referrals.attachment_kinds import KIND_LABELS, REMOVAL_LABELS
from referrals.codes import CONSENT_KINDS, CONSENT_STATES, label_of
from referrals.forms.amendment import question_words
from referrals.forms.paper import on_paper
from referrals.handover_states import (
    DECLINE_LABELS,
    OUTCOME_LABELS_HAND_OVER,
    OVERRIDE_LABELS,
    REVOKE_LABELS,
    RevokeReason,
)
from referrals.models import Exclusion, LinkKind, ReferralEvent
from referrals.models.handover import COORDINATOR_TOLD, RING_THEM, SECOND_CONTACT
from referrals.note_codes import DECISION_LABELS, NOTE_TAGS, Decision
from referrals.nrm_stages import STAGE_LABELS
from referrals.pathways import PATHWAY_LABELS
from referrals.statuses import FEEDBACK_LABELS, OUTCOME_LABELS, PRIORITY_LABELS, WITHDRAWAL_LABELS, Move

MOVE_WORDS = {
    Move.SUBMIT: "{by} sent the referral",
    Move.OPEN: "{by} opened it for the first time",
    Move.START_TRIAGE: "{by} took it",
    Move.ASSIGN: "{by} gave it to {to}",
    Move.AMEND: "{by} amended what was referred",
    Move.REQUEST_INFORMATION: "{by} asked the referrer a question",
    Move.ANSWER_INFORMATION: "{by} answered the question",
    Move.HAND_OVER: "{by} handed it over to {organisation}",
    Move.HAND_OVER_OPENED: "{by} opened it for {organisation}",
    Move.HAND_OVER_ACCEPTED: "{by} accepted it for {organisation}",
    Move.HAND_OVER_DECLINED: "{by} declined it for {organisation}",
    Move.HAND_OVER_QUESTION: "{by} asked a question for {organisation}",
    Move.HAND_OVER_ANSWERED: "{by} answered the question of {organisation}",
    Move.HAND_OVER_COMPLETED: "{by} reported what {organisation} did",
    Move.HAND_OVER_REVOKED: "{by} took it back from {organisation}",
    Move.HAND_OVER_CHASED: "{organisation} had not answered",
    Move.HAND_OVER_RUNG: "{by} rang {organisation}",
    Move.HAND_OVER_NAMED: "{by} named {to} at {organisation}",
    Move.HAND_OVER_AMENDED: "{organisation} was told that it was amended",
    Move.RETURN_TO_TRIAGE: "No organisation has it any more: it is back in triage",
    Move.BACK_WITH_PARTNERS: "{by} left it with the organisations that have it",
    Move.RECORD_CONSENT: "{by} recorded what the person agrees to",
    Move.NRM_STAGE: "{by} recorded a stage of the NRM",
    Move.NRM_CLOCK: "A clock of the NRM needs somebody: the first responder and the coordinator were told",
    Move.EXCLUDE: "{by} decided not to share it with {organisation}",
    Move.LIFT_EXCLUSION: "{by} allowed sharing with {organisation} again",
    Move.JOIN_OPERATION: "{by} added it to an operation",
    Move.LINK: "{by} linked it to another referral",
    Move.UNLINK: "{by} took a link to another referral away",
    Move.DECIDE: "{by} recorded a decision",
    Move.NOTE: "{by} added a note",
    Move.ATTACH: "{by} added an attachment",
    Move.DETACH: "{by} removed an attachment",
    Move.CLOSE: "{by} closed it",
    Move.REOPEN: "{by} reopened it",
    Move.WITHDRAW: "{by} withdrew it",
    Move.ESCALATE: "Nobody had opened it, so more people were told",
}

CHASED_WORDS = {
    SECOND_CONTACT: "Its second contact was written to",
    COORDINATOR_TOLD: "The coordinator was told",
    RING_THEM: "Somebody has to ring",
}


@dataclass
class Names:
    """Whom and what events speak of, as far as it was read already: people and organisations by their id.

    An exclusion is known by its id as text.
    """

    people: dict[int, User] = field(default_factory=dict)
    organisations: dict[object, str] = field(default_factory=dict)


def names_known(file: CaseFile) -> Names:
    """Return what the case page has read already."""
    staff = [file.referral.owner, *(event.by for event in file.events), *(row.responder for row in file.hand_overs)]
    kept_from = {str(row["id"]): row["organisation"] for row in file.exclusions}
    return Names(
        {user.pk: user for user in staff if user is not None},
        {row.organisation_id: row.organisation.name for row in file.hand_overs} | kept_from,
    )


def timeline(events: list[ReferralEvent], reader: User, known: Names | None = None) -> list[dict]:
    """Return what happened in words, the newest first, for `components/timeline.html`.

    What is not `known` is looked up, with three queries at most.
    """
    names = _looked_up(events, known or Names())
    return [{"title": _title(event, reader, names), "at": event.at, "text": _text(event)} for event in reversed(events)]


def _looked_up(events: list[ReferralEvent], known: Names) -> Names:
    people = _spoken_of(events, "to") - known.people.keys()
    organisations = _spoken_of(events, "organisation") - known.organisations.keys()
    kept_from = _spoken_of(events, "exclusion") - known.organisations.keys()
    found = Names(dict(known.people), dict(known.organisations))
    if people:
        found.people |= User.objects.in_bulk(people)
    if organisations:
        found.organisations |= dict(Organisation.objects.filter(pk__in=organisations).values_list("pk", "name"))
    if kept_from:
        rows = Exclusion.objects.filter(pk__in=kept_from).values_list("pk", "organisation__name")
        found.organisations |= {str(pk): name for pk, name in rows}
    return found


def _spoken_of(events: list[ReferralEvent], what: str) -> set:
    return {event.facts[what] for event in events if what in event.facts}


def _title(event: ReferralEvent, reader: User, names: Names) -> str:
    to = person(names.people.get(event.facts.get("to")), reader)
    concerned = event.facts.get("organisation") or event.facts.get("exclusion")
    return _words(event).format(
        by=person(event.by, reader, "The system"),
        to="you" if to == "You" else to,
        organisation=names.organisations.get(concerned, "a partner"),
    )


def _words(event: ReferralEvent) -> str:
    # Whoever records that the person changed their mind has not taken anything back: the person has.
    if event.move == Move.SUBMIT and on_paper(event.facts):
        return "{by} typed it in from paper"
    if event.move == Move.HAND_OVER_REVOKED and event.facts.get("reason") == RevokeReason.CONSENT_WITHDRAWN:
        return "Taken back from {organisation}"
    return MOVE_WORDS[Move(event.move)]


def _text(event: ReferralEvent) -> str:
    tell = _RESULTS.get(Move(event.move))
    return tell(event.facts) if tell else ""


def _pathway(facts: dict) -> str:
    return PATHWAY_LABELS.get(facts.get("pathway"), "")


def _offered(facts: dict) -> str:
    why = OVERRIDE_LABELS.get(facts.get("override"))
    return f"{_pathway(facts)}. Without consent: {lower_first(why)}" if why else _pathway(facts)


def _declined(facts: dict) -> str:
    return f"{_pathway(facts)}. {DECLINE_LABELS.get(facts.get('reason'), '')}"


def _completed(facts: dict) -> str:
    return f"{_pathway(facts)}. {OUTCOME_LABELS_HAND_OVER.get(facts.get('outcome'), '')}"


def _revoked(facts: dict) -> str:
    silent = ". The organisation was not told" if "silent" in facts else ""
    return f"{_pathway(facts)}. {REVOKE_LABELS.get(facts.get('reason'), '')}{silent}"


def _rung(facts: dict) -> str:
    return "Somebody was reached" if facts.get("reached") == "yes" else "Nobody was reached"


def _consents(facts: dict) -> str:
    kinds = facts.get("kinds", {}).items()
    said = (f"{label_of(kind, CONSENT_KINDS)}: {lower_first(label_of(state, CONSENT_STATES))}" for kind, state in kinds)
    return ". ".join(said)


def _stage(facts: dict) -> str:
    return f"{STAGE_LABELS.get(facts.get('stage'), '')}, on {_day(facts)}"


def _clock(facts: dict) -> str:
    return f"{LimitKey(facts['clock']).label}: {_day(facts)}" if facts.get("clock") in LimitKey.values else ""


def _amended(facts: dict) -> str:
    pressing = PRIORITY_LABELS.get(facts.get("priority", ""), "")
    priority = f". Priority now: {lower_first(pressing)}" if pressing else ""
    return "; ".join(question_words(facts.get("questions", ()))) + priority


def _day(facts: dict) -> str:
    return in_words(datetime.date.fromisoformat(facts["on"]))


def _linked(facts: dict) -> str:
    said = {"this": ". This one is the duplicate", "other": ". The other one was the duplicate"}
    kind = dict(LinkKind.choices).get(facts.get("kind", ""), "")
    return f"{kind}{said.get(facts.get('duplicate', ''), '')}"


def _decided(facts: dict) -> str:
    return ". ".join(DECISION_LABELS[Decision(one)] for one in facts.get("decided", ()))


def _attached(facts: dict) -> str:
    kind, why = KIND_LABELS.get(facts.get("kind", "")), REMOVAL_LABELS.get(facts.get("reason", ""))
    which = f"Attachment {facts.get('number')}: {lower_first(kind)}" if kind else ""
    return f"{which}. {why}" if why else which


def _closed(facts: dict) -> str:
    told = FEEDBACK_LABELS[facts["band"]]
    return f"{OUTCOME_LABELS[facts['outcome']]}. The referrer was told: “{told}”"


_RESULTS: dict[Move, Callable[[dict], str]] = {
    Move.SUBMIT: on_paper,
    Move.AMEND: _amended,
    Move.HAND_OVER: _offered,
    Move.HAND_OVER_ACCEPTED: _pathway,
    Move.HAND_OVER_NAMED: _pathway,
    Move.HAND_OVER_DECLINED: _declined,
    Move.HAND_OVER_QUESTION: _pathway,
    Move.HAND_OVER_COMPLETED: _completed,
    Move.HAND_OVER_REVOKED: _revoked,
    Move.HAND_OVER_CHASED: lambda facts: CHASED_WORDS.get(int(facts.get("step", 0)), ""),
    Move.HAND_OVER_RUNG: _rung,
    Move.RECORD_CONSENT: _consents,
    Move.NRM_STAGE: _stage,
    Move.NRM_CLOCK: _clock,
    Move.LINK: _linked,
    Move.UNLINK: _linked,
    Move.DECIDE: _decided,
    Move.NOTE: lambda facts: ". ".join(label_of(tag, NOTE_TAGS) for tag in facts.get("tags", ())),
    Move.ATTACH: _attached,
    Move.DETACH: _attached,
    Move.CLOSE: _closed,
    Move.WITHDRAW: lambda facts: WITHDRAWAL_LABELS[facts["reason"]],
}
