"""What stands beside the published figures: what others have published, campaigns, who is ready. No referral is read.

Outside figures keep their qualifier, their source and what is wrong with them: a number without these is no figure
(facts, 5.5). Organisations and agreements are counted as they are: they are not people.
"""

import datetime

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery

from awareness.effect import compare
from awareness.figures import Point, Qualifier, Series
from awareness.models import Campaign, Figure, Measure
from charts.tables import Grid, GridRow
from partners.models import Agreement, Organisation, Standing
from referrals.board_report.blocks import Block
from referrals.board_report.frame import BLOCK_TITLES, THE_PS
from referrals.periods import Period

MOST_POINTS = 8
NO_RATE = "–"


def beside(period: Period) -> list[Block]:
    """Return every block of the report that is not of referrals, for the quarter `period`."""
    return [*_outside(), _campaigns(period), _readiness(period.ends)]


def _measures() -> QuerySet[Measure]:
    figures = Prefetch("figures", Figure.objects.select_related("source"))
    return Measure.objects.prefetch_related(figures, "inconsistencies")


def _outside() -> list[Block]:
    place = {slug: one.key for one in THE_PS for slug in one.outside}
    found = {measure.slug: measure for measure in _measures().filter(slug__in=list(place))}
    return [_measure(place[slug], found[slug]) for slug in place if slug in found]


def _measure(p: str, measure: Measure) -> Block:
    series = measure.series()
    points = series.points[-MOST_POINTS:]
    with_rates = series.unequal
    rows = tuple(GridRow(point.label, _cells(point, with_rates)) for point in points)
    headings = (measure.unit.capitalize(), *(("A month",) if with_rates else ()), "Source")
    left_out = len(series.points) - len(points)
    texts = [f"{measure.counts}. Counted by: {measure.counted_by}."]
    if left_out:
        texts.append(f"The newest {len(points)} of {len(series.points)} figures.")
    unequal = "The periods are not of one length: compare the numbers a month." if with_rates else ""
    notes = (measure.caveat, *_of_points(points), *series.disputed, unequal)
    grid = Grid(measure.name, "Period", headings, rows, words=len(headings)) if rows else None
    return Block(p, measure.slug, measure.name, tuple(texts), grid, tuple(filter(None, notes)))


def _cells(point: Point, with_rate: bool) -> tuple[str, ...]:
    rate = (NO_RATE if point.per_month is None else f"{point.per_month:.1f}",) if with_rate else ()
    return (point.text, *rate, point.source)


def _of_points(points: tuple[Point, ...]) -> list[str]:
    return [f"{point.label}: {point.caveat}" for point in points if point.caveat]


def _campaigns(period: Period) -> Block:
    rows = Campaign.objects.filter(starts_on__lte=period.ends, ends_on__gte=period.starts).order_by("starts_on")
    campaigns = list(rows.prefetch_related(Prefetch("measures", _measures())))
    title = BLOCK_TITLES["campaigns"]
    if not campaigns:
        return Block("prevent", "campaigns", title, (f"No campaign ran in {period.label}.",), None)
    lines = tuple(GridRow(one.title, (one.theme, one.audience, _days(one))) for one in campaigns)
    grid = Grid(f"Campaigns that ran in {period.label}", "Campaign", ("About", "For", "Days"), lines, words=3)
    texts = tuple(
        text for one in campaigns for measure in one.measures.all() for text in _effect(one, measure.series())
    )
    notes = tuple(f"{one.title}: {one.dates_note}" for one in campaigns if one.dates_note)
    return Block("prevent", "campaigns", title, tuple(dict.fromkeys(texts)), grid, notes)


def _days(one: Campaign) -> str:
    return _day(one.starts_on) if one.starts_on == one.ends_on else f"{_day(one.starts_on)} to {_day(one.ends_on)}"


def _day(day: datetime.date) -> str:
    return f"{day:%-d %B %Y}"


def _effect(campaign: Campaign, series: Series) -> tuple[str, ...]:
    """What may be said of reports before, during and after; nothing of figures that are not exact or overlap."""
    exact = all(point.qualifier is Qualifier.EXACTLY for point in series.points)
    rows = [(point.starts, point.ends, point.value) for point in series.points if point.starts]
    if not rows or not exact:
        return ()
    try:
        words = compare(campaign.starts_on, campaign.ends_on, rows, unit=series.unit).words
    except ValueError:  # they overlap: nothing can be said of them together
        return ()
    return (f"{campaign.title}, {series.name.lower()}:", *words)


def _readiness(on: datetime.date) -> Block:
    there = Organisation.objects.in_force(on)
    standing = Standing.objects.in_force(on).filter(organisation=OuterRef("pk"), kind=Standing.Kind.FIRST_RESPONDER)
    newest = Agreement.objects.filter(organisation=OuterRef("pk"), signed_on__lte=on).order_by("-signed_on")
    counted = there.annotate(responds=Exists(standing), review_on=Subquery(newest.values("review_on")[:1]))
    rows = list(counted.values_list("receives_referrals", "responds", "review_on").order_by())
    receiving = [row for row in rows if row[0]]
    in_date = sum(1 for _, _, review_on in receiving if review_on is not None and review_on >= on)
    said = (
        ("Organisations that take part", len(rows)),
        ("Organisations that can be handed a referral", len(receiving)),
        ("First responder organisations", sum(1 for row in rows if row[1])),
        ("First responder organisations that can be handed a referral", sum(1 for row in receiving if row[1])),
        ("Sharing agreements in date, of organisations that can be handed a referral", in_date),
    )
    lines = tuple(GridRow(label, (f"{count:,}",)) for label, count in said)
    grid = Grid(f"Who is ready, on {_day(on)}", "What", ("How many",), lines)
    notes = ("Organisations and agreements, not people: nothing here is hidden.",)
    return Block("prepare", "readiness", BLOCK_TITLES["readiness"], (), grid, notes)
