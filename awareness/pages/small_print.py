"""The small print: accessibility, privacy, cookies. It says what the settings say: no text of staff."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from awareness.pages.delivery import public_page
from awareness.pages.menu import crumbs


@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    """How accessible this is, as far as it has been tested."""
    return render(request, "awareness/accessibility.html", {"crumbs": crumbs()})


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What is done with personal data here."""
    return render(request, "awareness/privacy.html", {"crumbs": crumbs()})


@public_page
def cookies(request: HttpRequest) -> HttpResponse:
    """Which cookies there are: the few that signing in needs."""
    context = {
        "crumbs": crumbs(),
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "idle_minutes": settings.SESSION_IDLE // 60,
        "absolute_hours": settings.SESSION_ABSOLUTE_AGE // 3600,
    }
    return render(request, "awareness/cookies.html", context)
