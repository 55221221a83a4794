"""Amending a referral: the list of pages that can be amended, and their answers once they are opened."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse

from partners.formfields import PlainTextField
from partners.models import User
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.admin.acting import Act, page
from referrals.admin.forms import ActForm
from referrals.disclose import open_to_amend
from referrals.forms.amendment import answers_of, form_of, is_about_the_place, page_of, pages_of, title_of
from referrals.forms.base import Answers
from referrals.forms.happened import district_names
from referrals.forms.steps import PARTS, Step
from referrals.forms.summary import Row, summary_rows
from referrals.models import Referral
from referrals.statuses import Move


class WhyForm(ActForm):
    """Why it is amended, and as of which version."""

    blamed = "why"
    why = PlainTextField(
        label="Why do you amend it?",
        subject="Why you amend it",
        help_text="For example, who told you and when. Sealed with the old answer; coordinators can open it.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": "Say why you amend it"},
    )


def choose(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    """Show the pages that can be amended; in the reply to a POST, which is recorded, with their answers."""
    answers, shown, unreadable = answers_of(referral, {}, {}), False, False
    if request.method == "POST":
        try:
            secret, _ = open_to_amend(referral, by=request.user, page="the list of answers")
            answers, shown = answers_of(referral, secret, {}), True
        except CannotOpen:
            unreadable = True
    more = {"parts": parts_of(answers, shown=shown), "shown": shown, "unreadable": unreadable}
    return page(request, what, referral, referral, ActForm(referral=referral), **more)


def parts_of(answers: Answers, *, shown: bool) -> list[dict[str, Any]]:
    """Return the pages that `answers` lead through by part, each with its answers if they are `shown`.

    The location is in none of them: it is opened on its own page, for a reason.
    """
    pages = pages_of(answers)
    parts = summary_rows(answers, districts=district_names(), steps=pages) if shown else []
    rows = [row for part in parts for row in part.rows if row.answered]
    found = [
        {"title": title, "pages": [_entry(step, rows) for step in pages if step.part == number]}
        for number, title in enumerate(PARTS, 1)
    ]
    return [part for part in found if part["pages"]]


def _entry(step: Step, rows: list[Row]) -> dict[str, Any]:
    return {
        "title": title_of(step),
        "slug": step.slug,
        "place": is_about_the_place(step),
        "rows": [{"key": row.label, "value": row.value} for row in rows if _stands_on(step, row)],
    }


def _stands_on(step: Step, row: Row) -> bool:
    return page_of(row.step.key, row.field) == step.key and row.field in form_of(step).base_fields


def _amend(referral_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.amend(
        referral_id=referral_id, revise=data["revise"], why=data["why"], by=by, version=data["version"]
    )


AMEND = Act(
    Move.AMEND,
    "Amend",
    "Put right what was sent. The old answer is kept beside the new one, sealed, with your reason. Each organisation "
    "that has the referral is told once that it was amended, without what. The referrer sees that it was corrected.",
    "The amendment is saved, with what it said before.",
    _amend,
    WhyForm,
    page="amend.html",
    view=choose,
)
ACTS: dict[str, Act] = {"amend": AMEND}
