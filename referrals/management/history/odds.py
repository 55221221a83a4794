"""How often what happens in the invented county. Weights, not shares; the load is that of the facts, 5.5 B.

About ten referrals to the National Referral Mechanism a quarter by the constabulary, a smaller number by others, and
three to four times as many concerns.
"""

from partners.demo import CHARITY, CHILDREN, COUNCIL, COUNTY, HOSPITAL, POLICE, TEAM, VICTIM_CARE
from referrals.handover_states import DeclineReason, HandOverOutcome
from referrals.statuses import Outcome

#: Referrals a month: in the first of the three years, and how many more in each year after it.
A_MONTH, MORE_EACH_YEAR, SPREAD = 11.5, 1.2, 2.4
#: Schools and offices are half empty then.
QUIET_MONTHS = {8: 0.7, 12: 0.8}

#: Organisations that refer, by weight, and which demo person does it ("" is carried over by a coordinator).
REFERRING = {
    (POLICE, "police"): 31,
    (HOSPITAL, "nurse"): 9,
    (COUNCIL, "officer"): 8,
    (VICTIM_CARE, "beacon"): 6,
    (COUNTY, "county"): 4,
    (CHILDREN, "children"): 8,
    (TEAM, "coordinator"): 3,
    (CHARITY, ""): 3,
    ("hertfordshire-adult-care-services", ""): 4,
    ("watford-borough-council", ""): 5,
    ("stevenage-borough-council", ""): 4,
    ("st-albans-city-and-district-council", ""): 3,
    ("welwyn-hatfield-borough-council", ""): 3,
    ("broxbourne-borough-council", ""): 3,
    ("east-and-north-hertfordshire-nhs-trust", ""): 5,
    ("hertfordshire-fire-and-rescue-service", ""): 2,
    ("department-for-work-and-pensions", ""): 2,
    ("herts-young-homeless", ""): 3,
}
DISTRICTS = {
    "watford": 18,
    "stevenage": 13,
    "dacorum": 12,
    "welwyn-hatfield": 12,
    "broxbourne": 10,
    "st-albans": 9,
    "hertsmere": 8,
    "north-hertfordshire": 6,
    "east-hertfordshire": 5,
    "three-rivers": 3,
    "": 4,
}
LABOUR = ("car_wash", "nail_bar", "construction", "restaurant", "factory")
#: Kinds of exploitation: how often, the age groups in which it is met, the settings it is met in.
KINDS = {
    ("forced-to-work",): (25, {"adult": 9, "unsure": 1}, LABOUR),
    ("forced-to-work", "wages-taken"): (9, {"adult": 1}, ("factory", "farm", "care", "cleaning")),
    ("forced-to-commit-crime",): (27, {"adult": 4, "child": 8, "unsure": 1}, ("street", "cannabis", "custody")),
    ("prostitution",): (12, {"adult": 1}, ("brothel", "hotel", "online")),
    ("child-exploitation",): (6, {"child": 1}, ("school", "online", "hostel")),
    ("unpaid-household-work",): (6, {"adult": 9, "child": 1}, ("home",)),
    ("forced-to-work", "forced-to-commit-crime"): (5, {"adult": 3, "child": 1}, ("cannabis", "home")),
    ("other",): (3, {"adult": 3, "child": 1}, ("home", "other")),
    (): (7, {"adult": 5, "child": 2, "unsure": 2}, ("health", "hostel", "other", "not_known")),
}  # fmt: skip
INDICATORS = ("G01", "G03", "G05", "G08", "G09", "G15", "G18", "G21", "G24", "G26", "G28", "G30", "G32")

#: Adults: whether they agree to the National Referral Mechanism, and to local support.
NRM_CONSENT = {"given": 4, "refused": 4, "wants_time": 1, "not_asked": 3}
BEACON_CONSENT = {"given": 6, "refused": 2, "not_asked": 2}
#: Out of a hundred.
STILL_IN_IT, DUPLICATE, DECLINED, NO_HAND_OVER, POLICE_SENDS_FOR_A_CHILD = 45, 3, 14, 16, 70

#: Minutes of work until a coordinator opens it, until it is handed over, until it is answered: the usual and the late.
OPENED, HANDED_OVER, ANSWERED = (28, 240), (90, 700), (180, 900)
LATE = 15
#: Out of a hundred.
OUT_OF_HOURS = 14
DECLINE_REASONS = {
    DeclineReason.NO_CAPACITY: 5,
    DeclineReason.THRESHOLD: 4,
    DeclineReason.NOT_OUR_AREA: 2,
    DeclineReason.CANNOT_REACH: 2,
    DeclineReason.NOT_OUR_REMIT: 1,
}
#: After a hand-over that nobody took, and without one.
ENDED_WITHOUT = {
    Outcome.NOT_MODERN_SLAVERY: 5,
    Outcome.NO_CONTACT: 3,
    Outcome.DECLINED_SUPPORT: 3,
    Outcome.OTHER_SERVICE: 4,
}
BEACON_OUTCOMES = {
    HandOverOutcome.SUPPORT_GIVEN: 6,
    HandOverOutcome.SUPPORT_GOES_ON: 3,
    HandOverOutcome.DECLINED_BY_PERSON: 2,
    HandOverOutcome.NO_CONTACT: 1,
}
