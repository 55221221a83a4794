"""Bars for categories, columns for months, and wholes in two parts."""

from collections.abc import Sequence
from typing import Any

from charts.drawing import (
    HATCHED_SIZE,
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
from charts.marks import Bar, Chart, Split, described, shown
from charts.palette import EDGE, SERIES
from charts.svg import Svg

Row = dict[str, Any]
THICK, GAP = 24, 12
LABEL_WIDE, LABEL_SHORT = 216, 84
HEIGHT, WIDEST = 240, 88


def bars(key: str, title: str, rows: Sequence[Bar]) -> Chart:
    """Return horizontal bars, one for each of `rows` in their order. Raises ValueError for none."""
    says = _description(rows)
    wide = _horizontal(f"{key}-wide", title, says, rows, WIDE, LABEL_WIDE)
    narrow = _horizontal(f"{key}-narrow", title, says, rows, NARROW, 0)
    return Chart(key, title, says, wide, narrow, any(row.value is None for row in rows))


def columns(key: str, title: str, rows: Sequence[Bar]) -> Chart:
    """Return upright bars, for time running from left to right; on a narrow screen time runs downwards.

    Labels are short ("Apr 2026"). Raises ValueError for no rows.
    """
    says = _description(rows)
    wide = _upright(f"{key}-wide", title, says, rows)
    label = max(LABEL_SHORT, room_for(row.label for row in rows))
    narrow = _horizontal(f"{key}-narrow", title, says, rows, NARROW, min(label, NARROW / 2))
    return Chart(key, title, says, wide, narrow, any(row.value is None for row in rows))


def splits(key: str, title: str, rows: Sequence[Split], *, words: tuple[str, str]) -> Chart:
    """Return wholes of one length in two parts, such as within a target and later. `words` name the parts."""
    says = described([(row.label, row.first, row.text) for row in rows])
    wide = _halved(f"{key}-wide", title, says, rows, words, WIDE, LABEL_WIDE)
    narrow = _halved(f"{key}-narrow", title, says, rows, words, NARROW, 0)
    return Chart(key, title, says, wide, narrow, any(row.first is None for row in rows))


def _description(rows: Sequence[Bar]) -> str:
    if not rows:
        raise ValueError("A chart has at least one row")
    return described([(row.label, row.value, row.text) for row in rows])


def _placed(rows: Sequence[Any], texts: list[str], label: float, width: float) -> tuple[list[Row], float]:
    """Return each row with its label in lines and the middle of its bar, and the height of all.

    `label` 0: the label stands above its bar, in the whole width.
    """
    placed: list[Row] = []
    top = 0.0
    for row, words in zip(rows, texts, strict=True):
        lines = wrapped(row.label, label - 12 if label else width)
        above = 0 if label else len(lines) * LINE + 4
        height = max(THICK, len(lines) * LINE) if label else above + THICK
        middle = top + (height / 2 if label else above + THICK / 2)
        first = middle - (len(lines) - 1) * LINE / 2 if label else top + LINE / 2
        placed.append({"label": lines, "text": words, "y": middle, "first": first, "top": top, "bottom": top + height})
        top += height + GAP
    return placed, top - GAP


def _horizontal(key: str, title: str, says: str, rows: Sequence[Bar], width: float, label: float) -> Svg:
    texts = [shown(row.value, row.text) for row in rows]
    placed, height = _placed(rows, texts, label, width)
    for place, row in zip(placed, rows, strict=True):
        place |= {"value": row.value or 0, "fill": SERIES[row.series]}
    there, gone = _parted(placed, [row.value for row in rows])
    end = max(width - room_for(texts), label + 60)
    scales = [{"name": "x", "type": "linear", "domain": [0, _most(rows)], "range": [label, end]}]
    half = {"y": {"field": "y", "offset": -THICK / 2}, "height": THICK}
    marks = [
        text(placed, x=0, y=field("first"), text=field("label")),
        mark("rect", there, x=label, x2=scaled("x", "value"), fill=field("fill"), **half),
        hatched(gone, x=label + 1, width=HATCHED_SIZE, **half),
        text(there, x=scaled("x", "value", offset=8), y=field("y"), fontWeight="bold"),
        text(gone, x=label + HATCHED_SIZE + 9, y=field("y"), fontWeight="bold"),
        _foot(label, height)
        if label
        else mark("rule", placed, x=0.5, y=half["y"], y2={"field": "y", "offset": THICK / 2}, stroke=EDGE),
    ]
    return drawn(key, title, says, size=(width, height), marks=marks, scales=scales)


def _foot(x: float, height: float) -> dict[str, Any]:
    """The line that bars stand on: a zero has a place, too."""
    return mark("rule", x=x, y=0, y2=height, stroke=EDGE, strokeWidth=1)


def _most(rows: Sequence[Bar]) -> float:
    return max((row.value for row in rows if row.value), default=1)


def _upright(key: str, title: str, says: str, rows: Sequence[Bar]) -> Svg:
    labels = [row.label.split(" ") if len(rows) > 4 else [row.label] for row in rows]
    foot = HEIGHT - max(len(one) for one in labels) * LINE - 6
    places = _columns_of(rows, labels)
    there, gone = _parted(places, [row.value for row in rows])
    middle = scaled("x", "n", band=0.5)
    bar = {"x": scaled("x", "n"), "width": {"scale": "x", "band": 1}, "y": scaled("y", "value"), "y2": foot}
    square = {"x": middle | {"offset": -HATCHED_SIZE / 2}, "y": foot - HATCHED_SIZE - 1}
    centre = {"x": middle, "align": "center", "fontSize": TEXT if len(rows) <= 8 else SMALL}
    marks = [
        mark("rect", there, fill=field("fill"), **bar),
        hatched(gone, width=HATCHED_SIZE, height=HATCHED_SIZE, **square),
        text(there, y=scaled("y", "value", offset=-12), fontWeight="bold", **centre),
        text(gone, y=foot - HATCHED_SIZE - 13, fontWeight="bold", **centre),
        text(places, y=foot + LINE / 2 + 4, text=field("label"), **centre),
        mark("rule", x=0, x2=WIDE, y=foot, stroke=EDGE, strokeWidth=1),
    ]
    return drawn(key, title, says, size=(WIDE, HEIGHT), marks=marks, scales=_time_and_number(rows, foot))


def _columns_of(rows: Sequence[Bar], labels: list[list[str]]) -> list[Row]:
    return [
        {
            "n": n,
            "label": words,
            "text": shown(row.value, row.text),
            "value": row.value or 0,
            "fill": SERIES[row.series],
        }
        for n, (row, words) in enumerate(zip(rows, labels, strict=True))
    ]


def _time_and_number(rows: Sequence[Bar], foot: float) -> list[Row]:
    space = max(0.35, 1 - WIDEST * len(rows) / WIDE)  # three months are not three walls
    time = {"type": "band", "domain": list(range(len(rows))), "range": [0, WIDE], "paddingInner": space}
    return [
        {"name": "x", "paddingOuter": space / 2, **time},
        {"name": "y", "type": "linear", "domain": [0, _most(rows)], "range": [foot, 28]},
    ]


def _parted(places: list[Row], values: Sequence[float | None]) -> tuple[list[Row], list[Row]]:
    """Return the places of what is shown, and those of what is hidden."""
    both = list(zip(places, values, strict=True))
    return [place for place, value in both if value is not None], [place for place, value in both if value is None]


def _halved(
    key: str, title: str, says: str, rows: Sequence[Split], words: tuple[str, str], width: float, label: float
) -> Svg:
    texts = [shown(row.first, row.text) for row in rows]
    placed, height = _placed(rows, texts, label, width)
    top = 2 * LINE
    for place, row in zip(placed, rows, strict=True):
        whole = (row.first or 0) + (row.second or 0)
        place |= {
            "share": (row.first or 0) / whole if whole else 0,
            "y": place["y"] + top,
            "first": place["first"] + top,
        }
    there, gone = _parted(placed, [row.first for row in rows])
    end = max(width - room_for(texts), label + 60)
    end = max(width - room_for(texts), label + 60)
    scales: list[Row] = [{"name": "x", "type": "linear", "domain": [0, 1], "range": [label, end]}]
    half = {"y": {"field": "y", "offset": -THICK / 2}, "height": THICK}
    marks = [
        *_key_to(words, label),
        text(placed, x=0, y=field("first"), text=field("label")),
        mark("rect", there, x=scaled("x", "share"), x2=scaled("x", 1.0), fill=SERIES[3], **half),
        mark("rect", there, x=label, x2=scaled("x", "share"), fill=SERIES[0], **half),
        hatched(gone, x=label + 1, width=HATCHED_SIZE, **half),
        text(there, x=scaled("x", 1.0, offset=8), y=field("y"), fontWeight="bold"),
        text(gone, x=label + HATCHED_SIZE + 9, y=field("y"), fontWeight="bold"),
    ]
    return drawn(key, title, says, size=(width, height + top), marks=marks, scales=scales)


def _key_to(words: tuple[str, str], x: float) -> list[dict[str, Any]]:
    second = x + room_for(words[:1]) + 30
    places = [{"x": x, "text": words[0], "fill": SERIES[0]}, {"x": second, "text": words[1], "fill": SERIES[3]}]
    return [
        mark("rect", places, x=field("x"), y=2, width=15, height=15, fill=field("fill")),
        text(places, x={"field": "x", "offset": 22}, y=10),
    ]
