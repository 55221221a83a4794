"""What coordinators do with the message board: write, look at it before it is sent, correct, withdraw, see who read it.

Nothing is kept between writing and sending but what the page itself carries; `partners/board/posting.py` checks again.
"""

import datetime
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from partners import metrics
from partners.access import requires
from partners.board.forms import SOME, ConfirmForm, PostForm, WithdrawForm
from partners.board.posting import ContentRefused, NewPost, Refused, addressed, messages_for, publish, withdraw
from partners.board.reading import delivery, reach, undelivered
from partners.board.screening import ASKED, CHECKS_AN_HOUR, CONFIRMS, Finding, TooManyChecks, screen
from partners.models import BoardPost, Membership, Message, Organisation, State
from partners.roles import Permission
from partners.templatetags.govuk import govuk_field
from partners.wording import words_for

SHOWN = 50
WORDS = {
    State.SENT: "sent",
    State.PENDING: "waiting to be sent",
    State.SENDING: "being sent",
    State.DEAD: "could not be delivered",
    State.CANCELLED: "no longer owed",
}


def status_tag(post: BoardPost, today: datetime.date) -> str:
    """Return how `post` stands on the local date `today`, as a tag."""
    states = [
        (post.is_withdrawn, "Withdrawn", "quiet"),
        (post.is_replaced, "Corrected since", "quiet"),
        (post.has_ended(today), "Ended", "quiet"),
        (post.urgent, "Urgent", "stop"),
        (True, "On the board", "good"),
    ]
    label, tone = next((label, tone) for holds, label, tone in states if holds)
    return format_html('<strong class="status-tag tone-{}">{}</strong>', tone, label)


def _post_or_404(post_id: UUID | str) -> BoardPost:
    rows = BoardPost.objects.select_related("written_by", "withdrawal__by", "replacement", "replaces")
    try:
        return get_object_or_404(rows, pk=post_id)
    except ValidationError:  # the address holds no id
        raise Http404 from None


@requires(Permission.TRIAGE)
@require_safe
def show(request: HttpRequest, post_id: str) -> HttpResponse:
    """Show one post: how it reads, what became of its messages, which organisations have read it."""
    post = _post_or_404(post_id)
    counts = delivery(post)
    dead = metrics.with_recipients(undelivered(post))
    context = {
        "title": "Post on the message board",
        "post": post,
        "tag": status_tag(post, timezone.localdate()),
        "stands": not (post.is_withdrawn or post.is_replaced),
        "delivery": [f"{counts[state]:,} {words}" for state, words in WORDS.items() if counts[state]],
        "dead": list(dead[:SHOWN]),
        "dead_count": counts[State.DEAD],
        "reach": reach(post),
        "confirmed": [CONFIRMS[kind] for kind in ASKED if kind in post.confirmed.split()],
    }
    return _page(request, "board_post", context)


@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, post_id: UUID | None = None) -> HttpResponse:
    """Write a post, or one that corrects another: the form, the preview, and then it is sent."""
    old = _post_or_404(post_id) if post_id else None
    if old and (old.is_withdrawn or old.is_replaced):
        messages.info(request, "That post does not stand any more: it cannot be corrected.")
        return redirect("admin:partners_boardpost_change", old.pk)
    if request.method != "POST":
        return _form_page(request, PostForm(corrects=old), old)
    form = PostForm(request.POST, corrects=old)
    if not form.is_valid() or request.POST.get("step") == "change":
        return _form_page(request, form, old)
    try:
        if request.POST.get("step") == "send":
            return _send(request, form)
        return _preview(request, form, screen(_words(form), by=request.user))
    except TooManyChecks as problem:
        form.add_error(None, str(problem))
    except ContentRefused as problem:
        return _preview(request, form, problem.findings)
    except Refused as problem:
        form.add_error(None, str(problem))
    return _form_page(request, form, old)


def _words(form: PostForm) -> str:
    return f"{form.cleaned_data['title']}\n{form.cleaned_data['text']}"


def _send(request: HttpRequest, form: PostForm) -> HttpResponse:
    post = publish(by=request.user, new=form.new_post(), confirmed=ConfirmForm.ticked(request.POST))
    count = post.audience.count()
    messages.success(request, f"The post is on the board for {_organisations(count)}. The e-mails are on their way.")
    return redirect("admin:partners_boardpost_change", post.pk)


def _organisations(count: int) -> str:
    return f"{count} organisation{'' if count == 1 else 's'}"


def _preview(request: HttpRequest, form: PostForm, findings: Collection[Finding]) -> HttpResponse:
    """The page before sending. What is refused sends back to the form."""
    if refused := [found for found in findings if found.refused]:
        form.refuse(refused, form.cleaned_data["title"])
        return _form_page(request, form, form.corrects)
    new = form.new_post()
    organisations = addressed(new)
    if not organisations:
        form.add_error(None, "None of these organisations takes part any more. Choose others")
        return _form_page(request, form, form.corrects)
    sending = request.POST.get("step") == "send"
    context = {
        "title": "Check the post before it is sent",
        "new": new,
        "old": form.corrects,
        "findings": [str(found) for found in findings],
        "confirm": ConfirmForm(request.POST if sending else None, findings=findings),
        "carried": _carried(request, form, new),
        "send_words": f"Send to {_organisations(len(organisations))}",
        **_telling(new, organisations),
    }
    return _page(request, "board_preview", context)


def _carried(request: HttpRequest, form: PostForm, new: NewPost) -> list[tuple[str, str]]:
    """What the form holds, for the page that sends it: names and values as they were posted, and the post's id."""
    known = {*form.fields, *(f"valid_until_{part}" for part in ("day", "month", "year"))} - {"id"}
    posted = [(name, value) for name, values in request.POST.lists() if name in known for value in values]
    return [("id", str(new.id)), *posted]


def _telling(new: NewPost, organisations: list[Organisation]) -> dict[str, Any]:
    """Who is told, how many they are, and how the mail reads."""
    now = timezone.now()
    rows = messages_for(new, organisations, now)
    mailboxes = {row.organisation_id for row in rows if row.organisation_id}
    people = [row.user_id for row in rows if row.user_id]
    workplaces = Membership.objects.active().filter(user__in=people).values_list("organisation", flat=True)
    reached = mailboxes | set(workplaces)
    waits = [row.available_at for row in rows if isinstance(row.available_at, datetime.datetime)]
    return {
        "organisations": organisations,
        "people": len(people),
        "mailboxes": len(mailboxes),
        "silent": [organisation.name for organisation in organisations if organisation.pk not in reached],
        "later": min(waits, default=None),
        "mail": words_for(Message(kind=new.kind)),
    }


@requires(Permission.TRIAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """Take a post back, and say why."""
    post = _post_or_404(post_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            withdraw(by=request.user, post_id=post.pk, reason=form.cleaned_data["reason"])
        except ContentRefused as problem:
            for found in problem.findings:
                form.add_error("reason", f"{found}. Leave it out")
        except (Refused, TooManyChecks) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "The post is withdrawn. Readers see that there was one, and why it is gone.")
            return redirect("admin:partners_boardpost_change", post.pk)
    return _page(request, "board_withdraw", {"title": "Withdraw this post", "form": form, "post": post})


def _form_page(request: HttpRequest, form: PostForm, old: BoardPost | None) -> HttpResponse:
    context = {
        "title": "Correct this post" if old else "Write a post",
        "form": form,
        "old": old,
        "an_hour": CHECKS_AN_HOUR,
        "revealed": {} if old else {SOME: govuk_field(form["organisations"], small=True, size="s")},
    }
    return _page(request, "board_write", context)


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    board = reverse("admin:partners_boardpost_changelist")
    return TemplateResponse(
        request, f"admin/partners/{name}.html", admin.site.each_context(request) | {"board_url": board, **context}
    )
