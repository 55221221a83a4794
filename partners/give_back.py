"""Nothing typed is lost when a form arrives after its sender was signed out, or with a token that is no longer valid.

The answer carries every field again, in hidden fields of a form to the same address with a fresh token: the person
signs in again in another tab, comes back and chooses Continue. What is given back is bounded by what Django reads at
all (DATA_UPLOAD_MAX_MEMORY_SIZE, DATA_UPLOAD_MAX_NUMBER_FIELDS); above that there is the page for too large a form.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

NOT_TYPED = {"csrfmiddlewaretoken"}


def is_autosave(request: HttpRequest) -> bool:
    """Return whether a script of ours sent the form in the background (`static/js/autosave.js`): nobody sees a page."""
    return request.headers.get("X-Requested-With") == "fetch"


def from_this_site(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of ours sent this. A browser that says nothing is not believed."""
    said = request.headers.get("Origin") or request.headers.get("Referer")
    if not said:
        return False
    sender = urlsplit(said)
    origin = f"{sender.scheme}://{sender.netloc}"
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS


def typed_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was typed as (name, value), in its order; a name may come more than once."""
    return [(name, value) for name, values in request.POST.lists() if name not in NOT_TYPED for value in values]


def give_back(request: HttpRequest, *, stale: bool = False) -> HttpResponse:
    """Return the page (403) that holds what was typed. `stale`: the token was refused, not the person."""
    context = {
        "fields": typed_fields(request),
        "action": request.get_full_path(),
        "files_were_sent": bool(request.FILES),
        "signed_out": not request.user.is_authenticated,
        "stale": stale,
    }
    response = render(request, "partners/give_back.html", context, status=403)
    patch_cache_control(response, no_store=True, private=True)  # its reader is a stranger by now, what it holds is not
    return response
