"""Opening an attachment, for everybody who may; and adding one, for whoever sent the referral."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from partners.access import requires, submit_lane
from partners.roles import Permission
from partners.sealing import CannotOpen
from partners.standing import standing_problem
from partners.views.errors import standing_stop
from referrals import workflow
from referrals.disclose import open_attachment
from referrals.forms.attachment import AttachmentForm, as_attached
from referrals.models import Attachment, HandOver, Referral
from referrals.redrawing import SUFFIXES
from referrals.statuses import MoveNotAllowed
from referrals.views.guards import handles_standing

ENDED = "This referral is closed, so nothing was added. If there is something new, refer again or ring the coordinators"
SIGNED_OFF = "Your account cannot be used at the moment, so nothing was added. Copy what you typed before you leave"

#: Should a browser show it all the same: no script, no form, nothing from anywhere (security, 4.4).
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store, private",
}


@requires(Permission.WRITE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def attachment(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """Give an attachment out as a file, and record it. Its name says the reference and a number, and nothing else.

    A GET, such as after signing in again, leads back to where the button is.
    """
    if request.method != "POST":
        return _back(request, attachment_id)
    try:
        row, content = open_attachment(attachment_id, by=request.user)
    except Attachment.DoesNotExist:
        raise Http404 from None
    except CannotOpen:
        context = {"reference": _visible(request, attachment_id).referral.reference}
        return render(request, "referrals/attachment_unreadable.html", context, status=503)
    name = f"{row.referral.reference} attachment {row.number}.{SUFFIXES[row.content_type]}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=row.content_type, headers=headers)


def _visible(request: HttpRequest, attachment_id: UUID) -> Attachment:
    rows = Attachment.objects.visible_to(request.user).kept().select_related("referral")
    return get_object_or_404(rows, pk=attachment_id)


def _back(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    referral = _visible(request, attachment_id).referral_id
    if request.user.may(Permission.TRIAGE):
        return redirect("admin:referrals_referral_change", referral)
    handed = HandOver.objects.seen_by(request.user).filter(referral=referral, accepted_at__isnull=False)
    return redirect("hand_over", handed.values_list("pk", flat=True).first())


@submit_lane()
@handles_standing
@require_http_methods(["GET", "HEAD", "POST"])
def referral_attach(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Ask the referrer for a photo or document, and keep it with their referral. They never read it back."""
    if problem := standing_problem(request.user):
        return _signed_off(request) if request.method == "POST" else standing_stop(request, problem)
    mine = Referral.objects.visible_to(request.user).logged_by(request.user)
    referral = get_object_or_404(mine, pk=referral_id)
    if request.method != "POST":
        return _show(request, referral, AttachmentForm()) if referral.is_open else _ended(request, referral)
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    form = AttachmentForm(request.POST, request.FILES, sent=sent)
    if not form.is_valid():
        return _show(request, referral, form)
    try:
        workflow.attach(referral_id=referral.pk, by=request.user, **as_attached(form.cleaned_data))
    except workflow.Refused as refusal:
        form.add_error("file", refusal.text)
        return _show(request, referral, form)
    except MoveNotAllowed:
        form.add_error(None, ENDED)
        return _show(request, referral, form, status=409)
    except (workflow.NotAllowed, Referral.DoesNotExist):
        raise Http404 from None
    messages.success(request, "It was added, and the coordinators are told. Thank you.")
    return redirect("referral_status", referral.pk)


def _signed_off(request: HttpRequest) -> HttpResponse:
    """Show nothing of the case to somebody who may do nothing any more, but what they typed, so that it can be kept."""
    form = AttachmentForm(request.POST)
    form.add_error(None, SIGNED_OFF)
    return _show(request, None, form, status=403)


def _ended(request: HttpRequest, referral: Referral) -> HttpResponse:
    messages.info(request, "This referral is closed. If there is something new, refer again or ring the coordinators.")
    return redirect("referral_status", referral.pk)


def _show(request: HttpRequest, referral: Referral | None, form: AttachmentForm, status: int = 200) -> HttpResponse:
    return render(request, "referrals/attach.html", {"referral": referral, "form": form}, status=status)
