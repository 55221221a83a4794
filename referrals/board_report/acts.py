"""What happens to a report: begin, write, discard, issue. The only writers of `BoardReport`.

What a coordinator writes is screened as the message board screens a post (ADR 0018), each time it is saved and once
more when it is issued: a draft that was harmless may name somebody who was referred since.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from partners.board.screening import Finding, screen
from partners.models import User
from partners.roles import Permission
from referrals.board_report.beside import beside
from referrals.board_report.frame import KNOWN_KEYS
from referrals.board_report.paper import paper
from referrals.models import BoardReport, Publication
from referrals.periods import Kind, Period


class Refused(Exception):
    """Raised when something cannot be done to a report. The text is for the coordinator."""


class ContentRefused(Refused):
    """Raised when a text holds what may not stand in a report. `findings` say what."""

    def __init__(self, findings: Collection[Finding]):
        self.findings = list(findings)
        super().__init__("The report holds what must not stand in it")


def begin(*, by: User, period: Period, reason: str = "") -> BoardReport:
    """Begin the report on the quarter `period`, or another version of it; return the draft, an old one if there is one.

    Another version starts from the words of the last one and has a `reason`, which readers see. Raises PermissionError,
    ContentRefused for the reason, Refused where nothing is published or no reason is given, `screening.TooManyChecks`.
    """
    _require(by)
    if found := BoardReport.objects.of(period).filter(state=BoardReport.State.DRAFT).first():
        return found
    _published(period)
    last = BoardReport.objects.of(period).issued().without_papers().first()
    if last and not reason.strip():
        raise Refused("Say why there is another version")
    if last:
        _check(reason, by)
    try:
        with transaction.atomic():
            highest = BoardReport.objects.of(period).order_by().aggregate(highest=Max("version"))["highest"] or 0
            return BoardReport.objects.create(
                starts=period.starts,
                version=highest + 1,
                reason=reason.strip() if last else "",
                commentary=last.commentary if last else {},
                written_by=by,
            )
    except IntegrityError:  # a colleague was faster
        return BoardReport.objects.get(starts=period.starts, state=BoardReport.State.DRAFT)


def write(*, by: User, report_id: UUID, edition: int, texts: Mapping[str, str]) -> BoardReport:
    """Put `texts` (by their keys, `frame.KNOWN_KEYS`) into a draft that `by` has read as `edition`; return it.

    Raises PermissionError, BoardReport.DoesNotExist, KeyError for a text that has no place, ContentRefused, Refused
    when it was changed or issued meanwhile, `screening.TooManyChecks`.
    """
    _require(by)
    if unknown := set(texts) - KNOWN_KEYS:
        raise KeyError(", ".join(sorted(unknown)))
    findings = screen("\n".join(texts.values()), by=by)
    if any(found.refused for found in findings):
        raise ContentRefused(found for found in findings if found.refused)
    with transaction.atomic():
        row = _locked(report_id, edition)
        row.commentary = {key: text for key, text in (row.commentary | dict(texts)).items() if text.strip()}
        row.edition += 1
        row.written_at, row.written_by = timezone.now(), by
        row.save(update_fields=["commentary", "edition", "written_at", "written_by"])
    return row


@transaction.atomic
def discard(*, by: User, report_id: UUID, edition: int) -> None:
    """Throw a draft away. Raises PermissionError, BoardReport.DoesNotExist, Refused when it was changed meanwhile."""
    _require(by)
    _locked(report_id, edition).delete()


def issue(
    *, by: User, report_id: UUID, edition: int, publication_id: UUID, confirmed: Collection[str] = ()
) -> BoardReport:
    """Issue a draft as `by` has seen it: `edition` and the publication whose figures stood in it; return it.

    `confirmed` are the kinds of warning that were looked at. The PDF is made here and kept: what was issued is what
    everybody gets. Raises PermissionError, BoardReport.DoesNotExist, ContentRefused, Refused when the words or the
    figures changed meanwhile or there are no words, `screening.TooManyChecks`, `typesetting.CannotTypeset`.
    """
    _require(by)
    draft = BoardReport.objects.get(pk=report_id)
    findings = screen("\n".join(draft.commentary.values()), by=by)
    if any(found.refused or found.kind not in confirmed for found in findings):
        raise ContentRefused(findings)
    with transaction.atomic():
        row = _locked(report_id, edition)
        if not row.commentary:
            raise Refused("Nothing has been written yet. A report needs words as well as figures")
        publication = _published(row.period)
        if publication.pk != publication_id:
            raise Refused("The figures were corrected meanwhile. Read the preview again: it has the new ones")
        blocks = beside(row.period)
        row.publication, row.facts = publication, [block.as_json() for block in blocks]
        row.confirmed = " ".join(sorted(confirmed))
        row.state, row.issued_at, row.issued_by = BoardReport.State.ISSUED, timezone.now(), by
        row.paper = paper(row)
        row.save()
    return row


def _require(by: User) -> None:
    if not by.may(Permission.TRIAGE):
        raise PermissionError("only coordinators write the board report")


def _check(text: str, by: User) -> None:
    if findings := screen(text, by=by):
        raise ContentRefused(findings)


def _published(period: Period) -> Publication:
    found = Publication.objects.current(period) if period.kind is Kind.QUARTER else None
    if found is None:
        raise Refused("The figures of this quarter are not published yet. A report has published figures only")
    return found


def _locked(report_id: UUID, edition: int) -> BoardReport:
    row = BoardReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    if row.is_issued:
        raise Refused("This report was issued meanwhile. It is not changed any more: begin a new version")
    if row.edition != edition:
        raise Refused("A colleague has saved this report meanwhile. Read what stands there now, then save yours")
    return row
