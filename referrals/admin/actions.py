"""What a coordinator does with a referral. Each act is one function of the workflow, one form and one page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from partners.models import AccessRecord, User
from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.admin import columns
from referrals.admin.forms import ActForm, AssignForm, CloseForm, NoteForm, QuestionForm, WithdrawForm
from referrals.admin.timeline import timeline
from referrals.disclose import record_view
from referrals.models import Referral
from referrals.statuses import Move, MoveNotAllowed, Status, possible_moves

NAMED = "A question to the referrer was held back because it names the person"

Run = Callable[[UUID, User, dict[str, Any]], object]


@dataclass(frozen=True)
class Act:
    """One thing a coordinator can do. `move` is None when the status does not matter."""

    move: Move | None
    label: str  # on the button
    explains: str  # what will happen, before it does
    done: str  # said afterwards
    run: Run
    form: type[ActForm] = ActForm
    style: str = "secondary"


def _take(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.start_triage(referral_id=referral_id, by=by, version=data["version"])


def _assign(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.assign(referral_id=referral_id, to=data["to"], by=by, version=data["version"])


def _ask(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.request_information(
        referral_id=referral_id, question=data["question"], by=by, version=data["version"]
    )


def _note(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.add_note(referral_id=referral_id, text=data["text"], by=by)


def _close(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.close(
        referral_id=referral_id, outcome=data["outcome"], band=data["band"], by=by, version=data["version"]
    )


def _withdraw(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.withdraw(referral_id=referral_id, reason=data["reason"], by=by, version=data["version"])


def _reopen(referral_id: UUID, by: User, data: dict) -> object:
    return workflow.reopen(referral_id=referral_id, by=by, version=data["version"])


#: In the order of the buttons. The key is the last part of the address.
ACTS: dict[str, Act] = {
    "take": Act(
        Move.START_TRIAGE,
        "Take this referral",
        "It becomes yours, and the referrer is told that a coordinator is looking at it.",
        "You have taken this referral. The referrer is told.",
        _take,
        style="primary",
    ),
    "reopen": Act(
        Move.REOPEN,
        "Reopen",
        "It goes back into triage and becomes yours. The referrer is told.",
        "You have reopened this referral. The referrer is told.",
        _reopen,
        style="primary",
    ),
    "ask": Act(
        Move.REQUEST_INFORMATION,
        "Ask the referrer",
        "The referrer gets an e-mail with a link and reads the question after signing in. It is then their move.",
        "Your question is with the referrer.",
        _ask,
        QuestionForm,
    ),
    "note": Act(
        None, "Add a note", "A note changes nothing else and tells nobody.", "Your note is kept.", _note, NoteForm
    ),
    "assign": Act(
        Move.ASSIGN,
        "Give to a coordinator",
        "It appears in their queue. Tell them yourself if it is urgent.",
        "The referral has a new owner.",
        _assign,
        AssignForm,
    ),
    "close": Act(
        Move.CLOSE,
        "Close",
        "Nobody has to act any more. The referrer hears the sentence that you choose.",
        "You have closed this referral. The referrer is told.",
        _close,
        CloseForm,
    ),
    "withdraw": Act(
        Move.WITHDRAW,
        "Withdraw",
        "It leaves the queue because it should not go on. The referrer is told.",
        "You have withdrawn this referral. The referrer is told.",
        _withdraw,
        WithdrawForm,
        style="warning",
    ),
}


def available(referral: Referral) -> list[tuple[str, Act]]:
    """Return the acts that the transition table allows now, as `(slug, act)`, in the order of the buttons."""
    moves = possible_moves(referral.status)
    return [(slug, act) for slug, act in ACTS.items() if act.move is None or act.move in moves]


def act(request: HttpRequest, referral_id: UUID, act: str) -> HttpResponse:
    """Show the page of one act, or do it."""
    what = ACTS.get(act)
    referral = None
    if what and request.user.may(Permission.TRIAGE):
        rows = Referral.objects.visible_to(request.user).select_related("organisation", "district", "owner")
        referral = rows.filter(pk=referral_id).first()
    if what is None or referral is None:
        raise Http404
    if request.method == "POST":
        return _attempt(request, what, referral)
    return _page(request, what, referral, what.form(initial={"version": referral.version}, referral=referral))


def _attempt(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    form = what.form(request.POST, referral=referral)
    if not form.is_valid():
        return _page(request, what, referral, form)
    try:
        what.run(referral.id, request.user, form.cleaned_data)
    except workflow.ChangedMeanwhile as change:
        return _changed(request, what, change)
    except MoveNotAllowed:
        return _page(request, what, referral, form, status=409)
    except workflow.NamesThePerson as named:
        words = ", ".join(f"“{word}”" for word in named.words)
        # It says what stands in the sealed parts, as opening them does. Written here: the workflow was rolled back.
        record_view(referral, by=request.user, action=AccessRecord.Action.OPEN_IDENTITY, purpose=NAMED)
        form.add_error(form.blamed, f"Your question must not name the person. Take out {words}")
    except workflow.NotAllowed:
        form.add_error(form.blamed, "Choose somebody who is a coordinator now")
    except CannotOpen:
        return _page(request, what, referral, form, unreadable=True)
    else:
        messages.success(request, what.done)
        return redirect("admin:referrals_referral_change", referral.id)
    return _page(request, what, referral, form)


def _changed(request: HttpRequest, what: Act, change: workflow.ChangedMeanwhile) -> HttpResponse:
    """Say what changed and by whom, with everything that was typed still in the form and the new version in it."""
    typed = request.POST.copy()
    typed["version"] = str(change.referral.version)
    form = what.form(typed, referral=change.referral)
    since = timeline(change.since, request.user)
    return _page(request, what, change.referral, form, status=409, since=since)


def _page(
    request: HttpRequest, what: Act, referral: Referral, form: ActForm, status: int = 200, **more
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": what.label,
        "act": what,
        "referral": referral,
        "form": form,
        "facts": [columns.kinds_of_exploitation(referral), *columns.coded_facts(referral)],
        "status_tag": columns.status_tag(referral),
        "impossible": what.move is not None and what.move not in possible_moves(Status(referral.status)),
        **more,
    }
    return TemplateResponse(request, "admin/referrals/referral/action.html", context, status=status)
