"""Figures for people: medians with their spread, and tables in plain text that read as Markdown."""

import statistics
from collections.abc import Iterable, Sequence


def median(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def spread(values: Sequence[float], form: str = "{:.0f}") -> str:
    """Median and, in brackets, the smallest and the largest."""
    return f"{form.format(median(values))} ({form.format(min(values))}–{form.format(max(values))})"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which the share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table under its title."""
    cells = [[str(cell) for cell in row] for row in [heads, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    lines.insert(1, "-|-".join("-" * width for width in widths))
    print(f"\n{title}\n\n" + "\n".join(f"| {line} |" for line in lines), flush=True)


def claim(what: str, figure: str, target: str, *, holds: bool) -> None:
    """Print what was measured beside its target, in words that a script can look for."""
    print(f"\n{'HOLDS' if holds else 'DOES NOT HOLD'}: {what}: {figure} (target: {target})", flush=True)
