"""The dry run of a file: read it, understand each row, and look up what was carried over before. Changes nothing."""

import datetime
from collections.abc import Mapping

from django.utils import timezone

from referrals.models import ImportBatch, ImportedRow
from referrals.spreadsheet.columns import FIELD_LABELS, Field
from referrals.spreadsheet.csv_file import read_csv
from referrals.spreadsheet.directory import directory
from referrals.spreadsheet.entries import Entry, Finding, hash_of
from referrals.spreadsheet.header import Header, find_header
from referrals.spreadsheet.marks import marks
from referrals.spreadsheet.reading import FileKind, Sheet, kind_of
from referrals.spreadsheet.report import Report, column_name
from referrals.spreadsheet.understand import RowReader, understand
from referrals.spreadsheet.xlsx_file import read_xlsx

ROW, REFERENCE = "row", "reference"


def read(content: bytes) -> Sheet:
    """Return the table in a file, whatever its name says it is. Raises Unreadable."""
    return read_xlsx(content) if kind_of(content) is FileKind.XLSX else read_csv(content)


def check(content: bytes, *, aliases: Mapping[str, str] | None = None, today: datetime.date | None = None) -> Report:
    """Return what a spreadsheet holds and what is wrong with it.

    `aliases` are {what the log writes for an organisation: its slug}. Raises Unreadable for a file that is no table,
    and Unclear for an alias that leads nowhere.
    """
    sheet = read(content)
    report = Report(sheet.kind, hash_of(content), len(content), other_sheets=sheet.other_sheets)
    report.before = ImportBatch.objects.filter(content_hash=report.content_hash).first()
    header = find_header(sheet)
    report.header_row, report.columns = header.row.number, _columns(header)
    _leave_out(report, _understood(report, sheet, header, aliases, today or timezone.localdate()))
    return report


def _columns(header: Header) -> list[tuple[str, str]]:
    known = {index: FIELD_LABELS[name] for name, found in header.columns.items() for index in found}
    sealed = dict.fromkeys(header.others, "not known; kept with the sealed location")
    taken = sorted({**known, **sealed}.items())
    return [(column_name(index, header.heading(index)), what) for index, what in taken]


def _understood(
    report: Report, sheet: Sheet, header: Header, aliases: Mapping[str, str] | None, today: datetime.date
) -> list[Entry]:
    known, found = directory(aliases), []
    for row in sheet.rows:
        if row.number <= header.row.number:
            continue
        if row.is_blank:
            report.blank += 1
            continue
        report.rows += 1
        reader = RowReader(header, row, known, sheet.epoch, today)
        if entry := understand(reader):
            found.append(entry)
        report.findings += dict.fromkeys(reader.findings)
    return found


def _leave_out(report: Report, entries: list[Entry]) -> None:
    """Keep the entries that are new: not twice in the file, not carried over before."""
    by_row = {entry.row: marks(ROW, entry.content()) for entry in entries}
    every = [mark for found in by_row.values() for mark in found]
    before = {bytes(mark) for mark in ImportedRow.objects.filter(row_hash__in=every).values_list("row_hash", flat=True)}
    first: dict[bytes, int] = {}
    for entry in entries:
        mark = by_row[entry.row][0]
        if before.intersection(by_row[entry.row]):
            report.known.append(entry.row)
        elif mark in first:
            report.repeated.append((entry.row, first[mark]))
        else:
            first[mark] = entry.row
            report.entries.append(entry)
    report.row_marks = {row: mark for mark, row in first.items()}
    _note_changed_rows(report)


def _note_changed_rows(report: Report) -> None:
    """A reference of the log that was carried over with other words: perhaps the same person, perhaps another log."""
    by_row = {entry.row: marks(REFERENCE, entry.reference) for entry in report.entries if entry.reference}
    every = [mark for found in by_row.values() for mark in found]
    rows = ImportedRow.objects.filter(reference_hash__in=every).values_list("reference_hash", flat=True)
    before = {bytes(mark) for mark in rows}
    for row, found in by_row.items():
        if before.intersection(found):
            text = (
                "This reference was carried over before, and the row has changed since. It will be a second referral: "
                "take the row out if it is the same one"
            )
            report.findings.append(Finding(row, FIELD_LABELS[Field.REFERENCE], text, is_error=False))
    report.reference_marks = {row: found[0] for row, found in by_row.items()}
