"""A report as it is read: from what was frozen when it was issued, or for a draft from what is published now."""

from partners.models import Area
from referrals.board_report.beside import beside
from referrals.board_report.blocks import from_json
from referrals.board_report.compose import Composed, compose
from referrals.dashboard.sections import Reading
from referrals.models import BoardReport, Publication


def publication_of(report: BoardReport) -> Publication | None:
    """Return the publication whose figures stand in `report`; of a draft the newest, None where it was held back."""
    return report.publication or Publication.objects.current(report.period)


def composed(report: BoardReport, publication: Publication) -> Composed:
    """Return `report` put together with the figures of `publication`."""
    blocks = [from_json(data) for data in report.facts] if report.is_issued else beside(report.period)
    reading = Reading(report.period, publication.figures, places=_places())
    return compose(reading, blocks, report.commentary)


def _places() -> dict[str, tuple[int, int]]:
    """Return where districts stand on the map, by their codes."""
    rows = Area.objects.filter(kind=Area.Kind.DISTRICT, tile_row__isnull=False)
    return {code: (row, column) for code, row, column in rows.values_list("code", "tile_row", "tile_column")}
