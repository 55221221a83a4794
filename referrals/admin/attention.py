"""The one thing a coordinator has to know about a case before everything else."""

from referrals.admin import columns, handovers
from referrals.admin.reading import CaseFile
from referrals.admin.sealed import NOTES
from referrals.handover_states import HandOverStatus, RevokeReason
from referrals.models import Referral, ReferralEvent
from referrals.statuses import Move, NextActor, Priority, Status


def attention(case: CaseFile) -> dict | None:
    """Return what comes first: `title`, `text`, `tone`, `icon`, and `rings`, `opens` or `answers`; or None."""
    referral = case.referral
    if not referral.is_open:
        return _how_it_ended(referral)
    if referral.priority == Priority.IMMEDIATE and referral.status == Status.SUBMITTED:
        text = "If the danger is still there and nobody has done so, ring 999 first. Then take the referral."
        return {"tone": "stop", "title": "Somebody may be in danger now", "text": text}
    if rings := handovers.ringing(case.hand_overs, case.events, case.openings):
        return _ring(rings)
    if any(message["dead"] and not message["seen"] for message in case.sent):
        text = "See “Messages” below. Ring, or write another way, so that nobody waits in vain."
        return {"tone": "stop", "title": "A message about this referral could not be delivered", "text": text}
    return _asked(case) or _left(case) or _whose_turn(case)


def _ring(rings: list[dict]) -> dict:
    names = [ring["organisation"] for ring in rings]
    text = (
        "Nobody there has opened the referral. Give the reference and nothing else until you know who you speak to, "
        "then record what came of it. If somebody is in danger now, ring 999."
    )
    title = f"Ring {names[0]}" if len(names) == 1 else f"Ring {len(names)} organisations"
    return {"tone": "stop", "icon": "phone", "title": title, "text": text, "rings": rings}


def _asked(case: CaseFile) -> dict | None:
    """A partner's question, or the referrer's answer, that waits to be read."""
    asked = [row for row in case.hand_overs if row.status == HandOverStatus.MORE_INFORMATION]
    if asked:
        names = " and ".join(row.organisation.name for row in asked)
        late = any(row.due_at < case.now for row in asked)
        text = "Read the question and answer it: they wait for you."
        title = f"{names} {'has' if len(asked) == 1 else 'have'} a question"
        return {"tone": "stop" if late else "warn", "icon": "question", "title": title, "text": text, "answers": asked}
    last = case.events[-1] if case.events else None
    if last is not None and last.move == Move.ANSWER_INFORMATION and case.referral.next_actor == NextActor.COORDINATOR:
        text = "Read it among the notes, and decide what happens next."
        return {"tone": "warn", "icon": "question", "title": "The referrer has answered", "text": text, "opens": NOTES}
    return None


def _left(case: CaseFile) -> dict | None:
    """What the organisations left to the coordinator: a changed mind, a no, or work that is done."""
    if case.referral.next_actor != NextActor.COORDINATOR:
        return None
    ended = sorted((row for row in case.hand_overs if not row.is_open), key=lambda row: row.ended_at)
    still = any(row.is_open for row in case.hand_overs)
    if _mind_was_changed(case):
        text = "See “Consent” for what they say now, and decide who may still help."
        return {"tone": "warn", "icon": "person", "title": "What the person agrees to has changed", "text": text}
    if not ended or still:
        return None
    last, name = ended[-1], ended[-1].organisation.name
    if last.status == HandOverStatus.DECLINED:
        text = f"{last.get_decline_reason_display()}. Nobody has this referral now: ask another organisation."
        return {"tone": "stop", "icon": "alert", "title": f"{name} declined", "text": text}
    if last.status == HandOverStatus.COMPLETED:
        text = f"{last.get_outcome_display()}. Decide what is next, or close the referral."
        return {"tone": "good", "title": f"{name} has reported back", "text": text}
    return None


def _mind_was_changed(case: CaseFile) -> bool:
    """Whether somebody else recorded consent, or a change took a hand-over away, and no coordinator acted since."""
    for event in reversed(case.events):
        if event.move == Move.RECORD_CONSENT:
            return event.by != case.reader or _took_back(case, event)
        if event.move not in (Move.HAND_OVER_REVOKED, Move.RETURN_TO_TRIAGE, Move.OPEN):
            return False
    return False


def _took_back(case: CaseFile, consent: ReferralEvent) -> bool:
    rows = (
        row
        for row in case.hand_overs
        if row.revoke_reason in (RevokeReason.CONSENT_WITHDRAWN, RevokeReason.CONSENT_NEEDED)
    )
    return any(row.ended_at >= consent.at for row in rows)


def _whose_turn(case: CaseFile) -> dict | None:
    referral, now = case.referral, case.now
    late = columns.due_words(referral.due_at, now).capitalize() if columns.is_late(referral, now) else ""
    if referral.next_actor == NextActor.REFERRER:
        text = (
            "Ring the referrer, or ask again." if late else "They have been told. You need not do anything until then."
        )
        title = late or "The referrer has been asked"
        return {"tone": "warn" if late else "info", "icon": "clock", "title": title, "text": text}
    if referral.next_actor == NextActor.PARTNER:
        return _partners_turn(case, late)
    if late:
        who = columns.whose_move(referral, case.reader, case.here)
        text = f"It is {'your' if who == 'You' else who + '’s'} move."
        return {"tone": "warn", "icon": "clock", "title": late, "text": text}
    return None


def _partners_turn(case: CaseFile, late: str) -> dict | None:
    open_ones = [row for row in case.hand_overs if row.is_open]
    slow = [row.organisation.name for row in open_ones if row.due_at < case.now]
    if late and slow:
        text = "Ask how it goes, or take it back and ask somebody else."
        return {"tone": "warn", "icon": "clock", "title": f"{', '.join(slow)}: {late.lower()}", "text": text}
    text = "They have been told. You need not do anything until one of them answers, asks or is late."
    return {"tone": "info", "icon": "clock", "title": "It is with the organisations", "text": text}


def _how_it_ended(referral: Referral) -> dict:
    if referral.status == Status.WITHDRAWN:
        return {"tone": "quiet", "title": "Withdrawn", "text": referral.get_withdrawal_reason_display()}
    text = f"{referral.get_outcome_display()}. The referrer was told: “{referral.get_feedback_band_display()}”"
    return {"tone": "quiet", "title": f"Closed on {referral.closed_at:%-d %B %Y}", "text": text}
