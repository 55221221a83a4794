"""Cases with an answer sheet, for the tests of its pages: an adult, a child, a duty to notify."""

from referrals import workflow
from referrals.models import NrmCase, Referral
from referrals.nrm_form import Branch
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from tests.conftest import CANARY_PLACE, submit_one
from tests.referrals.test_nrm_form import CONSENTS, LOCATION, SECRET, everything, safe_answers

PATHWAYS = {
    Branch.ADULT_NRM: Pathway.NRM,
    Branch.CHILD_NRM: Pathway.NRM,
    Branch.DUTY_TO_NOTIFY: Pathway.DUTY_TO_NOTIFY,
}
AGES = {Branch.ADULT_NRM: "adult", Branch.CHILD_NRM: "child", Branch.DUTY_TO_NOTIFY: "adult"}


def consents(**states: str) -> list[ConsentGiven]:
    """Consents by kind."""
    return [ConsentGiven(kind=kind, state=state) for kind, state in states.items()]


def begin_sheet(cast, branch: Branch = Branch.ADULT_NRM, *, by=None, **changes) -> NrmCase:
    """The nurse's referral, handed to the police officer, who accepted it: a sheet that the case has filled in."""
    standard = {
        "age_group": AGES[branch],
        "secret": SECRET,
        "location": LOCATION | {"where_now": {"address": CANARY_PLACE}},
        "exploitation": ["forced-to-work", "other"],
        "indicators": ["G03", "G26"],
        "consents": consents(**CONSENTS[branch]),
    }
    referral = submit_one(by or cast.nurse, **(standard | changes))
    referral = workflow.start_triage(referral_id=referral.pk, by=cast.coordinator, version=referral.version)
    offer = workflow.Offer(cast.constabulary, PATHWAYS[branch], responder=cast.police_officer)
    (made,) = workflow.hand_over(
        referral_id=referral.pk,
        offers=[offer],
        by=cast.coordinator,
        version=Referral.objects.get(pk=referral.pk).version,
    )
    workflow.accept(hand_over_id=made.pk, by=cast.police_officer, version=made.version)
    return NrmCase.objects.get(pk=referral.pk)


def answers_for(branch: Branch, **picks) -> dict:
    """An answer to every question of the branch; for a duty to notify none that names somebody."""
    if branch is Branch.DUTY_TO_NOTIFY:
        return safe_answers()
    return everything(branch, **picks)


def save(nrm: NrmCase, by, given: dict) -> NrmCase:
    """Save answers as the sheet stands now."""
    version = NrmCase.objects.get(pk=nrm.pk).version
    return workflow.save_answers(referral_id=nrm.pk, by=by, version=version, given=given)


def answer_all(nrm: NrmCase, by, **picks) -> NrmCase:
    """Answer every question of the branch; `picks` choose the way at the forks."""
    return save(nrm, by, answers_for(Branch(nrm.branch), **picks))


def address(nrm: NrmCase, page: str = "") -> str:
    """The address of the sheet, or of a page below it."""
    return f"/referrals/{nrm.pk}/nrm/{page + '/' if page else ''}"
