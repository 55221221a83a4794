"""The intake: start, one page at a time, come back later. What is typed is saved before anything else is decided."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from partners.access import submit_lane
from partners.formfields import in_words
from partners.lines import line_cards
from partners.models import SupportLine
from partners.roles import Permission
from partners.standing import standing_problem
from partners.views.errors import standing_stop
from referrals import drafts
from referrals.forms.base import StepForm
from referrals.forms.steps import BY_SLUG, STEPS, Step, path, step_after, step_before
from referrals.forms.summary import page_rows
from referrals.models import Draft
from referrals.recap import needs_recap
from referrals.views.guards import closed_page, draft_page, may_be_typed, open_content, open_draft, remember_opening
from referrals.views.sheet_note import paper_note, who_met_them

CONFLICT = (
    "This page was changed on another device or in another tab. Nothing is lost: your answers are below, and the other "
    "version is shown under them"
)
TOO_LONG = "There is too much text on this page to keep it for you. Make it shorter before you leave the page"

#: Lines to show on single pages: whom the page itself asks to ring.
LINES = {"children_services": [SupportLine.Purpose.CHILDREN]}


@submit_lane()
@require_http_methods(["GET", "HEAD", "POST"])
def intake_start(request: HttpRequest) -> HttpResponse:
    """What the form needs and how long it takes; the person's unfinished drafts; a button that starts a new one, after
    a recap for whoever has not done this for long."""
    now = timezone.now()
    error = ""
    if request.method == "POST":
        if needs_recap(request.user, now):
            return redirect("recap")
        try:
            draft = drafts.start(by=request.user, now=now)
        except drafts.TooManyDrafts:
            error = f"You have {drafts.MOST_DRAFTS} unfinished referrals. Finish or delete one before you start another"
        else:
            remember_opening(request, draft)
            return redirect("intake_step", draft.pk, STEPS[0].slug)
    mine = Draft.objects.of(request.user).live(now).filter(version__gt=1)
    types_in = request.user.may(Permission.TRIAGE)
    context = {"drafts": mine, "types_in": types_in, "errors": [{"text": error, "href": "#drafts"}] if error else []}
    return render(request, "referrals/intake_start.html", context, status=409 if error else 200)


@draft_page("GET", "HEAD")
def intake_resume(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Go on where the draft was left: the first page of the path that is not done, or "check your answers"."""
    draft = open_draft(request, draft_id)
    content = open_content(request, draft)
    ready = set(content.done) - set(content.typed)
    open_step = next((step for step in path(content.answers) if step.key not in ready), None)
    return redirect("intake_step", draft.pk, open_step.slug) if open_step else redirect("intake_check", draft.pk)


@draft_page("GET", "HEAD", "POST")
def intake_step(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponse:
    """One page: show it with what is there, or save what was typed and go on."""
    page = _page_called(step)
    if request.method == "POST":
        return _save_page(request, draft_id, page)
    draft = open_draft(request, draft_id)
    content = open_content(request, draft)
    if page not in path(content.answers):
        return redirect("intake_resume", draft.pk)
    return _show(request, draft, page, content, _form_as_left(request, draft, page, content))


@draft_page("POST")
def intake_save(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponse:
    """Save what is being typed, unchecked, every 20 seconds: `{"version": n}`; 403, 404, 409 or 413 when it is not."""
    page = _page_called(step)
    draft = drafts.find(draft_id=draft_id, by=request.user, locked=True)
    may_be_typed(request, draft)
    if closed_page(request, draft):
        raise Http404
    content = open_content(request, draft)
    form = page.form(request.POST, answers=content.answers, by=who_met_them(request, draft, content))
    try:
        drafts.save_typed(draft=draft, content=content, step=page.key, by=request.user, **_typed(request, form))
    except drafts.ChangedElsewhere:
        return JsonResponse({}, status=409)
    except drafts.TooLong:
        return JsonResponse({}, status=413)
    if standing_problem(request.user):
        return JsonResponse({}, status=403)
    return JsonResponse({"version": content.version(page.key)})


@draft_page("GET", "HEAD", "POST")
def intake_discard(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Ask once more, then delete a draft for good."""
    draft = open_draft(request, draft_id)
    if request.method == "POST":
        drafts.discard(draft_id=draft.pk, by=request.user)
        messages.success(request, "The unfinished referral was deleted.")
        return redirect("intake_start")
    return render(request, "referrals/draft_discard.html", {"draft": draft})


def _page_called(slug: str) -> Step:
    if slug not in BY_SLUG:
        raise Http404
    return BY_SLUG[slug]


def _typed(request: HttpRequest, form: StepForm) -> dict[str, Any]:
    """Return what was typed, the answers it makes if it is valid, and which version of the page it began from."""
    version = request.POST.get("version", "")
    return {
        "typed": form.typed_in(request.POST),
        "given": form.given() if form.is_valid() else None,
        "version": int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
    }


def _save_page(request: HttpRequest, draft_id: UUID, page: Step) -> HttpResponse:
    draft = drafts.find(draft_id=draft_id, by=request.user, locked=True)
    may_be_typed(request, draft)
    if draft.referral is not None or draft.expires_at <= timezone.now():
        form = page.form(request.POST, answers={}, by=request.user)
        return closed_page(request, draft, form) or redirect("intake_resume", draft.pk)
    content = open_content(request, draft)
    form = page.form(request.POST, answers=content.answers, by=who_met_them(request, draft, content))
    typed = _typed(request, form)
    problem = standing_problem(request.user)
    save = drafts.save_answers if typed["given"] is not None and not problem else drafts.save_typed
    try:
        save(draft=draft, content=content, step=page.key, by=request.user, **typed)
    except drafts.ChangedElsewhere:
        if not problem:
            form.add_error(None, CONFLICT)
            other = _stored_rows(request, page, content)
            return _show(request, draft, page, content, form, other=other, status=409)
    except drafts.TooLong:
        form.add_error(None, TOO_LONG)
        return _show(request, draft, page, content, form, version=typed["version"])
    if problem:
        return standing_stop(request, problem, saved=True)
    return _go_on(request, draft, page, content, form)


def _go_on(request: HttpRequest, draft: Draft, page: Step, content: drafts.Content, form: StepForm) -> HttpResponse:
    """Answer a save: back and later never argue; onwards wants the page in order."""
    if "later" in request.POST:
        until = in_words(timezone.localtime(draft.expires_at).date())
        messages.success(request, f"Your referral is saved. You can finish it until {until}, on any device.")
        return redirect("intake_start")
    if "back" in request.POST:
        return redirect(_back_url(request, draft, page, content))
    if form.errors:
        return _show(request, draft, page, content, form)
    return redirect(_next_url(request, draft, page, content))


def _back_url(request: HttpRequest, draft: Draft, page: Step, content: drafts.Content) -> str:
    if "change" in request.GET:
        return reverse("intake_check", args=[draft.pk])
    earlier = step_before(page, content.answers)
    return reverse("intake_step", args=[draft.pk, earlier.slug]) if earlier else reverse("intake_start")


def _next_url(request: HttpRequest, draft: Draft, page: Step, content: drafts.Content) -> str:
    """Return the next page; on the way from "check your answers", the next that was never answered, else back there."""
    changing = "change" in request.GET
    done = frozenset(content.done) if changing else frozenset()
    later = step_after(page, content.answers, skip=done)
    if later is None:
        return reverse("intake_check", args=[draft.pk])
    return reverse("intake_step", args=[draft.pk, later.slug]) + ("?change=1" if changing else "")


def _form_as_left(request: HttpRequest, draft: Draft, page: Step, content: drafts.Content) -> StepForm:
    """Return the page's form with what was typed last, right or wrong, or with the answers."""
    form = page.form(answers=content.answers, by=who_met_them(request, draft, content))
    form.initial = _stored(page, content, form)
    return form


def _stored(page: Step, content: drafts.Content, form: StepForm) -> dict[str, Any]:
    if page.key in content.typed:
        return form.as_typed(content.typed[page.key])
    return form.as_given(content.answers.get(page.key, {}))


def _stored_rows(request: HttpRequest, page: Step, content: drafts.Content) -> list:
    if page.key not in content.done and page.key not in content.typed:
        return []
    form = page.form(answers=content.answers, by=request.user)
    return page_rows(form, _stored(page, content, form))


def _other_rows(form: StepForm, page: Step, content: drafts.Content) -> list:
    return page_rows(form, form.as_typed(content.other[page.key])) if page.key in content.other else []


def _show(
    request: HttpRequest,
    draft: Draft,
    page: Step,
    content: drafts.Content,
    form: StepForm,
    *,
    other: list | None = None,
    version: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a page. `other` is a second version of it to put beside the form."""
    form.caption = page.caption
    context = {
        "form": form,
        "step": page,
        "draft": draft,
        "version": content.version(page.key) if version is None else version,
        "other": other if other is not None else _other_rows(form, page, content),
        "first": step_before(page, content.answers) is None,
        "save_url": reverse("intake_save", args=[draft.pk, page.slug]),
        "paper": paper_note(draft, content),
        "cards": line_cards(timezone.now(), LINES[page.key]) if page.key in LINES else [],
    }
    return render(request, [f"referrals/steps/{page.key}.html", "referrals/intake_step.html"], context, status=status)
