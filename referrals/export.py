"""A list of referrals as a file: coded facts only, never who or where somebody is. Whoever takes it says what for.

CSV for any program, XLSX with typed cells and the marking on the sheet and on each printed page. A cell that a
spreadsheet program would take for a formula is text (security, threat 21).
"""

import csv
import datetime
import io
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from charts.tables import harmless
from partners.access import record_access
from partners.hours import LONDON
from partners.models import AccessRecord, User
from partners.sealing import CannotOpen
from referrals.codes import AGE_GROUPS, EXPLOITATION_SHORT, SETTINGS, label_of
from referrals.identifiers import Kind, hits, identifiers_in
from referrals.models import HandOver, Referral
from referrals.pathways import PATHWAY_LABELS
from referrals.statuses import (
    FEEDBACK_LABELS,
    NEXT_ACTOR_LABELS,
    OUTCOME_LABELS,
    PRIORITY_LABELS,
    STATUS_LABELS,
    WITHDRAWAL_LABELS,
)

MARKING = "OFFICIAL-SENSITIVE"
MOST_ROWS = 10_000
MOST_COMPARED = 100  # cases whose names a purpose is compared with; among thousands any word is somebody's name
SHORTEST_PURPOSE, LONGEST_PURPOSE = 15, 250

Value = str | int | float | datetime.datetime | None
Facts = dict[str, Any]


class TooMany(Exception):
    """Raised for a list of more than MOST_ROWS referrals: narrow it down first."""


class BadPurpose(Exception):
    """Raised for a purpose that is too short or names somebody. The text is for the person who gave it; `named` are the
    referrals whose people it names."""

    def __init__(self, text: str, named: Collection[Referral] = ()):
        self.named = named
        super().__init__(text)


@dataclass(frozen=True)
class Column:
    """One column of the export: its heading, what it says of a row's facts, and how wide it is in characters."""

    key: str
    heading: str
    says: Callable[[Facts], Value]
    width: int = 16


def _label(key: str, labels: dict) -> Callable[[Facts], Value]:
    return lambda facts: labels[facts[key]] if facts[key] else ""


def _labels(key: str, labels: dict) -> Callable[[Facts], Value]:
    return lambda facts: "; ".join(labels[code] for code in facts[key] or [])


def _time(key: str) -> Callable[[Facts], Value]:
    return lambda facts: facts[key].astimezone(LONDON).replace(tzinfo=None) if facts[key] else None


def _between(start: str, end: str, seconds: int) -> Callable[[Facts], Value]:
    """How long something took. A log that was carried over knows no hours, so nothing is said of it."""

    def says(facts: Facts) -> Value:
        if facts["imported_row"] or not facts[start] or not facts[end]:
            return None
        return round((facts[end] - facts[start]).total_seconds() / seconds, 1)

    return says


_COLUMNS = (
    Column("reference", "Reference", lambda facts: facts["reference"], 14),
    Column("submitted", "Came in", _time("submitted_at"), 17),
    Column("status", "Status", _label("status", STATUS_LABELS), 20),
    Column("next_actor", "Whose move", _label("next_actor", NEXT_ACTOR_LABELS), 20),
    Column("due", "Due", _time("due_at"), 17),
    Column("priority", "Priority", _label("priority", PRIORITY_LABELS), 16),
    Column("organisation", "Referring organisation", lambda facts: facts["organisation__name"], 36),
    Column("district", "District or borough", lambda facts: facts["district__name"] or "", 20),
    Column("setting", "Setting", lambda facts: label_of(facts["setting"], SETTINGS), 26),
    Column("exploitation", "Kinds of exploitation", _labels("exploitation", EXPLOITATION_SHORT), 36),
    Column("age_group", "Age group", lambda facts: label_of(facts["age_group"], AGE_GROUPS), 12),
    Column("pathways", "Recommended pathways", _labels("pathways", PATHWAY_LABELS), 40),
    Column("handed_over", "Handed over for", _labels("handed", PATHWAY_LABELS), 40),
    Column("opened", "First opened", _time("opened_at"), 17),
    Column("hours_to_open", "Hours until opened", _between("submitted_at", "opened_at", 3_600), 12),
    Column("closed", "Closed", _time("closed_at"), 17),
    Column("days_to_close", "Days until closed", _between("submitted_at", "closed_at", 86_400), 12),
    Column("outcome", "Outcome", _label("outcome", OUTCOME_LABELS), 36),
    Column("feedback", "The referrer was told", _label("feedback_band", FEEDBACK_LABELS), 40),
    Column("withdrawn", "Why withdrawn", _label("withdrawal_reason", WITHDRAWAL_LABELS), 30),
    Column("escalated", "Escalated", _time("escalated_at"), 17),
    Column("carried_over", "From an earlier log", lambda facts: "Yes" if facts["imported_row"] else "No", 12),
)
COLUMNS: dict[str, Column] = {column.key: column for column in _COLUMNS}
_FACTS = (
    *("reference", "status", "next_actor", "priority", "organisation__name", "district__name", "setting"),
    *("exploitation", "age_group", "pathways", "outcome", "feedback_band", "withdrawal_reason", "imported_row"),
    *("submitted_at", "due_at", "opened_at", "closed_at", "escalated_at"),
)


@dataclass(frozen=True)
class Rows:
    """A list ready to be written: its columns, and its rows, read from the database as they are written, once."""

    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def rows_of(referrals: QuerySet[Referral], columns: Sequence[str] = tuple(COLUMNS)) -> Rows:
    """Return the coded facts of `referrals`, a queryset that started at `visible_to`, in its order.

    `columns` are keys of COLUMNS; KeyError for another one. Raises TooMany. Memory does not grow with the list.
    """
    chosen = [COLUMNS[key] for key in columns]
    if referrals.count() > MOST_ROWS:
        raise TooMany
    return Rows(chosen, ([column.says(facts) for column in chosen] for facts in _facts(referrals)))


def _facts(referrals: QuerySet[Referral]) -> Iterator[Facts]:
    of_each = HandOver.objects.filter(referral=OuterRef("pk")).order_by().values("referral")
    handed = Subquery(of_each.annotate(kinds=ArrayAgg("pathway", distinct=True)).values("kinds"))
    return referrals.annotate(handed=handed).values(*_FACTS, "handed").iterator(chunk_size=1_000)


def as_csv(rows: Rows) -> bytes:
    """Return the list as CSV: UTF-8 with the mark by which Excel knows it, times as 2026-11-23 14:05 in London."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(column.heading) for column in rows.columns])
    writer.writerows([_in_csv(value) for value in row] for row in rows.rows)
    return text.getvalue().encode("utf-8-sig")


def _in_csv(value: Value) -> str:
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else harmless(value) if isinstance(value, str) else str(value)


def as_xlsx(rows: Rows, *, purpose: str = "", made: datetime.datetime | None = None) -> bytes:
    """Return the list as an Excel workbook: marked, with a header that stays in sight and can be filtered.

    Rows leave memory as they are written, to a folder that is removed at once.
    `made` is an aware datetime, now if None.
    """
    moment = (made or timezone.now()).astimezone(LONDON)
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        file = io.BytesIO()
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as book:
            book.set_properties({"title": "Referrals", "comments": MARKING})
            _fill(book, rows, [MARKING, f"Referrals, {moment:%-d %B %Y %H:%M}", purpose and f"Purpose: {purpose}"])
    return file.getvalue()


def _fill(book: xlsxwriter.Workbook, rows: Rows, above: list[str]) -> None:
    sheet = book.add_worksheet("Referrals")
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    text = book.add_format({"num_format": "@", "quote_prefix": True})
    time = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for index, column in enumerate(rows.columns):
        sheet.set_column(index, index, column.width)
    for number, words in enumerate(above):
        sheet.write_string(number, 0, harmless(words), bold)
    start = len(above) + 1
    for index, column in enumerate(rows.columns):
        sheet.write_string(start, index, column.heading, head)
    last = start
    for last, row in enumerate(rows.rows, start + 1):
        for index, value in enumerate(row):
            _write(sheet, last, index, value, text, time)
    sheet.autofilter(start, 0, max(last, start), len(rows.columns) - 1)
    sheet.freeze_panes(start + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.repeat_rows(start)
    sheet.set_header(f"&C{MARKING}")
    sheet.set_footer(f"&C{MARKING}&RPage &P of &N")


def _write(sheet: Any, row: int, column: int, value: Value, text: Any, time: Any) -> None:
    if isinstance(value, datetime.datetime):
        sheet.write_datetime(row, column, value, time)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, harmless(value), text)


def checked_purpose(purpose: str, referrals: QuerySet[Referral] | None = None) -> str:
    """Return what is recorded of why somebody exports `referrals`, as tidy text.

    Auditors read it: it has at least 15 characters, and no e-mail address or phone number of anybody, and for up to
    MOST_COMPARED cases nothing that names their people. Raises BadPurpose.
    """
    said = " ".join(purpose.split())
    if len(said) < SHORTEST_PURPOSE:
        raise BadPurpose(f"Your reason must have at least {SHORTEST_PURPOSE} characters")
    if len(said) > LONGEST_PURPOSE:
        raise BadPurpose(f"Your reason must have at most {LONGEST_PURPOSE} characters")
    some = [] if referrals is None else list(referrals.select_related("secret", "location")[: MOST_COMPARED + 1])
    compared = some if len(some) <= MOST_COMPARED else []
    named = [referral for referral in compared if identifiers_in(said, *_blobs(referral))]
    if named or _is_contact(said):
        raise BadPurpose("Your reason must not name the person: auditors read it", named)
    return said


def _is_contact(text: str) -> bool:
    """Whether an e-mail address or a phone number of anybody stands in it."""
    return any(hit.kind in (Kind.EMAIL, Kind.PHONE) for hit in hits(text))


def _blobs(referral: Referral) -> tuple:
    try:
        return referral.secret.take_out(), referral.location.take_out()
    except CannotOpen:
        return ()  # what cannot be opened cannot be compared


def record_export(*, by: User, purpose: str, count: int) -> AccessRecord:
    """Record that `by` took a list of `count` referrals away, and what for. In the transaction that makes the file."""
    words = f"{count} {'referral' if count == 1 else 'referrals'}: {purpose}"
    return record_access(by=by, action=AccessRecord.Action.EXPORT, object_kind="referral_list", purpose=words)


def file_name(kind: str, made: datetime.datetime) -> str:
    """Return the name of the file: "OFFICIAL-SENSITIVE referrals 2026-11-23.csv"; `made` is an aware datetime."""
    return f"{MARKING} referrals {made.astimezone(LONDON):%Y-%m-%d}.{kind}"
