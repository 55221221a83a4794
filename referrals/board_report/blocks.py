"""What the report is made of, as plain data that is frozen when it is issued. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from charts.tables import Grid, GridRow


@dataclass(frozen=True)
class Block:
    """One set of figures that are not of referrals: a table with its sentences. `p` and `key` say where it stands."""

    p: str
    key: str
    title: str
    texts: tuple[str, ...]
    grid: Grid | None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def from_json(data: Mapping[str, Any]) -> Block:
    """Return what `Block.as_json` wrote."""
    return Block(
        p=data["p"],
        key=data["key"],
        title=data["title"],
        texts=tuple(data["texts"]),
        grid=_grid(data["grid"]) if data["grid"] else None,
        notes=tuple(data["notes"]),
    )


def _grid(data: Mapping[str, Any]) -> Grid:
    rows = tuple(GridRow(row["label"], tuple(row["cells"])) for row in data["rows"])
    foot = GridRow(data["foot"]["label"], tuple(data["foot"]["cells"])) if data["foot"] else None
    return Grid(data["caption"], data["corner"], tuple(data["headings"]), rows, foot, data["words"])
