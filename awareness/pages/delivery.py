"""How a public page leaves: the same bytes for every stranger, so that a cache may keep them.

A stranger's page holds no token, no nonce and nothing about them (its scripts are files of ours, which the policy
allows by their address), so it can be compressed and shared. Whoever is signed in gets a page of their own, which
`partners.middleware.HeadersMiddleware` lets nobody keep.
"""

import hashlib
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from partners.access import public

#: Seconds for which a page may be shown again without asking: a line that has just closed is not "open" for longer.
FRESH = 60
#: With one of these a page may be about the person who asks, for instance tell them that their session has ended.
PERSONAL_COOKIES = frozenset({settings.SESSION_COOKIE_NAME, "messages"})

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Open a view that only reads to everybody, and deliver what it gives strangers so that it can be kept.

    Sets `ETag`, `Cache-Control`, `Vary` and leave for search engines; answers 304 to who has the page already.
    """

    @require_safe
    @gzip_page
    @wraps(view)
    def delivered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or request.user.is_authenticated:
            return response
        return _for_strangers(request, response)

    return public(delivered)


def _for_strangers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:24]}"'
    response.headers.setdefault("X-Robots-Tag", "all")
    if PERSONAL_COOKIES & request.COOKIES.keys():
        patch_cache_control(response, private=True, no_cache=True)
    else:
        patch_cache_control(response, public=True, max_age=FRESH)
    patch_vary_headers(response, ["Cookie"])
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response
