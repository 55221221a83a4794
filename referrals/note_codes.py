"""What a coordinator's notes say in codes, so that they can be counted and found without opening what is sealed."""

from enum import StrEnum


class Decision(StrEnum):
    """What triage decides about a referral; one record can hold several. Why is sealed."""

    NRM = "nrm"
    DUTY_TO_NOTIFY = "duty_to_notify"
    LOCAL_SUPPORT = "local_support"
    SAFEGUARDING_CHILD = "safeguarding_child"
    SAFEGUARDING_ADULT = "safeguarding_adult"
    POLICE = "police"
    KNOW_MORE = "know_more"
    NO_SHARING = "no_sharing"
    NOT_SLAVERY = "not_slavery"
    OTHER = "other"


DECISION_LABELS: dict[Decision, str] = {
    Decision.NRM: "Refer to the National Referral Mechanism (NRM)",
    Decision.DUTY_TO_NOTIFY: "Send a Duty to Notify",
    Decision.LOCAL_SUPPORT: "Local support, whatever happens in the NRM",
    Decision.SAFEGUARDING_CHILD: "Child safeguarding",
    Decision.SAFEGUARDING_ADULT: "Adult safeguarding",
    Decision.POLICE: "Ask the police to act",
    Decision.KNOW_MORE: "Find out more before anybody is asked",
    Decision.NO_SHARING: "Share with nobody for now",
    Decision.NOT_SLAVERY: "Not modern slavery on what is known",
    Decision.OTHER: "Something else, said below",
}

#: What a note is about, for whoever looks for it later.
NOTE_TAGS: list[tuple[str, str]] = [
    ("call", "A telephone call"),
    ("meeting", "A meeting"),
    ("safety", "Safety"),
    ("health", "Health"),
    ("housing", "Somewhere to live"),
    ("family", "Family and children"),
    ("money", "Work and money"),
    ("immigration", "Immigration"),
    ("police", "Police and courts"),
    ("consent", "Consent and sharing"),
]
NOTE_TAG_CODES = [code for code, _ in NOTE_TAGS]
