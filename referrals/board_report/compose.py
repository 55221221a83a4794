"""A report put together: the same parts for the page and for the paper. Pure.

It is handed published figures, in which a hidden count is None, and blocks that count no referral.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from charts.marks import Chart
from charts.tables import Grid, GridRow
from partners.plain_text import paragraphs
from referrals.board_report.blocks import Block
from referrals.board_report.frame import BLOCK_TITLES, PROMPTS, SUMMARY, THE_PS, P
from referrals.dashboard.sections import Reading, section_of
from referrals.dashboard.words import hidden_because, number
from referrals.pathways import Pathway

Words = Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """What a coordinator wrote: its heading and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """One set of figures: sentences, a chart if there is one, always a table, notes, and the comment on it."""

    key: str
    title: str
    texts: tuple[str, ...]
    chart: Chart | None
    grid: Grid | None
    notes: tuple[str, ...]
    comment: tuple[str, ...]


@dataclass(frozen=True)
class PartShown:
    """One P."""

    key: str
    title: str
    aim: str
    said: tuple[Said, ...]
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Composed:
    """The whole report. `key_text` says what stands for a hidden number."""

    summary: tuple[str, ...]
    parts: tuple[PartShown, ...]
    key_text: str


def compose(reading: Reading, blocks: Sequence[Block], words: Words) -> Composed:
    """Return the report of published figures, of what stands beside them, and of what was written."""
    parts = tuple(_part(one, reading, blocks, words) for one in THE_PS)
    return Composed(_paragraphs(words, SUMMARY), parts, hidden_because(reading.figures.hide_below))


def _part(one: P, reading: Reading, blocks: Sequence[Block], words: Words) -> PartShown:
    said = tuple(
        Said(prompt.title, found)
        for prompt, key in zip(PROMPTS, one.prompt_keys(), strict=True)
        if (found := _paragraphs(words, key))
    )
    return PartShown(one.key, one.title, one.aim, said, tuple(_figures(one, reading, blocks, words)))


def _figures(one: P, reading: Reading, blocks: Sequence[Block], words: Words) -> Iterable[Shown]:
    for key in one.published:
        comment = _paragraphs(words, one.comment_key(key))
        if shown := _police(reading, comment) if key == "police" else _published(key, reading, comment):
            yield shown
    order = {key: place for place, key in enumerate((*one.others, *one.outside))}
    for block in sorted((block for block in blocks if block.p == one.key), key=lambda block: order[block.key]):
        comment = _paragraphs(words, one.comment_key(block.key))
        yield Shown(block.key, block.title, block.texts, None, block.grid, block.notes, comment)


def _published(key: str, reading: Reading, comment: tuple[str, ...]) -> Shown | None:
    section = section_of(reading, key)
    if section is None:
        return None
    texts = (section.introduction,) if section.introduction else ()
    return Shown(key, section.title, texts, section.chart, section.grid, (section.note,), comment)


def _police(reading: Reading, comment: tuple[str, ...]) -> Shown | None:
    """How often the police were asked to act. What they did with it is not among the published figures."""
    table = reading.figures.table("pathway")
    if table is None or Pathway.POLICE not in table.one_way():
        return None
    count = number(table.one_way()[Pathway.POLICE])
    about = f" (rounded to {table.rounded_to})" if table.rounded_to else ""
    rows = (GridRow(f"Hand-overs to the police{about}", (count,)),)
    grid = Grid(f"Hand-overs to the police, {reading.period.label}", "What", ("How many",), rows)
    texts = (
        "How often the police were asked to look into a referral. Whether an investigation began is not among the "
        "published figures.",
    )
    return Shown("police", BLOCK_TITLES["police"], texts, None, grid, (), comment)


def _paragraphs(words: Words, key: str) -> tuple[str, ...]:
    return tuple(paragraphs(words.get(key, "")))
