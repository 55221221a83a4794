"""The end of the intake: check the answers, declare, send. One draft gives one referral and one receipt."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from partners.models import Organisation
from referrals import drafts
from referrals.forms.answers import Problem, on_the_path, problems, to_submission
from referrals.forms.base import Answers
from referrals.forms.contact import DeclarationForm, TypedInForm
from referrals.forms.happened import district_names
from referrals.forms.paper import problems_of
from referrals.forms.sharing import names_of
from referrals.forms.steps import Step, path
from referrals.forms.summary import Row, summary_rows
from referrals.models import Draft, Referral
from referrals.views.guards import draft_page, open_content, open_draft, receipt_url
from referrals.views.sheet_note import paper_note, sheet_of
from referrals.workflow import NotAllowed, Refused, SentDifferently, submit


@draft_page("GET", "HEAD")
def intake_check(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """All answers that will be sent, each with a way to change it, and what still stands in the way."""
    draft = open_draft(request, draft_id)
    content = open_content(request, draft)
    context = {
        "draft": draft,
        "paper": paper_note(draft, content),
        "parts": _parts(draft, content.answers),
        "errors": _sheet_errors(draft, content) + _as_errors(draft, problems(content.answers, content.typed)),
        "back": reverse("intake_step", args=[draft.pk, path(content.answers)[-1].slug]),
    }
    return render(request, "referrals/intake_check.html", context)


@draft_page("GET", "HEAD", "POST")
def intake_declaration(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The last page, and the sending. Sent twice, it answers with the one receipt."""
    posted = request.method == "POST"
    # Locked, so that nothing a second device saves now can be swallowed by the sending.
    draft = open_draft(request, draft_id, locked=posted)
    content = open_content(request, draft)
    if problems(content.answers, content.typed) or _sheet_errors(draft, content):
        return redirect("intake_check", draft.pk)
    form = (TypedInForm if draft.from_paper else DeclarationForm)(request.POST if posted else None)
    if posted and form.is_valid():
        return _send(request, draft, content)
    context = {"draft": draft, "form": form, "paper": paper_note(draft, content)}
    return render(request, "referrals/intake_declaration.html", context)


def _send(request: HttpRequest, draft: Draft, content: drafts.Content) -> HttpResponse:
    try:
        draft.referral = _submit(request, draft, content)
    except SentDifferently as sent:
        draft.referral = sent.referral
        context = {"referral": sent.referral, "receipt": receipt_url(draft)}
        return render(request, "referrals/sent_differently.html", context, status=409)
    except NotAllowed:
        raise Http404 from None
    except Refused:  # the account ended in this very moment: the page before says what to do
        return redirect("intake_check", draft.pk)
    return redirect(receipt_url(draft))


def _submit(request: HttpRequest, draft: Draft, content: drafts.Content) -> Referral:
    submission = to_submission(content.answers)
    if not draft.from_paper:
        return submit(by=request.user, draft_id=draft.pk, submission=submission)
    sheet = sheet_of(content)
    return submit(
        by=request.user,
        draft_id=draft.pk,
        submission=sheet.with_name(submission),
        at=sheet.came_in(timezone.now()),
        on_behalf_of=Organisation.objects.get(pk=sheet.organisation),
        paper=sheet.in_the_open,
    )


def _sheet_errors(draft: Draft, content: drafts.Content) -> list[dict]:
    """What is wrong with the sheet by now, with the way to the page that puts it right."""
    if not draft.from_paper:
        return []
    url = reverse("paper_sheet", args=[draft.pk])
    return [{"text": text, "href": url} for text in problems_of(sheet_of(content))]


def _parts(draft: Draft, answers: Answers) -> list[dict]:
    counts = on_the_path(answers)
    organisations = names_of(counts.get("do_not_share", {}).get("organisations", []))
    parts = summary_rows(counts, districts=district_names(), organisations=organisations, steps=path(answers))
    return [{"title": part.title, "rows": [_with_link(draft, row) for row in part.rows]} for part in parts]


def _with_link(draft: Draft, row: Row) -> dict:
    url, label = _change_url(draft, row.step), "Change" if row.answered else "Answer"
    return {"key": row.label, "value": row.value, "actions": [{"label": label, "url": url}]}


def _as_errors(draft: Draft, found: list[Problem]) -> list[dict]:
    return [{"text": problem.text, "href": _change_url(draft, problem.step)} for problem in found]


def _change_url(draft: Draft, step: Step) -> str:
    return reverse("intake_step", args=[draft.pk, step.slug]) + "?change=1"
