"""What every request passes: headers, the age of the session, and the lane of the view (design, principle 11)."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control

from partners.access import Lane, lane_of
from partners.second_factor import has_second_factor

Respond = Callable[[HttpRequest], HttpResponse]


class HeadersMiddleware:
    """Headers of security.md, section 7.1, that neither Django nor django-csp sets."""

    HEADERS = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), payment=(), "
        "browsing-topics=()",
        "X-Robots-Tag": "noindex, noarchive, nosnippet",
    }

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers; forbid storing whatever a signed-in person was shown."""
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            patch_cache_control(response, no_store=True, private=True)
        return response


class SessionAgeMiddleware:
    """End a session that is ten hours old, and move its idle end on at most once a minute (one write less a page)."""

    STARTED, SEEN = "started_at", "seen_at"

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out when the absolute age is passed; else note that the person is there."""
        if request.user.is_authenticated:
            now = int(time.time())
            started = request.session.setdefault(self.STARTED, now)
            if now - started > settings.SESSION_ABSOLUTE_AGE:
                logout(request)
                return redirect(settings.LOGIN_URL)
            if now - request.session.get(self.SEEN, 0) > 60:
                request.session[self.SEEN] = now
        return self.get_response(request)


class LaneMiddleware:
    """Send a signed-in person who has shown only an e-mailed code to the second factor, unless the view is in the
    submit lane or public."""

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the check needs the view and so is in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Divert to the second factor when the view's lane wants one that this session has not shown."""
        if lane_of(view) is not Lane.READER or not request.user.is_authenticated:
            return None
        if has_second_factor(request):
            return None
        return redirect("second_factor")
