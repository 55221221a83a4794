"""“Has the person changed their mind?” Whoever speaks with the person records it; what may not be shared is recalled.

The referrer comes in on a code alone, so the page shows nothing that was recorded before. Others who may record it
(`workflow.may_record_consent`) need the second step, as everywhere outside their own referrals.
"""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from partners.access import submit_lane
from partners.middleware import to_second_factor
from partners.models import User
from partners.roles import Permission
from partners.second_factor import has_second_factor
from partners.standing import standing_problem
from partners.views.errors import standing_stop
from referrals.forms.consent_change import ConsentChangeForm, blank_form
from referrals.models import Referral, ReferralEvent
from referrals.statuses import Move
from referrals.submission import ConsentGiven
from referrals.views.guards import handles_standing
from referrals.workflow import ChangedMeanwhile, NotAllowed, may_record_consent, record_consents

SIGNED_OFF = "Your account cannot be used at the moment, so this was not saved. Copy it before you leave the page"
SAVED = "What they said is recorded."
RECALLED = (
    "What they said is recorded, and the coordinators are told. Any organisation that had the referral because of an "
    "agreement which no longer holds has lost sight of it."
)
NOT_A_YES = {"withdrawn", "refused", "wants_time"}


@submit_lane()
@handles_standing
@require_http_methods(["GET", "HEAD", "POST"])
def record_consent(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Ask what the person said, and record it. What was typed survives every error."""
    form = ConsentChangeForm(request.POST) if request.method == "POST" else None
    if problem := standing_problem(request.user):
        return _signed_off(request, form) if form else standing_stop(request, problem)
    referral = get_object_or_404(Referral.objects.visible_to(request.user), pk=referral_id)
    if not may_record_consent(referral, request.user):
        raise Http404
    if referral.referrer_id != request.user.pk and not has_second_factor(request):
        return to_second_factor(request)
    if form is None:
        return _show(request, referral, blank_form(referral.version))
    if not form.is_valid():
        return _show(request, referral, form)
    try:
        _record(referral, form, request.user)
    except NotAllowed:
        raise Http404 from None
    withdrawn = any(one.state in NOT_A_YES for one in form.given())
    messages.success(request, RECALLED if withdrawn else SAVED)
    return redirect(*_way_on(referral, request.user))


def _record(referral: Referral, form: ConsentChangeForm, by: User) -> None:
    """Record it once. What the person said holds, whatever else happened to the referral since the page was opened."""
    typed = form.cleaned_data["version"]
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
    try:
        record_consents(referral_id=referral.pk, given=form.given(), by=by, version=seen, note=form.note())
    except ChangedMeanwhile as changed:
        if not any(_says_the_same(event, form.given(), by) for event in changed.since):
            record_consents(referral_id=referral.pk, given=form.given(), by=by, note=form.note())


def _says_the_same(event: ReferralEvent, given: Sequence[ConsentGiven], by: User) -> bool:
    """Whether the event is the first of two sendings of one page. A withdrawal may have been recorded as a refusal."""
    if event.move != Move.RECORD_CONSENT or event.by_id != by.pk:
        return False
    recorded = event.facts["kinds"]
    same = {one.kind: ("withdrawn", "refused") if one.state == "withdrawn" else (one.state,) for one in given}
    return recorded.keys() == same.keys() and all(state in same[kind] for kind, state in recorded.items())


def _way_on(referral: Referral, by: User) -> tuple:
    """To the case, the status page or the inbox: a hand-over may just have been lost by what was recorded."""
    if by.may(Permission.TRIAGE):
        return "admin:referrals_referral_change", referral.pk
    if referral.referrer_id == by.pk:
        return "referral_status", referral.pk
    return ("inbox",)


def _signed_off(request: HttpRequest, form: ConsentChangeForm) -> HttpResponse:
    form.add_error(None, SIGNED_OFF)
    return render(request, "referrals/record_consent.html", {"form": form}, status=403)


def _show(request: HttpRequest, referral: Referral, form: ConsentChangeForm) -> HttpResponse:
    back = resolve_url(*_way_on(referral, request.user))
    return render(request, "referrals/record_consent.html", {"referral": referral, "form": form, "back": back})
