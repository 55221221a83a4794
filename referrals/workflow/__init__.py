"""The only writer of a referral's status: every move is a keyword-only function with `by` (design, principle 3)."""

from referrals.workflow.moves import ChangedMeanwhile, NotAllowed
from referrals.workflow.submit import SentDifferently, submit, triage_due
from referrals.workflow.triage import (
    NamesThePerson,
    add_note,
    answer_information,
    assign,
    close,
    escalate,
    open_case,
    reopen,
    request_information,
    start_triage,
    withdraw,
)

__all__ = [
    "ChangedMeanwhile",
    "NamesThePerson",
    "NotAllowed",
    "SentDifferently",
    "add_note",
    "answer_information",
    "assign",
    "close",
    "escalate",
    "open_case",
    "reopen",
    "request_information",
    "start_triage",
    "submit",
    "triage_due",
    "withdraw",
]
