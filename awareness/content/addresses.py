"""Where a text stands on the public side. Knows the names of the pages' addresses and no page. Pure: no model."""

from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from awareness.content.codes import Kind

#: The address of each kind of text takes its `slug`.
URL_NAMES = {Kind.PAGE: "page", Kind.SIGN: "signs_for", Kind.NEWS: "news_item", Kind.RESOURCE: "resource"}
_KINDS = {name: kind for kind, name in URL_NAMES.items()}


def address_of(kind: str, slug: str) -> str:
    """Return the address of a text; nothing when its kind has no page of its own."""
    try:
        return reverse(URL_NAMES[Kind(kind)], kwargs={"slug": slug})
    except NoReverseMatch:
        return ""


def goes_nowhere(path: str) -> bool:
    """Whether this site has no page at `path`, an address that begins with a stroke."""
    try:
        resolve(_bare(path))
    except Resolver404:
        return True
    return False


def text_at(path: str) -> tuple[Kind, str] | None:
    """Return kind and slug of the text that the address `path` is about; nothing when it is about another page."""
    try:
        match = resolve(_bare(path))
    except Resolver404:
        return None
    kind = _KINDS.get(match.url_name or "")
    return (kind, match.kwargs["slug"]) if kind and "slug" in match.kwargs else None


def _bare(path: str) -> str:
    return path.partition("#")[0].partition("?")[0]
