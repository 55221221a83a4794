"""A coordinator's question, and the referrer's answer."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from partners.access import submit_lane
from partners.sealing import CannotOpen
from partners.standing import standing_problem
from partners.views.errors import standing_stop
from referrals.disclose import open_notes
from referrals.forms.answer import AnswerForm
from referrals.models import Note, Referral
from referrals.statuses import MoveNotAllowed, Status
from referrals.views.guards import handles_standing
from referrals.workflow import NotAllowed, answer_information

NOT_ASKED_ANY_MORE = (
    "No question is waiting any more, so this answer was not sent. Perhaps you answered it in another tab. "
    "What you typed is below"
)
SIGNED_OFF = "Your account cannot be used at the moment, so this answer was not sent. Copy it before you leave the page"


@submit_lane()
@handles_standing
@require_http_methods(["GET", "HEAD", "POST"])
def referral_answer(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Show the question that waits, and take the answer. What was typed survives every error."""
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if problem := standing_problem(request.user):
        return _signed_off(request, form) if form.is_bound else standing_stop(request, problem)
    mine = Referral.objects.visible_to(request.user).logged_by(request.user)
    referral = get_object_or_404(mine, pk=referral_id)
    waiting = referral.status == Status.INFORMATION_REQUESTED
    if request.method != "POST":
        return _show(request, referral, form) if waiting else redirect("referral_status", referral.pk)
    if not form.is_valid():
        return _show(request, referral, form)
    try:
        answer_information(referral_id=referral.pk, answer=form.cleaned_data["answer"], by=request.user)
    except MoveNotAllowed:
        return _not_waiting(request, referral, form)
    except NotAllowed:
        raise Http404 from None
    messages.success(request, "Your answer was sent. Thank you.")
    return redirect("referral_status", referral.pk)


def _signed_off(request: HttpRequest, form: AnswerForm) -> HttpResponse:
    """Show nothing of the case to somebody who may do nothing any more, but what they typed, so that it can be kept."""
    form.add_error(None, SIGNED_OFF)
    return render(request, "referrals/answer.html", {"form": form}, status=403)


def _not_waiting(request: HttpRequest, referral: Referral, form: AnswerForm) -> HttpResponse:
    """Answer the second of two sendings: the same text is simply there already, another is shown and not lost."""
    last = referral.notes.filter(kind=Note.Kind.ANSWER, by=request.user).last()
    try:
        sent_already = last is not None and last.take_out()["text"] == form.cleaned_data["answer"]
    except CannotOpen:  # what cannot be compared counts as another answer
        sent_already = False
    if sent_already:
        return redirect("referral_status", referral.pk)
    form.add_error(None, NOT_ASKED_ANY_MORE)
    return _show(request, referral, form, status=409)


def _show(request: HttpRequest, referral: Referral, form: AnswerForm, status: int = 200) -> HttpResponse:
    try:
        questions = open_notes(referral, by=request.user, kinds=(Note.Kind.QUESTION,))
    except CannotOpen:
        if not form.is_bound:
            return render(request, "referrals/question_unreadable.html", {"referral": referral}, status=503)
        questions = []  # what was typed is not lost because the question does not open
    newest, earlier = (questions[-1], questions[:-1]) if questions else (None, [])
    context = {"referral": referral, "form": form, "question": newest, "earlier": earlier}
    return render(request, "referrals/answer.html", context, status=status)
