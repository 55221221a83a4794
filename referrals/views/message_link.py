"""The link in a message: who it was for comes to the right page, and the message counts as read.

It carries the message's id and nothing of the case. For somebody else's message, and for a case that its recipient may
no longer see, there is no such page.
"""

from uuid import UUID

from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from partners.access import own_account
from partners.middleware import to_second_factor
from partners.models import BoardPost, Kind, Message, User
from partners.outbox import acknowledge
from partners.roles import Permission, needs_second_factor
from partners.second_factor import has_second_factor
from referrals.models import HandOver, NrmCase, Operation, Referral, ReferralEvent


@own_account
@require_safe
def message_link(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Note that the reader has acted, and send them on: coordinators to the case, referrers to its status, whoever is
    asked for help to the hand-over or the answer sheet.

    The second step is asked for before anything is acknowledged where the page behind the link wants it.
    """
    user = request.user
    message = Message.objects.filter(pk=message_id).select_related("organisation").first()
    if message is None or not _is_for(message, user):
        raise Http404
    target, wants_second_step = _target(message, user)
    if wants_second_step and not has_second_factor(request):
        return to_second_factor(request)
    _acknowledge(message, user)
    return redirect(target)


def _is_for(message: Message, user: User) -> bool:
    """Whether `user` is the recipient, or may answer for the mailbox that is."""
    if message.user_id is not None:
        return message.user_id == user.pk
    return user.organisation == message.organisation or user.may(Permission.TRIAGE)


def _target(message: Message, user: User) -> tuple[str, bool]:
    """Return the page behind the link, and whether it is in the reader lane. Raises Http404."""
    if message.kind == Kind.ADDRESS_REFUSED:
        return _about_an_address(user)
    if message.kind == Kind.RECEPTION_CENTRE:
        return _operation(message, user)
    if message.kind in (Kind.BOARD_POST, Kind.BOARD_URGENT):
        return _post(message, user)
    if message.kind == Kind.COVER_BEGINS and user.may(Permission.TRIAGE):
        return reverse("admin:index"), True  # it says for whom, and until when
    if message.referral_id is None:
        coordinator = user.may(Permission.TRIAGE)
        query = {"show": "mine"} if message.kind == Kind.REFERRAL_ASSIGNED else None  # several at once
        return (reverse(QUEUE, query=query), True) if coordinator else (reverse("home"), False)
    if user.may(Permission.TRIAGE):
        return _case(message, user)
    for page in _PAGES.get(Kind(message.kind), (_status, _hand_over)):
        if target := page(message, user):
            return target
    raise Http404


def _operation(message: Message, user: User) -> tuple[str, bool]:
    """The board, which the message knows by its reference: it tells of no single referral."""
    operation = Operation.objects.visible_to(user).filter(reference=message.reference).first()
    if operation is None:
        raise Http404
    return reverse("operation", args=[operation.pk]), True


def _post(message: Message, user: User) -> tuple[str, bool]:
    """The post on the message board, in the submit lane: its id is the event's."""
    if not BoardPost.objects.visible_to(user).filter(pk=message.event_id).exists():
        raise Http404
    return reverse("board_post", args=[message.event_id]), False


def _case(message: Message, user: User) -> tuple[str, bool]:
    if not Referral.objects.visible_to(user).filter(pk=message.referral_id).exists():
        raise Http404
    return reverse("admin:referrals_referral_change", args=[message.referral_id]), True


def _status(message: Message, user: User) -> tuple[str, bool] | None:
    """The status page, for the referrer and their lead."""
    followed = Referral.objects.visible_to(user).followed_by(user).filter(pk=message.referral_id)
    return (reverse("referral_status", args=[message.referral_id]), False) if followed.exists() else None


def _hand_over(message: Message, user: User) -> tuple[str, bool] | None:
    """The hand-over to the reader's organisation that the message tells of, else the newest of the referral."""
    rows = HandOver.objects.visible_to(user).filter(referral=message.referral_id, organisation=user.organisation)
    event = ReferralEvent.objects.filter(pk=message.event_id).first()
    told = event.facts.get("hand_over", "") if event else ""
    found = next(iter(sorted(rows.order_by("-offered_at"), key=lambda row: str(row.pk) != told)), None)
    return (reverse("hand_over", args=[found.pk]), True) if found else None


def _sheet(message: Message, user: User) -> tuple[str, bool] | None:
    """The answer sheet, for the named first responder."""
    theirs = NrmCase.objects.visible_to(user).filter(pk=message.referral_id)
    return (reverse("nrm_sheet", args=[message.referral_id]), True) if theirs.exists() else None


QUEUE = "admin:referrals_referral_changelist"
_TO_RECEIVERS = (_hand_over,)
_TO_FIRST_RESPONDER = (_sheet, _hand_over)
#: Where messages lead that are not about one's own referral: the first page that the reader may see.
_PAGES = {
    Kind.HAND_OVER_OFFERED: _TO_RECEIVERS,
    Kind.HAND_OVER_CHASED: _TO_RECEIVERS,
    Kind.HAND_OVER_ANSWERED: _TO_RECEIVERS,
    Kind.HAND_OVER_REVOKED: _TO_RECEIVERS,
    Kind.REFERRAL_AMENDED: _TO_RECEIVERS,
    Kind.NRM_STEP: _TO_FIRST_RESPONDER,
    Kind.NRM_CLOCK: _TO_FIRST_RESPONDER,
}


def _about_an_address(user: User) -> tuple[str, bool]:
    """Who can put an address right: the queue page, or the lead's list of people."""
    if user.may(Permission.SEE_MESSAGE_QUEUE):
        return reverse("message_queue"), True
    if user.may(Permission.INVITE_COLLEAGUES):
        return reverse("people"), True
    return reverse("home"), needs_second_factor(user.role)


def _acknowledge(message: Message, user: User) -> None:
    Message.objects.filter(pk=message.pk, acknowledged_at__isnull=True).update(acknowledged_at=Now())
    if message.referral_id is not None:
        acknowledge(user, message.referral_id)
