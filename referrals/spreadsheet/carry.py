"""Carrying a checked file over: all of it or nothing, through the workflow, with its days, and without a sound.

Each referral is the organisation's that referred; whoever brings the file is entered as its referrer and owner. A log
knows days and no hours: what it says is entered at noon, what follows on the same day a second later.
"""

import datetime
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from partners.hours import LONDON
from partners.models import Partnership, User
from partners.roles import Permission
from referrals.models import Draft, ImportBatch, ImportedRow, Referral
from referrals.spreadsheet.check import check
from referrals.spreadsheet.entries import Entry
from referrals.spreadsheet.marks import marks
from referrals.spreadsheet.report import Report
from referrals.spreadsheet.words import BANDS
from referrals.statuses import Outcome
from referrals.workflow import NotAllowed, close, start_triage, submit, withdraw

NOON = datetime.time(12)
FILE_NAME = "file"


class NotReady(Exception):
    """Raised when a file cannot be carried over as it is; `report` says why."""

    def __init__(self, report: Report):
        self.report = report
        super().__init__("The file cannot be carried over as it is.")


@transaction.atomic
def carry_over(
    content: bytes, *, name: str, by: User, aliases: Mapping[str, str] | None = None
) -> tuple[ImportBatch | None, Report]:
    """Check a file again and enter every new row; nothing is kept when one of them fails.

    `by` must be a coordinator. `name` is the file's name, of which a keyed hash is kept. Returns no batch when there is
    nothing new. Raises NotReady, Unreadable, Unclear, NotAllowed.
    """
    if not by.may(Permission.TRIAGE):
        raise NotAllowed("not a coordinator")
    report = check(content, aliases=aliases)
    if report.errors:
        raise NotReady(report)
    if not report.may_be_carried_over:
        return None, report
    batch = _batch(report, name, by)
    now = timezone.now()
    for entry in report.entries:
        _enter(entry, batch, report, by, now)
    return batch, report


def _batch(report: Report, name: str, by: User) -> ImportBatch:
    return ImportBatch.objects.create(
        by=by,
        kind=report.kind,
        content_hash=report.content_hash,
        name_hash=marks(FILE_NAME, name)[0],
        size=report.size,
        rows=report.rows,
        blank=report.blank,
        repeated=len(report.repeated),
        known=len(report.known),
        carried_over=len(report.entries),
    )


def _enter(entry: Entry, batch: ImportBatch, report: Report, by: User, now: datetime.datetime) -> None:
    days = Partnership.current().draft_days
    draft = Draft(user=by, expires_at=now + datetime.timedelta(days=days))
    draft.put({})
    draft.save(force_insert=True)
    received = _noon(entry.received, now)
    referral = submit(
        by=by,
        draft_id=draft.pk,
        submission=entry.to_submit(timezone.localdate(now)),
        at=received,
        on_behalf_of=entry.organisation,
        quiet=True,
    )
    ImportedRow.objects.create(
        batch=batch,
        referral=referral,
        number=entry.row,
        row_hash=report.row_marks[entry.row],
        reference_hash=report.reference_marks.get(entry.row),
    )
    _follow(entry, referral, by, received, now)


def _follow(entry: Entry, referral: Referral, by: User, received: datetime.datetime, now: datetime.datetime) -> None:
    """Take it into triage, and end it as the log says it ended."""
    triaged = max(_noon(entry.opened, now), received) if entry.opened else received
    triaged = _after(triaged, 1, now)
    start_triage(referral_id=referral.pk, by=by, version=1, at=triaged, quiet=True)
    if entry.ended is None:
        return
    ended = _after(max(_noon(entry.closed, now), triaged), 1, now) if entry.closed else now
    made = {"referral_id": referral.pk, "by": by, "version": 2, "at": ended, "quiet": True}
    if isinstance(entry.ended, Outcome):
        close(outcome=entry.ended, band=BANDS[entry.ended], **made)
    else:
        withdraw(reason=entry.ended, **made)


def _noon(day: datetime.date, now: datetime.datetime) -> datetime.datetime:
    return min(datetime.datetime.combine(day, NOON, LONDON), now - datetime.timedelta(seconds=3))


def _after(moment: datetime.datetime, seconds: int, now: datetime.datetime) -> datetime.datetime:
    return min(moment + datetime.timedelta(seconds=seconds), now)
