"""Published figures as they are read on a page: tables, the notes that belong to them, and charts of what may be drawn.

Pure but for the rows it is given. What may be a line and what may not is said in `awareness/figures.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from awareness.figures import PeriodKind, Point, Series
from awareness.models import Figure, Measure, Source
from charts.bars import bars, columns
from charts.marks import Bar, Chart, Line
from charts.series import lines
from charts.tables import Grid, GridRow

QUARTERS_A_YEAR = 4
MOST_COLUMNS = 12  # upright, for time; more are too narrow for their labels
MOST_LINES = 4


@dataclass(frozen=True)
class Row:
    """A line of a table: period, values as they are read, the rate a month, and what must be known of them."""

    period: str
    values: tuple[str, ...]
    rate: str
    sources: tuple[Source, ...]
    caveat: str


@dataclass(frozen=True)
class Table:
    """A table of one measure and, beside it, of its parts. `headings` are those of the values."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def only_source(self) -> Source | None:
        """The one source of all its figures; None where they have several."""
        found = {source.pk: source for row in self.rows for source in row.sources}
        return next(iter(found.values())) if len(found) == 1 else None

    @property
    def has_rates(self) -> bool:
        """Whether the periods are so unequal that only the rates can be compared."""
        return any(row.rate for row in self.rows)

    @property
    def has_caveats(self) -> bool:
        """Whether a figure has a caveat of its own."""
        return any(row.caveat for row in self.rows)


@dataclass(frozen=True)
class Block:
    """A measure with its table, its chart where there is one, why that is no line, and what does not agree."""

    measure: Measure
    table: Table
    chart: Chart | None
    note: str
    inconsistencies: tuple[str, ...]
    sources: tuple[Source, ...]
    is_by_year: bool = False


def block_of(measure: Measure, parts: Sequence[Measure], *, by_year: bool = False) -> Block:
    """Return a measure as a page shows it. With `by_year` the quarters of whole calendar years are added up."""
    figures = [figure for one in (measure, *parts) for figure in one.figures.all()]
    series = measure.series()
    sources = tuple({figure.source_id: figure.source for figure in figures}.values())
    table = _yearly_table(measure, parts) if by_year else table_of(measure, parts)
    return Block(
        measure=measure,
        table=table,
        chart=chart_of(measure, parts),
        note=series.note,
        inconsistencies=series.disputed,
        sources=sources,
        is_by_year=by_year,
    )


def table_of(measure: Measure, parts: Sequence[Measure] = ()) -> Table:
    """Return every figure of a measure, a line for each period and source, with those of its parts beside it."""
    beside = [_by_period(part.figures.all()) for part in parts]
    unequal = measure.series().unequal
    rows = []
    for figure in _in_order(measure.figures.all()):
        point = figure.point()
        others = [found.get(_period(figure)) for found in beside]
        values = (point.text, *(other.point().text if other else "–" for other in others))
        caveats = [figure.caveat, *(other.caveat for other in others if other)]
        rate = f"{point.per_month:.1f}" if unequal and point.per_month is not None else ""
        rows.append(Row(point.label, values, rate, (figure.source,), " ".join(filter(None, caveats))))
    caption = f"{measure.name}: {measure.unit} by period"
    return Table(caption, (_first_heading(measure, parts), *(part.part_name for part in parts)), tuple(rows))


def whole_years(series: Series) -> Series:
    """Return a series of calendar years, each added up from its four quarters. A year that lacks one, or of which one
    has a caveat, is left out."""
    by_year: dict[int, list[Point]] = {}
    for point in series.points:
        if point.kind is PeriodKind.QUARTER and not point.caveat:
            by_year.setdefault(point.ends.year, []).append(point)
    points = tuple(
        replace(quarters[-1], starts=quarters[0].starts, value=sum(quarter.value for quarter in quarters))
        for quarters in by_year.values()
        if len(quarters) == QUARTERS_A_YEAR
    )
    return replace(series, points=points)


def chart_of(measure: Measure, parts: Sequence[Measure] = ()) -> Chart | None:
    """Return the chart that the figures allow: lines, else bars apart, as rates where the periods differ; or none."""
    series = measure.series()
    if series.can_be_a_line:
        return _line_chart(measure, [one for one in parts if one.series().can_be_a_line])
    yearly = whole_years(series)
    if 1 < len(yearly.points) <= MOST_COLUMNS:
        bars_of_years = [Bar(point.label, point.value) for point in yearly.points]
        return columns(measure.slug, _title(measure, yearly, f"{_upper(measure.unit)} a year"), bars_of_years)
    rated = replace(series, points=tuple(point for point in series.points if point.per_month is not None))
    if len(rated.points) < 2:
        return None
    if series.unequal:
        marks = [Bar(label, rate, f"{rate:.1f} a month") for label, rate in rated.bars()]
        title = f"{_upper(measure.unit)} a month: {_listed([f'{bar.value:.1f}' for bar in marks])}"
        return bars(measure.slug, title, marks)
    marks = [Bar(point.label, point.value, point.text) for point in rated.points]
    return bars(measure.slug, _title(measure, rated, _upper(measure.unit)), marks)


def beside_each_other(county: Measure, country: Measure) -> tuple[Table, tuple[Chart, Chart]] | None:
    """Return the quarters that both measures have: one table, and two charts with a scale each; None without any.

    Two scales, because on one the county would be a line at the bottom.
    """
    there = {(point.starts, point.ends): point for point in country.series().points}
    pairs = [
        (figure, there[figure.starts_on, figure.ends_on])
        for figure in _in_order(county.figures.all())
        if (figure.starts_on, figure.ends_on) in there
    ][-MOST_COLUMNS:]
    if len(pairs) < 2:
        return None
    rows = tuple(
        Row(mine.point().label, (mine.point().text, theirs.text), "", (mine.source,), mine.caveat)
        for mine, theirs in pairs
    )
    charts = (
        columns("beside-county", county.name, [Bar(_short(mine.point()), mine.value) for mine, _ in pairs]),
        columns("beside-country", f"{country.name}, UK", [Bar(_short(theirs), theirs.value) for _, theirs in pairs]),
    )
    return Table(f"{county.name} beside those of the country, by quarter", ("The county’s police", "UK"), rows), charts


def grid_of(measures: Iterable[Measure]) -> Grid:
    """Return every figure of the measures as one table for a file: a line a figure, nothing left out."""
    rows = [
        GridRow(
            measure.name,
            (
                point.label,
                f"{point.starts:%Y-%m-%d}" if point.starts else "",
                f"{point.ends:%Y-%m-%d}",
                str(point.value),
                point.how_exact or "exactly",
                measure.unit,
                figure.source.short_name,
                point.caveat,
            ),
        )
        for measure in measures
        for figure in _in_order(measure.figures.all())
        for point in [figure.point()]
    ]
    headings = ("Period", "Period start", "Period end", "Value", "Qualifier", "Unit", "Source", "Caveat")
    return Grid("Published figures", "Measure", headings, tuple(rows))


def _yearly_table(measure: Measure, parts: Sequence[Measure]) -> Table:
    years = whole_years(measure.series())
    beside = [{point.label: point.text for point in whole_years(part.series()).points} for part in parts]
    sources = tuple({figure.source_id: figure.source for figure in measure.figures.all()}.values())
    rows = [
        Row(point.label, (point.text, *(found.get(point.label, "–") for found in beside)), "", sources, "")
        for point in years.points
    ]
    caption = f"{measure.name}: {measure.unit} a year, added up from the quarters"
    return Table(caption, (_first_heading(measure, parts), *(part.part_name for part in parts)), tuple(rows))


def _line_chart(measure: Measure, parts: Sequence[Measure]) -> Chart:
    points = measure.series().points
    labels = [_short(point) for point in points]
    alike = [one for one in parts if len(one.series().points) == len(points)][: MOST_LINES - 1]
    drawn = [Line("All" if alike else _upper(measure.unit), tuple(point.value for point in points))]
    drawn += [Line(part.part_name, tuple(point.value for point in part.series().points)) for part in alike]
    return lines(measure.slug, _title(measure, measure.series(), measure.name), labels, drawn)


def _title(measure: Measure, series: Series, what: str) -> str:
    """Say what a chart shows: its ends where the points are alike, else all of a few, else how far apart they are."""
    points = series.points
    if series.can_be_a_line:
        first, last = points[0], points[-1]
        return f"{what}: {first.text} in {_short(first)}, {last.text} in {_short(last)}"
    if len(points) <= 3:
        return f"{what}: {_listed([f'{point.text} in {_short(point)}' for point in points])}"
    least, most = min(point.value for point in points), max(point.value for point in points)
    return f"{what}: between {least:,} and {most:,}, {_short(points[0])} to {_short(points[-1])}"


def _short(point: Point) -> str:
    if point.kind is PeriodKind.QUARTER and not point.words:
        return f"Q{(point.ends.month + 2) // 3} {point.ends.year}"
    return point.label


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _first_heading(measure: Measure, parts: Sequence[Measure]) -> str:
    return "All" if parts else _upper(measure.unit)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _period(figure: Figure) -> tuple:
    return figure.starts_on, figure.ends_on, figure.source_id


def _by_period(figures: Iterable[Figure]) -> dict[tuple, Figure]:
    return {_period(figure): figure for figure in figures}


def _in_order(figures: Iterable[Figure]) -> list[Figure]:
    return sorted(figures, key=lambda one: (one.ends_on, one.starts_on or one.ends_on, one.source.short_name))
