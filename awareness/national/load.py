"""Keeping the national tables as figures: all files or none, the same again without a change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from awareness.figures import label_of
from awareness.models import Area, Figure, Measure, Source
from awareness.national.reading import National, TableInvalid, days_of, read_national
from awareness.national.shapes import CAVEATS, SHAPES, Counted
from partners.configuration import picture_of, record_change
from partners.county.tables import Problem
from partners.models import User

SOURCE = "home-office-nrm-tables"
COUNTED_BY = "Home Office"
LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."
SHOWN_CHANGES = 5


class NobodySaid(Exception):
    """Raised when figures that are here would change and nobody is named who brings them. `changes` say which."""

    def __init__(self, changes: Sequence[str]) -> None:
        self.changes = list(changes)
        super().__init__(f"{len(self.changes)} figures that are here would change")


@dataclass
class Result:
    """What an import did: how many figures are new, which changed and how, how many were as they are."""

    added: int = 0
    changed: list[str] = field(default_factory=list)
    same: int = 0


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return the files among `paths`, and the tables (*.csv) in those that are folders. Raises TableInvalid."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        if not inside:
            raise TableInvalid([Problem(path.name, 0, "", "there is no .csv file in this folder")])
        found += inside
    return found


def import_national(paths: Iterable[Path], *, by: User | None = None) -> Result:
    """Keep the national tables in `paths` (files, or folders of them) as figures; return what that did.

    `by` is who brings them: needed only when a figure that is here changes, for the history. Raises TableInvalid, with
    the problems of every file, or NobodySaid; nothing has changed then.
    """
    tables = _read_all(files_of(paths))
    with transaction.atomic():
        source, _ = Source.objects.get_or_create(slug=SOURCE, defaults=_about_the_source())
        measures = _measures(counted for table in tables for counted in table.shape.measures)
        return _keep(tables, source, measures, by)


def _read_all(files: Sequence[Path]) -> list[National]:
    tables: dict[str, tuple[Path, National]] = {}
    problems: list[Problem] = []
    for path in files:
        try:
            table = read_national(path)
        except TableInvalid as invalid:
            problems += invalid.problems
            continue
        if table.shape.name in tables:
            said = f"this is the same table as {tables[table.shape.name][0].name}: give one of them"
            problems.append(Problem(path.name, 0, "", said))
        tables[table.shape.name] = path, table
    if problems:
        raise TableInvalid(problems)
    return [table for _, table in tables.values()]


def _about_the_source() -> dict[str, str]:
    return {
        "short_name": "Home Office NRM tables",
        "title": "National Referral Mechanism and duty to notify statistics: tables by quarter",
        "publisher": "Home Office",
        "published_words": "each quarter",
        "licence": LICENCE,
    }


def _measures(wanted: Iterable[Counted]) -> dict[str, Measure]:
    """Return the measures by slug; those that are missing are made, and what staff wrote in the others stays."""
    found = {measure.slug: measure for measure in Measure.objects.all()}
    for one in wanted:
        if one.slug not in found:
            found[one.slug] = Measure.objects.create(
                slug=one.slug,
                name=one.name,
                unit=one.unit,
                counts=one.counts,
                counted_by=COUNTED_BY,
                area=Area.NATIONAL,
                part_of=found[one.part_of] if one.part_of else None,
                part_name=one.part_name,
                caveat=one.caveat,
                position=one.position,
            )
    return found


def _keep(tables: list[National], source: Source, measures: dict[str, Measure], by: User | None) -> Result:
    slugs = [measure.slug for shape in SHAPES for measure in shape.measures]
    here = {
        (figure.measure.slug, figure.starts_on, figure.ends_on): figure
        for figure in Figure.objects.filter(source=source, measure__slug__in=slugs).select_related("measure", "source")
    }
    result, new, changes = Result(), [], []
    for table in tables:
        for (slug, year, quarter), value in table.values.items():
            days = days_of(year, quarter)
            figure = here.get((slug, *days))
            if figure is None:
                caveat = CAVEATS.get((slug, year, quarter), "")
                whose = {"measure": measures[slug], "source": source}
                new.append(Figure(**whose, starts_on=days[0], ends_on=days[1], value=value, caveat=caveat))
            elif figure.value != value:
                result.changed.append(f"{figure.measure.name}, {label_of(*days)}: {figure.value:,} → {value:,}")
                changes.append((figure, value))
            else:
                result.same += 1
    if changes and by is None:
        raise NobodySaid(result.changed)
    result.added = len(Figure.objects.bulk_create(new))
    for figure, value in changes:
        _change(figure, value, by)
    return result


def _change(figure: Figure, value: int, by: User | None) -> None:
    before = picture_of(figure, {})
    figure.value = value
    figure.save(update_fields=["value"])
    if by is not None:
        record_change(by=by, row=figure, before=before, after=picture_of(figure, {}))
