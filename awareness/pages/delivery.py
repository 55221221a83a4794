"""How a public page leaves: the same bytes for every stranger, so that a cache may keep them.

A stranger's page holds no token, no nonce and nothing about them (its scripts are files of ours, which the policy
allows by their address), so it can be compressed and shared. Whoever is signed in gets a page of their own, which
`partners.middleware.HeadersMiddleware` lets nobody keep.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from partners.access import public
from partners.demo import is_demo

#: Seconds for which a page may be shown again without asking: a line that has just closed is not "open" for longer.
FRESH = 60
#: With one of these a page may be about the person who asks, for instance tell them that their session has ended.
PERSONAL_COOKIES = frozenset({settings.SESSION_COOKIE_NAME, "messages"})

#: How many pages a process holds ready at most. There are about fifty; addresses with a question are not among them.
MOST_READY = 500

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Open a view that only reads to everybody, and deliver what it gives strangers so that it can be kept.

    Sets `ETag`, `Cache-Control`, `Vary` and leave for search engines; answers 304 to who has the page already.
    """

    @require_safe
    @gzip_page
    @wraps(view)
    def delivered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if ready := _ready_for(request):
            return ready
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or request.user.is_authenticated:
            return response
        return _for_strangers(request, response)

    return public(delivered)


@dataclass(frozen=True)
class _Ready:
    """A stranger's page as it left last, and until when (seconds of the monotonic clock) it may leave again."""

    until: float
    content: bytes
    headers: dict[str, str]


_READY: dict[tuple, _Ready] = {}


def _key(request: HttpRequest) -> tuple | None:
    """What a stranger's page depends on beside the moment; nothing when it may not be given to somebody else."""
    if request.COOKIES or request.GET or not settings.PUBLIC_PAGES_READY:
        return None
    return request.get_host(), request.path, is_demo(request)


def _ready_for(request: HttpRequest) -> HttpResponse | None:
    """Return the page as it left a moment ago: many visitors at once are drawn one page, and ask the database once."""
    ready = _READY.get(_key(request) or ())
    if ready is None or ready.until < time.monotonic():
        return None
    response = HttpResponse(ready.content, headers=ready.headers)
    return get_conditional_response(request, etag=ready.headers["ETag"], response=response) or response


def _for_strangers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:24]}"'
    response.headers.setdefault("X-Robots-Tag", "all")
    if PERSONAL_COOKIES & request.COOKIES.keys():
        patch_cache_control(response, private=True, no_cache=True)
    else:
        patch_cache_control(response, public=True, max_age=FRESH)
    patch_vary_headers(response, ["Cookie"])
    if key := _key(request):
        if len(_READY) >= MOST_READY:
            _READY.clear()
        until = time.monotonic() + settings.PUBLIC_PAGES_READY
        _READY[key] = _Ready(until, response.content, dict(response.headers))
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response
