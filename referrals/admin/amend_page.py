"""One page of questions of a referral that is amended: closed, open, old beside new, saved.

It is closed until one click that is recorded; where it asks about the place, the click wants a reason. Nothing is kept
between the steps but what the page itself holds.
"""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.admin import acting
from referrals.admin.amending import AMEND, WhyForm
from referrals.admin.amendments import old_and_new
from referrals.admin.forms import LocationForm, has_good_purpose
from referrals.admin.neighbours import kept
from referrals.admin.timeline import timeline
from referrals.disclose import open_to_amend
from referrals.forms.amendment import (
    NOT_HERE,
    answers_of,
    form_of,
    initial_of,
    is_about_the_place,
    pages_of,
    revise,
    title_of,
)
from referrals.forms.base import Answers, StepForm
from referrals.forms.happened import district_names
from referrals.forms.steps import BY_SLUG, Step
from referrals.forms.summary import page_rows
from referrals.models import Referral
from referrals.statuses import PRIORITY_LABELS, Move, MoveNotAllowed, Priority, possible_moves
from referrals.submission import Revision

#: What is asked for, as `do` in what is posted; anything else opens the page.
AGAIN, CHECK, SAVE = "again", "check", "save"
NOTHING_CHANGED = "This is what the referral says already. Change an answer, or go back without saving"
NOT_ASKED = "The referral has changed, and these questions are not part of it now. Copy what you want to keep"


@dataclass
class Desk:
    """One page of one referral, in a coordinator's hands. `place` is why the location is needed, where it is."""

    request: HttpRequest
    referral: Referral
    step: Step
    place: LocationForm | None
    secret: Answers = field(default_factory=dict, repr=False)
    location: Answers = field(default_factory=dict, repr=False)
    unreadable: bool = False

    @property
    def answers(self) -> Answers:
        """The answers as the form asks them, as far as they are open."""
        return answers_of(self.referral, self.secret, self.location)

    @property
    def may_be_amended(self) -> bool:
        """Whether the referral is open."""
        return Move.AMEND in possible_moves(self.referral.status)

    def open(self) -> bool:
        """Open what the page needs, with the record of it; return False when it is not opened."""
        try:
            if self.place is not None and not has_good_purpose(self.place, self.referral, by=self.request.user):
                return False
            place = self.place.as_recorded() if self.place else ""
            opened = open_to_amend(self.referral, by=self.request.user, page=title_of(self.step), place=place)
            self.secret, self.location = opened
        except CannotOpen:
            self.unreadable = True
        return not self.unreadable

    def questions(self, data: Any = None) -> StepForm:
        """Return the questions of the page, with what was posted or without."""
        form = form_of(self.step)(data, answers=self.answers)
        form.heading = form.heading or title_of(self.step)
        return form

    def show(self, template: str, form: WhyForm, status: int = 200, **more: Any) -> HttpResponse:
        """Return a page about it."""
        what = replace(AMEND, page=template)
        more |= {"step": self.step, "page_title": title_of(self.step), "place": self.place}
        more["unreadable"] = self.unreadable
        return acting.page(self.request, what, self.referral, self.referral, form, status, **more)


def amend_page(request: HttpRequest, referral_id: UUID, step: str) -> HttpResponse:
    """Show one page of questions closed; in the reply to a POST open it, show old beside new, or save it."""
    desk = _desk(request, referral_id, step)
    if request.method in ("GET", "HEAD"):
        desk.place = LocationForm() if desk.place else None
        return _closed(desk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    do = request.POST.get("do")
    if not desk.open():
        return _kept_from_view(desk) if do in (AGAIN, CHECK, SAVE) else _closed(desk)
    if do in (CHECK, SAVE):
        return _attempt(desk, save=do == SAVE)
    return _ask(desk, again=do == AGAIN)


def _desk(request: HttpRequest, referral_id: UUID, slug: str) -> Desk:
    step = BY_SLUG.get(slug)
    if step is None or step.key in NOT_HERE or not request.user.may(Permission.TRIAGE):
        raise Http404
    related = ("organisation", "district", "owner", "referrer", "secret", "location")
    referral = Referral.objects.visible_to(request.user).select_related(*related).filter(pk=referral_id).first()
    if referral is None:
        raise Http404
    return Desk(request, referral, step, LocationForm(request.POST) if is_about_the_place(step) else None)


def _closed(desk: Desk) -> HttpResponse:
    return desk.show("amend_closed.html", WhyForm(referral=desk.referral))


def _kept_from_view(desk: Desk) -> HttpResponse:
    """Show what was typed though nothing could be opened: it must not get lost."""
    return _form(desk, desk.questions(desk.request.POST), _why(desk))


def _why(desk: Desk, version: int | None = None) -> WhyForm:
    """What was said so far, as of the version that was seen, or as of another."""
    typed = desk.request.POST.copy()
    if version is not None:
        typed["version"] = str(version)
    return WhyForm(typed, referral=desk.referral)


def _ask(desk: Desk, *, again: bool) -> HttpResponse:
    """Show the questions with what the referral says, or `again` with what was typed."""
    if not desk.may_be_amended or desk.step not in pages_of(desk.answers):
        messages.warning(desk.request, "These questions are not part of this referral, or it has ended.")
        return redirect(reverse("admin:referrals_referral_act", args=[desk.referral.pk, "amend"]) + kept(desk.request))
    form = desk.questions()
    typed = form.typed_in(desk.request.POST)
    form.initial = form.as_typed(typed) if again else initial_of(form, desk.step, desk.answers)
    said = {name: desk.request.POST.get(name, "") for name in ("why", "version")} if again else {}
    why = WhyForm(initial={"version": desk.referral.version, **said}, referral=desk.referral)
    return _form(desk, form, why)


def _form(desk: Desk, form: StepForm, why: WhyForm, status: int = 200, **more: Any) -> HttpResponse:
    helper = FormHelper()
    helper.layout, helper.form_tag, helper.disable_csrf = Layout(*form.questions()), False, True
    return desk.show("amend_page.html", why, status, questions=form, helper=helper, **more)


def _attempt(desk: Desk, *, save: bool) -> HttpResponse:
    """Check what was typed; then show old beside new, or save it."""
    form, why = desk.questions(desk.request.POST), _why(desk)
    if not all([form.is_valid(), why.is_valid()]):
        return _form(desk, form, why)
    if desk.step not in pages_of(desk.answers):
        form.add_error(None, NOT_ASKED)
        return _form(desk, form, why, 409)
    if save:
        return _save(desk, form, why)
    revision = revise(desk.referral, desk.secret, desk.location, form=form, step=desk.step)
    return _compare(desk, form, why, revision) if revision.questions else _nothing_changed(desk, form, why)


def _nothing_changed(desk: Desk, form: StepForm, why: WhyForm) -> HttpResponse:
    form.add_error(None, NOTHING_CHANGED)
    return _form(desk, form, why)


def _compare(desk: Desk, form: StepForm, why: WhyForm, revision: Revision) -> HttpResponse:
    """Show old beside new before it is saved, and what else follows from it."""
    rows = rows_of(revision, desk.step)
    typed = [(name, value) for name, values in form.typed_in(desk.request.POST).items() for value in values]
    before, now = revision.before.priority, revision.after.priority
    more = {
        "rows": [row for row in rows if not row["follows"]],
        "follows": [row for row in rows if row["follows"]],
        "typed": typed,
        "priority": PRIORITY_LABELS[now] if now != before and now != desk.referral.priority else "",
        "rings": now == Priority.IMMEDIATE != desk.referral.priority,
    }
    return desk.show("amend_check.html", why, **more)


def rows_of(revision: Revision, step: Step) -> list[dict[str, Any]]:
    """Return what a revision of the page `step` changes, old beside new, in words."""
    names, blobs = district_names(), revision.differs.values()
    return [row for blob in blobs for row in old_and_new(blob["old"], blob["new"], names, page=step.key)]


def _save(desk: Desk, form: StepForm, why: WhyForm) -> HttpResponse:
    data = why.cleaned_data | {"revise": partial(revise, form=form, step=desk.step)}
    try:
        AMEND.run(desk.referral.pk, desk.request.user, data)
    except workflow.ChangedMeanwhile as change:
        return _changed(desk, change)
    except workflow.NothingChanged:
        return _nothing_changed(desk, form, why)
    except MoveNotAllowed:
        return _form(desk, form, why, 409)
    except CannotOpen:
        desk.unreadable = True
        return _form(desk, form, why)
    except (Referral.DoesNotExist, workflow.NotAllowed):
        raise Http404 from None
    messages.success(desk.request, AMEND.done)
    return redirect(reverse("admin:referrals_referral_change", args=[desk.referral.pk]) + kept(desk.request))


def _changed(desk: Desk, change: workflow.ChangedMeanwhile) -> HttpResponse:
    """Say what changed and by whom, with all that was typed, and beside it what the page says now."""
    now = replace(desk, referral=change.referral)
    now.open()
    form = now.questions(desk.request.POST)
    other = page_rows(form, initial_of(form, now.step, now.answers))
    since = timeline(change.since, desk.request.user)
    return _form(now, form, _why(now, change.referral.version), 409, changed=True, since=since, other=other)
