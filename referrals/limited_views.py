"""What a receiving organisation sees of a case: only what its pathway needs (design, principle 2; facts, 1.8 and 4.9).

Pure. The keys are steps of the intake (`referrals/forms/steps.py`); a step that is not listed stays closed. Before it
accepts, an organisation sees coded facts only.
"""

from dataclasses import dataclass

from referrals.pathways import Pathway


@dataclass(frozen=True)
class LimitedView:
    """Steps of the two sealed blobs that are shown once a hand-over is accepted, and why in a sentence."""

    secret: frozenset[str]
    location: frozenset[str]
    why: str


_PERSON = frozenset({"person", "age", "communication", "dependants", "referrer"})
_CONTACT = frozenset({"contact"})
_SEEN = frozenset(
    {"found", "account", "exploitation", "risk", "signs", "exploited_as_child", "danger", "ring_999"},
)

LIMITED_VIEWS: dict[Pathway, LimitedView] = {
    Pathway.BEACON: LimitedView(
        _PERSON | _CONTACT | {"risk", "consent_details"},
        frozenset({"contact"}),
        "Who the person is, how to reach them safely and what they need. Not the account of what happened: they tell "
        "you what they want to tell.",
    ),
    Pathway.NRM: LimitedView(
        _PERSON | _CONTACT | _SEEN | {"children_services", "childs_wishes", "consent_details"},
        frozenset({"found", "where_now", "contact"}),
        "Everything that the Home Office form asks for.",
    ),
    Pathway.DUTY_TO_NOTIFY: LimitedView(
        frozenset(),
        frozenset(),
        "Nothing that says who the person is. The answer sheet holds what may be sent.",
    ),
    Pathway.CHILDRENS_SERVICES: LimitedView(
        _PERSON | _CONTACT | _SEEN | {"children_services", "childs_wishes"},
        frozenset({"found", "where_now", "contact"}),
        "What children’s services need to keep the child safe.",
    ),
    Pathway.ADULT_SAFEGUARDING: LimitedView(
        _PERSON | _CONTACT | {"risk", "account", "exploitation", "danger"},
        frozenset({"where_now", "contact"}),
        "What an adult safeguarding enquiry needs.",
    ),
    Pathway.POLICE: LimitedView(
        _PERSON | _SEEN,
        frozenset({"found", "where_now"}),
        "What the police need to act on the danger or the crime. Not the person’s private ways of contact.",
    ),
}

#: Pathways that need the account of what happened: whoever has accepted on one of them may open what is attached to it.
NARRATIVE_PATHWAYS = frozenset(pathway for pathway, view in LIMITED_VIEWS.items() if "account" in view.secret)


def limited(blob: dict, steps: frozenset[str]) -> dict:
    """Return the part of `{step: {field: value}}` that lies in `steps`."""
    return {
        key: given for key, given in blob.items() if key in steps or (key.startswith("signs_") and "signs" in steps)
    }
