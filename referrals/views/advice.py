"""What the pathway rules recommend, in plain sentences for the referrer. The rules' own words are for coordinators.

Of the tasks only those a referrer does have a sentence: whom a referral is kept from can never be among them.
"""

from referrals.pathways import Actor, Pathway, Recommended, Result

MOST = 3  # sentences: more is not read on the day

OWN, OTHERS = True, False

#: {(pathway, whether the referrer's own organisation acts): sentence}
PATHWAYS: dict[tuple[Pathway, bool], str] = {
    (Pathway.CHILDRENS_SERVICES, OWN): "Children’s services must be told by you today, if nobody has told them yet.",
    (Pathway.NRM, OWN): (
        "An NRM referral is recommended. Your organisation is a first responder and can send it: agree with the "
        "coordinator who does."
    ),
    (Pathway.NRM, OTHERS): (
        "An NRM referral is recommended. Your organisation is not a first responder, so the coordinator names one "
        "that sends it."
    ),
    (Pathway.DUTY_TO_NOTIFY, OWN): (
        "The Home Office is to be notified, with nothing that says who the person is. Your organisation is under that "
        "duty: agree with the coordinator who does it."
    ),
    (Pathway.DUTY_TO_NOTIFY, OTHERS): (
        "The Home Office is to be notified, with nothing that says who the person is. The coordinator names an "
        "organisation that does it."
    ),
    (Pathway.ADULT_SAFEGUARDING, OWN): (
        "Think about an adult safeguarding concern: ask what the person wants, and ring adult care services if they "
        "need help to be safe."
    ),
    (Pathway.BEACON, OTHERS): "The coordinator asks the victim care centre to offer support, in a way that is safe.",
    (Pathway.POLICE, OTHERS): "The coordinator brings the police in, as the person agreed.",
}

#: The same for what is no hand-over, by the code of the task.
TASKS: dict[str, str] = {
    "ask_for_nrm_consent": (
        "When the person is safe and alone, explain the NRM and ask what they want. Then record it on the page of this "
        "referral."
    ),
    "agree_a_date": (
        "Agree with the person when you will ask again. When they have decided, record it on the page of this referral."
    ),
    "explain_to_child": "Tell the child, in words for their age, what happens next and why.",
    "ask_for_local_support": "Tell the person about local support, and ask if their details may be passed on.",
}


def advice(result: Result) -> list[str]:
    """Return at most three sentences for the referrer, the most urgent first. Danger is the receipt's own business."""
    found = [PATHWAYS.get((one.pathway, _own(one))) for one in result.pathways if one.actor is not Actor.EVERYONE]
    found += [TASKS.get(task.code) for task in result.tasks]
    return [sentence for sentence in found if sentence][:MOST]


def _own(one: Recommended) -> bool:
    return one.actor is Actor.REFERRER_ORGANISATION
