"""Whatever colour a partnership chooses, text reads on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.colours import INK, READABLE, WHITE, contrast, luminance, theme

any_colour = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [(WHITE, "#000000", 21), (WHITE, WHITE, 1), ("#767676", WHITE, 4.54)]
)
def test_contrast_is_what_wcag_says(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(brand=any_colour, tint=any_colour)
def test_text_reads_on_every_theme(brand, tint):
    colours = theme(brand, tint)
    assert contrast(colours["--brand"], colours["--on-brand"]) >= READABLE
    assert contrast(colours["--brand-dark"], WHITE) >= 7
    assert contrast(colours["--brand-dark"], colours["--on-brand"]) >= READABLE
    assert luminance(colours["--brand-dark"]) <= luminance(colours["--brand"])
    assert contrast(colours.get("--brand-tint", WHITE), INK) >= 7


def test_a_dark_brand_stays_as_it_is():
    assert theme("#1f4e5f", "#eef4f5")["--brand"] == "#1f4e5f"


def test_a_pale_brand_is_deepened_and_a_dark_tint_left_out():
    colours = theme("#ffdd00", "#333333")
    assert colours["--brand"] != "#ffdd00"
    assert "--brand-tint" not in colours
