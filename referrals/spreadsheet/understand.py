"""From a row of cells to an entry: coded facts in the open, all the rest to be sealed.

What tells where somebody is or was goes to the sealed place, and so does every column we do not know: it may hold
anything. A phone number of a log is not known to be safe, so it is kept beside the case and not as a way of contact.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from referrals.codes import NOT_KNOWN
from referrals.forms.people import contradicts_age
from referrals.forms.steps import BY_KEY
from referrals.spreadsheet import values
from referrals.spreadsheet.columns import Field
from referrals.spreadsheet.directory import OUTSIDE, Directory
from referrals.spreadsheet.entries import Entry, Finding
from referrals.spreadsheet.header import Header
from referrals.spreadsheet.reading import LONGEST_CELL, Cell, Odd, SheetRow, Value
from referrals.spreadsheet.values import Unclear
from referrals.spreadsheet.words import AGES, GENDERS, OPEN, PRIORITIES
from referrals.statuses import Outcome, Priority, WithdrawalReason
from referrals.submission import Submission

FIRST_DAY = datetime.date(2000, 1, 1)
LOG = "log"  # the step of the sealed answers that no page asks for
T = TypeVar("T")

ODD_WORDS = {
    Odd.FORMULA: "This cell holds a formula. Copy the column and paste it as values",
    Odd.ERROR: "This cell shows an error of the spreadsheet. Put the value there, or empty it",
    Odd.TOO_LONG: f"This cell has more than {LONGEST_CELL:,} characters. Shorten it",
}


@dataclass
class RowReader:
    """Reads the cells of one row and collects what is wrong with them."""

    header: Header
    row: SheetRow
    directory: Directory = field(repr=False)
    epoch: datetime.date
    today: datetime.date
    findings: list[Finding] = field(default_factory=list, repr=False)

    def take(self, name: Field, read: Callable[[Value], T], otherwise: T) -> T:
        """Return what `read` makes of the field's cell; `otherwise` when it is empty, or wrong, which is noted."""
        for index in self.header.columns.get(name, []):
            cell = self.row.cell(index)
            if cell.odd:
                self.wrong(index, ODD_WORDS[cell.odd])
            elif not values.is_nothing(cell.value):
                try:
                    return read(cell.value)
                except Unclear as unclear:
                    self.wrong(index, str(unclear), cell)
        return otherwise

    def wrong(self, index: int, text: str, cell: Cell | None = None, *, is_error: bool = True) -> None:
        """Note what is to be said about a cell."""
        seen = values.words(cell.value)[:80] if cell else ""
        self.findings.append(Finding(self.row.number, self.header.heading(index), text, is_error, seen))

    def about(self, name: Field, text: str, *, is_error: bool = True) -> None:
        """Note something about the cell of a field."""
        self.wrong(self.header.columns[name][0], text, is_error=is_error)

    def has(self, name: Field) -> bool:
        """Return whether the field's cell says anything."""
        cells = (self.row.cell(index) for index in self.header.columns.get(name, []))
        return any(cell.odd or not values.is_nothing(cell.value) for cell in cells)

    def text(self, name: Field) -> str:
        """Return the words of a field; of one with several columns, all of them."""
        found = []
        for index in self.header.columns.get(name, []):
            cell = self.row.cell(index)
            if cell.odd:
                self.wrong(index, ODD_WORDS[cell.odd])
            found.append(values.words(cell.value))
        return "\n\n".join(filter(None, found))

    def day(self, name: Field) -> datetime.date | None:
        """Return the day in a field of the log."""
        return self.take(name, lambda value: values.date(value, self.epoch, self.today, FIRST_DAY), None)


def understand(reader: RowReader) -> Entry | None:
    """Return what a row says; None when there are errors, which are in `reader.findings`."""
    for name in (Field.RECEIVED, Field.ORGANISATION):
        if not reader.has(name):
            reader.about(name, "This must be filled in")
    received = reader.day(Field.RECEIVED)
    organisation = reader.take(Field.ORGANISATION, lambda v: reader.directory.organisation(values.words(v)), None)
    district = reader.take(Field.DISTRICT, lambda v: reader.directory.district(values.words(v)), "")
    opened, ended, closed = _course(reader, received)
    submission = _submission(reader, district)
    if received is None or organisation is None or any(finding.is_error for finding in reader.findings):
        return None
    names = {area.code: area.name for area in reader.directory.districts.values()}
    return Entry(
        row=reader.row.number,
        received=received,
        organisation=organisation,
        submission=submission,
        reference=reader.text(Field.REFERENCE),
        opened=opened,
        ended=ended,
        closed=closed,
        district="another county" if district == OUTSIDE else names.get(district, ""),
    )


def _course(
    reader: RowReader, received: datetime.date | None
) -> tuple[datetime.date | None, Outcome | WithdrawalReason | None, datetime.date | None]:
    """When it was triaged, how it ended and when. The days must follow each other."""
    opened, closed = reader.day(Field.OPENED), reader.day(Field.CLOSED)
    wrong = len(reader.findings)
    ended = _ended(reader)
    if len(reader.findings) > wrong:
        return opened, None, closed
    for name, day, first in ((Field.OPENED, opened, received), (Field.CLOSED, closed, opened or received)):
        if day and first and day < first:
            reader.about(name, "This day is before the one on which it came in, or was triaged")
    if closed and ended is None and Field.CLOSED in reader.header.columns:
        reader.about(Field.CLOSED, "It has a day of closing and no outcome. Write how it ended, or take the day out")
    if ended and not closed and reader.has(_how(reader)):
        reader.about(_how(reader), "No day of closing: it will be closed on the day of the import", is_error=False)
    if ended is None and not closed:
        name = _how(reader) if _how(reader) in reader.header.columns else Field.RECEIVED
        reader.about(name, "It has no outcome: it will be an open referral in triage, and yours", is_error=False)
    return opened, ended, closed


def _how(reader: RowReader) -> Field:
    return Field.OUTCOME if reader.has(Field.OUTCOME) or Field.STATUS not in reader.header.columns else Field.STATUS


def _ended(reader: RowReader) -> Outcome | WithdrawalReason | None:
    status = values.words(reader.take(Field.STATUS, lambda value: value, None))
    if status and not reader.has(Field.OUTCOME):
        found = reader.take(Field.STATUS, lambda value: values.outcome(values.words(value)), OPEN)
    else:
        found = reader.take(Field.OUTCOME, lambda value: values.outcome(values.words(value)), OPEN)
    still_open = values.is_open(status)
    return None if found == OPEN or still_open else found  # type: ignore[return-value]


def _submission(reader: RowReader, district: str) -> Submission:
    born = reader.take(Field.BORN, lambda value: values.date(value, reader.epoch, reader.today), None)
    age_group = _age_group(reader, born)
    kinds, rest = reader.take(
        Field.KINDS, lambda value: values.kinds(values.words(value), child=age_group == "child"), ([], "")
    )
    if rest and not values.setting(rest):
        reader.about(Field.KINDS, "Understood in part: all of its words are kept, sealed", is_error=False)
    answers, unknown = _answers(reader, born, district), _unknown(reader)
    secret, location = _apart(answers)
    if unknown:
        location[LOG] = unknown
    return Submission(
        priority=_priority(reader, age_group),
        age_group=age_group,
        setting=_setting(reader, rest),
        district_code="" if district == OUTSIDE else district,
        exploitation=sorted(kinds),
        secret=secret,
        location=location,
    )


def _age_group(reader: RowReader, born: datetime.date | None) -> str:
    """Of the age on the day it came in, and of the date of birth; without either it is in doubt."""
    received = reader.day(Field.RECEIVED) or reader.today
    said = reader.take(Field.AGE, lambda value: values.age_group(values.words(value), AGES), "")
    if not born:
        return said or "unsure"
    if born > received:
        reader.about(Field.BORN, "This date of birth is after the day on which the referral came in")
    of_birth = "child" if not contradicts_age({"age": {"age_group": "child"}}, born, received) else "adult"
    if said in ("adult", "child") and said != of_birth:
        reader.about(Field.BORN, "This date of birth and the age contradict each other. Change one of the two")
    return said or of_birth


def _priority(reader: RowReader, age_group: str) -> Priority:
    usual = Priority.STANDARD if age_group == "adult" else Priority.URGENT
    said = reader.take(
        Field.PRIORITY, lambda value: values.code(values.words(value), PRIORITIES, "priority"), usual.value
    )
    return Priority(said)


def _setting(reader: RowReader, rest_of_kinds: str) -> str:
    said = reader.text(Field.SETTING)
    found = values.setting(said) or values.setting(rest_of_kinds)
    if said and not found:
        reader.about(Field.SETTING, "This names no setting we know: it is kept sealed", is_error=False)
    return found or NOT_KNOWN


def _answers(reader: RowReader, born: datetime.date | None, district: str) -> dict[str, dict]:
    """What is sealed, by the pages of the form that would have asked for it."""
    name = reader.take(Field.NAME, lambda value: values.name(values.words(value)), values.Name())
    alias = " / ".join(filter(None, [name.known_as, reader.text(Field.ALIAS)]))
    gender = reader.take(Field.GENDER, lambda value: values.code(values.words(value), GENDERS, "gender"), "")
    return {
        "age": {"rough_age": reader.text(Field.AGE)},
        "person": {
            "given_names": reader.text(Field.GIVEN) or name.given,
            "family_name": reader.text(Field.FAMILY) or name.family,
            "known_as": alias,
            "date_of_birth": born.isoformat() if born else "",
            "gender": gender,
            "nationality": reader.text(Field.NATIONALITY),
        },
        "found": {"district": district, "found_address": reader.text(Field.FOUND)},
        "account": {"what_was_seen": reader.text(Field.STORY)},
        "where_now": {"address": reader.text(Field.ADDRESS), "postcode": reader.text(Field.POSTCODE)},
        "communication": {"language": reader.text(Field.LANGUAGE)},
        LOG: {
            "reference": reader.text(Field.REFERENCE),
            "referred_by": reader.text(Field.REFERRED_BY),
            "phone_number": reader.text(Field.PHONE),
            "kind_in_the_log": reader.text(Field.KINDS),
            "setting_in_the_log": reader.text(Field.SETTING),
            "outcome_in_the_log": reader.text(Field.OUTCOME),
        },
    }


def _apart(answers: dict[str, dict]) -> tuple[dict, dict]:
    secret: dict = {}
    location: dict = {}
    for step, given in answers.items():
        place = BY_KEY[step].form.place if step in BY_KEY else frozenset()
        for name, value in given.items():
            if value:
                (location if name in place else secret).setdefault(step, {})[name] = value
    return secret, location


def _unknown(reader: RowReader) -> dict[str, str]:
    """The columns nobody told us about, under their own headings."""
    kept = {}
    for index, heading in reader.header.others.items():
        cell = reader.row.cell(index)
        if cell.odd:
            is_error = cell.odd is Odd.TOO_LONG  # what is calculated is not worth stopping for; what was written is
            text = ODD_WORDS[cell.odd] if is_error else "This column is calculated by the spreadsheet: it is left out"
            reader.wrong(index, text, is_error=is_error)
        elif said := values.words(cell.value):
            kept[heading] = said
    return kept
