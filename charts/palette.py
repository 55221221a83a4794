"""The colours of charts, and the class that each one is given so that a style sheet can change it.

Dark and middle take turns, so that two that touch differ in lightness by 3:1 (WCAG 2.2, 1.4.11) and are told apart
without any colour; each has 3:1 against the page and the card. tests/charts/test_palette.py holds them to it, also as
people see them who lack a kind of cone. They began as the Government Analysis Function's palette for categories: the
middle ones are a little darker for our page, and its dark pink, which protanopes see as its dark blue, is a dark red.
"""

INK, SOFT, PAPER = "#1b2529", "#49545a", "#ffffff"
#: Marks side by side, in this order.
SERIES = ("#12436d", "#289d95", "#6b1a1a", "#e96627")
#: The same on a dark page, where light and middle take turns: static/css/charts.css puts them in their place.
SERIES_IN_THE_DARK = ("#b5d8f7", "#1f857c", "#ffd9a0", "#bf5216")
#: Amounts from little to much, for the map; text on the last two is PAPER, on the others TILE_INK. Tiles and their
#: words are the same on a dark page.
TILE_INK = "#1b252a"
STEPS = ("#e3ecf3", "#b7cde0", "#43719b", "#12436e")
FIRST_DARK_STEP = 2
#: The lines with which a hidden number is hatched, the edge around it, and lines that only help the eye.
HATCH, EDGE, GUIDE = "#8c979c", "#5b666c", "#c9c2b6"

#: colour → class; `…-line` where it is the colour of a line.
CLASSES = {
    INK: "chart-ink",
    SOFT: "chart-soft",
    PAPER: "chart-paper",
    TILE_INK: "chart-tile-ink",
    HATCH: "chart-hatch",
    EDGE: "chart-edge",
    GUIDE: "chart-guide",
    **{colour: f"chart-{number}" for number, colour in enumerate(SERIES, 1)},
    **dict.fromkeys(STEPS, "chart-tile"),
}
