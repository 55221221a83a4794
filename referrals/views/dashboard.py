"""The dashboard: published figures of the partnership beside those of the reader's own organisation.

Everything is read from publications, a fixed number of small rows; no page and no file here reads a referral.
"""

from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from awareness.campaign_effects import trained_by
from awareness.models import Campaign
from charts.tables import Grid, as_csv
from partners.access import requires
from partners.formfields import in_words
from partners.models import Area, Partnership, User
from partners.roles import Permission
from referrals.dashboard.campaigns import CampaignDays, Months, Trained
from referrals.dashboard.sections import Reading, key_figures, own_grid, parts_of, section_of
from referrals.dashboard.words import hidden_because
from referrals.models import Publication
from referrals.models.figures import PublicationQuerySet
from referrals.periods import Kind, Period, containing, from_slug
from referrals.publishing.reading import band_now, beside, published_periods

#: How many months are drawn, up to the end of the period.
MONTHS_DRAWN = 12
CHOICES = ((Kind.QUARTER, "Quarters"), (Kind.YEAR, "Financial years"))
WHAT_THEY_ARE = (
    "Concerns that the partnership recorded. They are not confirmed victims, and not all of them happened in the "
    "county."
)


@dataclass(frozen=True)
class Opened:
    """A published period as one reader sees it: what is drawn, and the rows it comes from."""

    reading: Reading
    publication: Publication
    own: Publication | None


@requires(Permission.SEE_DASHBOARD)
@require_safe
def dashboard(request: HttpRequest, period: str = "") -> HttpResponse:
    """Show the figures of a published period, of the newest quarter without one. What is not published is not there."""
    periods = published_periods(request.user)
    quarters = [one for one in periods if one.kind is Kind.QUARTER]
    if not period and not periods:
        return render(request, "referrals/dashboard_empty.html", _coming(quarters))
    chosen = _named(period) if period else (quarters or periods)[0]
    opened = _opened(request.user, chosen)
    context = {
        "period": chosen,
        "publication": opened.publication,
        "published": in_words(timezone.localtime(opened.publication.published_at).date()),
        "own": opened.own,
        "organisation": request.user.organisation,
        "key_figures": key_figures(opened.reading),
        "parts": parts_of(opened.reading),
        "choices": _choices(periods, chosen),
        "newer": _next_to(periods, chosen, -1),
        "older": _next_to(periods, chosen, 1),
        "hide_below": opened.reading.figures.hide_below,
        "percent_base": opened.reading.figures.percent_base,
        "what_they_are": WHAT_THEY_ARE,
        **_coming(quarters),
    }
    return render(request, "referrals/dashboard.html", context)


@requires(Permission.SEE_DASHBOARD)
@require_safe
def dashboard_file(request: HttpRequest, period: str, key: str, *, own: bool = False) -> HttpResponse:
    """Give one table of the dashboard as CSV: the partnership's, or with `own` that of the reader's organisation."""
    chosen = _named(period)
    opened = _opened(request.user, chosen)
    grid = own_grid(opened.reading, key) if own else _partnership_grid(opened.reading, key)
    if grid is None:
        raise Http404
    publication = opened.own if own else opened.publication
    response = HttpResponse(
        as_csv(grid, _above(grid, publication, opened.reading)), content_type="text/csv; charset=utf-8"
    )
    whose = "your-organisation-" if own else ""
    name = f"{chosen.slug}-{whose}{key.replace('_', '-')}-v{publication.version}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _named(slug: str) -> Period:
    try:
        return from_slug(slug)
    except ValueError:
        raise Http404 from None


def _opened(user: User, period: Period) -> Opened:
    """Return what `user` may see of `period`. Raises Http404 where nothing is published, or it is held back."""
    publication, own = beside(user, period)
    if publication is None or period.kind is Kind.MONTH:
        raise Http404
    visible = Publication.objects.visible_to(user).in_force()
    before = visible.current(period.previous())
    months = _months_to(visible, period)
    reading = Reading(
        period=period,
        figures=publication.figures,
        before=before.figures if before else None,
        own=own.figures if own else None,
        months=months,
        places=_places(),
        campaigns=_campaigns(months),
        trained=tuple(Trained(mark.ends, mark.words) for mark in trained_by(period.ends)),
    )
    return Opened(reading, publication, own)


def _months_to(visible: PublicationQuerySet, period: Period) -> Months:
    """Return the totals of the months up to the end of `period`. A month that is not published is left out."""
    last = containing(Kind.MONTH, period.ends)
    first = last
    for _ in range(MONTHS_DRAWN - 1):
        first = first.previous()
    rows = visible.of_partnership().between(Kind.MONTH, first.starts, last.starts)
    tables = [(row.period, row.figures.table("referrals")) for row in rows]
    counts = tuple((month, table.total) for month, table in tables if table)
    return Months(counts, max((table.rounded_to for _, table in tables if table), default=0))


def _campaigns(months: Months) -> tuple[CampaignDays, ...]:
    if not months.counts:
        return ()
    first, last = months.counts[0][0], months.counts[-1][0]
    rows = Campaign.objects.filter(starts_on__lte=last.ends, ends_on__gte=first.starts)
    return tuple(CampaignDays(*row) for row in rows.values_list("title", "starts_on", "ends_on"))


def _places() -> dict[str, tuple[int, int]]:
    """Return where districts stand on the map, by their codes."""
    rows = Area.objects.filter(kind=Area.Kind.DISTRICT, tile_row__isnull=False)
    return {code: (row, column) for code, row, column in rows.values_list("code", "tile_row", "tile_column")}


def _partnership_grid(reading: Reading, key: str) -> Grid | None:
    """The table without the organisation's column: whoever passes the file on passes on nothing of their own."""
    section = section_of(replace(reading, own=None), key)
    return section.grid if section else None


def _above(grid: Grid, publication: Publication, reading: Reading) -> list[tuple[str, str]]:
    partnership = Partnership.current()
    whose = publication.organisation.name if publication.organisation else "The whole partnership"
    lines = [
        ("Table", grid.caption),
        ("Source", f"{partnership.service_name}, {partnership.name}"),
        ("Counted for", whose),
        ("Period", reading.period.label),
        (
            "Version",
            f"{publication.version}, published {in_words(timezone.localtime(publication.published_at).date())}",
        ),
        ("What these are", WHAT_THEY_ARE),
        ("Rule", hidden_because(reading.figures.hide_below)),
    ]
    return lines + ([("Corrected because", publication.reason)] if publication.reason else [])


def _choices(periods: tuple[Period, ...], chosen: Period) -> list[dict]:
    return [
        {"heading": heading, "links": [_link(one, chosen) for one in periods if one.kind is kind]}
        for kind, heading in CHOICES
        if any(one.kind is kind for one in periods)
    ]


def _link(period: Period, chosen: Period | None = None) -> dict:
    return {"label": period.label, "url": reverse("dashboard_period", args=[period.slug]), "current": period == chosen}


def _next_to(periods: tuple[Period, ...], chosen: Period, step: int) -> dict | None:
    """Return the published period of the same kind that follows (-1) or came before (1): they are newest first."""
    same = [one for one in periods if one.kind is chosen.kind]
    place = same.index(chosen) + step if chosen in same else -1
    return _link(same[place]) if 0 <= place < len(same) else None


def _coming(quarters: list[Period]) -> dict:
    """Return the quarter that is published next, whether it has ended already, and the band of the one under way."""
    today = timezone.localdate()
    coming = quarters[0].next() if quarters else containing(Kind.QUARTER, today)
    words = {"label": coming.label, "ended": coming.ends < today, "ends": in_words(coming.ends)}
    return {"coming": words, "band": band_now(today)}
