"""What is told of the six referrals of `test_six_referrals.py`: timelines as Cora reads them, bands, mails."""

from collections import Counter

from partners.demo import DEMO_PEOPLE
from tests.browser.handing import (
    BEACON,
    CHILDRENS_SERVICES,
    COUNCIL,
    DECIDED_NRM,
    DUTY_TO_NOTIFY,
    FOR_CHILDREN,
    FOR_POLICE,
    LOCAL_SUPPORT,
    NRM,
    PASSED_ON,
    POLICE,
    SAFEGUARDING,
)

CENTRE = f"{BEACON}, Hertfordshire Victim Care Centre"
CORA, COLIN = "You", "Colin Coordinator"
FRANK, BEA, CHIP, RHODA = "Frank Firstresponder", "Bea Beacon", "Chip Childcare", "Rhoda Responder"
STARTED = "A safeguarding enquiry or assessment was started"
TAKEN_UP, FINISHED = "An organisation has taken up {}", "Work on referral {} was finished"
HELP, SOMEBODY, ACCEPTED = (
    "You are asked to help: referral {}",
    "Somebody was asked to help: {}",
    "Referral {} was accepted",
)
RECEIVED, BEGUN = "We have your referral: {}", "Somebody is working on referral {}"
BACK, CLOSED, WITHDRAWN = "Referral {} was taken back", "Referral {} has been closed", "Referral {} has been withdrawn"


def _came(who: str, coordinator: str) -> list[str]:
    return [f"{who} sent the referral", f"{coordinator} opened it for the first time", f"{coordinator} took it"]


def _worked(who: str, organisation: str, pathway: str, outcome: str) -> list[str]:
    return [
        f"{who} opened it for {organisation}",
        f"{who} accepted it for {organisation} | {pathway}",
        f"{who} reported what {organisation} did | {pathway}. {outcome}",
    ]


def _closed(who: str, outcome: str, told: str) -> str:
    return f"{who} closed it | {outcome}. The referrer was told: “{told}”"


AGREES = [
    *_came("Nina Nurse", CORA),
    "You asked the referrer a question",
    "Nina Nurse answered the question",
    f"You recorded a decision | {DECIDED_NRM}",
    f"You handed it over to {POLICE} | {NRM}",
    f"You handed it over to {CENTRE} | {LOCAL_SUPPORT}",
    *_worked(FRANK, POLICE, NRM, "We sent the referral to the National Referral Mechanism"),
    *_worked(BEA, CENTRE, LOCAL_SUPPORT, "We supported the person and our work is done"),
    _closed(CORA, "Referred to the National Referral Mechanism", PASSED_ON),
    "Colin Coordinator reopened it",
    "Colin Coordinator added a note | A telephone call",
    _closed(COLIN, "Supported locally", "Help is in place."),
]
DECLINES = [
    *_came("Olive Officer", COLIN),
    "Colin Coordinator gave it to you",
    f"You handed it over to {POLICE} | {DUTY_TO_NOTIFY}",
    f"{FRANK} opened it for {POLICE}",
    f"{FRANK} declined it for {POLICE} | {DUTY_TO_NOTIFY}. We have no capacity at the moment",
    "No organisation has it any more: it is back in triage",
    f"You handed it over to {COUNCIL} | {DUTY_TO_NOTIFY}",
    *_worked(RHODA, COUNCIL, DUTY_TO_NOTIFY, "We sent the Duty to Notify"),
    _closed(CORA, "Duty to Notify sent", PASSED_ON),
]
AGE_NOT_KNOWN = [
    *_came(BEA, CORA),
    "You gave it to Colin Coordinator",
    f"Colin Coordinator handed it over to {CHILDRENS_SERVICES} | {FOR_CHILDREN}",
    f"{CHILDRENS_SERVICES} had not answered | Its second contact was written to",
    f"{CHILDRENS_SERVICES} had not answered | The coordinator was told",
    f"{CHILDRENS_SERVICES} had not answered | Somebody has to ring",
    f"Colin Coordinator rang {CHILDRENS_SERVICES} | Somebody was reached",
    *_worked(CHIP, CHILDRENS_SERVICES, FOR_CHILDREN, STARTED),
    _closed(COLIN, SAFEGUARDING, PASSED_ON),
]
CHILD = [
    *_came(FRANK, COLIN),
    f"Colin Coordinator handed it over to {COUNCIL} | {FOR_CHILDREN}",
    f"Colin Coordinator handed it over to {CHILDRENS_SERVICES} | {FOR_CHILDREN}",
    f"You took it back from {COUNCIL} | {FOR_CHILDREN}. The whole referral was withdrawn",
    f"You took it back from {CHILDRENS_SERVICES} | {FOR_CHILDREN}. The whole referral was withdrawn",
    "You withdrew it | Duplicate of another referral",
    "You linked it to another referral | The same person. This one is the duplicate",
]
IN_DANGER = [
    *_came("Connie County", CORA),
    f"You handed it over to {POLICE} | {FOR_POLICE}",
    f"You handed it over to {CHILDRENS_SERVICES} | {FOR_CHILDREN}",
    "You linked it to another referral | The same person. The other one was the duplicate",
    *_worked(FRANK, POLICE, FOR_POLICE, "A police investigation was started"),
    *_worked(CHIP, CHILDRENS_SERVICES, FOR_CHILDREN, STARTED),
    _closed(CORA, SAFEGUARDING, PASSED_ON),
]
LOCAL_ONLY = [
    *_came("Lena Lead", COLIN),
    f"Colin Coordinator handed it over to {CENTRE} | {LOCAL_SUPPORT}",
    "You asked the referrer a question",
    f"{BEA} opened it for {CENTRE}",
    f"{BEA} accepted it for {CENTRE} | {LOCAL_SUPPORT}",
    f"Taken back from {CENTRE} | {LOCAL_SUPPORT}. The person withdrew consent",
    "Colin Coordinator withdrew it | The person withdrew consent",
]
TIMELINES = [AGREES, DECLINES, AGE_NOT_KNOWN, CHILD, IN_DANGER, LOCAL_ONLY]

#: Who referred, the band on their status page, and the sentence that they were told at the end.
BANDS = [
    ("Nurse", "Closed", "Help is in place."),
    ("Council officer", "Closed", PASSED_ON),
    ("Beacon worker", "Closed", PASSED_ON),
    ("Police first responder", "Withdrawn", ""),
    ("County duty officer", "Closed", PASSED_ON),
    ("Organisation lead", "Withdrawn", ""),
]

_PEOPLE = {person.key: person.email for person in DEMO_PEOPLE}
POLICE_ADDRESSES = (_PEOPLE["police"], "modern-slavery@hertfordshire-constabulary.example.org")
CENTRE_ADDRESSES = (_PEOPLE["beacon"], "referrals@beacon-victim-care-centre.example.org")
CHILDREN_ADDRESSES = (_PEOPLE["children"], "referrals@hertfordshire-childrens-services.example.org")
COUNCIL_ADDRESSES = (_PEOPLE["council-responder"], "safeguarding@dacorum-borough-council.example.org")
_CORA, _COLIN = _PEOPLE["coordinator"], _PEOPLE["coordinator-2"]
_UNREAD = [((_CORA, _COLIN), "Referral {} is waiting to be read")]

#: Every mail of each, as (recipients, subject): one for each recipient, and no other.
_SENT: list[list[tuple[tuple[str, ...] | str, str]]] = [
    [
        *_UNREAD,
        *((_PEOPLE["nurse"], subject) for subject in (RECEIVED, BEGUN, "A question about referral {}")),
        (_CORA, "There is an answer on referral {}"),
        *((asked, HELP) for asked in (POLICE_ADDRESSES, CENTRE_ADDRESSES)),
        *2 * [(_CORA, ACCEPTED), (_CORA, FINISHED), (_PEOPLE["nurse"], SOMEBODY), (_PEOPLE["nurse"], TAKEN_UP)],
        *((_PEOPLE["nurse"], subject) for subject in (CLOSED, "Referral {} has been opened again", CLOSED)),
    ],
    [
        *_UNREAD,
        (_CORA, "Yours now: {}"),
        (_CORA, "Referral {} was declined"),
        *((asked, HELP) for asked in (POLICE_ADDRESSES, COUNCIL_ADDRESSES)),
        *((_CORA, subject) for subject in (ACCEPTED, FINISHED)),
        *((_PEOPLE["officer"], subject) for subject in (RECEIVED, BEGUN, SOMEBODY, SOMEBODY, TAKEN_UP, CLOSED)),
    ],
    [
        *_UNREAD,
        (_COLIN, "Yours now: {}"),
        (CHILDREN_ADDRESSES, HELP),
        ("out-of-hours@hertfordshire-childrens-services.example.org", "Nobody has opened referral {} yet"),
        (_COLIN, "No answer yet on referral {}"),
        (_COLIN, "Please ring about referral {}"),
        *((_COLIN, subject) for subject in (ACCEPTED, FINISHED)),
        *((_PEOPLE["beacon"], subject) for subject in (RECEIVED, BEGUN, SOMEBODY, TAKEN_UP, CLOSED)),
    ],
    [
        *_UNREAD,
        *((asked, subject) for asked in (COUNCIL_ADDRESSES, CHILDREN_ADDRESSES) for subject in (HELP, BACK)),
        *((_PEOPLE["police"], subject) for subject in (RECEIVED, BEGUN, SOMEBODY, SOMEBODY, WITHDRAWN)),
    ],
    [
        (
            (_CORA, _COLIN, "duty@hertfordshire-modern-slavery-partnership-team.example.org"),
            "Please open referral {} now",
        ),
        *((asked, HELP) for asked in (POLICE_ADDRESSES, CHILDREN_ADDRESSES)),
        *2 * [(_CORA, ACCEPTED), (_CORA, FINISHED), (_PEOPLE["county"], SOMEBODY), (_PEOPLE["county"], TAKEN_UP)],
        *((_PEOPLE["county"], subject) for subject in (RECEIVED, BEGUN, CLOSED)),
    ],
    [
        *_UNREAD,
        *((CENTRE_ADDRESSES, subject) for subject in (HELP, BACK)),
        (_COLIN, ACCEPTED),
        *((_PEOPLE["lead"], subject) for subject in (RECEIVED, BEGUN, SOMEBODY, "A question about referral {}")),
        *((_PEOPLE["lead"], subject) for subject in (TAKEN_UP, WITHDRAWN)),
    ],
]


def mails_owed(number: int, reference: str) -> Counter[tuple[str, str]]:
    """Return how many mails each recipient is owed about a referral, by address and subject."""
    return Counter(
        (address, subject.format(reference))
        for to, subject in _SENT[number]
        for address in ((to,) if isinstance(to, str) else to)
    )
