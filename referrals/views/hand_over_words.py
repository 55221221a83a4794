"""A hand-over in words for the organisation that is asked: what is asked, by when, on what consent, what happened."""

import datetime

from django.utils import timezone
from django.utils.timesince import timesince

from partners.formfields import in_words, lower_first
from partners.hours import when
from partners.models import User
from referrals.admin.columns import AGE_WORDS, kinds_of_exploitation, person
from referrals.admin.sections import consents
from referrals.codes import CONSENT_KINDS
from referrals.handover_states import HAND_OVER_LABELS, HandOverStatus
from referrals.models import HandOver, Referral, ReferralEvent
from referrals.pathways import BEST_INTERESTS, Pathway, from_stored
from referrals.statuses import Move
from referrals.workflow import needed_consent

H = HandOverStatus

#: What an organisation is asked to do: as a heading, and in a sentence or two.
ASKED: dict[Pathway, tuple[str, str]] = {
    Pathway.BEACON: (
        "Support this person locally",
        "Get in touch in the way that is safe for them, find out what they need, and support them for as long as they "
        "want it.",
    ),
    Pathway.NRM: (
        "Refer this person to the NRM",
        "Only a first responder organisation can send a referral to the National Referral Mechanism. The answer sheet "
        "lays out what the Home Office form asks, with what is known already.",
    ),
    Pathway.DUTY_TO_NOTIFY: (
        "Send a Duty to Notify",
        "This adult does not want to be referred to the NRM. Tell the Home Office that a potential victim was met, "
        "with nothing that says who they are.",
    ),
    Pathway.CHILDRENS_SERVICES: (
        "Keep this child safe",
        "Find out what the child needs to be safe and start what your procedures ask for. Somebody who may be under 18 "
        "is treated as a child.",
    ),
    Pathway.ADULT_SAFEGUARDING: (
        "Look into an adult’s safety",
        "Decide whether an adult safeguarding enquiry is needed, and ask the person what they want.",
    ),
    Pathway.POLICE: (
        "Act on a danger or a crime",
        "Deal with the danger first. Then look into what may be a crime, at the pace that is safe for the person.",
    ),
}

TONES = {
    H.OFFERED: "warn",
    H.OPENED: "info",
    H.ACCEPTED: "good",
    H.MORE_INFORMATION: "info",
    H.DECLINED: "quiet",
    H.COMPLETED: "quiet",
    H.REVOKED: "quiet",
}

#: What has to be done by the day that is due.
TO_DO = {H.OFFERED: "Open", H.OPENED: "Accept or decline", H.ACCEPTED: "Report"}

#: Whose act each event was, as a colleague reads it afterwards. `{who}` is a member of staff.
HAPPENED = {
    Move.HAND_OVER_ACCEPTED: "{who} accepted it {at}",
    Move.HAND_OVER_DECLINED: "{who} declined it {at}",
    Move.HAND_OVER_QUESTION: "{who} asked the coordinator a question {at}",
    Move.HAND_OVER_ANSWERED: "The coordinator answered {at}",
    Move.HAND_OVER_COMPLETED: "{who} reported the outcome {at}",
    Move.HAND_OVER_REVOKED: "It was taken back {at}",
}

#: The kinds of consent that each pathway touches, in the order they are shown.
CONCERNED: dict[Pathway, tuple[str, ...]] = {
    Pathway.BEACON: ("beacon",),
    Pathway.NRM: ("nrm", "msvcc", "police"),
    Pathway.DUTY_TO_NOTIFY: ("nrm",),
    Pathway.POLICE: ("police",),
}


def asked_of(hand_over: HandOver) -> dict[str, str]:
    """Return what is asked as `{"title", "text"}`."""
    title, text = ASKED[Pathway(hand_over.pathway)]
    return {"title": title, "text": text}


def coded_facts(referral: Referral) -> list[str]:
    """Return age group, kinds of exploitation and district in words: what is shown before anybody has accepted."""
    district = referral.district.name if referral.district else "District not known"
    return [AGE_WORDS[referral.age_group], kinds_of_exploitation(referral), district]


def status_tag(hand_over: HandOver) -> dict[str, str]:
    """Return the state as `{"label", "tone"}` for `components/status_tag.html`."""
    status = H(hand_over.status)
    return {"label": HAND_OVER_LABELS[status], "tone": TONES[status]}


def is_late(hand_over: HandOver, now: datetime.datetime) -> bool:
    """Return whether something was due before the aware datetime `now`."""
    return hand_over.due_at is not None and hand_over.due_at < now


def due_in_short(hand_over: HandOver, now: datetime.datetime) -> str:
    """Say by when something is due, for a row of the inbox: 'Open by tomorrow at 17:00', 'Overdue by 2 days'."""
    if hand_over.due_at is None:
        return f"Ended {_day(hand_over.ended_at)}"
    if is_late(hand_over, now):
        return f"Overdue by {timesince(hand_over.due_at, now, depth=1)}"
    at = when(hand_over.due_at, now)
    if hand_over.status == H.MORE_INFORMATION:
        return f"Answer expected {at}"
    return f"{TO_DO[H(hand_over.status)]} by {at}"


def whose_move(hand_over: HandOver, reader: User, now: datetime.datetime) -> dict[str, str]:
    """Return what has to happen next, by when and by whom, for `components/band.html`."""
    if hand_over.status == H.COMPLETED:
        title, text = f"Outcome reported on {_day(hand_over.ended_at)}", f"{hand_over.get_outcome_display()}."
        return {"title": title, "text": text, "tone": "quiet", "icon": "tick"}
    late, at = is_late(hand_over, now), when(hand_over.due_at, now)
    overdue = f"Overdue by {timesince(hand_over.due_at, now, depth=1)}: it was due {at}." if late else ""
    look = {"tone": "stop", "icon": ""} if late else {"tone": TONES[H(hand_over.status)], "icon": "clock"}
    if hand_over.status == H.MORE_INFORMATION:
        text = "Ring the coordinators, or wait for their answer." if late else f"They should answer by {at}."
        return {"title": "Waiting for the coordinator’s answer", "text": text, "when": overdue, **look}
    if hand_over.status == H.ACCEPTED:
        who = person(hand_over.accepted_by, reader)
        text = f"{who} accepted this on {_day(hand_over.accepted_at)}."
        title = "Report what came of it" if late else f"When your part is done, report what came of it, by {at}"
        return {"title": title, "text": text, "when": overdue, **look}
    title = "Accept or decline" if late else f"Accept or decline by {at}"
    return {"title": title, "text": "If you need to know more first, ask the coordinator.", "when": overdue, **look}


def reasons(hand_over: HandOver) -> list[dict[str, str]]:
    """Return why the rules recommend this pathway, as `[{"text", "source"}]`; empty when they do not."""
    last = hand_over.referral.recommendations.first()
    found = from_stored(last.result).pathways if last else ()
    return [
        {"text": reason.text, "source": reason.source}
        for one in found
        if one.pathway == hand_over.pathway
        for reason in one.reasons
    ]


def consent_for(hand_over: HandOver, *, with_how: bool) -> dict:
    """Return what holds of the consent that this hand-over rests on: `{"text", "rows"}`.

    `with_how`: also how it was explained, which is for those who have accepted.
    """
    labels = dict(CONSENT_KINDS)
    kinds = {labels[kind] for kind in CONCERNED.get(Pathway(hand_over.pathway), ())}
    held = consents(hand_over.referral.consents.all())
    rows = [row | {"how": row["how"] if with_how else ""} for row in held["rows"] if row["kind"] in kinds]
    return {"text": _consent_sentence(hand_over), "rows": rows}


def _consent_sentence(hand_over: HandOver) -> str:
    pathway = Pathway(hand_over.pathway)
    if hand_over.override_reason:
        return f"Handed over without the person’s consent: {lower_first(hand_over.get_override_reason_display())}."
    if needed := needed_consent(hand_over.referral, pathway):
        return (
            "" if needed == BEST_INTERESTS else "It rests on the person’s consent, which they may take back any time."
        )
    return NO_CONSENT_NEEDED.get(pathway, "")


#: Why no consent is needed, where `consent_needed` says so.
NO_CONSENT_NEEDED = {
    Pathway.NRM: "The person is under 18, or may be: they are referred whether or not they agree, and told why.",
    Pathway.DUTY_TO_NOTIFY: "No consent is needed, because nothing in the notice says who the person is.",
    Pathway.CHILDRENS_SERVICES: "No consent is needed: the person is under 18, or may be. What they want still counts.",
    Pathway.ADULT_SAFEGUARDING: "An enquiry does not need consent. Ask the person what they want all the same.",
    Pathway.POLICE: "Consent is not needed here. What the person wants still counts.",
}


def newest_event(hand_over: HandOver) -> ReferralEvent | None:
    """Return the last thing that somebody did with this hand-over, openings and reminders left out."""
    rows = hand_over.referral.events.filter(facts__hand_over=str(hand_over.pk), move__in=list(HAPPENED))
    return rows.select_related("by").last()


def what_happened(hand_over: HandOver, reader: User) -> str:
    """Say who did what with this hand-over last, and when; who took it back, and why, is not told."""
    event = newest_event(hand_over)
    if event is None:
        return ""
    words = HAPPENED[Move(event.move)]
    return words.format(who=person(event.by, reader, "Somebody"), at=moment(event.at, timezone.now()))


def moment(at: datetime.datetime, now: datetime.datetime) -> str:
    """Say a past aware datetime as it is read aloud: 'today at 14:05', 'on 20 November 2026 at 09:30'."""
    local = timezone.localtime(at)
    if local.date() == timezone.localdate(now):
        return f"today at {local:%H:%M}"
    return f"on {_day(at)} at {local:%H:%M}"


def _day(at: datetime.datetime) -> str:
    return in_words(timezone.localtime(at).date())
