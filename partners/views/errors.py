"""Error pages: plain words, no trace of what was asked for."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from partners.access import public


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 when the request was too large to read."""
    too_big = isinstance(exception, RequestDataTooBig)
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
    """500, without a database query: the database may be what failed."""
    return render(None, "500.html", status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or came from elsewhere: say what to do."""
    return render(request, "403.html", {"stale_page": True}, status=403)
