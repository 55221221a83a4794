"""The states of a hand-over, the moves between them, and the words for them.

Pure. A hand-over is one referral offered to one organisation for one pathway (design, sections 3 and 4).
"""

from enum import StrEnum


class HandOverStatus(StrEnum):
    """Where a hand-over stands."""

    OFFERED = "offered"
    OPENED = "opened"
    ACCEPTED = "accepted"
    MORE_INFORMATION = "more_information"
    DECLINED = "declined"
    COMPLETED = "completed"
    REVOKED = "revoked"


class HandOverMove(StrEnum):
    """What can be done with a hand-over."""

    OPEN = "open"
    ACCEPT = "accept"
    DECLINE = "decline"
    ASK = "ask"
    ANSWER = "answer"
    COMPLETE = "complete"
    REVOKE = "revoke"


class DeclineReason(StrEnum):
    """Why an organisation cannot take it. Counted: "no organisation could take it" is a gap the board must see."""

    NO_CAPACITY = "no_capacity"
    NOT_OUR_AREA = "not_our_area"
    NOT_OUR_REMIT = "not_our_remit"
    THRESHOLD = "threshold"
    CANNOT_REACH = "cannot_reach"
    UNSAFE = "unsafe"
    OTHER = "other"


class HandOverOutcome(StrEnum):
    """What came of an accepted hand-over."""

    SUPPORT_GIVEN = "support_given"
    SUPPORT_GOES_ON = "support_goes_on"
    NRM_SUBMITTED = "nrm_submitted"
    NOTIFIED = "notified"
    SAFEGUARDING_STARTED = "safeguarding_started"
    INVESTIGATION_STARTED = "investigation_started"
    PASSED_ON = "passed_on"
    DECLINED_BY_PERSON = "declined_by_person"
    NO_CONTACT = "no_contact"


class RevokeReason(StrEnum):
    """Why a hand-over was taken back. The receiving organisation is not told which."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_NEEDED = "consent_needed"
    NOT_NEEDED = "not_needed"
    WRONG_ORGANISATION = "wrong_organisation"
    NO_ANSWER = "no_answer"
    REFERRAL_WITHDRAWN = "referral_withdrawn"
    SAFETY = "safety"


class OverrideReason(StrEnum):
    """Why a coordinator hands over without the consent a pathway needs (facts, 1.4 and 4.3; Mental Capacity Act)."""

    DANGER = "danger"
    BEST_INTERESTS = "best_interests"
    SERIOUS_CRIME = "serious_crime"
    LEGAL_DUTY = "legal_duty"


H, HM = HandOverStatus, HandOverMove

#: The last step of the chasing: a number that somebody has to ring.
CHASED_TO_THE_END = 3

#: What a receiving organisation may still do something with.
OPEN_STATES: frozenset[HandOverStatus] = frozenset({H.OFFERED, H.OPENED, H.ACCEPTED, H.MORE_INFORMATION})
#: States in which the receiving organisation sees the case. A declined or revoked one is a stub.
SEEN_STATES: frozenset[HandOverStatus] = OPEN_STATES | {H.COMPLETED}

HAND_OVER_TRANSITIONS: dict[HandOverMove, dict[HandOverStatus, HandOverStatus]] = {
    HM.OPEN: {H.OFFERED: H.OPENED},
    HM.ACCEPT: dict.fromkeys((H.OFFERED, H.OPENED), H.ACCEPTED),
    HM.DECLINE: dict.fromkeys((H.OFFERED, H.OPENED, H.MORE_INFORMATION, H.ACCEPTED), H.DECLINED),
    HM.ASK: dict.fromkeys((H.OPENED, H.ACCEPTED), H.MORE_INFORMATION),
    HM.ANSWER: {H.MORE_INFORMATION: H.OPENED},  # or back to accepted, where it was accepted before the question
    HM.COMPLETE: {H.ACCEPTED: H.COMPLETED},
    HM.REVOKE: dict.fromkeys(SEEN_STATES, H.REVOKED),  # who has finished its work still sees the case
}

HAND_OVER_LABELS: dict[HandOverStatus, str] = {
    H.OFFERED: "Offered",
    H.OPENED: "Opened",
    H.ACCEPTED: "Accepted",
    H.MORE_INFORMATION: "More information wanted",
    H.DECLINED: "Declined",
    H.COMPLETED: "Completed",
    H.REVOKED: "Taken back",
}

DECLINE_LABELS: dict[DeclineReason, str] = {
    DeclineReason.NO_CAPACITY: "We have no capacity at the moment",
    DeclineReason.NOT_OUR_AREA: "They are outside our area",
    DeclineReason.NOT_OUR_REMIT: "It is not what our service is for",
    DeclineReason.THRESHOLD: "It does not reach our threshold",
    DeclineReason.CANNOT_REACH: "There is no safe way for us to reach the person",
    DeclineReason.UNSAFE: "It would not be safe for the person, or for our staff",
    DeclineReason.OTHER: "Another reason, which we will tell the coordinator",
}

OUTCOME_LABELS_HAND_OVER: dict[HandOverOutcome, str] = {
    HandOverOutcome.SUPPORT_GIVEN: "We supported the person and our work is done",
    HandOverOutcome.SUPPORT_GOES_ON: "We support the person and go on doing so",
    HandOverOutcome.NRM_SUBMITTED: "We sent the referral to the National Referral Mechanism",
    HandOverOutcome.NOTIFIED: "We sent the Duty to Notify",
    HandOverOutcome.SAFEGUARDING_STARTED: "A safeguarding enquiry or assessment was started",
    HandOverOutcome.INVESTIGATION_STARTED: "A police investigation was started",
    HandOverOutcome.PASSED_ON: "We passed the person on to another service, with their agreement",
    HandOverOutcome.DECLINED_BY_PERSON: "The person did not want our help",
    HandOverOutcome.NO_CONTACT: "We could not reach the person safely",
}

REVOKE_LABELS: dict[RevokeReason, str] = {
    RevokeReason.CONSENT_WITHDRAWN: "The person withdrew consent",
    RevokeReason.CONSENT_NEEDED: "By what was amended it needs a consent that is not there",
    RevokeReason.NOT_NEEDED: "It is not needed any more",
    RevokeReason.WRONG_ORGANISATION: "It went to the wrong organisation",
    RevokeReason.NO_ANSWER: "The organisation did not answer",
    RevokeReason.REFERRAL_WITHDRAWN: "The whole referral was withdrawn",
    RevokeReason.SAFETY: "For safety",
}

OVERRIDE_LABELS: dict[OverrideReason, str] = {
    OverrideReason.DANGER: "Somebody’s life or safety is at risk now",
    OverrideReason.BEST_INTERESTS: "A best-interests decision was made for a person who lacks capacity",
    OverrideReason.SERIOUS_CRIME: "It is needed to prevent or detect serious crime",
    OverrideReason.LEGAL_DUTY: "The law requires it",
}


class HandOverMoveNotAllowed(Exception):
    """Raised when something is asked of a hand-over that its state does not allow."""

    def __init__(self, move: HandOverMove, status: HandOverStatus):
        self.move, self.status = move, status
        super().__init__(f"{move.value} is not possible while the hand-over is {HAND_OVER_LABELS[status].lower()}")


def hand_over_after(move: HandOverMove, status: HandOverStatus | str, *, was_accepted: bool = False) -> HandOverStatus:
    """Return the state that `move` leads to from `status`.

    `was_accepted` tells where an answer leads back to. Raises HandOverMoveNotAllowed when there is no such arrow.
    """
    status = HandOverStatus(status)
    try:
        to = HAND_OVER_TRANSITIONS[move][status]
    except KeyError:
        raise HandOverMoveNotAllowed(move, status) from None
    return H.ACCEPTED if move is HM.ANSWER and was_accepted else to


def possible_hand_over_moves(status: HandOverStatus | str) -> frozenset[HandOverMove]:
    """Return the moves that the table allows from `status`."""
    return frozenset(move for move, arrows in HAND_OVER_TRANSITIONS.items() if HandOverStatus(status) in arrows)
