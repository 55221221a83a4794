"""A list of every public page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from awareness.content.codes import EXPLOITATION_CODES, Kind
from awareness.pages.delivery import public_page
from awareness.pages.menu import address, crumbs
from awareness.pages.texts import SIGNS, listed, shown

#: (words, name of the address) of pages that other parts of the public side offer, each where this site has it.
MORE = (
    ("Campaigns", "campaigns"),
    ("Calendar", "calendar"),
    ("Leaflets", "leaflets"),
    ("Training", "training"),
    ("Who does what", "directory"),
    ("News", "news"),
    ("Resources", "resources"),
    ("Published figures", "published_figures"),
    ("Search", "search"),
)
SMALL_PRINT = (("Accessibility", "accessibility"), ("Privacy", "privacy"), ("Cookies", "cookies"))


@public_page
def site_map(request: HttpRequest) -> HttpResponse:
    """Every page that a stranger can open, in groups."""
    rows = list(listed(shown().exclude(content__kind__in=[Kind.NEWS, Kind.RESOURCE]).in_order()))
    pages = [row for row in rows if row.content.kind == Kind.PAGE and row.content.slug != SIGNS]
    kinds = [row for row in rows if row.content.subject in EXPLOITATION_CODES]
    places = [row for row in rows if row.content.kind == Kind.SIGN and row not in kinds]
    groups = [
        ("Help and advice", [("Home", "/"), *_links(pages)]),
        ("Spot the signs", [("All the signs", address("signs")), *_links(places)]),
        ("Kinds of modern slavery", _links(kinds)),
        ("News, campaigns and materials", [(words, url) for words, name in MORE if (url := address(name))]),
        ("About this site", [(words, address(name)) for words, name in SMALL_PRINT]),
    ]
    return render(request, "awareness/pages/site_map.html", {"crumbs": crumbs(), "groups": groups})


def _links(rows: list) -> list[tuple[str, str]]:
    return [(row.title, row.get_absolute_url()) for row in rows]
