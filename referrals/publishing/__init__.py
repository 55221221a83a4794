"""Figures are computed once a period and served from there (ADR 0025).

`ledger` keeps the true counts; `tables` says which tables there are; `web` and `calculation` protect them beside all
that is published already; `due` says what is to be published; `acts` is the only writer: publish, hold, release,
correct; `open_quarter` notes the band of the quarter under way; `reading` answers what dashboards ask.
"""

from referrals.publishing.acts import (
    MayNotBeDone,
    Preview,
    ask_for_correction,
    correct,
    correct_what_was_asked,
    hold,
    preview,
    publish_due,
    release,
)
from referrals.publishing.open_quarter import note_band

__all__ = [
    "MayNotBeDone",
    "Preview",
    "ask_for_correction",
    "correct",
    "correct_what_was_asked",
    "hold",
    "note_band",
    "preview",
    "publish_due",
    "release",
]
