"""Charts: one drawing a width, with a name and a text alternative, nothing that the strict policy blocks, and a hidden
number that is neither a bar nor a zero."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from charts.bars import bars, columns, splits
from charts.drawing import HATCHED_SIZE, _draw
from charts.maps import step_of, tile_map
from charts.marks import Bar, Chart, Line, Span, Split, Tile, shown
from charts.palette import SERIES
from charts.series import lines, spans, ticks
from charts.svg import ATTRIBUTES, ELEMENTS, SVG, Svg, tidy

MALICE = "<script>alert(1)</script>\"&' onload=x"
ROWS = [Bar("Forced labour", 14), Bar("Criminal exploitation", None), Bar("Organ removal", 0)]
TILES = [Tile("Northtown", 1, 2, 14), Tile("Southtown", 2, 1, None), Tile("Easttown", 2, 2, 0)]


def one_of_each() -> list[Chart]:
    months = [Bar("Apr 2026", 3), Bar("May 2026", None)]
    halves = [Split("Triage", 30, 6, "83% of 36"), Split("Accept", None, None)]
    over_time = [Line("Police", (10, 14, 11)), Line("Council", (2, None, math.nan))]
    return [
        bars("bars", "Forced labour was reported most often: 14", ROWS),
        columns("columns", "Referrals by month", months),
        tile_map("map", "Northtown has the most: 14", TILES),
        splits("splits", "Within target", halves, words=("Within", "Later")),
        lines("lines", "Over time", ["Q1 2025", "Q2 2025", "Q3 2025"], over_time),
        spans("spans", "Before and during", [Span("Before", 0.2, 2, 7.2, "2 (0.2 to 7.2)")]),
    ]


each_chart = pytest.mark.parametrize("chart", one_of_each(), ids=lambda chart: chart.key)
each_drawing = pytest.mark.parametrize(
    "drawing", [svg for chart in one_of_each() for svg in (chart.wide, chart.narrow)], ids=lambda svg: svg[60:110]
)


def parsed(drawing: Svg) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314 - our own


def texts_of(drawing: Svg) -> list[str]:
    """What is written in a drawing; a label in several lines is one."""
    return [" ".join(t for t in element.itertext() if t.strip()) for element in parsed(drawing).iter(f"{{{SVG}}}text")]


@each_drawing
def test_nothing_in_it_needs_what_the_strict_policy_forbids(drawing):
    own = {"svg", "title", "desc", "defs", "pattern"}
    extra = {"viewBox", "role", "aria-labelledby", "aria-describedby", "font-family", "class", "id"}
    for element in parsed(drawing).iter():
        assert element.tag.removeprefix(f"{{{SVG}}}") in ELEMENTS | own
        allowed = ATTRIBUTES | extra | {"patternUnits", "patternTransform"}
        assert set(element.attrib) <= allowed
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|https?://(?!www\.w3\.org/2000/svg)|@import|xlink", drawing)


@each_drawing
def test_it_is_an_image_with_a_name_and_a_description(drawing):
    root = parsed(drawing)
    assert root.get("role") == "img"
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    assert named[root.get("aria-labelledby")].text
    assert named[root.get("aria-describedby")].text
    for reference in re.findall(r"url\(#([^)]+)\)", drawing):
        assert named[reference].tag == f"{{{SVG}}}pattern"


def test_ids_of_one_page_are_unique():
    drawings = [svg for chart in one_of_each() for svg in (chart.wide, chart.narrow)]
    ids = [found for drawing in drawings for found in re.findall(r'\bid="([^"]+)"', drawing)]
    assert ids
    assert len(ids) == len(set(ids))


@each_chart
def test_both_widths_say_the_same(chart):
    for drawing in (chart.wide, chart.narrow):
        root = parsed(drawing)
        assert root.find(f"{{{SVG}}}title").text == chart.title
        assert root.find(f"{{{SVG}}}desc").text == chart.description
    width = {float(parsed(one).get("width")) for one in (chart.wide, chart.narrow)}
    assert max(width) <= 640
    assert min(width) <= 328


@each_chart
def test_every_colour_has_a_class_so_that_a_page_can_change_it(chart):
    for element in parsed(chart.wide).iter():
        for name in ("fill", "stroke"):
            if element.get(name, "none").startswith("#"):
                assert element.get("class"), ET.tostring(element)


def test_the_words_of_a_chart_are_text_and_can_be_found():
    texts = texts_of(bars("x", "T", ROWS).wide)
    assert texts == ["Forced labour", "Criminal exploitation", "Organ removal", "14", "0", "c"]


def test_a_hidden_number_is_a_hatched_square_whatever_else_is_shown():
    marks = {}
    for largest in (5, 5_000):
        drawing = bars("x", "T", [Bar("A", largest), Bar("B", None)]).wide
        [mark] = re.findall(r'<path d="([^"]+)" fill="url\(#x-wide-hatch\)"', drawing)
        assert f"h{HATCHED_SIZE}v{HATCHED_SIZE}" in mark
        marks[largest] = mark.partition("h")[2]
        assert "c" in texts_of(drawing)
        assert "0" not in texts_of(drawing)
    assert marks[5] == marks[5_000]


def test_a_hidden_number_is_said_to_be_hidden():
    chart = bars("x", "T", ROWS)
    assert chart.has_hidden
    assert chart.description == "Forced labour 14; Criminal exploitation hidden; Organ removal 0."


def test_bars_are_as_long_as_their_numbers():
    drawing = bars("x", "T", [Bar("A", 20), Bar("B", 5)]).wide
    lengths = [float(one) for one in re.findall(r'<path d="M216,[\d.]+h([\d.]+)v', drawing)]
    assert lengths[0] == pytest.approx(4 * lengths[1], rel=0.01)


def test_words_take_the_place_of_a_number():
    assert shown(500, "more than 500") == "more than 500"
    assert shown(1.3) == "1.3"
    assert shown(4.0) == "4"
    assert shown(13000) == "13,000"
    assert "more than 500" in texts_of(bars("x", "T", [Bar("Trained", 500, "more than 500")]).narrow)


def test_the_map_is_laid_out_as_it_was_told():
    boxes = re.findall(r'<path d="M([\d.]+),([\d.]+)h156v92', tile_map("x", "T", TILES).wide)
    assert len(set(boxes)) == 3
    with pytest.raises(ValueError, match="place of its own"):
        tile_map("x", "T", [Tile("A", 1, 1, 1), Tile("B", 1, 1, 2)])


@pytest.mark.parametrize(("value", "most", "step"), [(0, 9, 0), (1, 9, 1), (3, 9, 1), (4, 9, 2), (9, 9, 3), (0, 0, 0)])
def test_a_tile_is_darker_where_there_is_more(value, most, step):
    assert step_of(value, most) == step


def test_a_gap_is_no_hidden_number():
    """Nobody counted: the line stops, and no sign says that something is held back."""
    chart = lines("x", "T", ["a", "b", "c2"], [Line("Police", (1, math.nan, 2))])
    assert "c" not in texts_of(chart.wide)
    assert "b not available" in chart.description
    assert not chart.has_hidden


def test_lines_are_told_apart_without_colour():
    drawing = lines("x", "T", ["a", "b"], [Line(str(n), (n, n)) for n in range(4)]).wide
    drawn = [element for element in parsed(drawing).iter() if element.get("stroke") in SERIES]
    dashes = {element.get("stroke"): element.get("stroke-dasharray") for element in drawn}
    assert len(dashes) == len(set(dashes.values())) == 4


@pytest.mark.parametrize(
    ("most", "expected"), [(31, [0, 10, 20, 30, 40]), (4, [0, 1, 2, 3, 4]), (0.5, [0, 0.2, 0.4, 0.6])]
)
def test_an_axis_has_round_numbers(most, expected):
    assert ticks(most) == pytest.approx(expected)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: bars("x", "T", []),
        lambda: columns("x", "T", []),
        lambda: spans("x", "T", []),
        lambda: tile_map("x", "T", []),
        lambda: lines("x", "T", ["a"], [Line("P", (1, 2))]),
        lambda: lines("x", "T", ["a"], [Line(str(n), (1,)) for n in range(5)]),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        wrong()


def test_what_somebody_named_a_place_stays_text():
    chart = bars("x", MALICE, [Bar(MALICE, 3, MALICE)])
    page = Template("{{ chart.wide }}{{ chart.title }}").render(Context({"chart": chart}))
    assert "<script" not in page
    assert parsed(chart.wide).find(f"{{{SVG}}}title").text == MALICE
    assert not re.search(r"<[^>]*\sonload=", page)


def test_what_the_library_may_draw_one_day_is_left_out():
    drawn = (
        f'<svg xmlns="{SVG}" width="9" height="9"><style>*{{}}</style><script>1</script><foreignObject/>'
        '<image href="x"/>'
        '<g style="x" onclick="y"><path d="M0,0.123456h1" style="fill:red" fill="#12436d"/></g></svg>'
    )
    tidied = tidy(drawn, "k", "T", "D")
    assert [element.tag.removeprefix(f"{{{SVG}}}") for element in parsed(tidied)] == ["title", "desc", "path"]
    assert 'd="M0,0.1h1"' in tidied
    assert 'class="chart-1"' in tidied


def test_a_chart_is_drawn_once():
    before = _draw.cache_info().misses
    bars("again", "T", ROWS)
    first = _draw.cache_info().misses
    bars("again", "T", ROWS)
    assert _draw.cache_info().misses == first
    assert first >= before


def test_the_component_shows_the_drawing_as_it_is():
    chart = bars("bars", "Forced labour: 14", ROWS)
    page = render_to_string("components/chart.html", {"chart": chart, "key_text": "Hidden."})
    assert str(chart.wide) in page
    assert str(chart.narrow) in page
    assert '<h3 class="chart__title" id="bars-heading">Forced labour: 14</h3>' in page
    assert "Hidden." in page


@each_drawing
def test_every_word_has_a_colour(drawing):
    """A part of a text that fills itself with nothing is there for the test and not for the eye."""
    for element in parsed(drawing).iter(f"{{{SVG}}}text"):
        assert element.get("fill").startswith("#")
        assert {part.get("fill", "as the text") for part in element} <= {"as the text"}


def test_a_percentage_has_room_beside_its_bar():
    """The widest is that of all: 45 pixels in the fonts we have."""
    drawing = splits("x", "T", [Split("Triage", 44, 0, "100%")], words=("Within", "Later")).wide
    [place] = re.findall(r'translate\(([\d.]+),[\d.]+\)"[^>]*>100%', drawing)
    assert float(place) + 45 <= 640
