"""The answer sheet in words: what stands on the page, on paper and in the PDF, and what is still to be done."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from partners.formfields import in_words
from referrals.identifiers import Kind as Gives
from referrals.nrm_form import (
    Branch,
    Kind,
    Unresolved,
    answers_of,
    beginning,
    ending,
    exploitation,
    insight,
    person,
    places,
    wider,
)
from referrals.nrm_form.answer_sheet import CASE, FIRST_RESPONDER, Block, Item, copied
from referrals.nrm_form.fields import Field, Step
from referrals.nrm_stages import Clock
from referrals.sheet_case import OpenSheet

#: The form as it falls into parts for a reader; the Home Office has no headings of its own.
PARTS: tuple[tuple[str, str, tuple[Step, ...]], ...] = (
    ("report", "The report", beginning.STEPS),
    ("happened", "What happened", exploitation.STEPS),
    ("view", "What you saw and think", insight.STEPS),
    ("places", "Places, exploiters and kinds", places.STEPS),
    ("risk", "Others, risk and consent", wider.STEPS),
    ("person", "The person", (*person.NOTIFY_STEPS, *person.NRM_STEPS)),
    ("you", "You and your documents", ending.STEPS),
)

BRANCHES = {
    Branch.ADULT_NRM: "An adult who agreed to be referred to the National Referral Mechanism (NRM).",
    Branch.CHILD_NRM: "A child, or somebody who may be one. They are referred to the National Referral Mechanism (NRM) "
    "whether they agree or not.",
    Branch.DUTY_TO_NOTIFY: "An adult who has not agreed to an NRM referral. The Home Office is told that there was a "
    "potential victim, and nothing that says who it is.",
}
CLOCK_KINDS = {
    "deadline": "Last day",
    "target": "Target: the Home Office aims at this day, and nobody can count on it",
    "minimum": "Not before this day",
    "warning": "Reminder",
}
GIVES = {
    Gives.NAME: "a name",
    Gives.DATE_OF_BIRTH: "a date of birth",
    Gives.PHONE: "a phone number",
    Gives.EMAIL: "an e-mail address",
    Gives.ADDRESS: "an address",
    Gives.PLACE: "a place",
    Gives.NUMBER: "a reference number",
}
ORIGINS = {CASE: "From the case", FIRST_RESPONDER: "From the first responder", "": ""}
TO_READ = "Put together from the case. Read it, take out what identifies the person, and save it."
HAS_HITS = "It holds words that may identify the person. Check them first."
SENTENCE_ENDS, MOST_AROUND = ".!?\n", 220
WRITTEN = (Kind.TEXT, Kind.LONG, Kind.PLACE, Kind.LISTED)


@dataclass(frozen=True)
class Row:
    """One answer as it is shown. `withheld` says why it is not: then `answer` is empty."""

    key: str
    label: str
    answer: str = field(default="", repr=False)
    origin: str = ""
    missing: bool = False
    over: int = 0
    draft: bool = False
    withheld: str = ""
    note: str = field(default="", repr=False)
    optional: bool = False
    amended: str = field(default="", repr=False)


@dataclass(frozen=True)
class Page:
    """One page of the form. `slug` is its address there without the slash; `can_change` is False when it is locked."""

    slug: str
    title: str
    rows: tuple[Row, ...]
    note: str
    can_change: bool
    missing: int


@dataclass(frozen=True)
class Part:
    """A part of the form with its pages."""

    key: str
    title: str
    pages: tuple[Page, ...]

    @property
    def missing(self) -> int:
        """How many answers it lacks."""
        return sum(page.missing for page in self.pages)


def parts_of(opened: OpenSheet) -> list[Part]:
    """Return the sheet part by part. What may not be shown yet of a duty to notify is withheld, with the reason."""
    held = {one.item.field.key for one in opened.waiting}
    pages = {block.step.path: _page(block, opened, held) for block in opened.sheet.blocks}
    found = [
        Part(key, title, tuple(pages[step.path] for step in steps if step.path in pages)) for key, title, steps in PARTS
    ]
    return [part for part in found if part.pages]


def _page(block: Block, opened: OpenSheet, held: set[str]) -> Page:
    rows = tuple(
        replace(_row(item, _withheld(item, opened, held)), amended=amended_in_words(item.field, opened))
        for item in block.items
    )
    changeable = any(not asked.locked for asked in block.step.fields)
    return Page(slug_of(block.step), block.step.title, rows, block.note, changeable, block.missing)


def slug_of(step: Step) -> str:
    """Return the last part of the address of a page, here as on the Home Office form."""
    return step.path.strip("/")


def _withheld(item: Item, opened: OpenSheet, held: set[str]) -> str:
    if not opened.case.notify or not item.value:
        return ""
    if item.draft and item.field.kind in WRITTEN:
        return TO_READ
    return HAS_HITS if item.field.key in held else ""


def amended_in_words(asked: Field, opened: OpenSheet) -> str:
    """Say since when the case says otherwise than what was answered here, and what it says; "" where it does not.

    Of a duty to notify what it says is left out: it may name the person.
    """
    if asked.key not in opened.amended:
        return ""
    on = in_words(datetime.date.fromisoformat(opened.amended[asked.key]))
    now = "" if opened.case.notify else copied(asked, answers_of(opened.case).get(asked.key, ""))
    says = f" It says now: {now}." if now else ""
    return f"The case was amended on {on}, after this was answered here.{says} Check which is right, and save the page."


def _row(item: Item, withheld: str) -> Row:
    return Row(
        key=item.field.key,
        label=item.field.label,
        answer="" if withheld else copied(item.field, item.value),
        origin=ORIGINS[item.origin],
        missing=item.missing,
        over=item.over,
        draft=item.draft,
        withheld=withheld,
        note=item.note,
        optional=not item.field.required,
    )


def to_do(opened: OpenSheet) -> dict[str, list[tuple[str, str]]]:
    """Return what is still to be done as {"missing" | "over" | "draft" | "amended": [(where on the page, words)]}."""
    found: dict[str, list[tuple[str, str]]] = {"missing": [], "over": [], "draft": [], "amended": []}
    for block in opened.sheet.blocks:
        if block.note:
            found["missing"].append((f"page-{slug_of(block.step)}", f"{block.step.title}: {block.note.lower()}"))
        for item in block.items:
            target = f"item-{item.field.key}"
            if item.missing:
                found["missing"].append((target, item.field.label))
            if item.field.key in opened.amended:
                found["amended"].append((target, item.field.label))
            if item.over:
                found["over"].append((target, f"{item.field.label}: {item.over:,} characters too many"))
            if item.draft:
                found["draft"].append((target, item.field.label))
    return found


def progress(opened: OpenSheet) -> str:
    """Return how far the sheet is, in a sentence."""
    sheet = opened.sheet
    parts = [
        _count(sheet.missing, "answer is missing", "answers are missing"),
        _count(sheet.over, "answer is too long", "answers are too long"),
        _count(sheet.drafts, "answer is to be checked", "answers are to be checked"),
        _count(len(opened.waiting), "place may identify the person", "places may identify the person"),
    ]
    words = [part for part in parts if part]
    if not words:
        return "Something on the case stands in the way" if sheet.problems else "Every answer is there"
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def clock_rows(clocks: list[Clock], today: datetime.date) -> list[dict]:
    """Return the clocks with their kind in words; `late` when a day of ours has passed."""
    return [
        {
            "label": clock.label,
            "on": clock.on,
            "kind": CLOCK_KINDS[clock.kind],
            "acts": clock.acts,
            "late": clock.on < today and clock.kind == "deadline",
        }
        for clock in clocks
    ]


@dataclass(frozen=True)
class Found:
    """Words of a text that may identify the person, in their sentence."""

    mark: str
    before: str = field(repr=False)
    words: str = field(repr=False)
    after: str = field(repr=False)
    gives: str
    judged: bool


def in_its_sentence(one: Unresolved, *, judged: bool) -> Found:
    """Return the hit with the sentence around it, shortened at a space when the sentence is very long."""
    text, start, end = str(one.item.value), one.hit.start, one.hit.end
    first = max((text.rfind(sign, 0, start) for sign in SENTENCE_ENDS), default=-1) + 1
    ends = [at for sign in SENTENCE_ENDS if (at := text.find(sign, end)) >= 0]
    last = min(ends) + 1 if ends else len(text)
    before, after = text[first:start].lstrip(), text[end:last].rstrip()
    if len(before) > MOST_AROUND:
        before = "… " + before[-MOST_AROUND:].partition(" ")[2]
    if len(after) > MOST_AROUND:
        after = after[:MOST_AROUND].rpartition(" ")[0] + " …"
    return Found(one.mark, before, text[start:end], after, GIVES[one.hit.kind], judged)


def found_by_text(opened: OpenSheet) -> Iterator[dict]:
    """Give each text that may identify the person: where it stands, its question, and every hit in its sentence."""
    for block in opened.sheet.blocks:
        hits = [hit for hit in opened.hits if hit.item in block.items]
        for item in block.items:
            own = [in_its_sentence(h, judged=h.mark in opened.resolved) for h in hits if h.item is item]
            if own and not item.draft:
                yield {"slug": slug_of(block.step), "label": item.field.label, "key": item.field.key, "found": own}
