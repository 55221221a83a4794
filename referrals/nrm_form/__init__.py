"""The Home Office form for first responders, as an answer sheet that is copied across. Pure.

`sheet(case, given)` lays a case out in the form's own order; `askable` says what the first responder is asked,
`check_given` checks what they typed, `unresolved` guards a duty to notify. The form itself stays the Home Office's:
there is no way to send it from here (facts, 2.0).
"""

from referrals.nrm_form.anonymity import Unresolved, mark_of, may_copy, unresolved
from referrals.nrm_form.answer_sheet import Block, Item, Sheet, askable, sheet
from referrals.nrm_form.case import Case, FirstResponder
from referrals.nrm_form.checking import Checked, check_given
from referrals.nrm_form.fields import BRANCH_LABELS, Answers, Branch, Field, Kind, Step, When, branch_of
from referrals.nrm_form.steps import RETIRED, STEPS, fields_on
from referrals.nrm_form.taken import answers_of

__all__ = [
    "BRANCH_LABELS",
    "RETIRED",
    "STEPS",
    "Answers",
    "Block",
    "Branch",
    "Case",
    "Checked",
    "Field",
    "FirstResponder",
    "Item",
    "Kind",
    "Sheet",
    "Step",
    "Unresolved",
    "When",
    "answers_of",
    "askable",
    "branch_of",
    "check_given",
    "fields_on",
    "mark_of",
    "may_copy",
    "sheet",
    "unresolved",
]
