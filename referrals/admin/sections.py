"""The sections of the case page as data: facts, consent, messages and access log, each in words."""

import datetime
from collections.abc import Iterable

from partners.formfields import in_words, lower_first
from partners.hours import LONDON
from partners.models import AccessRecord, Kind, Message, State, User
from referrals.admin.columns import AGE_WORDS, kinds_of_exploitation, person
from referrals.codes import CONSENT_KINDS, EXPLOITATION, INDICATORS, INTERPRETERS, SETTINGS, THEMES, label_of
from referrals.models import Consent, ImportedRow, Referral
from referrals.workflow.recommend import states_of

LONGEST_LIST = 100  # rows of a section; nobody reads more on one page
SHOWN_MESSAGES = 5  # the others are folded away

CONSENT_TONES = {"given": "good", "refused": "stop", "withdrawn": "stop", "wants_time": "warn", "not_asked": "quiet"}

MESSAGE_TONES = {
    State.PENDING: "quiet",
    State.SENDING: "info",
    State.SENT: "good",
    State.DEAD: "stop",
    State.CANCELLED: "quiet",
}


#: Messages whose own name says to whom they go, which stands beside them here.
MESSAGE_WORDS = {
    Kind.HAND_OVER_CHASED: "A reminder: nobody has opened the hand-over",
    Kind.HAND_OVER_UNANSWERED: "An organisation does not answer",
    Kind.HAND_OVER_RING: "An organisation does not answer: ring it",
    Kind.REFERRAL_AMENDED: "The referral was amended",
    Kind.PASSED_ON: "An organisation was asked to help",
    Kind.PARTNER_ACCEPTED: "An organisation accepted",
    Kind.NRM_PROGRESS: "There is news of the NRM",
}


def facts(referral: Referral) -> list[dict]:
    """Return the coded facts as rows of a summary list."""
    exploitation = [label_of(code, EXPLOITATION) for code in referral.exploitation]
    return [
        {"key": "Age", "value": AGE_WORDS[referral.age_group]},
        {"key": "Exploitation", "value": exploitation or kinds_of_exploitation(referral)},
        {"key": "Setting", "value": label_of(referral.setting, SETTINGS)},
        {"key": "District", "value": referral.district.name if referral.district else "Not known"},
        {"key": "Came in", "value": moment(referral.submitted_at)},
    ]


def provenance(referral: Referral, reader: User) -> list[dict]:
    """Return from where a referral was carried over, as rows of a summary list: for coordinators, nobody else."""
    try:
        row = referral.imported_row
    except ImportedRow.DoesNotExist:
        return []
    by = lower_first(person(row.batch.by, reader)) if row.batch.by == reader else person(row.batch.by, reader)
    return [{"key": "Carried over", "value": f"Row {row.number} of an earlier log, {moment(row.batch.at)}, by {by}"}]


def referrer(referral: Referral) -> list[dict]:
    """Return who referred and how to reach them, as rows of a summary list."""
    user = referral.referrer
    rows = [
        {"key": "Name", "value": user.get_full_name()},
        {"key": "Job", "value": user.job_title},
        {"key": "Organisation", "value": referral.organisation.name},
        {"key": "Work phone", "value": user.phone},
        {"key": "E-mail", "value": user.email},
    ]
    return [row for row in rows if row["value"]]


def indicators(referral: Referral) -> list[dict]:
    """Return the indicators that were ticked, by theme."""
    ticked = set(referral.indicators)
    themes = [
        {"title": theme.title, "labels": [INDICATORS[code] for code, _ in theme.indicators if code in ticked]}
        for theme in THEMES
    ]
    return [theme for theme in themes if theme["labels"]]


def consents(rows: Iterable[Consent]) -> dict:
    """Return what holds for each kind of consent, in the order of the kinds; the newest row of a kind holds.

    `how` says how it was explained where that is the same for all kinds that were asked; else each row says it.
    """
    newest = states_of(rows)
    held = [_consent(label, newest.get(kind)) for kind, label in CONSENT_KINDS]
    ways = {row["how"] for row in held if row["how"]}
    return {"rows": held, "how": ways.pop() if len(ways) == 1 else ""}


def _consent(label: str, row: Consent | None) -> dict:
    if row is None:
        return {"kind": label, "state": "Not asked yet", "tone": "quiet", "how": ""}
    how = how_consent_was_given(row)
    return {"kind": label, "state": row.get_state_display(), "tone": CONSENT_TONES[row.state], "how": how}


#: Who explained it, as seen by somebody else.
EXPLAINED_BY = {
    "me": "by the person who recorded it",
    "colleague": "by a colleague of theirs",
    "other_professional": "by a professional of another organisation",
}


def how_consent_was_given(consent: Consent) -> str:
    """Say how a consent was explained: by whom, when, in which language, with which interpreter."""
    pieces = []
    by = EXPLAINED_BY.get(consent.explained_by, "")
    if consent.explained_on or by:
        on = f"on {in_words(consent.explained_on)}" if consent.explained_on else ""
        pieces.append(" ".join(filter(None, ["Explained", by, on])))
    if consent.language:
        pieces.append(f"Language: {consent.language}")
    if consent.interpreter:
        pieces.append(label_of(consent.interpreter, INTERPRETERS))
    if consent.privacy_notice_given == "yes":
        pieces.append("Privacy notice given")
    if consent.privacy_notice_given == "no":
        pieces.append("Privacy notice not given")
    return ". ".join(pieces)


def messages(referral: Referral) -> list[dict]:
    """Return the messages about the referral, the newest first, with what became of each."""
    rows = Message.objects.filter(referral_id=referral.id).select_related("user", "organisation")
    return [
        {
            "kind": MESSAGE_WORDS.get(row.kind, row.get_kind_display()),
            "to": row.user.get_full_name() if row.user else f"{row.organisation}, {row.get_contact_display().lower()}",
            "channel": row.get_channel_display(),
            "state": delivery(row),
            "tone": "warn" if row.state == State.PENDING and row.attempts else MESSAGE_TONES[State(row.state)],
            "seen": moment(row.acknowledged_at) if row.acknowledged_at else "",
            "dead": row.state == State.DEAD,
        }
        for row in rows.order_by("-created_at")[:LONGEST_LIST]
    ]


def folded(sent: list[dict]) -> dict[str, list[dict]]:
    """Return the messages as those to read first (could not be delivered, then the newest) and the rest."""
    ordered = sorted(sent, key=lambda message: not message["dead"])
    shown = max(SHOWN_MESSAGES, sum(message["dead"] for message in sent))
    return {"first": ordered[:shown], "rest": ordered[shown:]}


def delivery(message: Message) -> str:
    """Say what became of a message."""
    if message.state == State.SENT:
        return f"{message.get_state_display()}, {moment(message.sent_at)}"
    if message.state == State.DEAD:
        return f"{message.get_state_display()}: {lower_first(message.get_last_error_display())}"
    if message.state == State.PENDING and message.attempts:
        tries = f"tried {message.attempts} times" if message.attempts > 1 else "tried once"
        return f"{message.get_state_display()}, {tries}: {lower_first(message.get_last_error_display())}"
    return message.get_state_display()


def looks(referral: Referral, reader: User) -> list[dict]:
    """Return who looked at the case, the newest first."""
    rows = AccessRecord.objects.filter(object_id=referral.id).select_related("user", "organisation")
    return [
        {
            "at": row.at,
            "who": person(row.user, reader),
            "organisation": row.organisation.name if row.organisation else "",
            "what": row.get_action_display(),
            "purpose": row.purpose,
        }
        for row in rows.order_by("-at")[:LONGEST_LIST]
    ]


def moment(at: datetime.datetime) -> str:
    """Say an aware datetime in full, London time: '23 November 2026, 14:05'."""
    return f"{at.astimezone(LONDON):%-d %B %Y, %H:%M}"
