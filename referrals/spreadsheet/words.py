"""The words people use in the cells of a log, and the codes they stand for. Pure tables.

All words are folded (`identifiers.plain`): small letters without accents and punctuation.
"""

from referrals.codes import NOT_KNOWN
from referrals.statuses import FeedbackBand, Outcome, Priority, WithdrawalReason

#: Written where nothing is known: the same as an empty cell.
NOTHING = frozenset(
    [
        *("", "n a", "na", "nil", "none", "no", "x", "blank", "tbc", "tba", "unknown", "not known", "unk", "nk"),
        *("not recorded", "not stated", "not provided", "not given", "declined to say", "withheld", "see notes"),
    ]
)

#: Kinds of exploitation: the longest words that are found count, and are taken out before the next are looked for.
KINDS = {
    "child sexual exploitation": "child-exploitation",
    "child sexual": "child-exploitation",
    "cse": "child-exploitation",
    "child criminal exploitation": "forced-to-commit-crime",
    "criminal exploitation": "forced-to-commit-crime",
    "forced criminality": "forced-to-commit-crime",
    "county lines": "forced-to-commit-crime",
    "cannabis": "forced-to-commit-crime",
    "criminal": "forced-to-commit-crime",
    "begging": "forced-to-commit-crime",
    "cuckooing": "forced-to-commit-crime",
    "cce": "forced-to-commit-crime",
    "drugs": "forced-to-commit-crime",
    "domestic servitude": "unpaid-household-work",
    "servitude": "unpaid-household-work",
    "domestic": "unpaid-household-work",
    "household": "unpaid-household-work",
    "sexual exploitation": "prostitution",
    "forced prostitution": "prostitution",
    "prostitution": "prostitution",
    "sex work": "prostitution",
    "sexual": "prostitution",
    "forced labour": "forced-to-work",
    "labour exploitation": "forced-to-work",
    "debt bondage": "forced-to-work",
    "bonded labour": "forced-to-work",
    "labour": "forced-to-work",
    "labor": "forced-to-work",
    "wages": "wages-taken",
    "financial": "wages-taken",
    "benefit fraud": "forced-to-commit-fraud",
    "fraud": "forced-to-commit-fraud",
    "organ harvesting": "organs-removed",
    "organ": "organs-removed",
    "forced marriage": "other",
    "other": "other",
}

SETTINGS = {
    "car wash": "car_wash",
    "carwash": "car_wash",
    "nail bar": "nail_bar",
    "nails": "nail_bar",
    "beauty": "nail_bar",
    "restaurant": "restaurant",
    "takeaway": "restaurant",
    "kitchen": "restaurant",
    "construction": "construction",
    "building site": "construction",
    "farm": "farm",
    "agriculture": "farm",
    "food processing": "farm",
    "factory": "factory",
    "warehouse": "factory",
    "packing": "factory",
    "hotel": "hotel",
    "cleaning": "cleaning",
    "laundry": "cleaning",
    "care home": "care",
    "care work": "care",
    "brothel": "brothel",
    "cannabis farm": "cannabis",
    "cannabis": "cannabis",
    "grow": "cannabis",
    "street": "street",
    "hospital": "health",
    "school": "school",
    "college": "school",
    "hostel": "hostel",
    "custody": "custody",
    "prison": "custody",
    "online": "online",
    "private home": "home",
    "private house": "home",
    "residential": "home",
    "home": "home",
    "house": "home",
    "other": "other",
    "unknown": NOT_KNOWN,
}

OPEN = "open"
OUTCOMES: dict[str, Outcome | WithdrawalReason | str] = {
    "open": OPEN,
    "ongoing": OPEN,
    "live": OPEN,
    "active": OPEN,
    "pending": OPEN,
    "in progress": OPEN,
    "under investigation": OPEN,
    "closed nrm": Outcome.NRM_SUBMITTED,
    "nrm": Outcome.NRM_SUBMITTED,
    "nrm submitted": Outcome.NRM_SUBMITTED,
    "nrm referral": Outcome.NRM_SUBMITTED,
    "nrm referral made": Outcome.NRM_SUBMITTED,
    "nrm completed": Outcome.NRM_SUBMITTED,
    "referred to nrm": Outcome.NRM_SUBMITTED,
    "entered nrm": Outcome.NRM_SUBMITTED,
    "ms1": Outcome.DUTY_TO_NOTIFY_SENT,
    "dtn": Outcome.DUTY_TO_NOTIFY_SENT,
    "duty to notify": Outcome.DUTY_TO_NOTIFY_SENT,
    "supported locally": Outcome.SUPPORTED_LOCALLY,
    "local support": Outcome.SUPPORTED_LOCALLY,
    "supported": Outcome.SUPPORTED_LOCALLY,
    "support in place": Outcome.SUPPORTED_LOCALLY,
    "supported by beacon": Outcome.SUPPORTED_LOCALLY,
    "beacon": Outcome.SUPPORTED_LOCALLY,
    "safeguarding": Outcome.SAFEGUARDING,
    "safeguarding enquiry": Outcome.SAFEGUARDING,
    "childrens services": Outcome.SAFEGUARDING,
    "children s services": Outcome.SAFEGUARDING,
    "adult social care": Outcome.SAFEGUARDING,
    "mash": Outcome.SAFEGUARDING,
    "referred on": Outcome.OTHER_SERVICE,
    "signposted": Outcome.OTHER_SERVICE,
    "other service": Outcome.OTHER_SERVICE,
    "passed to another service": Outcome.OTHER_SERVICE,
    "passed to police": Outcome.OTHER_SERVICE,
    "declined": Outcome.DECLINED_SUPPORT,
    "declined support": Outcome.DECLINED_SUPPORT,
    "refused": Outcome.DECLINED_SUPPORT,
    "refused support": Outcome.DECLINED_SUPPORT,
    "did not consent": Outcome.DECLINED_SUPPORT,
    "no consent": Outcome.DECLINED_SUPPORT,
    "did not engage": Outcome.DECLINED_SUPPORT,
    "not ms": Outcome.NOT_MODERN_SLAVERY,
    "not modern slavery": Outcome.NOT_MODERN_SLAVERY,
    "no ms": Outcome.NOT_MODERN_SLAVERY,
    "nfa": Outcome.NOT_MODERN_SLAVERY,
    "no further action": Outcome.NOT_MODERN_SLAVERY,
    "no contact": Outcome.NO_CONTACT,
    "unable to contact": Outcome.NO_CONTACT,
    "uncontactable": Outcome.NO_CONTACT,
    "lost contact": Outcome.NO_CONTACT,
    "whereabouts unknown": Outcome.NO_CONTACT,
    "missing": Outcome.NO_CONTACT,
    "duplicate": WithdrawalReason.DUPLICATE,
    "logged in error": WithdrawalReason.LOGGED_IN_ERROR,
    "error": WithdrawalReason.LOGGED_IN_ERROR,
    "consent withdrawn": WithdrawalReason.CONSENT_WITHDRAWN,
    "withdrew consent": WithdrawalReason.CONSENT_WITHDRAWN,
}
#: In front of an outcome they say only that it is over.
CLOSING_WORDS = ("closed", "case closed", "complete", "completed")

BANDS = {
    Outcome.SUPPORTED_LOCALLY: FeedbackBand.HELP_IN_PLACE,
    Outcome.NRM_SUBMITTED: FeedbackBand.PASSED_ON,
    Outcome.DUTY_TO_NOTIFY_SENT: FeedbackBand.PASSED_ON,
    Outcome.SAFEGUARDING: FeedbackBand.PASSED_ON,
    Outcome.OTHER_SERVICE: FeedbackBand.PASSED_ON,
    Outcome.DECLINED_SUPPORT: FeedbackBand.NO_FURTHER_ACTION,
    Outcome.NOT_MODERN_SLAVERY: FeedbackBand.NO_FURTHER_ACTION,
    Outcome.NO_CONTACT: FeedbackBand.NO_FURTHER_ACTION,
}

PRIORITIES = {
    **dict.fromkeys(["immediate", "immediate danger", "emergency", "critical"], Priority.IMMEDIATE),
    **dict.fromkeys(["urgent", "high", "red", "high risk"], Priority.URGENT),
    **dict.fromkeys(
        ["standard", "normal", "routine", "medium", "low", "amber", "green", "medium risk", "low risk"],
        Priority.STANDARD,
    ),
}

GENDERS = {
    **dict.fromkeys(["f", "female", "woman", "girl"], "female"),
    **dict.fromkeys(["m", "male", "man", "boy"], "male"),
    **dict.fromkeys(["other", "non binary", "nonbinary", "trans", "transgender"], "other"),
}

AGES = {
    **dict.fromkeys(["adult", "over 18", "18", "18 or over", "a"], "adult"),
    **dict.fromkeys(["child", "minor", "under 18", "u18", "juvenile", "young person", "yp", "teen", "c"], "child"),
    **dict.fromkeys(["unsure", "age disputed", "disputed", "adult child", "possible minor"], "unsure"),
}

OUTSIDE_WORDS = frozenset(["out of county", "outside county", "outside", "ooc", "out of area", "other county"])

#: How councils are abbreviated in a log.
ABBREVIATIONS = {"bc": "borough council", "dc": "district council", "cc": "county council"}
