"""Pages about what the person agrees to. An adult decides kind by kind; a child is referred all the same, and heard."""

from typing import Any

from referrals.codes import CONSENT_STATES, EXPLAINERS, INTAKE_CONSENTS, INTERPRETERS, NOT_KNOWN, YES_NO_NOT_KNOWN
from referrals.forms.base import Answers, StepForm
from referrals.forms.fields import day, line, one_of, text

NOT_ASKED = "not_asked"
KINDS = [kind for kind, _ in INTAKE_CONSENTS]
#: For the NRM a child's consent is not needed, and the MSVCC is for adults (facts, 1.5).
CHILD_KINDS = ["beacon", "police"]

#: What can be true on the day of a referral: nobody has agreed and changed their mind yet.
STATES = [(state, words) for state, words in CONSENT_STATES if state != "withdrawn"]

#: Capacity is presumed: the answer that changes something is the first (facts, 1.4).
CAPACITY = [("yes", "Yes, there is a doubt"), ("no", "No"), (NOT_KNOWN, "Not known")]

MEANS = {
    "nrm": "The national system that decides if someone is a victim of modern slavery. An adult must agree to it.",
    "beacon": "Someone to talk to and practical help near them. They do not have to speak to the police.",
    "msvcc": "A safe place to stay, a support worker and other help. It comes with a referral to the NRM.",
    "police": "Helping the police with their work. They can say no to this and still get support.",
}


def _kind(kind: str) -> Any:
    return one_of(dict(INTAKE_CONSENTS)[kind], STATES, help_text=MEANS[kind], initial=NOT_ASKED)


class ConsentForm(StepForm):
    """An adult's answer to each kind of sharing and support (facts, 1.4)."""

    heading = "What have they agreed to?"
    intro = (
        "An adult decides about each of these. If you have not asked, leave “Not asked yet”. That is a good answer: "
        "a coordinator can help you plan when and how to ask.",
        "Never ask while someone who may control them can hear, and never let that person interpret.",
    )
    nrm = _kind("nrm")
    beacon = _kind("beacon")
    msvcc = _kind("msvcc")
    police = _kind("police")
    capacity = one_of(
        "Might they be unable to decide for themselves about this?",
        CAPACITY,
        help_text="Everybody is taken to be able to decide, unless there is a reason to doubt it: for example, "
        "an injury, an illness or a disability that keeps them from understanding or weighing up what they are told. "
        "A decision you find unwise is no such reason.",
    )
    options = {kind: {"small": True} for kind in [*KINDS, "capacity"]}


class ChildsWishesForm(StepForm):
    """A child's own view. It does not decide about the NRM, and it counts for everything else."""

    heading = "What does the child want?"
    intro = (
        "A child does not have to agree to be referred to the National Referral Mechanism (NRM). Everyone who may be "
        "under 18 is referred, to keep them safe.",
        "What they want still counts. Tell them, in words they understand, what happens next and why.",
    )
    wishes = text(
        "What have they said they want, or are afraid of?",
        longest=5_000,
        rows=5,
        help_text="Use their own words if you can. Leave it empty if you do not know.",
    )
    beacon = _kind("beacon")
    police = _kind("police")
    options = {kind: {"small": True} for kind in CHILD_KINDS}


class ConsentDetailsForm(StepForm):
    """How consent was explained: without this a later reader cannot tell whether it was informed (facts, 1.4)."""

    heading = "How was it explained?"
    intro = ("You told us about an answer they gave. This shows that they knew what they were answering.",)
    explained_by = one_of("Who explained it to them?", EXPLAINERS)
    explained_on = day("When was it explained?", help_text="For example, 27 3 2026.")
    explained_language = line("In which language?", longest=60)
    interpreter = one_of("Who interpreted?", INTERPRETERS)
    privacy_notice_given = one_of(
        "Were they given a privacy notice, or was it explained?",
        YES_NO_NOT_KNOWN,
        help_text="It tells them who will see their information and why.",
    )
    options = {
        "explained_by": {"size": "s"},
        "explained_on": {"size": "s"},
        "explained_language": {"width": "20"},
        "interpreter": {"size": "s"},
        "privacy_notice_given": {"size": "s"},
    }


def states_given(answers: Answers, *, minor: bool) -> dict[str, str]:
    """Return the state of each kind of consent that is asked on this path; what was left out is not asked."""
    given, kinds = (answers.get("childs_wishes", {}), CHILD_KINDS) if minor else (answers.get("consent", {}), KINDS)
    return {kind: given.get(kind) or NOT_ASKED for kind in kinds}
