"""A map of tiles: every place as large as every other, laid out as the county's data says."""

from collections.abc import Sequence

from charts.bars import bars
from charts.drawing import LETTER, LINE, WIDE, drawn, field, hatched, mark, text, wrapped
from charts.marks import Bar, Chart, Tile, described, shown
from charts.palette import EDGE, FIRST_DARK_STEP, PAPER, STEPS, TILE_INK
from charts.svg import Svg

HIGH, GAP = 92, 6
WIDEST = 156


def tile_map(key: str, title: str, tiles: Sequence[Tile]) -> Chart:
    """Return a map of `tiles`, darker where there is more. On a narrow screen they are bars, the names being too long.

    Raises ValueError for no tiles, and for two in one place.
    """
    if not tiles or len({(tile.row, tile.column) for tile in tiles}) != len(tiles):
        raise ValueError("A map has tiles, each in a place of its own")
    tiles = sorted(tiles, key=lambda tile: tile.label)
    says = described([(tile.label, tile.value, tile.text) for tile in tiles])
    narrow = bars(key, title, [Bar(tile.label, tile.value, tile.text) for tile in tiles]).narrow
    return Chart(key, title, says, _map(f"{key}-wide", title, says, tiles), narrow, any(t.value is None for t in tiles))


def step_of(value: float, most: float) -> int:
    """Return which of STEPS a value has: none is the lightest, and the rest are thirds of the largest that is shown."""
    if value <= 0 or most <= 0:
        return 0
    return min(1 + int(3 * value / most - 1e-9), len(STEPS) - 1)


def _map(key: str, title: str, says: str, tiles: Sequence[Tile]) -> Svg:
    across, down = max(tile.column for tile in tiles), max(tile.row for tile in tiles)
    size = min((WIDE - 2 - GAP * (across - 1)) / across, WIDEST)
    most = max((tile.value for tile in tiles if tile.value), default=0)
    places = []
    for tile in tiles:
        step = 0 if tile.value is None else step_of(tile.value, most)
        dark = tile.value is not None and step >= FIRST_DARK_STEP
        places.append(
            {
                "x": (tile.column - 1) * (size + GAP) + 1,
                "y": (tile.row - 1) * (HIGH + GAP) + 1,
                "hidden": tile.value is None,
                "label": wrapped(tile.label, size - 14, letter=LETTER * 0.92),
                "text": shown(tile.value, tile.text),
                "fill": STEPS[step],
                "ink": PAPER if dark else TILE_INK,
            }
        )
    there = [place for place in places if not place["hidden"]]
    gone = [place for place in places if place["hidden"]]
    box = {"x": field("x"), "y": field("y"), "width": size, "height": HIGH}
    # A sign on hatching is hard to read: a part of the tile is hatched, and the sign stands beside it.
    foot = {"x": {"field": "x", "offset": 8}, "y": {"field": "y", "offset": HIGH - 32}, "width": 40, "height": 24}
    corner = {"x": {"field": "x", "offset": 8}, "y": {"field": "y", "offset": LINE / 2 + 6}}
    beside = {"fontSize": 26, "fontWeight": "bold", "y": {"field": "y", "offset": HIGH - 19}}
    marks = [
        mark("rect", there, fill=field("fill"), stroke=EDGE, strokeWidth=1, **box),
        mark("rect", gone, fill=PAPER, stroke=EDGE, strokeWidth=1.5, strokeDash=[4, 3], **box),
        hatched(gone, **foot),
        text(places, text=field("label"), fill=field("ink"), fontSize=15, **corner),
        text(there, fill=field("ink"), x={"field": "x", "offset": 8}, **beside),
        text(gone, fill=TILE_INK, x={"field": "x", "offset": 56}, **beside),
    ]
    extent = (across * (size + GAP) - GAP + 2, down * (HIGH + GAP) - GAP + 2)
    return drawn(key, title, says, size=extent, marks=marks, scales=[])
