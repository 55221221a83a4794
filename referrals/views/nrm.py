"""The answer sheet: what the case answers of the Home Office form, what is missing, and where the case stands there.

Only the named first responder and the coordinators come this far; every opening is an access record.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from partners.access import requires
from partners.formfields import in_words
from partners.limits import Limits, current_limits
from partners.models import LimitKey
from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals.export import MARKING
from referrals.forms.nrm import RECORDED, StageForm
from referrals.forms.nrm_words import BRANCHES, clock_rows, parts_of, progress, to_do
from referrals.models import HandOver, NrmCase
from referrals.nrm_stages import STAGE_LABELS, NrmStage, StageNotAllowed, may_follow
from referrals.sheet_case import OpenSheet, find_nrm, open_case
from referrals.workflow import SheetChanged, clocks_of, record_stage

CHANGED = "The sheet was changed after you opened this page, so nothing was recorded. Check and try again"
FEW = 8  # links that are shown at once; more are folded away


def sheet_page(*methods: str) -> Callable:
    """Make a view of an answer sheet: reader lane, `methods` only, 404 for everybody who may not open it.

    The view gets the case, still closed, in place of its id.
    """

    def decorate(view: Callable) -> Callable:
        @require_http_methods(methods)
        @wraps(view)
        def page(request: HttpRequest, referral_id: UUID, **kwargs) -> HttpResponse:
            try:
                return view(request, find_nrm(referral_id, by=request.user), **kwargs)
            except NrmCase.DoesNotExist:
                raise Http404 from None
            except CannotOpen:
                return render(request, "referrals/nrm_unreadable.html", status=503)

        return requires(Permission.WRITE_REFERRAL)(page)

    return decorate


@sheet_page("GET", "HEAD")
def nrm_sheet(request: HttpRequest, nrm: NrmCase) -> HttpResponse:
    """Show the whole sheet in the order of the form, with what is left to do on top."""
    opened, limits = open_case(nrm, by=request.user), current_limits()
    left = to_do(opened)
    context = (
        head_of(opened)
        | stages_of(nrm, limits)
        | {
            "parts": parts_of(opened),
            "left": left,
            "few": len(left["missing"]) <= FEW,
            "problems": opened.sheet.problems,
            "waiting": len(opened.waiting),
            "judged": len(opened.hits) - len(opened.waiting),
            "may_copy": opened.may_copy,
            "draft_days": limits.amount(LimitKey.DRAFT_EXPIRES),
            "back": back_to_case(request, nrm),
            "home_office_reference": opened.home_office_reference,
        }
    )
    return render(request, "referrals/nrm_sheet.html", context)


def head_of(opened: OpenSheet) -> dict:
    """Return what the head of the sheet says on every page about it."""
    return {
        "nrm": opened.nrm,
        "reference": opened.reference,
        "marking": MARKING,
        "notify": opened.case.notify,
        "branch": opened.nrm.get_branch_display(),
        "about": BRANCHES[opened.case.branch],
        "progress": progress(opened),
        "complete": opened.sheet.complete and not opened.waiting,
    }


def stages_of(nrm: NrmCase, limits: Limits) -> dict:
    """Return where the case stands at the Home Office: the stage, its clocks, what may come next and what has been."""
    dates = sorted(nrm.stage_dates().items(), key=lambda pair: pair[1])
    return {
        "stage": nrm.get_stage_display(),
        "since": nrm.stage_dates().get(NrmStage(nrm.stage)),
        "clocks": clock_rows(clocks_of(nrm, limits), timezone.localdate()),
        "dates": [(STAGE_LABELS[stage], on) for stage, on in dates],
        "may_follow": may_follow(nrm.stage, duty_to_notify=nrm.is_duty_to_notify),
    }


def back_to_case(request: HttpRequest, nrm: NrmCase) -> tuple[str, str]:
    """Return (address, words) of where the reader came from: the case page, or their hand-over in the inbox."""
    if request.user.may(Permission.TRIAGE):
        return reverse("admin:referrals_referral_change", args=[nrm.pk]), "Case"
    mine = HandOver.objects.seen_by(request.user).filter(referral=nrm.pk, responder=request.user)
    newest = mine.order_by("-offered_at").values_list("pk", flat=True).first()
    return (reverse("hand_over", args=[newest]), "Hand-over") if newest else (reverse("inbox"), "Inbox")


@sheet_page("GET", "HEAD", "POST")
def nrm_stage(request: HttpRequest, nrm: NrmCase) -> HttpResponse:
    """Record that the draft was begun, that it was sent, or what was decided. Nothing sealed is shown here."""
    stages = may_follow(nrm.stage, duty_to_notify=nrm.is_duty_to_notify)
    now = NrmStage(nrm.stage)
    if not stages:
        return redirect("nrm_sheet", nrm.pk)
    form = StageForm(request.POST if request.method == "POST" else None, stages=stages, now=now)
    if request.method != "POST" or not form.is_valid():
        return _show_stage(request, nrm, form)
    given = form.cleaned_data
    try:
        record_stage(
            referral_id=nrm.pk,
            stage=NrmStage(given["stage"]),
            on=given["on"],
            by=request.user,
            version=version_in(request),
            home_office_reference=given["home_office_reference"],
        )
    except StageNotAllowed as refused:
        form.add_error("on", str(refused))
        return _show_stage(request, nrm, form)
    except SheetChanged as changed:
        return _stage_changed(request, changed.case, form)
    return redirect("nrm_sheet", nrm.pk)


def version_in(request: HttpRequest) -> int:
    """Return the version that the sent page was made of; 0, which is never current, when it says none."""
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _show_stage(request: HttpRequest, nrm: NrmCase, form: StageForm, status: int = 200, **more: str) -> HttpResponse:
    context = {"nrm": nrm, "reference": nrm.referral.reference, "marking": MARKING, "form": form, **more}
    context |= stages_of(nrm, current_limits())
    return render(request, "referrals/nrm_stage.html", context, status=status)


def _stage_changed(request: HttpRequest, nrm: NrmCase, form: StageForm) -> HttpResponse:
    """Show what was typed again, and what stands now, when somebody saved the sheet meanwhile."""
    typed = RECORDED[NrmStage(form.cleaned_data["stage"])]
    form.add_error(None, CHANGED)
    return _show_stage(request, nrm, form, 409, typed=f"{typed}, {in_words(form.cleaned_data['on'])}")
