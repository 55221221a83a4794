"""The whole form in its own order, both ways after the fork included."""

from referrals.nrm_form import beginning, ending, exploitation, insight, person, places, wider
from referrals.nrm_form.fields import Answers, Branch, Field, Step

STEPS: tuple[Step, ...] = (
    *beginning.STEPS,
    *exploitation.STEPS,
    *insight.STEPS,
    *places.STEPS,
    *wider.STEPS,
    *person.NOTIFY_STEPS,
    *person.NRM_STEPS,
    *ending.STEPS,
)

#: In the form's code, but on no path (facts, 2.13).
RETIRED = frozenset({"what-happened", "more-than-one-exploitation-situation", "why-are-you-making-the-referral"})


def path_through(answers: Answers, branch: Branch, *, named: bool) -> tuple[Step, ...]:
    """Return the steps that `answers` lead through on `branch`.

    `named` says that the person agreed to be named to the police: without it a duty to notify has no page that
    identifies them, whatever was answered.
    """
    anonymous = branch is Branch.DUTY_TO_NOTIFY and not named
    return tuple(step for step in STEPS if step.shown(answers, branch) and not (anonymous and step.identifying))


def fields_on(branch: Branch) -> dict[str, Field]:
    """Return every field that some answers lead to on `branch`, by key, in the form's order."""
    return {field.key: field for step in STEPS if branch in step.branches for field in step.fields}
