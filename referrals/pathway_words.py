"""What the pathway rules say: the reasons, the tasks, their sources and who must act.

Pure. `pathways` decides which of them apply. Sources: facts, sections 1, 2 and 4; what is only the partnership's own
practice says so. Whoever changes a text raises `pathways.RULES_VERSION`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Actor(StrEnum):
    """Who must act. A value is stored: it is never renamed or taken away."""

    REFERRER_ORGANISATION = "referrer_organisation"
    FIRST_RESPONDER = "first_responder"
    SECTION_52_BODY = "section_52_body"
    COORDINATOR = "coordinator"
    COUNTY_DUTY_OFFICER = "county_duty_officer"
    CHILDRENS_SERVICES = "childrens_services"
    EVERYONE = "everyone"


ACTOR_LABELS: dict[Actor, str] = {
    Actor.REFERRER_ORGANISATION: "The referrer’s own organisation",
    Actor.FIRST_RESPONDER: "The first responder named for the case",
    Actor.SECTION_52_BODY: "A body under the duty to notify, named by the coordinator",
    Actor.COORDINATOR: "The coordinator",
    Actor.COUNTY_DUTY_OFFICER: "The county duty officer",
    Actor.CHILDRENS_SERVICES: "Children’s services",
    Actor.EVERYONE: "Everyone who works on the case",
}


@dataclass(frozen=True)
class Reason:
    """Why, in plain words, and where that stands."""

    code: str
    text: str
    source: str


@dataclass(frozen=True)
class Task:
    """Something to do that is no hand-over."""

    code: str
    text: str
    source: str
    actor: Actor
    clock: str


_TOOLKIT = "Home Office First Responder Toolkit, England and Wales (2026)"
_FORM = "Home Office online form for first responders (2026)"
_GUIDANCE = "Modern slavery statutory guidance under section 49, March 2020 edition"
_PRACTICE = "Practice of this partnership"

#: code: (text, source)
REASONS: dict[str, tuple[str, str]] = {
    "danger": ("Somebody is in danger now: 999 first. Everything else waits.", f"{_TOOLKIT}; {_PRACTICE}"),
    "police_agreed": (
        "They agree to work with the police. Refusing would not have cost them any support.",
        f"{_TOOLKIT}, page 15",
    ),
    "age_unsure": (
        "They may be under 18, so they are treated as a child until the council has assessed their age.",
        "Modern Slavery Act 2015, section 51",
    ),
    "child_first": (
        "Children’s services come first, at once and without asking for consent. The NRM form asks for the name of the "
        "council, its phone number and e-mail address.",
        f"Children Act 1989, sections 17 and 47; {_FORM}",
    ),
    "child_no_consent": (
        "A child is referred to the NRM whether or not they agree. They are told what happens and why.",
        f"NRM guidance (gov.uk, October 2024); {_TOOLKIT}",
    ),
    "adult_consents": (
        "They agree to the NRM after it was explained to them. They may change their mind at any time.",
        f"{_TOOLKIT}, pages 9 and 15",
    ),
    "own_first_responder": ("The referrer’s own organisation is a first responder and can send it.", _FORM),
    "named_first_responder": (
        "Only a first responder organisation can send it, and the referrer’s is not one. The coordinator names one.",
        f"NRM guidance (gov.uk, October 2024); {_TOOLKIT}, page 15",
    ),
    "capacity_in_doubt": (
        "They may not be able to decide about the NRM. They need an adult safeguarding enquiry, and a best-interests "
        "decision before any NRM referral or notice.",
        f"Care Act 2014, section 42; Mental Capacity Act 2005; {_GUIDANCE}, 5.25 to 5.28",
    ),
    "no_answer_yet": (
        "They have not answered about the NRM and have not agreed to local support. Ask what they want, and whether "
        "they need care and support to be safe.",
        f"Care Act 2014, section 42; {_PRACTICE}",
    ),
    "adult_declines": (
        "They do not agree to the NRM. The Home Office is told without saying who they are, unless another body has "
        "already done so.",
        f"Modern Slavery Act 2015, section 52; {_GUIDANCE}, 5.40 and 5.41",
    ),
    "consent_withdrawn": (
        "They took their agreement back, which counts as a no. The Home Office is told without saying who they are, "
        "unless somebody has already notified or referred them.",
        f"Modern Slavery Act 2015, section 52; {_TOOLKIT}, page 15; {_GUIDANCE}, 5.40 and 5.41",
    ),
    "nothing_that_identifies": (
        "The notice holds nothing that says who they are, alone or put together. It opens no support.",
        "Modern Slavery Act 2015, section 52(3)",
    ),
    "own_duty": ("The referrer’s own organisation is under the duty.", "Modern Slavery Act 2015, section 52"),
    "duty_elsewhere": (
        "The referrer’s organisation is not under the duty. The coordinator names one that is, such as the police or "
        "a council.",
        f"Modern Slavery Act 2015, section 52; {_PRACTICE}",
    ),
    "charity_may_notify": (
        "The referrer’s organisation is a first responder and may send the notice itself. It has no duty to. If it "
        "does, it tells the coordinator, so that no second one is sent.",
        f"Modern Slavery Policy and Evidence Centre; {_PRACTICE}",
    ),
    "beacon_agreed": ("They agree to local support. It does not depend on the NRM or the police.", _PRACTICE),
    "beside_childrens_services": ("For a child it comes beside children’s services, never instead.", _PRACTICE),
}

#: code: (text, source, who acts, key of a limit that runs forward from the day the rules say so, or "")
TASKS: dict[str, tuple[str, str, Actor, str]] = {
    "tell_coordinators": (
        "Read this first: priority immediate. Make sure that the emergency services have answered.",
        _PRACTICE, Actor.COORDINATOR, "hand_over_open_immediate",
    ),
    "explain_to_child": (
        "Tell them, in words for their age, what happens and why. Give the Home Office’s information for children.",
        _TOOLKIT, Actor.REFERRER_ORGANISATION, "",
    ),
    "ask_for_guardian": (
        "Find out whether independent child trafficking guardians work in the council’s area. If so they need a "
        "referral of their own.",
        f"Modern Slavery Act 2015, section 48; {_TOOLKIT}", Actor.COORDINATOR, "children_services",
    ),
    "age_assessment": (
        "Assess their age. Until then every rule for a child holds. If they are an adult, ask for their consent.",
        f"Modern Slavery Act 2015, section 51; {_FORM}", Actor.CHILDRENS_SERVICES, "",
    ),
    "never_notify_child": (
        "They said no, but never send a duty to notify for a child: it is always an NRM referral. Write down what "
        "they want.",
        f"NRM guidance (gov.uk, October 2024); {_TOOLKIT}", Actor.EVERYONE, "",
    ),
    "consent_at_18": (
        "They may turn 18 before the conclusive grounds decision. Before then, explain that they choose whether to "
        "stay in the NRM and whether they want adult support, and ask.",
        f"{_TOOLKIT}, page 16", Actor.FIRST_RESPONDER, "ask_again",
    ),
    "record_best_interests": (
        "Help them to decide for themselves first. If they cannot, see that a best-interests decision is made with "
        "other agencies and recorded: for the NRM, it is made; against it, the duty to notify is looked at. Check that "
        "they could decide on whatever else they agreed to.",
        f"Mental Capacity Act 2005; {_GUIDANCE}, 5.25 to 5.28", Actor.COORDINATOR, "ask_again",
    ),
    "ask_for_nrm_consent": (
        "When they are safe and alone, with a professional interpreter if one is needed, explain the NRM and ask. "
        "Until then send neither an NRM referral nor a notice.",
        f"{_TOOLKIT}, pages 9 and 13; {_PRACTICE}", Actor.REFERRER_ORGANISATION, "ask_again",
    ),
    "agree_a_date": (
        "Agree with them on a date to ask again, and do not press them. Offer legal advice. Until then send neither an "
        "NRM referral nor a notice.",
        f"National pre-NRM casework toolkit; {_PRACTICE}", Actor.REFERRER_ORGANISATION, "ask_again",
    ),
    "check_earlier_notice": (
        "Find out whether they were already notified or referred. If so, do not send a notice again.",
        f"{_GUIDANCE}, 5.40 and 5.41", Actor.COORDINATOR, "first_responder_decide",
    ),
    "tell_home_office": (
        "If the NRM referral was sent, tell the Home Office that they want to leave. Tell them that its support ends.",
        f"{_TOOLKIT}, page 15", Actor.FIRST_RESPONDER, "first_responder_send",
    ),
    "ask_for_local_support": (
        "Offer local support and ask whether their details may be passed on. It needs neither the NRM nor the police.",
        _PRACTICE, Actor.REFERRER_ORGANISATION, "ask_again",
    ),
    "flag_childhood": (
        "On the Home Office form, say that they were under 18 while exploited: that time is judged by the rules for "
        "a child. Consent is asked as from any adult.",
        _FORM, Actor.FIRST_RESPONDER, "",
    ),
    "tell_duty_officer": (
        "The operation has reached the number for a reception centre. Tell the county duty officer how many people, "
        "which languages and what they need.",
        _PRACTICE, Actor.COORDINATOR, "hand_over_open_immediate",
    ),
    "open_reception_centre": (
        "Open the reception centre, and keep the people who were met away from anybody who may exploit them.",
        _PRACTICE, Actor.COUNTY_DUTY_OFFICER, "hand_over_open_immediate",
    ),
    "keep_from_excluded": (
        "One organisation must not learn of this referral. Never offer it to them, and tell nobody outside the "
        "coordination that somebody is left out.",
        f"{_GUIDANCE}, 11.15 and 11.16; {_PRACTICE}", Actor.COORDINATOR, "",
    ),
}  # fmt: skip
