"""Campaigns beside reports: what published figures allow to be said of each, and both on one line of time."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from awareness.effect import Effect, Row, compare
from awareness.figures import Qualifier, label_of
from awareness.models import Campaign, Measure
from charts.marks import Chart, Span
from charts.series import spans

TRAINING = "staff-trained"


@dataclass(frozen=True)
class Compared:
    """One campaign beside one measure: the effect, and a chart of the rates with their uncertainty where there are."""

    measure: Measure
    effect: Effect
    chart: Chart | None


@dataclass(frozen=True)
class Mark:
    """What stands beside reports on a line of time: a campaign, or how many people had been trained by then."""

    starts: datetime.date | None
    ends: datetime.date
    words: str


def compared_with(campaign: Campaign) -> list[Compared]:
    """Return the campaign beside each measure that is linked to it, from figures that are exact."""
    return [_compared(campaign, measure) for measure in campaign.measures.all()]


def compare_rows(campaign: Campaign, rows: Iterable[Row], *, unit: str = "referrals", rounded_to: int = 1) -> Effect:
    """Return reports before, during and after a campaign from `rows` of (first day, last day, count or None).

    For figures of this system: give them as they are published, hidden counts as None, rounded ones with `rounded_to`.
    Raises ValueError for periods that overlap.
    """
    return compare(campaign.starts_on, campaign.ends_on, rows, unit=unit, rounded_to=rounded_to)


def marks_between(starts: datetime.date, ends: datetime.date) -> list[Mark]:
    """Return campaigns that touch these days, and published counts of people trained in them, in order of time."""
    campaigns = Campaign.objects.filter(starts_on__lte=ends, ends_on__gte=starts)
    found = [
        Mark(one.starts_on, one.ends_on, f"Campaign: {one.title}, {label_of(one.starts_on, one.ends_on)}")
        for one in campaigns
    ]
    found += [mark for mark in trained_by(ends) if mark.ends >= starts]
    return sorted(found, key=lambda mark: (mark.starts or mark.ends, mark.ends, mark.words))


def trained_by(day: datetime.date) -> list[Mark]:
    """Return the published counts of people trained until the local date `day`, the oldest first."""
    rows = Measure.objects.filter(slug=TRAINING).prefetch_related("figures__source", "inconsistencies")
    found = [
        Mark(point.starts, point.ends, f"{measure.name}, {point.label}: {point.text} {measure.unit}")
        for measure in rows
        for point in measure.series().points
        if point.ends <= day
    ]
    return sorted(found, key=lambda mark: (mark.ends, mark.words))


def _compared(campaign: Campaign, measure: Measure) -> Compared:
    effect = compare_rows(campaign, _rows_of(measure), unit=measure.unit)
    rates = [
        Span(f"{name}: {stretch.label}", rate.low, rate.per_month, rate.high, _with_ends(rate.per_month, rate))
        for name, stretch in effect.stretches
        if (rate := stretch.rate) is not None
    ]
    title = f"{measure.name} a month, with the range in which the true rate lies"
    chart = spans(f"{campaign.slug}-{measure.slug}", title, rates) if effect.ratio else None
    return Compared(measure, effect, chart)


def _with_ends(per_month: float, rate) -> str:
    return f"{per_month:.1f} ({rate.low:.1f} to {rate.high:.1f})"


def _rows_of(measure: Measure) -> list[Row]:
    """Return the exact figures of one source that do not overlap: of the source that has most of them."""
    by_source: dict[int, list[Row]] = {}
    for figure in sorted(measure.figures.all(), key=lambda one: (one.ends_on, one.pk)):
        if figure.starts_on is None or figure.starts_on == figure.ends_on or figure.qualifier != Qualifier.EXACTLY:
            continue
        rows = by_source.setdefault(figure.source_id, [])
        if not rows or rows[-1][1] < figure.starts_on:
            rows.append((figure.starts_on, figure.ends_on, figure.value))
    return max(by_source.values(), key=len, default=[])
