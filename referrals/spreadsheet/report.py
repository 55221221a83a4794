"""The dry run: what would be carried over, and row by row what stands in the way, in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from referrals.models import ImportBatch
from referrals.spreadsheet.entries import Entry, Finding
from referrals.spreadsheet.header import letters
from referrals.spreadsheet.reading import FileKind

MOST_SAID = 100


@dataclass
class Report:
    """What a file holds. `entries` are new and in order; nothing of them is in the database yet.

    `rows` counts the rows below the column names that are not blank. `repeated` are (row, the row it repeats), `known`
    rows that were carried over before; both are left out. `before` is the batch of the very same file.
    """

    kind: FileKind
    content_hash: bytes
    size: int
    header_row: int = 0
    columns: list[tuple[str, str]] = field(default_factory=list)  # (letters and heading, what it is taken for)
    rows: int = 0
    blank: int = 0
    other_sheets: int = 0
    entries: list[Entry] = field(default_factory=list, repr=False)
    findings: list[Finding] = field(default_factory=list, repr=False)
    repeated: list[tuple[int, int]] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    before: ImportBatch | None = None
    row_marks: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    reference_marks: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def errors(self) -> list[Finding]:
        """What must be put right first."""
        return [finding for finding in self.findings if finding.is_error]

    @property
    def notes(self) -> list[Finding]:
        """What was made of doubtful cells."""
        return [finding for finding in self.findings if not finding.is_error]

    @property
    def may_be_carried_over(self) -> bool:
        """Whether there is something new and nothing is wrong."""
        return bool(self.entries) and not self.errors and self.before is None

    def summary(self) -> list[str]:
        """Return what the file holds, a sentence each."""
        if self.before is not None:
            return [f"This very file was carried over on {self.before.at:%-d %B %Y}. Nothing is left to do."]
        said = [
            f"{_rows(self.rows)} below the column names in row {self.header_row}; {_rows(self.blank)} blank.",
            f"{_rows(len(self.entries))} to be carried over, {len(self.known)} carried over before, "
            f"{len(self.repeated)} that stand in the file twice.",
        ]
        if self.other_sheets:
            said.append(f"Only the first sheet was read; there are {self.other_sheets} more.")
        wrong = len({finding.row for finding in self.errors})
        said.append(f"{_rows(wrong)} with errors: nothing can be carried over yet." if wrong else "No errors.")
        return said

    def lines(self, *, rows: bool = True) -> Iterator[str]:
        """Return the whole report as lines of text. What stands in a cell is not repeated: it may be a name."""
        yield from self.summary()
        yield from (f"Column {where}: {taken}" for where, taken in self.columns)
        yield from (f"Row {row}: the same as row {first}, left out" for row, first in self.repeated)
        yield from (f"ERROR  {_said(finding)}" for finding in self.errors[:MOST_SAID])
        yield from (f"Note   {_said(finding)}" for finding in self.notes[:MOST_SAID])
        if left := max(0, len(self.errors) - MOST_SAID) + max(0, len(self.notes) - MOST_SAID):
            yield f"… and {left} more"
        if rows:
            yield from (f"Row {entry.row}: {entry.in_words}" for entry in self.entries)


def column_name(index: int, heading: str) -> str:
    """Return "C “Area”"."""
    return f"{letters(index)} “{heading}”"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _said(finding: Finding) -> str:
    return f"Row {finding.row}, “{finding.column}”: {finding.text}"
