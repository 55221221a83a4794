"""What the library drew, made fit for our pages: known elements and attributes only, colours that have a class, ids
that are unique on the page, a title and a description.

The policy of our pages allows no style attribute and no style element (security, CSP), and whatever is not in the two
lists below is dropped, so neither can come in with a newer version of the library.
"""

import re
import xml.etree.ElementTree as ET
from functools import lru_cache

from charts.palette import CLASSES, HATCH, PAPER

SVG = "http://www.w3.org/2000/svg"
ELEMENTS = {"g", "path", "rect", "line", "text", "tspan", "circle"}
ATTRIBUTES = {
    *("d", "x", "y", "dx", "dy", "x1", "x2", "y1", "y2", "width", "height", "transform"),
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "text-anchor", "font-size"),
    "font-weight",
}
#: Said with no unit or as the default: adds nothing.
DEFAULTS = {("font-weight", "normal"), ("transform", "translate(0,0)"), ("text-anchor", "start")}
#: What stands for the pattern in a specification; the drawing gets one of its own.
HATCHED = "url(#hatched)"
NUMBER = re.compile(r"-?\d+\.\d+")
#: As the pages have it; in a document set by another program, the first one it knows.
FONTS = "Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"


class Svg(str):
    """A drawing of ours, safe to stand in a page as it is: only `tidy` makes one, and it writes every text escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return itself: templates ask for this before they escape."""
        return self


@lru_cache(maxsize=1024)
def tidy(drawn: str, key: str, title: str, description: str) -> Svg:
    """Return the drawing `drawn` as an image with a title and a description; its ids begin with `key`."""
    root = ET.fromstring(drawn)  # noqa: S314 - see the import
    width, height = root.get("width", "0"), root.get("height", "0")
    image = ET.Element(
        "svg",
        {
            "xmlns": SVG,
            "class": "chart__svg",
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "role": "img",
            "aria-labelledby": f"{key}-title",
            "aria-describedby": f"{key}-desc",
            "font-family": FONTS,
        },
    )
    ET.SubElement(image, "title", {"id": f"{key}-title"}).text = title
    ET.SubElement(image, "desc", {"id": f"{key}-desc"}).text = description
    if HATCHED in drawn:
        _add_pattern(image, f"{key}-hatch")
    for child in root:
        _copy(child, image, key)
    return Svg(ET.tostring(image, encoding="unicode"))


def _copy(source: ET.Element, into: ET.Element, key: str) -> None:
    name = source.tag.removeprefix(f"{{{SVG}}}")
    if name not in ELEMENTS or _draws_nothing(name, source):
        return
    kept = _attributes(source, key)
    if name not in {"g", "tspan"}:
        kept.setdefault("fill", "none")  # the library says so once, on the outermost group
    # A group that says nothing about what is in it only makes the page longer.
    copy = into if name == "g" and not set(kept) - {"fill"} else ET.SubElement(into, name, kept)
    if copy is not into:
        copy.text = source.text
    for child in source:
        _copy(child, copy, key)


def _draws_nothing(name: str, source: ET.Element) -> bool:
    frame = source.get("class") in {"background", "foreground"}
    return source.get("display") == "none" or (frame and name == "path" and not source.get("stroke"))


def _attributes(source: ET.Element, key: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    classes = []
    for name, value in source.attrib.items():
        if name not in ATTRIBUTES or (name, value) in DEFAULTS:
            continue
        kept[name] = NUMBER.sub(_rounded, value).replace(HATCHED, f"url(#{key}-hatch)").removesuffix("px")
        if (colour := value.lower()) in CLASSES:
            classes.append(CLASSES[colour] + ("-line" if name == "stroke" else ""))
    return kept | ({"class": " ".join(classes)} if classes else {})


def _rounded(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 1) + 0:g}"


def _add_pattern(image: ET.Element, name: str) -> None:
    """Lines on white, so that a sign on them reads; as lines they are there without colour and on paper."""
    size = {"width": "7", "height": "7", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    pattern = ET.SubElement(ET.SubElement(image, "defs"), "pattern", {"id": name, **size})
    ET.SubElement(pattern, "rect", {"width": "7", "height": "7", "fill": PAPER, "class": CLASSES[PAPER]})
    stroke = {"stroke": HATCH, "stroke-width": "3", "class": f"{CLASSES[HATCH]}-line"}
    ET.SubElement(pattern, "line", {"x1": "1.5", "x2": "1.5", "y1": "0", "y2": "7", **stroke})
