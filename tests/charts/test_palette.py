"""Colours that everybody can tell apart, on the page and on the card, as people see them who lack a kind of cone."""

import itertools
import math
from pathlib import Path

import pytest

from charts.palette import (
    CLASSES,
    EDGE,
    FIRST_DARK_STEP,
    HATCH,
    INK,
    PAPER,
    SERIES,
    SERIES_IN_THE_DARK,
    SOFT,
    STEPS,
    TILE_INK,
)
from partners.colours import READABLE, channels, contrast

CARD, PAGE = "#ffffff", "#faf8f4"
GRAPHICS = 3.0  # WCAG 2.2, 1.4.11
#: Two colours that are 10 apart in CIELAB are seen to differ at a glance by nearly everybody; 2.3 is just noticeable.
APART = 20
#: Machado, Oliveira and Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
#: IEEE TVCG 15(6), severity 1.0; for linear RGB.
SEEN_WITHOUT = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "nothing": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
D65 = (0.95047, 1.0, 1.08883)


def times(matrix, vector):
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def linear(colour: str) -> tuple[float, ...]:
    shares = (n / 255 for n in channels(colour))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)


def lab(colour: str, without: str) -> tuple[float, float, float]:
    """CIELAB of a colour as somebody sees it."""
    seen = tuple(min(max(c, 0), 1) for c in times(SEEN_WITHOUT[without], linear(colour)))
    x, y, z = (
        (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116)
        for t in (c / white for c, white in zip(times(TO_XYZ, seen), D65, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_the_distance_is_what_the_standard_says():
    assert lab("#ffffff", "nothing") == pytest.approx((100, 0, 0), abs=0.1)
    assert lab("#ff0000", "nothing") == pytest.approx((53.24, 80.09, 67.20), abs=0.2)
    # Red and green of one lightness are the pair that the test must catch.
    assert math.dist(lab("#c23b22", "deuteranopia"), lab("#6b7d2a", "deuteranopia")) < APART


@pytest.mark.parametrize("colour", [*SERIES, EDGE])
@pytest.mark.parametrize("ground", [CARD, PAGE])
def test_every_mark_stands_out_from_its_ground(colour, ground):
    assert contrast(colour, ground) >= GRAPHICS


@pytest.mark.parametrize(("one", "next_to_it"), [*itertools.pairwise(SERIES), (SERIES[0], SERIES[3])])
def test_neighbours_differ_in_lightness_alone(one, next_to_it):
    """The pairs that touch; the last is the one of wholes in two parts."""
    assert contrast(one, next_to_it) >= GRAPHICS


@pytest.mark.parametrize("without", SEEN_WITHOUT)
@pytest.mark.parametrize("series", [SERIES, SERIES_IN_THE_DARK], ids=["light", "dark"])
def test_all_series_are_told_apart_by_everybody(without, series):
    nearest = min(math.dist(lab(one, without), lab(other, without)) for one, other in itertools.combinations(series, 2))
    assert nearest >= APART


@pytest.mark.parametrize("without", SEEN_WITHOUT)
def test_steps_go_from_light_to_dark_for_everybody(without):
    lightness = [lab(colour, without)[0] for colour in STEPS]
    assert all(light - dark >= 10 for light, dark in itertools.pairwise(lightness))


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_text_reads_on_every_step(step):
    assert contrast(STEPS[step], PAPER if step >= FIRST_DARK_STEP else TILE_INK) >= READABLE


@pytest.mark.parametrize("ground", ["#1a2327", "#11181b"])
@pytest.mark.parametrize("colour", SERIES_IN_THE_DARK)
def test_every_mark_stands_out_in_the_dark(colour, ground):
    assert contrast(colour, ground) >= GRAPHICS


def test_neighbours_differ_in_the_dark_too():
    one, two, three, four = SERIES_IN_THE_DARK
    assert min(contrast(one, two), contrast(two, three), contrast(three, four), contrast(one, four)) >= GRAPHICS


def test_the_style_sheet_has_the_colours_of_the_dark():
    style = (Path(__file__).resolve().parents[2] / "static/css/charts.css").read_text()
    dark = style.partition("prefers-color-scheme: dark")[2].partition("@media")[0]
    for number, colour in enumerate(SERIES_IN_THE_DARK, 1):
        assert f".chart-{number} {{ fill: {colour}; }}" in dark
        assert f".chart-{number}-line {{ stroke: {colour}; }}" in dark


@pytest.mark.parametrize("colour", [INK, SOFT])
@pytest.mark.parametrize("ground", [CARD, PAGE])
def test_words_read(colour, ground):
    assert contrast(colour, ground) >= READABLE


def test_hatching_is_seen_beside_paper():
    assert contrast(HATCH, PAPER) >= 2.5  # a texture; its edge carries the 3:1
    assert contrast(EDGE, HATCH) >= 1.5


def test_every_class_has_a_rule_for_forced_colours():
    style = (Path(__file__).resolve().parents[2] / "static/css/charts.css").read_text()
    forced = style.partition("@media (forced-colors: active)")[2]
    missing = {name for name in CLASSES.values() if f".{name}" not in forced}
    assert not missing
