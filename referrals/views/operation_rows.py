"""What the pages of an operation show: numbers, references and coded facts, never a name."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from partners.formfields import in_words
from partners.models import User
from partners.roles import Permission
from referrals.codes import AGE_GROUPS, NEEDS, label_of
from referrals.models import Operation, OperationMovement, Referral, ReferralEvent
from referrals.statuses import (
    FEEDBACK_LABELS,
    OUTCOME_LABELS,
    STATUS_LABELS,
    FeedbackBand,
    Move,
    Outcome,
    Priority,
    Status,
)
from referrals.views.mine import TONES
from referrals.workflow import as_recorded, reception_number, that_hold

Kind = OperationMovement.Kind
Row = dict[str, Any]


def board_rows(operation: Operation, user: User, *, runs: bool) -> list[Row]:
    """Return the people of an operation in the order of their numbers, in five queries however many they are.

    Somebody who only opens the reception centre (`runs` is False) is not told how far each referral has got.
    """
    people = list(operation.people.on_board(user).order_by("operation_number"))
    log, facts = as_recorded(operation), _facts(operation)
    links = _links(operation, user) if runs else {}
    rows = []
    for person in people:
        row = {
            "number": person.operation_number,
            "reference": person.reference,
            "url": links.get(person.pk, ""),
            "urgent": person.priority == Priority.IMMEDIATE and person.is_open,
            **_needs(person, facts.get(person.pk, {})),
            **presence(log.get(person.pk, [])),
        }
        rows.append(row | (_outcome(person, user) if runs else {}))
    return rows


def _facts(operation: Operation) -> dict[Any, dict]:
    joined = ReferralEvent.objects.filter(referral__operation=operation, move=Move.JOIN_OPERATION)
    return dict(joined.order_by("at").values_list("referral", "facts"))


def _links(operation: Operation, user: User) -> dict[Any, str]:
    """The page of each person whose page is the reader's: the case for coordinators, else the status page."""
    followed = Referral.objects.visible_to(user).followed_by(user).filter(operation=operation)
    name = "admin:referrals_referral_change" if user.may(Permission.TRIAGE) else "referral_status"
    return {pk: reverse(name, args=[pk]) for pk in followed.values_list("pk", flat=True)}


def _needs(person: Referral, facts: dict[str, Any]) -> Row:
    needs = [label for code, label in NEEDS if code in facts.get("needs", [])]
    interpreter = facts.get("interpreter") == "yes"
    language = facts.get("language") or ("language not known" if interpreter else "")
    shown = [label_of(person.age_group, AGE_GROUPS) if person.age_group != "unsure" else "Age not sure"]
    shown += [f"Interpreter: {language}"] if interpreter else []
    return {"facts": shown, "needs": needs, "language": language if interpreter else ""}


def _outcome(person: Referral, user: User) -> Row:
    if user.may(Permission.TRIAGE):
        status = STATUS_LABELS[Status(person.status)]
        outcome = OUTCOME_LABELS[Outcome(person.outcome)] if person.outcome else ""
    else:
        status = person.band[0]
        outcome = FEEDBACK_LABELS[FeedbackBand(person.feedback_band)] if person.feedback_band else ""
    return {"status": status, "tone": TONES[Status(person.status)], "outcome": outcome}


def presence(entries: list[OperationMovement]) -> Row:
    """Return where somebody is, from their log as recorded: here, gone, or not arrived yet."""
    held = that_hold(entries)
    if not held:
        return {"place": "expected", "presence": "Not arrived yet"}
    last = held[-1]
    at = timezone.localtime(last.at)
    when = f"{at:%H:%M}" if at.date() == timezone.localdate() else f"{at:%H:%M} on {at.day} {at:%B}"
    if last.kind == Kind.ARRIVED:
        return {"place": "here", "presence": f"Here since {when}"}
    return {"place": "gone", "presence": f"Left {when}: {last.get_destination_display()}"}


def log_entries(entries: list[OperationMovement]) -> list[Row]:
    """Return one person's log for a timeline, newest first; what was put right later says so."""
    held = {row.pk for row in that_hold(entries)}
    return [_entry(row, row.pk in held) for row in reversed(entries)]


def _entry(row: OperationMovement, holds: bool) -> Row:
    what = row.get_kind_display() + (f": {row.get_destination_display()}" if row.destination else "")
    recorded = timezone.localtime(row.recorded_at)
    text = f"Recorded by {row.recorded_by.get_full_name()} at {recorded:%H:%M on} {recorded.day} {recorded:%B}."
    return {
        "title": what,
        "at": timezone.localtime(row.at),
        "text": text if holds else f"{text} Put right by a later entry.",
    }


def stats(operation: Operation, rows: list[Row], logged: int) -> list[dict]:
    """Return the figures above the board. `logged` leaves out who was logged twice or by mistake."""
    places = Counter(row["place"] for row in rows)
    figures = [("Here now", places["here"]), ("Left", places["gone"]), ("Logged", logged)]
    figures += [("Expected", operation.expected)] if operation.expected else []
    return [{"label": label, "figure": figure} for label, figure in figures]


def wanted(rows: list[Row]) -> list[dict]:
    """Return what the people who have not left need, each with their numbers, as rows of a summary."""
    staying = [row for row in rows if row["place"] != "gone"]
    languages = sorted({row["language"] for row in staying if row["language"]})
    asked = [(f"Interpreter: {one}", [r["number"] for r in staying if r["language"] == one]) for one in languages]
    asked += [(label, [r["number"] for r in staying if label in r["needs"]]) for _, label in NEEDS]
    return [{"key": key, "value": _numbers(numbers)} for key, numbers in asked if numbers]


def _numbers(numbers: Iterable[int]) -> str:
    return "Number " + ", ".join(map(str, numbers))


def reception_notice(operation: Operation, logged: int) -> dict | None:
    """Return what to say about the number for a reception centre, before and after; None when there is none."""
    if operation.reception_opened_at is not None:
        at = timezone.localtime(operation.reception_opened_at)
        told = (
            f"The organisations that open one and the coordinators on duty were told at {at:%H:%M on} {at.day} {at:%B}."
        )
        return {"title": "A reception centre is needed", "text": told, "tone": "warn", "icon": "alert"}
    number = reception_number()
    if not number or operation.closed_at is not None:
        return None
    missing = number - max(logged, operation.expected or 0)
    more = "one more person" if missing == 1 else f"{missing} more people"
    text = f"With {more}, logged or expected, the organisations that open one and the coordinators on duty are told."
    return {"title": f"A reception centre opens for {number} people", "text": text, "tone": "info", "icon": "person"}


def list_row(operation: Operation, user: User) -> Row:
    """Return an operation as a row of the list; it has `logged` (`OperationQuerySet.with_people`)."""
    facts = [in_words(operation.held_on), f"{operation.logged} logged"]
    facts += [f"{operation.expected} expected"] if operation.expected else []
    facts += [str(operation.organisation)] if operation.organisation != user.organisation else []
    status, tone = state_of(operation)
    needed = operation.reception_opened_at is not None and operation.closed_at is None
    return {
        "title": operation.reference,
        "url": reverse("operation", args=[operation.pk]),
        "facts": facts,
        "status": status,
        "tone": tone,
        "due": "Reception centre needed" if needed else "",
    }


def state_of(operation: Operation) -> tuple[str, str]:
    """Return where an operation stands, as words and their tone."""
    if operation.closed_at is not None:
        return "Closed", "quiet"
    return ("Planned", "info") if operation.held_on > timezone.localdate() else ("Under way", "good")
