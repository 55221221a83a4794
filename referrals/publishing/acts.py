"""Publish, hold back, release, correct: the only writer of publications and of the book of true counts.

The figures are worked out before anything is locked, because the solver may take its time; then one short transaction
takes the lock, looks whether all still stands as it was, and writes everything of a period at once, or nothing.
"""

import datetime
import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from django.db import connection, transaction
from django.utils import timezone

from partners.board.screening import screen
from partners.hours import LONDON
from partners.models import User
from partners.roles import Permission
from referrals.disclosure.protecting import ProtectionFailed
from referrals.models import FigureAct, Publication
from referrals.models.figures import LONGEST_REASON
from referrals.periods import Kind, Period
from referrals.publishing.calculation import Calculation, Result, rule_in_force
from referrals.publishing.due import closed, due, is_held, is_published, last_hold
from referrals.publishing.ledger import CountsDisagree, Ledger
from referrals.publishing.web import known_as_json
from referrals.statistics.counting import Counted
from referrals.workflow import NotAllowed

log = structlog.get_logger(__name__)

#: The number of PostgreSQL's advisory lock under which figures are written.
LOCK = 20_250_025
SHORTEST_REASON = 10


class MayNotBeDone(ValueError):
    """Raised, with words for people, when an act is not possible. Nothing was done."""


class ChangedMeanwhile(RuntimeError):
    """Raised when the book of counts changed while figures were worked out: they are worked out again."""


#: Why a period may not be published this time. The next round tries again.
FAILURES = (ProtectionFailed, CountsDisagree, ChangedMeanwhile, ValueError)


@dataclass(frozen=True)
class Preview:
    """What would be published of a period now, and the true counts it is made from. For coordinators."""

    period: Period
    counted: Counted
    results: list[Result]


def publish_due(now: datetime.datetime, *, grace: bool = True, seconds: float | None = None) -> tuple[Period, ...]:
    """Publish every period that is to be published at the aware datetime `now`; return those that were.

    Each is a transaction of its own. One that fails is logged and left out, and what it is a part of waits. `grace`:
    the working days in which a coordinator may look first. After `seconds` no other is begun: the next round goes on.
    """
    began, done = time.monotonic(), []
    for period in due(now.astimezone(LONDON).date(), grace=grace):
        if seconds is not None and time.monotonic() - began > seconds:
            break
        try:
            if publish(period):
                done.append(period)
        except FAILURES as failure:
            log.error("figures_not_published", period=period.slug, error=type(failure).__name__)
    return tuple(done)


def publish(period: Period) -> bool:
    """Publish one period now, its organisations with it, unless it is held; return whether it was this call that did.

    Its parts have to be published. Raises what is in FAILURES.
    """
    ledger = Ledger()
    results = Calculation(ledger, rule_in_force()).work_out(period)
    computed_at = timezone.now()
    with transaction.atomic():
        _lock()
        if is_published(period) or is_held(period):
            return False
        number = _write_counts(ledger, period)
        _write(results, version=1, number=number, computed_at=computed_at)
        FigureAct.objects.create(kind=period.kind, starts=period.starts, act=FigureAct.Act.PUBLISHED)
    log.info("figures_published", period=period.slug, publications=len(results))
    return True


def preview(period: Period, *, organisations: bool = True) -> Preview:
    """Return what would be published of `period` now. Nothing is kept. Raises ProtectionFailed, CountsDisagree.

    `organisations`: theirs too; of a year that may take the solver minutes.
    """
    ledger = Ledger()
    calculation = Calculation(ledger, rule_in_force())
    for part in _with_parts(period):
        if part == period or not is_published(part):
            results = calculation.work_out(part, organisations=organisations)
    return Preview(period, ledger.of(period), results)


@transaction.atomic
def hold(*, by: User, period: Period, reason: str) -> FigureAct:
    """Hold `period` back: it is not published until it is released. Who holds it already changes nothing.

    Raises NotAllowed; MayNotBeDone for a period that is published, or a reason that says nothing or somebody's name.
    """
    _require(by)
    reason = checked_reason(reason, by=by)
    _lock()
    if is_published(period):
        raise MayNotBeDone(f"{period.label} is published already. It can be corrected, with a reason")
    if is_held(period):
        return last_hold(period)
    return _note(FigureAct.Act.HELD, period, by, reason)


@transaction.atomic
def release(*, by: User, period: Period) -> FigureAct | None:
    """Release a period that is held back; the next round publishes it. Nothing happens to one that is not held.

    Raises NotAllowed.
    """
    _require(by)
    _lock()
    return _note(FigureAct.Act.RELEASED, period, by) if is_held(period) else None


def correct(*, by: User, period: Period, reason: str) -> tuple[Period, ...]:
    """Count `period` again and publish a new version of it, of its parts, and of what it is a part of; return those.

    What an earlier version hid stays hidden, whatever its count is now. The earlier versions stay on record. Raises
    NotAllowed; MayNotBeDone for a period that is not published, or a reason that may not stand there; ChangedMeanwhile
    when somebody else was faster; ProtectionFailed, CountsDisagree.
    """
    _require(by)
    reason = checked_reason(reason, by=by)
    _require_published(period)
    return _correct(by, period, reason)


@transaction.atomic
def ask_for_correction(*, by: User, period: Period, reason: str) -> FigureAct:
    """Ask for what `correct` does: the next round does it, because the solver may take longer than a page may. Asking
    twice asks once.

    Raises NotAllowed; MayNotBeDone as `correct` does.
    """
    _require(by)
    reason = checked_reason(reason, by=by)
    _require_published(period)
    _lock()
    asked = _asked_for(period)
    return asked or _note(FigureAct.Act.ASKED, period, by, reason)


def correct_what_was_asked() -> tuple[Period, ...]:
    """Make every correction that was asked for; return the periods. One that fails is logged and tried again."""
    done = []
    asked_for = FigureAct.objects.filter(act=FigureAct.Act.ASKED).order_by("starts")
    for kind, starts in asked_for.values_list("kind", "starts").distinct():
        if asked := _asked_for(Period(starts, Kind(kind))):
            try:
                _correct(asked.by, asked.period, asked.reason)
                done.append(asked.period)
            except FAILURES as failure:
                log.error("figures_not_corrected", period=asked.period.slug, error=type(failure).__name__)
    return tuple(done)


def _asked_for(period: Period) -> FigureAct | None:
    """The correction of `period` that was asked for and is not made yet."""
    acts = FigureAct.objects.filter(kind=period.kind, starts=period.starts)
    newest = acts.filter(act__in=[FigureAct.Act.ASKED, FigureAct.Act.CORRECTED]).order_by("-pk").first()
    return newest if newest and newest.act == FigureAct.Act.ASKED else None


def _correct(by: User, period: Period, reason: str) -> tuple[Period, ...]:
    ledger = Ledger(again=frozenset(period.months()))
    calculation = Calculation(ledger, rule_in_force())
    periods = [*_with_parts(period), *_wholes(period)]
    results = {one: calculation.work_out(one) for one in periods}
    computed_at = timezone.now()
    with transaction.atomic():
        _lock()
        for one in periods:
            number = _write_counts(ledger, one)
            version = (
                Publication.objects.of(one).order_by("-version").values_list("version", flat=True).first() or 0
            ) + 1
            Publication.objects.of(one).supersede(computed_at)
            _write(results[one], version=version, number=number, computed_at=computed_at, by=by, reason=reason)
            _note(FigureAct.Act.CORRECTED, one, by, reason)
    log.info("figures_corrected", period=period.slug, periods=len(periods), user_id=by.pk)
    return tuple(periods)


def checked_reason(reason: str, *, by: User) -> str:
    """Return a reason as it is kept: one line that says something, and nothing about one person.

    Raises MayNotBeDone: partners read why figures were corrected. Raises TooManyChecks.
    """
    text = " ".join(reason.split())
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise MayNotBeDone(f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters")
    if found := screen(text, by=by):
        words = ", ".join(f"“{one.words}”" for one in found)
        raise MayNotBeDone(f"Leave {words} out: the reason must not lead to one person or one case")
    return text


def _require(by: User) -> None:
    if not by.may(Permission.TRIAGE):
        raise NotAllowed(Permission.TRIAGE.value)


def _require_published(period: Period) -> None:
    if not is_published(period):
        raise MayNotBeDone(f"{period.label} is not published. There is nothing to correct yet")


def _lock() -> None:
    """Wait for whoever writes figures; the end of the transaction lets the next one in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _with_parts(period: Period) -> list[Period]:
    """`period` after its parts and theirs, without those that ended before the first referral."""
    months = set(period.months())
    inside = [one for one in closed(timezone.localdate()) if one != period and months >= set(one.months())]
    return [*inside, period]


def _wholes(period: Period) -> list[Period]:
    """The published periods that `period` is a part of, the shorter first."""
    found = [one for one in closed(timezone.localdate()) if period != one and set(period.months()) <= set(one.months())]
    return [one for one in found if is_published(one)]


def _write_counts(ledger: Ledger, period: Period) -> int:
    """Put what was counted into the book; return the number of the counts of `period`. Raises ChangedMeanwhile."""
    if not ledger.still_holds():
        raise ChangedMeanwhile(period.slug)
    ledger.write()
    return ledger.number_of(period)


def _write(
    results: Iterable[Result],
    *,
    version: int,
    number: int,
    computed_at: datetime.datetime,
    by: User | None = None,
    reason: str = "",
) -> None:
    Publication.objects.bulk_create(
        Publication(
            kind=one.period.kind,
            starts=one.period.starts,
            organisation_id=one.organisation_id,
            version=version,
            figures_json=one.figures.as_json(),
            known=known_as_json(one.known),
            reason=reason,
            counts_number=number,
            computed_at=computed_at,
            published_by=by,
        )
        for one in results
    )


def _note(act: FigureAct.Act, period: Period, by: User, reason: str = "") -> FigureAct:
    return FigureAct.objects.create(kind=period.kind, starts=period.starts, act=act, by=by, reason=reason)
