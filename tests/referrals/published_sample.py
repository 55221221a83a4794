"""Published figures as they come from disclosure control: hidden counts are None, and some can be worked out together,
as in any table with a total."""

import csv
import datetime
from dataclasses import replace

from django.utils import timezone

from partners.models import Area, Organisation
from referrals.handover_states import DECLINE_LABELS
from referrals.models import Publication
from referrals.pathways import PATHWAY_LABELS
from referrals.published import Category, Count, Counted, Figures, Scope, Table, Timing
from referrals.statuses import OUTCOME_LABELS
from tests.county_folder import HERTFORDSHIRE

EXPLOITATION = {
    "labour": "Labour exploitation",
    "sexual": "Sexual exploitation",
    "criminal": "Criminal exploitation",
    "domestic": "Domestic servitude",
    "other": "Other exploitation",
    "several": "More than one kind",
    "not_said": "Not said",
}
AGE_GROUP = {"adult": "18 or over", "child": "Under 18", "unsure": "Not sure"}
SETTING = {
    "home": "Private homes",
    "food": "Farms, food and restaurants",
    "building": "Building sites, factories and warehouses",
    "services": "Car washes, nail bars and cleaning",
    "lodging": "Hotels, hostels and holiday lets",
    "illegal": "Places where sex or drugs are sold",
    "public": "Health, care, schools and custody",
    "street": "Street, transport and online",
    "other": "Somewhere else",
    "not_known": "Not known",
}
DISTRICT = {
    "broxbourne": "Broxbourne",
    "dacorum": "Dacorum",
    "east-hertfordshire": "East Hertfordshire",
    "hertsmere": "Hertsmere",
    "north-hertfordshire": "North Hertfordshire",
    "st-albans": "St Albans",
    "stevenage": "Stevenage",
    "three-rivers": "Three Rivers",
    "watford": "Watford",
    "welwyn-hatfield": "Welwyn Hatfield",
    "elsewhere": "Outside the county, or not known",
}
MONTH = {"2026-07": "July 2026", "2026-08": "August 2026", "2026-09": "September 2026"}
PATHWAY = {code.value: label for code, label in PATHWAY_LABELS.items()}
OUTCOME = {code.value: label for code, label in OUTCOME_LABELS.items()}
DECLINED = {code.value: label for code, label in DECLINE_LABELS.items()}


def one_way(key: str, counted: Counted, labels: dict[str, str], counts: list[Count], total: Count, **more) -> Table:
    """A table of one dimension, called by it."""
    rows = tuple(Category(code, label) for code, label in labels.items())
    standard = {"dimensions": (key,), "rounded_to": 0, "width": 4, "row_totals": (), "column_totals": (), "columns": ()}
    cells = tuple((count,) for count in counts)
    return Table(key=key, counted=counted, rows=rows, cells=cells, total=total, **standard | more)


def two_way(key: str, rows: dict[str, str], columns: dict[str, str], cells: list[list[Count]], **totals) -> Table:
    """A table of two dimensions, called after both."""
    return Table(
        key=key,
        counted=Counted.REFERRAL,
        dimensions=tuple(key.split("_by_")),
        rows=tuple(Category(code, label) for code, label in rows.items()),
        columns=tuple(Category(code, label) for code, label in columns.items()),
        cells=tuple(tuple(row) for row in cells),
        rounded_to=0,
        width=4,
        **totals,
    )


def partnership(period: str = "2026-q3", **changes) -> Figures:
    """A quarter of the partnership: 41 referrals, at the load that the facts name."""
    referral, hand_over = Counted.REFERRAL, Counted.HAND_OVER
    tables = (
        one_way("month", referral, MONTH, [12, 13, 16], 41),
        one_way("exploitation", referral, EXPLOITATION, [14, 7, 12, None, None, 0, 0], 41),
        one_way("age_group", referral, AGE_GROUP, [27, 14, 0], 41),
        one_way("district", referral, DISTRICT, [5, 0, None, 6, None, 7, None, None, 8, 5, 0], 41),
        one_way("setting", referral, SETTING, [9, 6, 0, 11, None, 5, 0, None, 0, 0], 41),
        one_way("pathway", hand_over, PATHWAY, [17, 10, None, 9, None, 12], 56),
        one_way("outcome", Counted.CLOSED, OUTCOME, [9, 8, None, 5, 0, None, 0, 0], 29),
        one_way("decline_reason", Counted.DECLINED, DECLINED, [None, 0, None, 0, 0, 0, 0], None),
        one_way("gap", Counted.GAP, PATHWAY, [None, 0, 0, 0, None, 0], 6),
        two_way(
            "exploitation_by_age_group",
            EXPLOITATION,
            AGE_GROUP,
            [[14, 0, 0], [None, None, 0], [5, 7, 0], [None, None, 0], [None, None, 0], [0, 0, 0], [0, 0, 0]],
            row_totals=(14, 7, 12, None, None, 0, 0),
            column_totals=(27, 14, 0),
            total=41,
        ),
    )
    timings = (
        Timing("acknowledge", "60 minutes, or 15 in immediate danger", 41, 36, 5, 24),
        Timing("triage", "2 working days, or 2 hours in immediate danger", 40, 34, 6, 1_130),
        Timing("accept", "3 working days", 38, None, None, 2_950),
        Timing("feedback", "5 working days", 39, 32, 7, 4_460),
    )
    standard = {"hide_below": 5, "percent_base": 20, "tables": tables, "timings": timings}
    return Figures(period=period, scope=Scope.PARTNERSHIP, **standard | changes)


def organisation(period: str = "2026-q3", **changes) -> Figures:
    """The same quarter of one organisation: nearly everything is small."""
    referral = Counted.REFERRAL
    tables = (
        one_way("exploitation", referral, EXPLOITATION, [6, None, None, 0, 0, 0, 0], 11),
        one_way("age_group", referral, AGE_GROUP, [None, None, 0], 11),
        one_way("pathway", Counted.HAND_OVER, PATHWAY, [7, 0, 0, 0, 0, 0], 7),
        one_way("outcome", Counted.CLOSED, OUTCOME, [None, 5, None, 0, 0, 0, 0, 0], None),
    )
    timings = (
        Timing("accept", "3 working days", 7, None, None, 1_700),
        Timing("feedback", "5 working days", None, None, None, None),
    )
    standard = {"hide_below": 5, "percent_base": 20, "tables": tables, "timings": timings}
    return Figures(period=period, scope=Scope.ORGANISATION, **standard | changes)


def months(ends: datetime.date, counts: list[Count]) -> list[tuple[datetime.date, Figures]]:
    """The first day of each month, the last of them `ends`, and its figures: the total and nothing else."""
    found, first = [], ends
    for count in reversed(counts):
        table = one_way("referrals", Counted.REFERRAL, {}, [], count, dimensions=())
        figures = {"hide_below": 5, "percent_base": 20, "tables": (table,), "timings": ()}
        found.append((first, Figures(period=f"{first:%Y-%m}", scope=Scope.PARTNERSHIP, **figures)))
        first = (first - datetime.timedelta(days=1)).replace(day=1)
    return found[::-1]


def publish_row(kind: str, starts: datetime.date, figures: Figures, **more) -> Publication:
    """A publication of `figures` as publishing writes it."""
    standard = {"counts_number": 1, "computed_at": timezone.now(), "figures_json": figures.as_json()}
    return Publication.objects.create(kind=kind, starts=starts, **standard | more)


def publish_sample(own: Organisation) -> Publication:
    """Publish a year of months, two quarters and a year of the partnership, and the newest quarter of `own`."""
    for starts, figures in months(datetime.date(2026, 9, 1), [9, 11, 12, 8, None, 13, 12, 11, 14, 12, 13, 16]):
        publish_row("month", starts, figures)
    before = replace(partnership("2026-q2"), tables=(replace(partnership().tables[0], total=37),))
    publish_row("quarter", datetime.date(2026, 4, 1), before)
    publish_row("year", datetime.date(2025, 4, 1), partnership("2025-26-year"))
    publish_row("quarter", datetime.date(2026, 7, 1), organisation(), organisation=own)
    return publish_row("quarter", datetime.date(2026, 7, 1), partnership())


def put_districts_on_the_map() -> None:
    """The ten districts where data/hertfordshire/areas.csv has them."""
    with (HERTFORDSHIRE / "areas.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["tile_row"]:
                names = ("code", "name", "kind", "starts_on", "tile_row", "tile_column")
                Area.objects.update_or_create(code=row["code"], defaults={name: row[name] for name in names})
