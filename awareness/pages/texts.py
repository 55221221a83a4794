"""Pages of texts that staff own (`awareness/content/`): each as it stands at this moment, or not found."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from awareness.content.codes import EXPLOITATION_CODES
from awareness.models import ContentVersion
from awareness.models.versions import VersionQuerySet
from awareness.pages.delivery import public_page
from awareness.pages.help_lines import help_lines
from awareness.pages.menu import address, crumbs

#: The pages that are more than their text, and are there before anybody has written one.
HELP, ABOUT, PROFESSIONALS, SIGNS = "get-help-now", "what-is-modern-slavery", "for-professionals", "spot-the-signs"
NEWS_A_PAGE = 20


def shown() -> VersionQuerySet:
    """Return what the public sees now, to be narrowed down."""
    return ContentVersion.objects.published(timezone.now())


def listed(rows: VersionQuerySet) -> VersionQuerySet:
    """Return the rows without their texts, for a list of links."""
    return rows.defer("body", "html", "plain", "found_by", "words")


def _found(rows: VersionQuerySet, slug: str) -> ContentVersion:
    row = rows.with_slug(slug)
    if row is None:
        raise Http404
    return row


@public_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page by its name. Some have a place of their own at the top; asked for elsewhere they send there."""
    row = _found(shown().pages(), slug)
    if request.path != row.get_absolute_url():
        return redirect(row.get_absolute_url(), permanent=True)
    return render(request, "awareness/pages/text.html", {"crumbs": crumbs(), "text": row})


@public_page
def help_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Whom to ring, which lines are open, and what to say."""
    context = {"crumbs": crumbs(), "text": shown().pages().with_slug(slug), "help_lines": help_lines()}
    return render(request, "awareness/pages/help_now.html", context)


@public_page
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """What modern slavery is, and its kinds."""
    kinds = listed(shown().kinds_of_exploitation().in_order())
    context = {"crumbs": crumbs(), "text": shown().pages().with_slug(slug), "kinds": kinds}
    return render(request, "awareness/pages/about.html", context)


@public_page
def professionals(request: HttpRequest, slug: str) -> HttpResponse:
    """How a referral works here, who may refer onwards, and consent."""
    context = {"crumbs": crumbs(), "text": shown().pages().with_slug(slug)}
    return render(request, "awareness/pages/professionals.html", context)


@public_page
def signs(request: HttpRequest, slug: str) -> HttpResponse:
    """The signs, by place and by kind of exploitation."""
    rows = list(listed(shown().signs().in_order()))
    context = {
        "crumbs": crumbs(),
        "text": shown().pages().with_slug(slug),
        "places": [row for row in rows if row.content.subject not in EXPLOITATION_CODES],
        "kinds": [row for row in rows if row.content.subject in EXPLOITATION_CODES],
    }
    return render(request, "awareness/pages/signs.html", context)


@public_page
def signs_for(request: HttpRequest, slug: str) -> HttpResponse:
    """The signs to look for in one place, or of one kind of exploitation."""
    row = _found(shown().signs(), slug)
    is_kind = row.content.subject in EXPLOITATION_CODES
    above = ("What it is", address("page", ABOUT)) if is_kind else ("Spot the signs", reverse("signs"))
    siblings = shown().kinds_of_exploitation() if is_kind else shown().settings()
    context = {
        "crumbs": crumbs(above),
        "text": row,
        "siblings": [other for other in listed(siblings.in_order()) if other.pk != row.pk],
        "siblings_title": "Other kinds" if is_kind else "Other places",
    }
    return render(request, "awareness/pages/signs_for.html", context)


@public_page
def news(request: HttpRequest) -> HttpResponse:
    """News, the newest first."""
    rows = listed(shown().news().newest()[:NEWS_A_PAGE])
    return render(request, "awareness/pages/news.html", {"crumbs": crumbs(), "news": rows})


@public_page
def news_item(request: HttpRequest, slug: str) -> HttpResponse:
    """One piece of news."""
    context = {"crumbs": crumbs(("News", reverse("news"))), "text": _found(shown().news(), slug), "dated": True}
    return render(request, "awareness/pages/text.html", context)


@public_page
def resources(request: HttpRequest) -> HttpResponse:
    """What there is elsewhere, and to print."""
    rows = listed(shown().resources().in_order())
    return render(request, "awareness/pages/resources.html", {"crumbs": crumbs(), "resources": rows})


@public_page
def resource(request: HttpRequest, slug: str) -> HttpResponse:
    """What one of them is, before one follows its link."""
    above = crumbs(("Resources", reverse("resources")))
    return render(request, "awareness/pages/text.html", {"crumbs": above, "text": _found(shown().resources(), slug)})
