"""Amending in the tests: a referral that was sent with every answer, and one page of it filled in otherwise."""

from functools import partial
from typing import Any

from django.utils.datastructures import MultiValueDict

from partners.models import User
from referrals import workflow
from referrals.forms.amendment import answers_of, form_of, initial_of, revise
from referrals.forms.answers import to_submission
from referrals.forms.base import Answers
from referrals.forms.steps import BY_KEY
from referrals.models import Referral
from tests.conftest import make_draft
from tests.referrals.filled import ADULT

WHY = "The officer rang: it was misheard"


def sent(by: User, answers: Answers = ADULT, **changes: dict[str, Any]) -> Referral:
    """A referral with every answer of `answers`; `changes` are other answers by step."""
    submission = to_submission({**answers, **changes, "do_not_share": {"keep_from": "no"}})
    return workflow.submit(by=by, draft_id=make_draft(by).pk, submission=submission)


def answers_now(referral: Referral) -> Answers:
    """What a referral says now, as the form asks it."""
    row = Referral.objects.select_related("secret", "location", "district").get(pk=referral.pk)
    return answers_of(row, row.secret.take_out(), row.location.take_out())


def posted(referral: Referral, step: str, **changes: Any) -> dict[str, Any]:
    """What a browser posts of the page `step` of a referral, filled in as it is, with `changes`."""
    page = BY_KEY[step]
    answers = answers_now(referral)
    form = form_of(page)(answers=answers)
    data: dict[str, Any] = {}
    for name, value in initial_of(form, page, answers).items():
        if hasattr(form.fields[name].widget, "widgets_names"):
            parts = (value.day, value.month, value.year) if value else ("", "", "")
            data |= dict(zip((f"{name}_day", f"{name}_month", f"{name}_year"), parts, strict=True))
        elif value is not None:
            data[name] = value
    return {name: value for name, value in (data | changes).items() if value is not None}


def amend(referral: Referral, by: User, step: str, *, why: str = WHY, version: int | None = None, **changes: Any):
    """Amend one page of a referral, as a coordinator who has just opened it."""
    page = BY_KEY[step]
    form = form_of(page)(_multi(posted(referral, step, **changes)), answers=answers_now(referral))
    assert form.is_valid(), form.errors
    seen = Referral.objects.get(pk=referral.pk).version if version is None else version
    how = partial(revise, form=form, step=page)
    return workflow.amend(referral_id=referral.pk, revise=how, why=why, by=by, version=seen)


def _multi(data: dict[str, Any]):
    return MultiValueDict({name: value if isinstance(value, list) else [str(value)] for name, value in data.items()})
