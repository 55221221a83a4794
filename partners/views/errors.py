"""Error pages: plain words, no trace of what was asked for."""

import sys

import structlog
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.access import Lane, lane_of, public
from partners.give_back import from_this_site, give_back, is_autosave

log = structlog.get_logger(__name__)

TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 when the request was too large to read; to sign-in when the session was ended from elsewhere."""
    if isinstance(exception, SessionInterrupted):
        return redirect("account_login")
    too_big = isinstance(exception, TOO_BIG)
    return render(request, "413.html" if too_big else "400.html", status=413 if too_big else 400)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: only Django itself asks for it; our own pages answer 404."""
    return render(request, "403.html", status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not yours; the page is the same."""
    return render(request, "404.html", status=404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the database is what failed; without a query either way."""
    out_of_order = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return render(None, "503.html" if out_of_order else "500.html", status=503 if out_of_order else 500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or came from elsewhere. What was typed on a page of ours is given back."""
    log.warning("csrf_failure", route=getattr(request.resolver_match, "route", ""))
    if is_autosave(request):
        return HttpResponse("Stale", status=403, content_type="text/plain")
    typed_here = request.resolver_match and lane_of(request.resolver_match.func) is Lane.SUBMIT
    if typed_here and from_this_site(request):
        return give_back(request, stale=True)
    return render(request, "403.html", {"stale_page": True}, status=403)


def standing_stop(request: HttpRequest, problem: str, *, saved: bool = False) -> HttpResponse:
    """Return the page (403) for a person who may do nothing here any more: why, and whom to ring.

    `problem` comes from `partners.standing.standing_problem`. `saved`: what they just typed was saved first.
    """
    return render(request, "partners/standing.html", {"problem": problem, "saved": saved}, status=403)
