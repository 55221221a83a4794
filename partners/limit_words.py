"""What each clock and threshold means, in the words that staff read beside it. Pure; the figures are rows (`Limit`)."""

from partners.models import LimitKey

K = LimitKey

#: Group on the overview, and what each clock in it measures.
GROUPS: dict[str, dict[LimitKey, str]] = {
    "An organisation is asked to help": {
        K.HAND_OVER_OPEN: "How long an organisation has to open a hand-over before it counts as late.",
        K.HAND_OVER_OPEN_IMMEDIATE: "The same when somebody is in immediate danger.",
        K.HAND_OVER_DECIDE: "How long it has to accept or decline, from the moment it was asked.",
        K.FIRST_RESPONDER_DECIDE: "How long a first responder has to accept or decline making the NRM referral.",
        K.FIRST_RESPONDER_SEND: "How long a first responder who accepted has to send the Home Office form.",
        K.HAND_OVER_REPORT: "How long an organisation that accepted has to tell what came of it.",
        K.HAND_OVER_ANSWER: "How long a coordinator has to answer an organisation's question.",
    },
    "Nobody answers": {
        K.CHASE_SECOND_CONTACT: "How long a hand-over stays unopened before the second contact is written to.",
        K.CHASE_COORDINATOR: "How long before the coordinator is told that nobody has opened it.",
        K.CHASE_RING: "How long before the coordinator is asked to ring the organisation.",
        K.CHASE_SECOND_CONTACT_IMMEDIATE: "Immediate danger: how long before the second contact is written to.",
        K.CHASE_COORDINATOR_IMMEDIATE: "Immediate danger: how long before the coordinator is told.",
        K.CHASE_RING_IMMEDIATE: "Immediate danger: how long before the coordinator is asked to ring.",
    },
    "The National Referral Mechanism": {
        K.RG_DECISION: "When a reasonable grounds decision is due, from the day the form was sent.",
        K.RECOVERY_PERIOD: "How long support lasts at least after a positive reasonable grounds decision.",
        K.RECONSIDERATION: "How long somebody has to ask for another look at a negative decision.",
        K.MOVE_ON: "How long support goes on at least after a positive conclusive grounds decision.",
        K.EXIT_NEGATIVE: "When support ends after a negative conclusive grounds decision.",
        K.OUTCOME_CHASE: "How long after a decision was due the first responder is reminded to ask for it.",
        K.DRAFT_EXPIRES: "When the Home Office deletes a form that was begun and not sent.",
        K.DRAFT_WARNING: "When we warn that such a form will be deleted.",
    },
    "Children, and people who need time": {
        K.CHILDREN_SERVICES: "How long children's services have to decide what to do about a referral.",
        K.TURNS_18_NOTICE: "How long before an 18th birthday the coordinator is told.",
        K.ASK_AGAIN: "When somebody who wanted time to think is asked again.",
    },
    "Operations": {
        K.RECEPTION_CENTRE: "From how many people in one operation on the opening of a reception centre is proposed.",
    },
}
MEANINGS = {key: words for group in GROUPS.values() for key, words in group.items()}

#: The clocks on the partnership's own page.
OF_THE_PARTNERSHIP = {
    "triage_hours_immediate": "By the stop-watch, day and night: when a referral with immediate danger is to be read.",
    "triage_days_standard": "In working days: when any other referral is to be read.",
    "answer_days": "In working days: how long a referrer has to answer a coordinator's question.",
    "feedback_days": "In working days: when the referrer hears for the first time what became of the referral.",
    "unopened_minutes_immediate": "Minutes, day and night, until everybody is told that nobody has opened a referral "
    "with immediate danger. At least 5.",
    "unopened_minutes": "The same for any other referral. At least 5.",
    "figures_after_days": "In working days: when a month, quarter or year is published after it has ended. Until then "
    "a coordinator can look at it, and hold it back.",
    "recap_months": "Whoever has neither referred nor trained for so many months reads a two-minute recap, once, "
    "before the referral form. At most 60.",
    "draft_days": "Days until a referral that was begun and not sent is deleted. At most 90.",
}
