"""The only writer of a referral's status: every move is a keyword-only function with `by` (design, principle 3)."""

from referrals.workflow.amending import NothingChanged, amend
from referrals.workflow.answering import (
    accept,
    answer_partner,
    ask_coordinator,
    complete,
    decline,
    name_responder,
    open_hand_over,
)
from referrals.workflow.attachments import attach, remove_attachment
from referrals.workflow.chasing import chase, record_ringing
from referrals.workflow.consent import may_record_consent, record_consents
from referrals.workflow.deciding import add_note, record_decision
from referrals.workflow.handovers import TakenMeanwhile, locked_hand_over, may_have
from referrals.workflow.linking import link, merge_as_duplicate, unlink
from referrals.workflow.movements import as_recorded, close_operation, log_movement, still_here, that_hold
from referrals.workflow.moves import ChangedMeanwhile, NotAllowed, Refused, unchanged
from referrals.workflow.notes import NamesThePerson
from referrals.workflow.nrm import SheetChanged, clocks_of, record_stage, save_answers, tell_of_clock
from referrals.workflow.offering import Offer, hand_over, missing_consent, needed_consent, revoke
from referrals.workflow.operations import (
    OperationChanged,
    Plan,
    add_person,
    change_operation,
    create_operation,
    reception_number,
    share_circumstances,
)
from referrals.workflow.recommend import assess_again, newest_consents
from referrals.workflow.sharing import exclude, lift_exclusion
from referrals.workflow.submit import SentDifferently, submit, triage_due
from referrals.workflow.together import MOST_TOGETHER, Chosen, NotTogether, assign_together, checked_together
from referrals.workflow.triage import (
    answer_information,
    assign,
    close,
    escalate,
    open_case,
    reopen,
    request_information,
    start_triage,
    wait_for_partners,
    withdraw,
)

__all__ = [
    "MOST_TOGETHER",
    "ChangedMeanwhile",
    "Chosen",
    "NamesThePerson",
    "NotAllowed",
    "NotTogether",
    "NothingChanged",
    "Offer",
    "OperationChanged",
    "Plan",
    "Refused",
    "SentDifferently",
    "SheetChanged",
    "TakenMeanwhile",
    "accept",
    "add_note",
    "add_person",
    "amend",
    "answer_information",
    "answer_partner",
    "as_recorded",
    "ask_coordinator",
    "assess_again",
    "assign",
    "assign_together",
    "attach",
    "change_operation",
    "chase",
    "checked_together",
    "clocks_of",
    "close",
    "close_operation",
    "complete",
    "create_operation",
    "decline",
    "escalate",
    "exclude",
    "hand_over",
    "lift_exclusion",
    "link",
    "locked_hand_over",
    "log_movement",
    "may_have",
    "may_record_consent",
    "merge_as_duplicate",
    "missing_consent",
    "name_responder",
    "needed_consent",
    "newest_consents",
    "open_case",
    "open_hand_over",
    "reception_number",
    "record_consents",
    "record_decision",
    "record_ringing",
    "record_stage",
    "remove_attachment",
    "reopen",
    "request_information",
    "revoke",
    "save_answers",
    "share_circumstances",
    "start_triage",
    "still_here",
    "submit",
    "tell_of_clock",
    "that_hold",
    "triage_due",
    "unchanged",
    "unlink",
    "wait_for_partners",
    "withdraw",
]
