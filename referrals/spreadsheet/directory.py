"""The organisations and districts of the partnership, by every way a log may write them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from partners.models import Area, Organisation
from referrals.identifiers import plain
from referrals.spreadsheet.values import Unclear
from referrals.spreadsheet.words import ABBREVIATIONS, OUTSIDE_WORDS

OUTSIDE = "outside"
_NO_PART_OF_A_NAME = {"borough", "district", "council", "city", "county", "town", "and", "the", "of"}
_FIGURES = {"3": "three"}


@dataclass(frozen=True)
class Directory:
    """`organisations` and `districts` are {folded spelling: row}; a spelling that fits two rows fits none."""

    organisations: Mapping[str, Organisation] = field(repr=False)
    districts: Mapping[str, Area] = field(repr=False)

    def organisation(self, text: str) -> Organisation:
        """Return the organisation that `text` names. Raises Unclear."""
        folded = _folded(text)
        if found := self.organisations.get(folded) or self.organisations.get(folded.removeprefix("the ")):
            return found
        raise Unclear("No organisation of the partnership is called this. Write its name, or give an alias for it")

    def district(self, text: str) -> str:
        """Return the code of the district that `text` names; "outside" for one of another county. Raises Unclear."""
        folded = plain(text)
        if folded in OUTSIDE_WORDS:
            return OUTSIDE
        if found := self.districts.get(_bare(folded)) or self._like(_bare(folded)):
            return found.code
        names = ", ".join(sorted({area.name for area in self.districts.values()}))
        raise Unclear(f"This is no district here. Write one of: {names}, or “out of county”")

    def _like(self, folded: str) -> Area | None:
        """The one district whose words begin like these: "East Herts" for East Hertfordshire."""
        said = folded.split()
        fits = {area.code: area for name, area in self.districts.items() if _begins_alike(said, name.split())}
        return next(iter(fits.values())) if len(fits) == 1 else None


def _begins_alike(said: list[str], name: list[str]) -> bool:
    return len(said) == len(name) and all(
        one == other or (len(one) >= 5 and one[:4] == other[:4]) for one, other in zip(said, name, strict=True)
    )


def _bare(folded: str) -> str:
    words = [_FIGURES.get(word, word) for word in folded.split()]
    return " ".join(word for word in words if word not in _NO_PART_OF_A_NAME and word not in ABBREVIATIONS)


def _folded(text: str) -> str:
    return " ".join(ABBREVIATIONS.get(word, word) for word in plain(text.replace("&", " and ")).split())


def directory(aliases: Mapping[str, str] | None = None) -> Directory:
    """Return what the database knows today, ended rows too: a log is old. `aliases` are {what a log writes: slug}.

    Raises Unclear when an alias leads to no organisation.
    """
    rows = {row.slug: row for row in Organisation.objects.all()}
    spellings = _unambiguous((name, row) for row in rows.values() for name in _names_of(row))
    for written, slug in (aliases or {}).items():
        if slug not in rows:
            raise Unclear(f"No organisation has the short web name “{slug}”")
        spellings[_folded(written)] = rows[slug]
    areas = Area.objects.filter(kind=Area.Kind.DISTRICT)
    return Directory(spellings, _unambiguous((_bare(plain(area.name)), area) for area in areas))


def _names_of(row: Organisation) -> Iterator[str]:
    for name in (row.name, row.short_name, row.nrm_name, row.slug):
        if folded := _folded(name):
            yield from (folded, folded.removeprefix("the "))
    if row.kind == Organisation.Kind.DISTRICT_COUNCIL:  # "Watford Council", and the type of council mistaken
        stem = re.sub(r" (city and district|borough|district|city) council$", "", plain(row.name))
        yield from (f"{stem} {rest}" for rest in ("council", "borough council", "district council"))


def _unambiguous(pairs: Iterable[tuple[str, object]]) -> dict:
    found = defaultdict(list)
    for name, row in pairs:
        if row not in found[name]:
            found[name].append(row)
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}
