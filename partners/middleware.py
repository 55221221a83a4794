"""What every request passes: headers, the age of the session, and the lane of the view (design, principle 11)."""

from collections.abc import Callable

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode

from partners.access import Lane, lane_of
from partners.give_back import give_back, is_autosave
from partners.roles import needs_second_factor
from partners.second_factor import has_second_factor
from partners.sessions import note_seen, why_over
from partners.standing import standing_problem
from partners.views.errors import standing_stop

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
        # What carries a cookie is nobody else's, whatever the view said of the page: a cache would hand it on.
        said_public = "public" in response.headers.get("Cache-Control", "")
        for_everybody = said_public and not response.cookies
        if not for_everybody and getattr(request, "user", None) is not None and request.user.is_authenticated:
            if said_public:
                del response.headers["Cache-Control"]
            patch_cache_control(response, no_store=True, private=True)
        return response


class SessionAgeMiddleware:
    """End a session that is too old or was idle for too long, and note at most once a minute that it is in use.

    The request goes on as a stranger's: a page says that it ended, and a form gives back what was typed.
    """

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out, or move the idle end on."""
        if request.user.is_authenticated:
            if reason := why_over(request):
                logout(request)
                request.session_over = reason
            else:
                note_seen(request)
        return self.get_response(request)


class SignedInMiddleware(LoginRequiredMiddleware):
    """Ask strangers to sign in, unless the view is public; say why when their session has just ended.

    What a stranger sends to a form of the submit lane was typed by somebody who has been signed out meanwhile: they
    get it back instead of a redirect that drops it.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        """Redirect to sign-in, or answer with what was typed."""
        if is_autosave(request):
            return HttpResponse("Signed out", status=403, content_type="text/plain")
        if request.method == "POST" and lane_of(view_func) is Lane.SUBMIT:
            return give_back(request)
        response = super().handle_no_permission(request, view_func)
        if reason := getattr(request, "session_over", ""):
            response["Location"] += f"&{urlencode({'ended': reason})}"
        return response


class StandingMiddleware:
    """Stop people who may do nothing here any more, with a page that says why, and never with a redirect."""

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the check needs the view and so is in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Stop the request unless the view is public or says the same itself (`handles_standing = True`)."""
        if (
            lane_of(view) is Lane.PUBLIC
            or getattr(view, "handles_standing", False)
            or not request.user.is_authenticated
        ):
            return None
        problem = standing_problem(request.user)
        return standing_stop(request, problem) if problem else None


class LaneMiddleware:
    """Send a signed-in person who has shown only an e-mailed code to the second step, when the view wants one."""

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the check needs the view and so is in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Divert to the second step. For a role that has no business in the reader lane the page does not exist.

        A view that names a permission of the submit lane (the inbox of a referrer who is a named first responder) is
        business of everybody who has it.
        """
        if lane_of(view) is not Lane.READER or not request.user.is_authenticated or has_second_factor(request):
            return None
        permission = getattr(view, "permission", None)
        if not needs_second_factor(request.user.role) and not (permission and request.user.may(permission)):
            raise Http404
        return to_second_factor(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Ask for the second step again before a change to it.

        Before allauth does: it would put the whole request, codes and cookies included, into the session.
        """
        return to_second_factor(request) if isinstance(exception, ReauthenticationRequired) else None


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """Redirect to the second step, and back to this page from there."""
    return redirect(f"{reverse('second_factor')}?{urlencode({'next': request.get_full_path()})}")
