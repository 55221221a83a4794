"""Lines over time, and intervals."""

import math
from collections.abc import Sequence
from typing import Any

from charts.drawing import (
    LINE,
    NARROW,
    SMALL,
    TEXT,
    WIDE,
    drawn,
    field,
    hatched,
    mark,
    room_for,
    scaled,
    text,
    wrapped,
)
from charts.marks import HIDDEN_SIGN, Chart, Line, Span, described, shown
from charts.palette import EDGE, GUIDE, INK, SERIES
from charts.svg import Svg

HEIGHT = 280
LABEL = 216
ROW = 40
#: Lines are told apart without colour, too.
DASHES: tuple[list[int], ...] = ([], [7, 4], [2, 4], [10, 4, 2, 4])


def lines(key: str, title: str, labels: Sequence[str], series: Sequence[Line]) -> Chart:
    """Return up to four series over the same `labels`, oldest first. `math.nan` is a gap: nobody counted.

    Raises ValueError where a series has not one value for each label.
    """
    if not series or len(series) > len(SERIES) or any(len(one.values) != len(labels) for one in series):
        raise ValueError("One to four series, each with a value for every label")
    says = " ".join(
        f"{one.label}: "
        + described([(label, value, _said(value)) for label, value in zip(labels, one.values, strict=True)])
        for one in series
    )
    wide = _lines(f"{key}-wide", title, says, labels, series, WIDE)
    narrow = _lines(f"{key}-narrow", title, says, labels, series, NARROW)
    return Chart(key, title, says, wide, narrow, any(None in one.values for one in series))


def spans(key: str, title: str, rows: Sequence[Span]) -> Chart:
    """Return intervals with their middle values on one scale from 0. Raises ValueError for none."""
    if not rows:
        raise ValueError("A chart has at least one row")
    says = "; ".join(f"{row.label} {row.text}" for row in rows) + "."
    wide = _spans(f"{key}-wide", title, says, rows, WIDE)
    return Chart(key, title, says, wide, _spans(f"{key}-narrow", title, says, rows, NARROW))


def ticks(most: float) -> list[float]:
    """Return about four round numbers from 0 to `most` or a little more."""
    rough = max(most, 1e-9) / 4
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(times * magnitude for times in (1, 2, 2.5, 5, 10) if times * magnitude >= rough)
    return [round(step * n, 10) for n in range(math.ceil(most / step - 1e-9) + 1)]


def _lines(key: str, title: str, says: str, labels: Sequence[str], series: Sequence[Line], width: float) -> Svg:
    head = LINE * len(series) + 14
    foot = head + HEIGHT - 3 * LINE
    marked = ticks(max((value for one in series for value in one.values if value and _is_there(value)), default=1))
    left = room_for(shown(one) for one in marked)
    some = _some(labels, 8 if width == WIDE else 4)
    scales = [
        {"name": "x", "type": "point", "domain": list(range(len(labels))), "range": [left + 12, width - 24]},
        {"name": "y", "type": "linear", "domain": [0, marked[-1]], "range": [foot, head]},
    ]
    guides = [{"value": one, "text": shown(one)} for one in marked]
    marks = [
        mark("rule", guides, x=left, x2=width, y=scaled("y", "value"), stroke=GUIDE, strokeWidth=1),
        text(guides, x=left - 8, y=scaled("y", "value"), align="right", fontSize=SMALL),
        mark("rule", x=left, x2=width, y=foot, stroke=EDGE, strokeWidth=1),
        text(some, x=scaled("x", "n"), y=foot + LINE, align="center", fontSize=SMALL),
    ]
    for number, one in enumerate(series):
        marks += _line(number, one, left, foot)
    return drawn(key, title, says, size=(width, head + HEIGHT), marks=marks, scales=scales)


def _is_there(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _said(value: float | None) -> str:
    return "" if value is None or _is_there(value) else "not available"


def _some(labels: Sequence[str], most: int) -> list[dict[str, Any]]:
    every = math.ceil(len(labels) / most)
    return [{"n": n, "text": label.split(" ")} for n, label in enumerate(labels) if n % every == 0]


def _line(number: int, one: Line, left: float, foot: float) -> list[dict[str, Any]]:
    """A line with its dots and its entry on top: the name beside a piece of the same line."""
    colour, dash = SERIES[number], DASHES[number]
    places = [{"n": n, "value": value or 0, "shown": _is_there(value)} for n, value in enumerate(one.values)]
    places = [place if place["shown"] else place | {"value": 0} for place in places]  # NaN is no JSON
    there = [place for place in places if place["shown"]]
    gone = [{"n": n, "text": HIDDEN_SIGN} for n, value in enumerate(one.values) if value is None]
    height = number * LINE + 10
    stroke: dict[str, Any] = {"stroke": colour, "strokeWidth": 3, "strokeDash": dash}
    place = {"x": scaled("x", "n"), "y": scaled("y", "value")}
    return [
        mark("rule", x=left, x2=left + 36, y=height, **stroke),
        text(x=left + 44, y=height, text=one.label, fontSize=TEXT),
        mark("line", places, defined=field("shown"), **place, **stroke),
        mark("symbol", there, size=44, fill=colour, **place),
        hatched(gone, x=scaled("x", "n", offset=-8), y=foot - 17, width=16, height=16),
        text(gone, x=scaled("x", "n"), y=foot - 26, align="center", fontSize=SMALL, fontWeight="bold"),
    ]


def _spans(key: str, title: str, says: str, rows: Sequence[Span], width: float) -> Svg:
    beside = width == WIDE
    label = LABEL if beside else 0
    high = ROW if beside else ROW + LINE
    places = []
    for number, row in enumerate(rows):
        lines_ = wrapped(row.label if beside else f"{row.label}: {row.text}", label - 12 if beside else width)
        middle = number * high + (ROW / 2 if beside else ROW / 2 + LINE)
        first = middle - (len(lines_) - 1) * LINE / 2 if beside else number * high + LINE / 2
        values = {"low": row.low, "middle": row.middle, "high": row.high}
        places.append({"label": lines_, "text": row.text, "y": middle, "first": first, **values})
    marked = ticks(max(row.high for row in rows))
    end = width - (room_for(row.text for row in rows) if beside else 12)
    foot = len(rows) * high
    scales = [{"name": "x", "type": "linear", "domain": [0, marked[-1]], "range": [label + 6, max(end, label + 120)]}]
    guides = [{"value": one, "text": shown(one)} for one in marked]
    at = scaled("x", "value")
    bar = {"stroke": SERIES[0], "strokeWidth": 5, "y": field("y")}
    marks = [
        *([mark("rule", guides, x=at, y=0, y2=foot, stroke=GUIDE, strokeWidth=1)] if beside else []),
        text(guides, x=at, y=foot + LINE / 2 + 4, align="center", fontSize=SMALL),
        text(places, x=0, y=field("first"), text=field("label")),
        mark("rule", places, x=scaled("x", "low"), x2=scaled("x", "high"), **bar),
        mark(
            "symbol", places, size=190, fill="#ffffff", stroke=INK, strokeWidth=3, x=scaled("x", "middle"), y=field("y")
        ),
        *([text(places, x=scaled("x", marked[-1], offset=12), y=field("y"), fontWeight="bold")] if beside else []),
    ]
    return drawn(key, title, says, size=(width, foot + LINE + 8), marks=marks, scales=scales)
