"""Published figures: what others have published about the county and the country, as tables, charts and files.

They are public because they are published: nothing here comes from a referral.
"""

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from awareness.campaign_effects import compared_with
from awareness.figure_tables import Block, beside_each_other, block_of, grid_of
from awareness.figures import PeriodKind
from awareness.models import Area, Campaign, Figure, Measure, Source
from awareness.pages.delivery import public_page
from awareness.pages.menu import crumbs
from charts.tables import as_csv

#: The county's figures beside the country's: both counted by quarter in the Home Office's tables.
COUNTY_AND_COUNTRY = ("police-nrm-referrals", "nrm-referrals")
MANY = 24  # figures, above which the page of all figures shows whole years


@public_page
def published_figures(request: HttpRequest) -> HttpResponse:
    """Everything that is published, the county first; long series in whole years, with a page of their own."""
    blocks = [_block(measure) for measure in _measures().filter(part_of=None) if measure.figures.all()]
    by_slug = {block.measure.slug: block.measure for block in blocks}
    pair = [by_slug[slug] for slug in COUNTY_AND_COUNTRY if slug in by_slug]
    beside = beside_each_other(*pair) if len(pair) == len(COUNTY_AND_COUNTRY) else None
    context = {
        "crumbs": crumbs(),
        "groups": [(area, [block for block in blocks if block.measure.area == area]) for area in Area],
        "beside": beside,
        "sources": Source.objects.filter(figures__isnull=False).distinct(),
    }
    return render(request, "awareness/figures.html", context)


@public_page
def published_figure(request: HttpRequest, measure: str) -> HttpResponse:
    """One measure with all its figures, and its parts beside it."""
    found = get_object_or_404(_measures(), slug=measure)
    parts = [part for part in found.parts.all() if part.figures.all()]
    whole = found.part_of
    between = [("Published figures", reverse("published_figures"))]
    if whole is not None:
        between.append((whole.name, reverse("published_figure", args=[whole.slug])))
    context = {"crumbs": crumbs(*between), "block_of_figures": block_of(found, _columns(found, parts)), "parts": parts}
    return render(request, "awareness/figure.html", context)


@public_page
def published_figure_file(request: HttpRequest, measure: str) -> HttpResponse:
    """One measure and its parts as CSV, with what a reader must know above the figures."""
    found = get_object_or_404(_measures(), slug=measure)
    response = HttpResponse(as_csv(grid_of([found, *found.parts.all()]), _above(found)), "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.slug}.csv"'
    return response


@public_page
def campaigns(request: HttpRequest) -> HttpResponse:
    """Each campaign with the published reports before, during and after it, and what they allow to be said."""
    rows = Campaign.objects.prefetch_related(Prefetch("measures", _measures()))
    context = {
        "crumbs": crumbs(("Published figures", reverse("published_figures"))),
        "campaigns": [(campaign, compared_with(campaign)) for campaign in rows],
    }
    return render(request, "awareness/campaigns.html", context)


def _measures() -> QuerySet[Measure]:
    """Every measure with its figures, their sources, its notes and its parts, in a handful of queries."""
    figures = Figure.objects.select_related("source")
    parts = Measure.objects.prefetch_related(Prefetch("figures", figures), "inconsistencies")
    return Measure.objects.select_related("part_of").prefetch_related(
        Prefetch("figures", figures), "inconsistencies", Prefetch("parts", parts)
    )


def _block(measure: Measure) -> Block:
    figures = measure.figures.all()
    quarters = [figure for figure in figures if figure.point().kind is PeriodKind.QUARTER]
    parts = [part for part in measure.parts.all() if part.figures.all()]
    return block_of(measure, _columns(measure, parts), by_year=len(figures) == len(quarters) > MANY)


def _columns(measure: Measure, parts: list[Measure]) -> list[Measure]:
    """The parts, where they count the periods that the whole counts."""
    of_whole = {(figure.starts_on, figure.ends_on) for figure in measure.figures.all()}
    return [part for part in parts if {(one.starts_on, one.ends_on) for one in part.figures.all()} & of_whole]


def _above(measure: Measure) -> list[tuple[str, str]]:
    figures = [figure for one in (measure, *measure.parts.all()) for figure in one.figures.all()]
    sources = {figure.source_id: figure.source for figure in figures}
    return [
        ("Measure", measure.name),
        ("What is counted", measure.counts),
        ("Who counts", measure.counted_by),
        *((("Caveat", measure.caveat),) if measure.caveat else ()),
        *(("What does not agree", note.text) for note in measure.inconsistencies.all()),
        *(("Source", f"{one.short_name}: {one.title}, {one.publisher}, {one.when}") for one in sources.values()),
        *(("Caveat of the source", f"{one.short_name}: {one.caveat}") for one in sources.values() if one.caveat),
        *(("Licence", one.licence) for one in sources.values() if one.licence),
    ]
