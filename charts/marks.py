"""What is drawn: numbers with their words. None is a number that is hidden, and no true number stands behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from charts.svg import Svg

#: What is said of a hidden number, and the sign that stands on the mark.
HIDDEN_WORD, HIDDEN_SIGN = "hidden", "c"


def shown(value: float | None, text: str = "") -> str:
    """Return what stands beside a mark: `text`, else the number, or the sign of a hidden one."""
    if value is None:
        return HIDDEN_SIGN
    return text or f"{value:,.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Bar:
    """One thing that is counted or measured. `text` stands beside it in place of the bare number ("more than 500").

    `series` is which colour it has (0 to 3).
    """

    label: str
    value: float | None
    text: str = ""
    series: int = 0


@dataclass(frozen=True)
class Tile:
    """A place on a map of tiles; rows and columns count from 1, from the north-west."""

    label: str
    row: int
    column: int
    value: float | None
    text: str = ""


@dataclass(frozen=True)
class Span:
    """A value that is only known to lie between two others, as an interval of confidence."""

    label: str
    low: float
    middle: float
    high: float
    text: str


@dataclass(frozen=True)
class Split:
    """One whole in two parts, with their words; both None where they are hidden."""

    label: str
    first: float | None
    second: float | None
    text: str = ""


@dataclass(frozen=True)
class Line:
    """A series over time: a value for each of the labels the chart was given, None where it is hidden."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """A chart in two widths: a page shows one of them (static/css/charts.css), a document takes `wide`.

    `key` is unique on the page. `title` says what it shows, `description` holds every number that it shows, and
    `has_hidden` says whether there is a hatched mark to be explained.
    """

    key: str
    title: str
    description: str
    wide: Svg
    narrow: Svg
    has_hidden: bool = False


def described(pairs: Sequence[tuple[str, float | None, str]]) -> str:
    """Return the text alternative: "Forced labour 14; Other exploitation hidden." Takes label, value and text."""
    words = (f"{label} {HIDDEN_WORD if value is None else shown(value, text)}" for label, value, text in pairs)
    return "; ".join(words) + "."
