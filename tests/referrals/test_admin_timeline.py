"""The timeline of the case page: there are words for everything that can happen, and they name organisations."""

import pytest
from django.utils import timezone

from referrals.admin.sealed import KEPT_WORDS
from referrals.admin.timeline import MOVE_WORDS, timeline
from referrals.models import Note, ReferralEvent
from referrals.statuses import Move


def test_there_are_words_for_every_move_and_every_kind_of_note():
    assert set(MOVE_WORDS) == set(Move)
    assert set(KEPT_WORDS) == set(Note.Kind)


def told(cast, move, **facts):
    event = ReferralEvent(move=move, by=cast.beacon_worker, at=timezone.now(), facts=facts)
    [line] = timeline([event], cast.coordinator)
    return f"{line['title']}. {line['text']}"


@pytest.mark.parametrize(
    ("move", "facts", "words"),
    [
        (Move.HAND_OVER, {"override": "danger"}, "handed it over to Beacon. Police. Without consent: somebody’s life"),
        (Move.HAND_OVER_ACCEPTED, {}, "Test Beacon_Worker accepted it for Beacon. Police"),
        (Move.HAND_OVER_DECLINED, {"reason": "no_capacity"}, "We have no capacity"),
        (Move.HAND_OVER_COMPLETED, {"outcome": "no_contact"}, "We could not reach the person safely"),
        (Move.HAND_OVER_REVOKED, {"reason": "safety", "silent": "yes"}, "For safety. The organisation was not told"),
        (Move.HAND_OVER_CHASED, {"step": "1"}, "Beacon had not answered. Its second contact was written to"),
        (Move.HAND_OVER_CHASED, {"step": "3"}, "Somebody has to ring"),
        (Move.HAND_OVER_RUNG, {"reached": "no"}, "rang Beacon. Nobody was reached"),
        (Move.RECORD_CONSENT, {"kinds": {"nrm": "given", "beacon": "withdrawn"}}, "(NRM): yes, they agree. Local supp"),
        (Move.NRM_STAGE, {"stage": "rg_positive", "on": "2026-11-02"}, "recovery period, on 2 November 2026"),
        (
            Move.DECIDE,
            {"decided": ["nrm", "police"]},
            "recorded a decision. Refer to the National",
        ),
        (Move.DECIDE, {"decided": ["nrm", "police"]}, "(NRM). Ask the police to act"),
        (Move.NOTE, {"tags": ["call", "safety"]}, "added a note. A telephone call. Safety"),
        (Move.NRM_CLOCK, {"clock": "rg_decision", "on": "2026-11-09"}, "decision due: 9 November 2026"),
    ],
)
def test_an_event_says_who_did_what_and_with_what_result(cast, move, facts, words):
    assert words in told(cast, move, organisation=cast.beacon.pk, pathway="police", **facts)


@pytest.mark.parametrize("move", sorted(set(Move) - {Move.CLOSE, Move.WITHDRAW, Move.NRM_STAGE}))
def test_an_event_without_facts_does_not_break_the_page(cast, move):
    assert told(cast, move)
