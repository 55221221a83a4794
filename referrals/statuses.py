"""The states of a referral, the moves between them, and the words for them.

Pure: no ORM, no clock. `workflow.py` is the only writer of a status and asks this table before each move
(design, section 4).
"""

from enum import StrEnum


class Status(StrEnum):
    """Where a referral stands. A draft is not a referral: it has a table of its own."""

    SUBMITTED = "submitted"
    IN_TRIAGE = "in_triage"
    INFORMATION_REQUESTED = "information_requested"
    WITH_PARTNERS = "with_partners"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Priority(StrEnum):
    """A short local order of work with a stated reason; never a score of a person (facts, section 3.11)."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    STANDARD = "standard"


class NextActor(StrEnum):
    """Whose move it is."""

    COORDINATOR = "coordinator"
    REFERRER = "referrer"
    PARTNER = "partner"
    NOBODY = "nobody"


class Move(StrEnum):
    """A thing that happens to a referral and changes, or keeps, its status."""

    SUBMIT = "submit"
    OPEN = "open"
    START_TRIAGE = "start_triage"
    ASSIGN = "assign"
    AMEND = "amend"
    REQUEST_INFORMATION = "request_information"
    ANSWER_INFORMATION = "answer_information"
    HAND_OVER = "hand_over"
    HAND_OVER_OPENED = "hand_over_opened"
    HAND_OVER_ACCEPTED = "hand_over_accepted"
    HAND_OVER_DECLINED = "hand_over_declined"
    HAND_OVER_QUESTION = "hand_over_question"
    HAND_OVER_ANSWERED = "hand_over_answered"
    HAND_OVER_COMPLETED = "hand_over_completed"
    HAND_OVER_REVOKED = "hand_over_revoked"
    HAND_OVER_CHASED = "hand_over_chased"
    HAND_OVER_RUNG = "hand_over_rung"
    HAND_OVER_NAMED = "hand_over_named"
    HAND_OVER_AMENDED = "hand_over_amended"
    RETURN_TO_TRIAGE = "return_to_triage"
    BACK_WITH_PARTNERS = "back_with_partners"
    RECORD_CONSENT = "record_consent"
    NRM_STAGE = "nrm_stage"
    NRM_CLOCK = "nrm_clock"
    EXCLUDE = "exclude"
    LIFT_EXCLUSION = "lift_exclusion"
    JOIN_OPERATION = "join_operation"
    LINK = "link"
    UNLINK = "unlink"
    DECIDE = "decide"
    NOTE = "note"
    ATTACH = "attach"
    DETACH = "detach"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"


class Outcome(StrEnum):
    """How a referral ended, for the partnership."""

    SUPPORTED_LOCALLY = "supported_locally"
    NRM_SUBMITTED = "nrm_submitted"
    DUTY_TO_NOTIFY_SENT = "duty_to_notify_sent"
    SAFEGUARDING = "safeguarding"
    OTHER_SERVICE = "other_service"
    DECLINED_SUPPORT = "declined_support"
    NOT_MODERN_SLAVERY = "not_modern_slavery"
    NO_CONTACT = "no_contact"


class FeedbackBand(StrEnum):
    """What the referrer hears at the end: true, useful, and safe for somebody who is not on the case."""

    HELP_IN_PLACE = "help_in_place"
    PASSED_ON = "passed_on"
    NO_FURTHER_ACTION = "no_further_action"


class WithdrawalReason(StrEnum):
    """Why a referral was taken back."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    DUPLICATE = "duplicate"
    LOGGED_IN_ERROR = "logged_in_error"


S, M = Status, Move

#: (move) -> {from: to}. What is not in it cannot happen.
TRANSITIONS: dict[Move, dict[Status, Status]] = {
    M.OPEN: {status: status for status in S},
    M.START_TRIAGE: {S.SUBMITTED: S.IN_TRIAGE},
    **{
        once_taken: {status: status for status in (S.IN_TRIAGE, S.INFORMATION_REQUESTED, S.WITH_PARTNERS)}
        for once_taken in (M.ASSIGN, M.DECIDE)
    },
    M.REQUEST_INFORMATION: dict.fromkeys((S.SUBMITTED, S.IN_TRIAGE, S.WITH_PARTNERS), S.INFORMATION_REQUESTED),
    M.ANSWER_INFORMATION: {S.INFORMATION_REQUESTED: S.IN_TRIAGE},
    M.HAND_OVER: {S.IN_TRIAGE: S.WITH_PARTNERS, S.WITH_PARTNERS: S.WITH_PARTNERS},
    M.RETURN_TO_TRIAGE: {S.WITH_PARTNERS: S.IN_TRIAGE},
    M.BACK_WITH_PARTNERS: {S.IN_TRIAGE: S.WITH_PARTNERS, S.WITH_PARTNERS: S.WITH_PARTNERS},
    M.CLOSE: dict.fromkeys((S.IN_TRIAGE, S.INFORMATION_REQUESTED, S.WITH_PARTNERS), S.CLOSED),
    M.REOPEN: {S.CLOSED: S.IN_TRIAGE, S.WITHDRAWN: S.IN_TRIAGE},
    M.WITHDRAW: dict.fromkeys((S.SUBMITTED, S.IN_TRIAGE, S.INFORMATION_REQUESTED, S.WITH_PARTNERS), S.WITHDRAWN),
    M.ESCALATE: {S.SUBMITTED: S.SUBMITTED},
    # What happens to one hand-over, to an answer, to a consent or in the NRM leaves the referral where it is;
    # `workflow/handovers.py` asks for RETURN_TO_TRIAGE of its own when no organisation has it any more.
    **{
        kept: {status: status for status in S if status not in (S.CLOSED, S.WITHDRAWN)}
        for kept in (
            M.HAND_OVER_OPENED,
            M.HAND_OVER_ACCEPTED,
            M.HAND_OVER_DECLINED,
            M.HAND_OVER_QUESTION,
            M.HAND_OVER_ANSWERED,
            M.HAND_OVER_COMPLETED,
            M.HAND_OVER_CHASED,
            M.HAND_OVER_RUNG,
            M.HAND_OVER_NAMED,
            M.HAND_OVER_AMENDED,
            M.AMEND,
        )
    },
    **{
        any_time: {status: status for status in S}
        for any_time in (
            M.RECORD_CONSENT,
            M.HAND_OVER_REVOKED,
            M.NRM_STAGE,
            M.NRM_CLOCK,
            M.EXCLUDE,
            M.LIFT_EXCLUSION,
            M.JOIN_OPERATION,
            M.LINK,
            M.UNLINK,
            M.NOTE,
            M.ATTACH,
            M.DETACH,
        )
    },
}

ENDED_STATUSES: frozenset[Status] = frozenset({S.CLOSED, S.WITHDRAWN})
OPEN_STATUSES: frozenset[Status] = frozenset(S) - ENDED_STATUSES

STATUS_LABELS: dict[Status, str] = {
    S.SUBMITTED: "Submitted",
    S.IN_TRIAGE: "In triage",
    S.INFORMATION_REQUESTED: "Information requested",
    S.WITH_PARTNERS: "With partners",
    S.CLOSED: "Closed",
    S.WITHDRAWN: "Withdrawn",
}

#: The band a referrer sees: short label, and one sentence that says what it means for them.
REFERRER_BANDS: dict[Status, tuple[str, str]] = {
    S.SUBMITTED: ("Received", "The coordinators have your referral and will read it."),
    S.IN_TRIAGE: ("Being looked at", "A coordinator is deciding who can help. You do not need to do anything."),
    S.INFORMATION_REQUESTED: ("We need your help", "A coordinator has asked you a question. Please answer it."),
    S.WITH_PARTNERS: ("Passed to a partner", "An organisation that can help has been asked to act."),
    S.CLOSED: ("Closed", "The coordinators have finished their work on this referral."),
    S.WITHDRAWN: ("Withdrawn", "This referral was taken back and nobody is working on it."),
}

FEEDBACK_LABELS: dict[FeedbackBand, str] = {
    FeedbackBand.HELP_IN_PLACE: "Help is in place.",
    FeedbackBand.PASSED_ON: "It was passed to the organisation that is best placed to act.",
    FeedbackBand.NO_FURTHER_ACTION: "No further action can be taken at the moment. Refer again if anything changes.",
}

OUTCOME_LABELS: dict[Outcome, str] = {
    Outcome.SUPPORTED_LOCALLY: "Supported locally",
    Outcome.NRM_SUBMITTED: "Referred to the National Referral Mechanism",
    Outcome.DUTY_TO_NOTIFY_SENT: "Duty to Notify sent",
    Outcome.SAFEGUARDING: "Taken on by adult or children's safeguarding",
    Outcome.OTHER_SERVICE: "Passed to another service",
    Outcome.DECLINED_SUPPORT: "The person declined support",
    Outcome.NOT_MODERN_SLAVERY: "Not modern slavery on what is known",
    Outcome.NO_CONTACT: "The person could not be contacted safely",
}

WITHDRAWAL_LABELS: dict[WithdrawalReason, str] = {
    WithdrawalReason.CONSENT_WITHDRAWN: "The person withdrew consent",
    WithdrawalReason.DUPLICATE: "Duplicate of another referral",
    WithdrawalReason.LOGGED_IN_ERROR: "Logged in error",
}

PRIORITY_LABELS: dict[Priority, str] = {
    Priority.IMMEDIATE: "Immediate danger",
    Priority.URGENT: "Urgent",
    Priority.STANDARD: "Standard",
}

NEXT_ACTOR_LABELS: dict[NextActor, str] = {
    NextActor.COORDINATOR: "Coordinator",
    NextActor.REFERRER: "Referrer",
    NextActor.PARTNER: "Partner organisation",
    NextActor.NOBODY: "Nobody",
}


class MoveNotAllowed(Exception):
    """Raised when a move is asked for from a status that does not allow it."""

    def __init__(self, move: Move, status: Status):
        self.move, self.status = move, status
        super().__init__(f"{move.value} is not possible while the referral is {STATUS_LABELS[status].lower()}")


def after(move: Move, status: Status | str) -> Status:
    """Return the status that `move` leads to from `status`.

    Raises MoveNotAllowed when the transition table has no such arrow.
    """
    status = Status(status)
    try:
        return TRANSITIONS[move][status]
    except KeyError:
        raise MoveNotAllowed(move, status) from None


def possible_moves(status: Status | str) -> frozenset[Move]:
    """Return the moves that the table allows from `status`."""
    return frozenset(move for move, arrows in TRANSITIONS.items() if Status(status) in arrows)


def choices(labels: dict) -> list[tuple[str, str]]:
    """Return Django choices from one of the label tables above, in their order."""
    return [(key.value, label) for key, label in labels.items()]
