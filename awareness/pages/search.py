"""The search over the texts of the public pages: a plain link with the words in it, no cookie and no log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from awareness.content.search import search as find
from awareness.pages.delivery import public_page
from awareness.pages.menu import crumbs

LONGEST_NUMBER = 4  # digits of a page's number that are read; what is not a number is page 1


@public_page
def search(request: HttpRequest) -> HttpResponse:
    """What was found, or how to look for something else. Not for search engines: it is no page of its own."""
    asked = request.GET.get("q", "")
    results = find(asked, timezone.now(), page=_number(request.GET.get("page", ""))) if asked.strip() else None
    response = render(request, "awareness/pages/search.html", {"crumbs": crumbs(), "asked": asked, "results": results})
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _number(given: str) -> int:
    return max(int(given), 1) if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER else 1
