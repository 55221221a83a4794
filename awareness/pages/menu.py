"""Where the public pages lie: the menu, the way back to the start, and the list of all of them."""

from django.urls import NoReverseMatch, reverse

#: (words, name of the address, its slug) of the menu, help first. Few: the rest is on the site map.
MENU = (
    ("Get help now", "page", "get-help-now"),
    ("What it is", "page", "what-is-modern-slavery"),
    ("Spot the signs", "signs", None),
    ("For professionals", "page", "for-professionals"),
    ("News", "news", None),
    ("Search", "search", None),
)
HOME = {"label": "Home", "url": "/"}


def address(name: str, slug: str | None = None) -> str:
    """Return the path of a page, or nothing where this site does not offer it."""
    try:
        return reverse(name, kwargs={"slug": slug} if slug else None)
    except NoReverseMatch:
        return ""


def menu(path: str) -> list[dict]:
    """Return the menu as it stands on the page at `path` (see `components/navigation.html`)."""
    found = ((label, address(name, slug)) for label, name, slug in MENU)
    return [{"label": label, "url": url, "current": path == url} for label, url in found if url]


def crumbs(*between: tuple[str, str]) -> list[dict[str, str]]:
    """Return the way back from a page: home, then (words, path) of what lies between."""
    return [HOME, *({"label": label, "url": url} for label, url in between)]
