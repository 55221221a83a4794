"""Readable colours from one brand colour: pure arithmetic after WCAG 2.2, success criterion 1.4.3."""

WHITE, INK = "#ffffff", "#0b0c0c"
READABLE = 4.5  # contrast of normal text, level AA
DEEP = 8.0  # of the dark shade: footers, headings on white and hover states are drawn with it


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) of a colour such as "#1f4e5f"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 (black) to 1 (white)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def shade(colour: str, percent: int) -> str:
    """Return `colour` mixed with black: `percent` of each channel."""
    return "#" + "".join(f"{n * percent // 100:02x}" for n in channels(colour))


def darker_until(colour: str, ratio: float) -> str:
    """Return `colour`, or its first darker shade on which white text has at least `ratio`."""
    shades = (shade(colour, percent) for percent in range(100, -1, -2))
    return next(dark for dark in shades if contrast(dark, WHITE) >= ratio)


def theme(brand: str, tint: str) -> dict[str, str]:
    """Return the CSS custom properties for a brand colour and its tint.

    Buttons and the header are drawn in the brand colour with text on it, so a pale brand is deepened until text reads
    on it; the text's colour is the one of white and ink that reads better. A tint too dark for text is left out.
    """
    deep_brand = darker_until(brand, READABLE)
    colours = {
        "--brand": deep_brand,
        "--brand-dark": darker_until(shade(deep_brand, 70), DEEP),
        "--on-brand": max((WHITE, INK), key=lambda text: contrast(text, deep_brand)),
    }
    if contrast(tint, INK) >= 2 * READABLE:
        colours["--brand-tint"] = darker_until(tint, 1)
    return colours
