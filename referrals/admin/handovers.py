"""The hand-overs of a case: what each organisation was asked, how far it is, and what a coordinator does about it."""

import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from partners.formfields import in_words
from partners.hours import LONDON, when
from partners.models import SupportLine, User
from referrals.admin.columns import due_words, person
from referrals.handover_states import HandOverMove, HandOverStatus, possible_hand_over_moves
from referrals.models import HandOver, Referral, ReferralEvent
from referrals.models.handover import COORDINATOR_TOLD, NOT_CHASED, RING_THEM, SECOND_CONTACT
from referrals.statuses import Move

H = HandOverStatus

TONES = {
    H.OFFERED: "info",
    H.OPENED: "info",
    H.ACCEPTED: "good",
    H.MORE_INFORMATION: "warn",
    H.DECLINED: "stop",
    H.COMPLETED: "good",
    H.REVOKED: "quiet",
}

#: What is waited for in each state, before the hour.
WAITS_FOR = {
    H.OFFERED: "To be opened:",
    H.OPENED: "To be accepted or declined:",
    H.ACCEPTED: "To report the outcome:",
    H.MORE_INFORMATION: "To be answered by you:",
}

CHASED = {
    NOT_CHASED: "Nobody there has opened it yet.",
    SECOND_CONTACT: "Nobody there has opened it. Its second contact was written to.",
    COORDINATOR_TOLD: "Nobody there has opened it. Its second contact was written to, and the coordinator was told.",
    RING_THEM: "Nobody there has opened it, after every reminder.",
}


def of_referral(referral: Referral, reader: User) -> list[HandOver]:
    """Return the hand-overs of a referral, the open ones first, then the newest. One query.

    Each has `lines`, the numbers of its organisation as `[{"name", "phone"}]`. A line for emergencies is never among
    them: it is not there for this.
    """
    rows = HandOver.objects.visible_to(reader).filter(referral=referral).annotate(lines=_lines())
    found = list(rows.select_related("organisation", "responder", "accepted_by", "offered_by").order_by("-offered_at"))
    for row in found:
        row.referral = referral
    return sorted(found, key=lambda row: not row.is_open)


def cards(
    hand_overs: list[HandOver], reader: User, now: datetime.datetime, openings: dict[int, tuple[bool | None, str]]
) -> list[dict]:
    """Return the hand-overs in words. `openings` are those of `partners.lines.openings_of`."""
    return [_card(row, reader, now, openings.get(row.organisation_id, (None, ""))) for row in hand_overs]


def _card(row: HandOver, reader: User, now: datetime.datetime, opening: tuple[bool | None, str]) -> dict:
    silent = row.is_open and row.acknowledged_at is None
    return {
        "hand_over": row,
        "organisation": row.organisation.name,
        "pathway": row.get_pathway_display(),
        "state": row.get_status_display(),
        "tone": "stop" if row.needs_ringing else TONES[H(row.status)],
        "offered": f"{_moment(row.offered_at)} · {person(row.offered_by, reader)}",
        "who": person(row.responder, reader, ""),
        "waits_for": f"{WAITS_FOR[H(row.status)]} {when(row.due_at, now)}" if row.is_open else "",
        "due": due_words(row.due_at, now) if row.is_open else "",
        "late": row.is_open and row.due_at < now,
        "chased": CHASED[row.chased] if silent else "",
        "closed": opening[1] if row.is_open and opening[0] is False else "",
        "override": row.get_override_reason_display(),
        "ended": _ended(row),
        "acts": _acts(row, silent=silent),
    }


def _ended(row: HandOver) -> str:
    if row.is_open:
        return ""
    why = row.get_decline_reason_display() or row.get_revoke_reason_display() or row.get_outcome_display()
    return f"{why}, {_moment(row.ended_at)}"


def _acts(row: HandOver, *, silent: bool) -> list[tuple[str, str]]:
    """The acts on one hand-over as `(slug, label)`."""
    answers = [("answer", "Read the question and answer")] if row.status == H.MORE_INFORMATION else []
    rings = [("ring", "Record that you rang")] if silent else []
    named = [("name", "Name a person")] if row.is_open else []
    back = [("revoke", "Take it back")] if HandOverMove.REVOKE in possible_hand_over_moves(row.status) else []
    return [*answers, *rings, *named, *back]


def _moment(at: datetime.datetime) -> str:
    return f"{in_words(at.astimezone(LONDON).date())} at {at.astimezone(LONDON):%H:%M}"


def _lines() -> ArraySubquery:
    rows = SupportLine.objects.in_force(timezone.localdate()).filter(organisation=OuterRef("organisation"))
    known = rows.exclude(purpose=SupportLine.Purpose.EMERGENCY).order_by("position", "name")
    return ArraySubquery(known.values(line=JSONObject(name="name", phone="phone")))


def ringing(
    hand_overs: list[HandOver], events: list[ReferralEvent], openings: dict[int, tuple[bool | None, str]]
) -> list[dict]:
    """Return whom to ring because nobody there has answered to anything, with the numbers and when they answer."""
    return [
        {
            "hand_over": row,
            "organisation": row.organisation.name,
            "pathway": row.get_pathway_display(),
            "since": f"Asked {_moment(row.offered_at)}",
            "tried": _tried(row, events),
            "numbers": numbers(row),
            "hours": openings.get(row.organisation_id, (None, ""))[1],
        }
        for row in hand_overs
        if row.needs_ringing
    ]


def numbers(row: HandOver) -> list[dict[str, str]]:
    """Return the numbers of the organisation that was asked, its own for urgent matters first."""
    own = {"name": "Number for urgent matters", "phone": row.organisation.urgent_phone}
    return [number for number in [own, *row.lines] if number["phone"]]


def _tried(row: HandOver, events: list[ReferralEvent]) -> int:
    """How often somebody rang and reached nobody."""
    rung = [event for event in events if event.move == Move.HAND_OVER_RUNG]
    return sum(event.facts.get("hand_over") == str(row.pk) and event.facts.get("reached") == "no" for event in rung)


def find(referral: Referral, by: User, part_id: UUID | None) -> HandOver | None:
    """Return the hand-over of this referral with that id, as `of_referral` does."""
    return next((row for row in of_referral(referral, by) if row.pk == part_id), None)
