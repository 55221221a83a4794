"""The message queue: what has left, what has not and why, and two buttons (security, 3.1). Figures for monitoring."""

import datetime
import secrets
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from partners import metrics, signs
from partners.access import public, requires
from partners.delivery import drain
from partners.kept import messages_for
from partners.leases import send_again
from partners.models import State, User
from partners.roles import Permission

SHOWN = 50
#: The button waits for a few messages only; what is left goes with the next round.
BUTTON_SECONDS = 3
RUN_LABELS = {
    signs.DRAIN: "Anybody looked for messages to send",
    signs.BEAT: "The worker’s clock (Celery beat)",
    signs.TIMER: "The timer that needs no worker",
}


@requires(Permission.SEE_MESSAGE_QUEUE)
@require_safe
def message_queue(request: HttpRequest) -> HttpResponse:
    """What waits, what could not be delivered, and when the outbox was last looked at."""
    may_send = request.user.may(Permission.SEND_MESSAGES_AGAIN)
    waiting, dead = metrics.waiting(request.user), metrics.undelivered(request.user)
    age = metrics.oldest_unsent()
    context = {
        "state": _state(age, dead.count(), may_send),
        "stats": _stats(request.user),
        "dead": dead[:SHOWN],
        "dead_count": dead.count(),
        "waiting": waiting[:SHOWN],
        "waiting_count": waiting.count(),
        "runs": [{"key": RUN_LABELS[name], "value": _ago(when)} for name, when in metrics.last_runs().items()],
        "may_send": may_send,
        "may_open": request.user.may(Permission.TRIAGE),
    }
    return render(request, "partners/ops.html", context)


def _state(age: datetime.timedelta | None, dead: int, may_send: bool) -> dict[str, str]:
    """The band at the top: how it stands, in one sentence."""
    if signs.paused_channels():
        text = "Nothing is lost: messages wait and leave once it is put right. The system administrator has to look."
        return {"tone": "stop", "title": "The mail server refuses our account or sender address", "text": text}
    if age is not None:
        title = f"The oldest unsent message has been waiting for {metrics.in_words(age)}"
        if age <= metrics.LATE:
            return {"tone": "info", "title": title, "text": "That is usual: messages leave within seconds or minutes."}
        button = "Press “Send now”. If that does not help, tell" if may_send else "Please tell"
        return {"tone": "warn", "title": title, "text": f"{button} the system administrator, and ring who has to know."}
    if dead:
        title = f"{dead} message{'s' if dead > 1 else ''} could not be delivered"
        return {"tone": "stop", "title": title, "text": "Everything else has left. The reasons are below."}
    return {"tone": "good", "title": "Every message has left", "text": ""}


def _stats(reader: User) -> list[dict]:
    counts = dict(messages_for(reader).order_by().values_list("state").annotate(Count("pk")))
    labels = {
        State.PENDING: "waiting",
        State.SENDING: "being sent",
        State.SENT: "accepted by the mail server",
        State.DEAD: "could not be delivered",
    }
    return [{"figure": counts.get(state, 0), "label": label} for state, label in labels.items()]


def _ago(age: datetime.timedelta | None) -> str:
    return f"{metrics.in_words(age)} ago".capitalize() if age is not None else "Never"


@requires(Permission.SEND_MESSAGES_AGAIN)
@require_POST
@transaction.non_atomic_requests
def send_now(request: HttpRequest) -> HttpResponse:
    """Send what is due, here and now, with neither broker nor worker. No transaction is open meanwhile."""
    done = drain(within=BUTTON_SECONDS)
    if done.failed:
        messages.warning(request, f"{done.sent} sent, {done.failed} not sent: the reason is below.")
    elif done.sent:
        messages.success(request, f"{done.sent} sent.")
    else:
        messages.info(request, "There was nothing to send just now.")
    return redirect("message_queue")


@requires(Permission.SEND_MESSAGES_AGAIN)
@require_POST
def send_message_again(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Give a message that could not be delivered another two days, after somebody put the cause right."""
    if not messages_for(request.user).filter(pk=message_id).exists():
        raise Http404
    if send_again(message_id, by=request.user):
        messages.success(request, "The message will be sent again in a moment.")
    else:
        messages.info(request, "That message is on its way already.")
    return redirect("message_queue")


@public
@require_safe
def outbox_metrics(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' format for whoever sends METRICS_TOKEN as a bearer token; for others there is no page."""
    given = request.headers.get("Authorization", "").encode()
    if not settings.METRICS_TOKEN or not secrets.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Http404
    return HttpResponse(metrics.prometheus(), content_type="text/plain; version=0.0.4; charset=utf-8")
