"""Vega, without a browser: a specification becomes a drawing (ADR 0027). Small words for writing specifications.

Positions that follow from a number are scales of the library; what it is not given, it cannot draw.
"""

import json
import textwrap
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import vl_convert

from charts.palette import EDGE, INK
from charts.svg import HATCHED, Svg, tidy

Encoding = dict[str, Any]
Mark = dict[str, Any]

#: Widths in pixels: a page beside a table or on paper, and a telephone. Text is about as large as that around it.
WIDE, NARROW = 640, 328
TEXT, SMALL = 16, 14
LINE = 19
#: How wide a letter of TEXT is in the fonts we have, on the safe side.
LETTER = 8.4
HATCHED_SIZE = 24
VEGA = "https://vega.github.io/schema/vega/v5.json"


def field(name: str) -> Encoding:
    """Take the value from the row."""
    return {"field": name}


def scaled(scale: str, of: str | float, *, band: float | None = None, offset: float = 0) -> Encoding:
    """Take the place on a scale of a field (its name) or of a number."""
    found: Encoding = {"scale": scale, **({"field": of} if isinstance(of, str) else {"value": of})}
    if band is not None:
        found["band"] = band
    return found | ({"offset": offset} if offset else {})


def mark(kind: str, rows: Sequence[dict[str, Any]] | None = None, **encoding: Any) -> Mark:
    """Return a mark of `kind` for each row, or one; plain values are taken as they are. Colours default to INK."""
    enter = {name: value if isinstance(value, dict) else {"value": value} for name, value in encoding.items()}
    made: Mark = {"type": kind, "encode": {"enter": enter}, "aria": False}
    return made if rows is None else made | {"rows": rows}


def text(rows: Sequence[dict[str, Any]] | None = None, **encoding: Any) -> Mark:
    """Return a text for each row."""
    standard = {"fontSize": TEXT, "fill": INK, "baseline": "middle", "lineHeight": LINE, "text": field("text")}
    return mark("text", rows, **standard | encoding)


def hatched(rows: Sequence[dict[str, Any]], **encoding: Any) -> Mark:
    """Return the mark of a hidden number for each row: its size says nothing."""
    edge = {"fill": HATCHED, "stroke": EDGE, "strokeWidth": 1.5, "strokeDash": [4, 3]}
    return mark("rect", rows, **edge, **encoding)


def wrapped(words: str, width: float, *, letter: float = LETTER) -> list[str]:
    """Return `words` in lines that fit into `width` pixels."""
    return textwrap.wrap(words, max(int(width / letter), 8)) or [""]


def room_for(texts: Iterable[str]) -> float:
    """Return the width in pixels that the longest of `texts` takes in bold; "%" is as wide as two letters."""
    return max((len(one) + one.count("%") for one in texts), default=0) * LETTER * 1.1 + 14


def drawn(
    key: str,
    title: str,
    description: str,
    *,
    size: tuple[float, float],
    marks: list[Mark],
    scales: list[dict[str, Any]],
) -> Svg:
    """Return the drawing of `marks` on `scales`, `size` wide and high in pixels."""
    data = []
    for number, one in enumerate(marks):
        if (rows := one.pop("rows", None)) is not None:
            data.append({"name": f"rows{number}", "values": list(rows)})
            one["from"] = {"data": f"rows{number}"}
    width, height = size
    spec = {"$schema": VEGA, "width": width, "height": height, "padding": 0, "autosize": "none", "background": None}
    return tidy(_draw(json.dumps(spec | {"data": data, "scales": scales, "marks": marks})), key, title, description)


@lru_cache(maxsize=1024)
def _draw(specification: str) -> str:
    """Published figures do not change, so each process draws a chart once. About 20 ms; the first one 0.5 s."""
    return vl_convert.vega_to_svg(specification, allowed_base_urls=[])
