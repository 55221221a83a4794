"""The sections of a page: each published table as a chart, a table beside it, a note and the address of its file."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from charts.marks import Chart
from charts.tables import Grid, GridRow
from referrals.dashboard.campaigns import (
    MARKED,
    NONE_RAN,
    TITLE,
    CampaignDays,
    Months,
    Told,
    Trained,
    chart_of_campaigns,
    grid_of_campaigns,
    short,
    told_of,
    told_of_training,
    within,
)
from referrals.dashboard.drawings import Places, by_month, chart_of, chart_of_timings, title_of_timings
from referrals.dashboard.tables import OWN, PARTNERSHIP, one_way, timings, two_way
from referrals.dashboard.words import (
    CORNERS,
    SUBJECTS,
    change_since,
    hidden_because,
    long,
    note_of,
    number,
    percent,
    title_of,
    total_of,
)
from referrals.periods import Period
from referrals.published import Count, Figures

#: The parts of the page: heading, key for links within it, and the tables in it.
PARTS = (
    ("Who was referred", "who", ("month", "exploitation", "age_group", "setting", "exploitation_by_age_group")),
    ("Where", "where", ("district", "district_by_exploitation")),
    ("What happened next", "next", ("pathway", "outcome", "decline_reason", "gap")),
    ("How long it took", "time", ("timings",)),
    ("Campaigns and training", "campaigns-part", ("campaigns",)),
)
#: What a table counts, where its title leaves it open.
INTRODUCTIONS = {
    "district": "A referral is counted in the district or borough where the person was met, as far as that is known.",
    "pathway": "One referral can be handed over for several things, and to several organisations.",
    "outcome": "Referrals that were closed in this period, whenever they were made.",
    "gap": "Every organisation that was asked declined for want of room, area, remit or reach, and none has accepted.",
    "timings": "A step is counted in the period in which it was taken. Half of all took no longer than the time in the "
    "last column, in real hours with nights and weekends.",
}


@dataclass(frozen=True)
class Reading:
    """What a reader may see of a period: the partnership's figures, those of the period before, their own
    organisation's, and where districts stand on the map."""

    period: Period
    figures: Figures
    before: Figures | None = None
    own: Figures | None = None
    months: Months = field(default_factory=Months)
    places: Places = field(default_factory=dict)
    campaigns: tuple[CampaignDays, ...] = ()
    trained: tuple[Trained, ...] = ()


@dataclass(frozen=True)
class Section:
    """One table on the page. `own_file` says whether the organisation has a file of it, too."""

    key: str
    title: str
    introduction: str
    chart: Chart | None
    grid: Grid
    note: str
    key_text: str
    own_grid: Grid | None = None
    own_file: bool = False
    told: tuple[Told, ...] = ()


@dataclass(frozen=True)
class Part:
    """Sections under one heading."""

    heading: str
    key: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class KeyFigure:
    """A number on top of the page, what it is, and how it compares."""

    figure: str
    label: str
    text: str = ""


def parts_of(reading: Reading) -> tuple[Part, ...]:
    """Return the page, without parts for which nothing was published."""
    made = (
        Part(heading, key, tuple(section for one in keys if (section := section_of(reading, one))))
        for heading, key, keys in PARTS
    )
    return tuple(part for part in made if part.sections)


def section_of(reading: Reading, key: str) -> Section | None:
    """Return the section of the table `key`; None where nothing was published under it."""
    if key == "timings":
        return _timings(reading)
    if key == "campaigns":
        return _campaigns(reading)
    if key == "month" and reading.months.counts:
        return _months(reading)
    table = reading.figures.table(key)
    if table is None or not table.rows:
        return None
    own = reading.own.table(key) if reading.own else None
    label = reading.period.label
    both = [one for one in (table, own) if one]
    return Section(
        key=key,
        title=title_of(table),
        introduction=INTRODUCTIONS.get(key, ""),
        chart=None if table.columns else chart_of(table, reading.places),
        grid=two_way(table, label) if table.columns else one_way(table, own, label),
        note=note_of(both, reading.figures.hide_below),
        key_text=hidden_because(reading.figures.hide_below),
        own_grid=two_way(own, _of_own(reading.period)) if own and own.columns else None,
        own_file=own is not None,
    )


def own_grid(reading: Reading, key: str) -> Grid | None:
    """Return the organisation's own table `key` by itself, for its file; None where there is none."""
    if reading.own is None:
        return None
    if key == "timings":
        return timings(reading.own, _of_own(reading.period)) if reading.own.timings else None
    table = reading.own.table(key)
    if table is None or not table.rows:
        return None
    label = _of_own(reading.period)
    return two_way(table, label) if table.columns else one_way(table, None, label, heading=OWN)


def _of_own(period: Period) -> str:
    return f"{period.label}: your organisation"


def _timings(reading: Reading) -> Section | None:
    if not reading.figures.timings:
        return None
    every = [*reading.figures.timings, *(reading.own.timings if reading.own else ())]
    hidden = any(None in (one.base, one.within, one.late) for one in every)
    why = hidden_because(reading.figures.hide_below)
    few = f"No percentage is given of fewer than {reading.figures.percent_base}."
    label = reading.period.label
    own = own_grid(reading, "timings")
    return Section(
        key="timings",
        title=title_of_timings(reading.figures),
        introduction=INTRODUCTIONS["timings"],
        chart=chart_of_timings(reading.figures),
        grid=timings(reading.figures, label),
        note=f"{why} {few}" if hidden else few,
        key_text=why,
        own_grid=own,
        own_file=own is not None,
    )


def _months(reading: Reading) -> Section:
    counts = reading.months.counts
    title = _title_of_months(counts)
    rows = tuple(GridRow(month.label, (number(count),)) for month, count in counts)
    return Section(
        key="month",
        title=title,
        introduction="",
        chart=by_month(title, [(short(month), count) for month, count in counts]),
        grid=Grid(f"{SUBJECTS['month']} to {counts[-1][0].label}", CORNERS["month"], (PARTNERSHIP,), rows),
        note=_note_of_months(reading),
        key_text=hidden_because(reading.figures.hide_below),
    )


def _campaigns(reading: Reading) -> Section | None:
    """The campaigns of the months that are drawn, and the newest count of people trained; None without either."""
    there = within(reading.months, reading.campaigns)
    if not there and not (reading.trained and reading.months.counts):
        return None
    return Section(
        key="campaigns",
        title=TITLE if there else NONE_RAN,
        introduction=MARKED if there else "",
        chart=chart_of_campaigns(reading.months, there) if there else None,
        grid=grid_of_campaigns(reading.months, there, reading.trained),
        note=_note_of_months(reading),
        key_text=hidden_because(reading.figures.hide_below),
        told=told_of(reading.months, there) + told_of_training(reading.trained),
    )


def _note_of_months(reading: Reading) -> str:
    hidden = any(count is None for _, count in reading.months.counts)
    return hidden_because(reading.figures.hide_below) if hidden else "Nothing is hidden in this table."


def _title_of_months(counts: Sequence[tuple[Period, Count]]) -> str:
    shown = [count for _, count in counts if count is not None]
    if len(shown) < len(counts) or not shown:
        return f"{SUBJECTS['month']}, {counts[0][0].label} to {counts[-1][0].label}"
    if min(shown) == max(shown):
        return f"There were {shown[0]} referrals in each month"
    busiest = [month.label for month, count in counts if count == max(shown)]
    if len(busiest) > 2:
        return f"Between {min(shown)} and {max(shown)} referrals a month"
    return f"Between {min(shown)} and {max(shown)} referrals a month, most in {' and '.join(busiest)}"


def key_figures(reading: Reading) -> list[KeyFigure]:
    """Return the numbers on top: referrals, triage within its target, hand-overs, and the organisation's own."""
    figures, before = reading.figures, reading.before
    last = reading.period.previous().label
    total, passed = _total(figures), total_of(figures, "pathway")
    found = [KeyFigure(number(total), "referrals", change_since(total, _total(before), last))]
    if triage := figures.timing("triage"):
        share = percent(triage.within, triage.base, figures.percent_base)
        found.append(KeyFigure(share or "c", "triaged within the target", f"Target: {triage.target}"))
    if figures.table("pathway"):
        found.append(KeyFigure(number(passed), "hand-overs", change_since(passed, total_of(before, "pathway"), last)))
    if accept := figures.timing("accept"):
        found.append(
            KeyFigure(
                long(accept.median_minutes), "for half of the hand-overs to be accepted", f"Target: {accept.target}"
            )
        )
    if reading.own and reading.own.table("exploitation"):
        found.append(KeyFigure(number(_total(reading.own)), "referrals by your organisation"))
    return found


def _total(figures: Figures | None) -> Count:
    """All referrals: every table of referrals has the same total, and the first that shows it is taken."""
    totals = (total_of(figures, key) for key in ("month", "exploitation", "age_group", "referrals"))
    return next((total for total in totals if total is not None), None)
