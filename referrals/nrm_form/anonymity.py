"""Before a duty to notify is copied: which words of its texts may identify the person, and who has looked at them.

The law (Modern Slavery Act 2015, section 52(3)) lets nothing out that identifies an adult who did not agree, alone or
together with other information. The net finds what `referrals/identifiers.py` can find; what it cannot, only a reader
can: a description that fits one person, a name nobody recorded, a misspelt one.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from referrals.identifiers import Hit, Net
from referrals.identifiers import Kind as Gives
from referrals.nrm_form.answer_sheet import Item, Sheet
from referrals.nrm_form.fields import Branch, Kind

TEXTS = (Kind.TEXT, Kind.LONG)
LISTS = (Kind.PLACE, Kind.LISTED)  # a town is what is asked for there; a name or an address is not


@dataclass(frozen=True)
class Unresolved:
    """A hit that nobody has judged. `mark` goes into `resolved` when it does not identify the person."""

    item: Item
    hit: Hit
    mark: str


def mark_of(key: str, text: str, hit: Hit) -> str:
    """Return what stands for "this does not identify the person", said of these words at this place in this text.

    A hash, so that it repeats no words. Any change of the text makes another, and so asks again.
    """
    return hashlib.sha256(f"{key}\0{hit.start}\0{hit.end}\0{text}".encode()).hexdigest()


def unresolved(sheet: Sheet, resolved: Collection[str]) -> list[Unresolved]:
    """Return the hits in the texts of a duty to notify whose mark is not in `resolved`; none for an NRM referral."""
    if sheet.branch is not Branch.DUTY_TO_NOTIFY:
        return []
    net = Net(*sheet.known)
    found = []
    for block in sheet.blocks:
        for item in block.items:
            if not block.step.identifying and not item.field.locked and isinstance(item.value, str):
                found += _judged(item, item.value, net)
    return [one for one in found if one.mark not in resolved]


def _judged(item: Item, text: str, net: Net) -> list[Unresolved]:
    if item.field.kind not in (*TEXTS, *LISTS):
        return []
    counted = [hit for hit in net.hits(text) if item.field.kind in TEXTS or hit.kind is not Gives.PLACE]
    return [Unresolved(item, hit, mark_of(item.field.key, text, hit)) for hit in counted]


def may_copy(sheet: Sheet, resolved: Collection[str]) -> bool:
    """Return whether the sheet may be copied: a duty to notify only when each draft and each hit has been looked at."""
    if sheet.branch is not Branch.DUTY_TO_NOTIFY:
        return True
    return not (sheet.drafts or sheet.problems or unresolved(sheet, resolved))
