"""The message board as partners read it: the posts for their organisation, the newest first, and one post.

It is in the submit lane, because it holds no case content (ADR 0018): an e-mailed code is enough.
"""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners.access import submit_lane
from partners.board.reading import note_reading
from partners.models import BoardPost
from partners.roles import Permission

PAGE_SIZE = 20


@submit_lane(Permission.READ_BOARD)
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """List the posts. One that was corrected is left out: the newer one is there."""
    user, today = request.user, timezone.localdate()
    mine = BoardPost.objects.visible_to(user).select_related("written_by", "withdrawal", "replaces")
    page = Paginator(mine.filter(replacement__isnull=True), PAGE_SIZE).get_page(request.GET.get("page"))
    new = BoardPost.objects.filter(pk__in=[post.pk for post in page]).in_force(today).unread_by(user)
    unread = set(new.order_by().values_list("pk", flat=True))
    rows = [{"post": post, "unread": post.pk in unread, "ended": post.has_ended(today)} for post in page]
    context = {"rows": rows, "page_obj": page, "may_write": user.may(Permission.TRIAGE)}
    return render(request, "partners/board.html", context)


@submit_lane(Permission.READ_BOARD)
@require_safe
def board_post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """Show one post and note that it was read; a stub where it was withdrawn or corrected."""
    rows = BoardPost.objects.visible_to(request.user)
    rows = rows.select_related("written_by", "withdrawal", "replacement", "replaces")
    post = get_object_or_404(rows, pk=post_id)
    gone = post.is_withdrawn or post.is_replaced
    if not gone and request.method == "GET":
        note_reading(post, request.user)
    context = {
        "post": post,
        "gone": gone,
        "ended": post.has_ended(timezone.localdate()),
        "may_write": request.user.may(Permission.TRIAGE),
    }
    return render(request, "partners/board_post.html", context)
