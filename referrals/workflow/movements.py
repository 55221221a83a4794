"""Who is at the reception centre: arrivals, departures, and the end of an operation. The log is only added to.

Of several entries of the same kind in a row the last one holds: it puts the others right.
"""

import datetime
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.formfields import in_words
from partners.models import User
from referrals.models import Operation, OperationMovement, Referral
from referrals.workflow.moves import Refused
from referrals.workflow.operations import locked_operation, require_open

Kind = OperationMovement.Kind
#: What the form calls the two kinds, in the middle of a sentence.
SAYS = {Kind.ARRIVED: "here since", Kind.LEFT: "gone since"}


def that_hold(rows: Iterable[OperationMovement]) -> list[OperationMovement]:
    """Return the entries of one person that hold, of `rows` in the order in which they were recorded."""
    held: list[OperationMovement] = []
    for row in rows:
        if held and held[-1].kind == row.kind:
            held.pop()
        held.append(row)
    return held


def as_recorded(operation: Operation) -> dict[object, list[OperationMovement]]:
    """Return the log by the id of the referral, each in the order in which it was recorded. One query."""
    log: dict[object, list[OperationMovement]] = {}
    for row in operation.movements.order_by("recorded_at").select_related("recorded_by"):
        log.setdefault(row.referral_id, []).append(row)
    return log


@transaction.atomic
def log_movement(
    *,
    operation_id: UUID,
    number: int,
    kind: str,
    by: User,
    destination: str = "",
    at: datetime.datetime | None = None,
    corrects: bool = False,
) -> OperationMovement:
    """Log that a person arrived, or left and to what kind of place; `at` is aware, now when it is not given.

    `corrects` says that the entry puts the last one right. Raises Refused for what cannot have happened;
    Operation.DoesNotExist or Referral.DoesNotExist when `by` may not see it.
    """
    operation = Operation.objects.visible_to(by).select_for_update(of=("self",)).get(pk=operation_id)
    require_open(operation)
    referral = operation.people.on_board(by).get(operation_number=number)
    rows = list(operation.movements.filter(referral=referral).order_by("recorded_at"))
    moment = at or timezone.now()
    _refuse_order(number, rows, kind, corrects=corrects)
    _refuse_time(operation, that_hold(rows), kind, moment)
    if kind == Kind.LEFT and not destination:
        raise Refused("Say where they went", "destination")
    return OperationMovement.objects.create(
        operation=operation,
        referral=referral,
        kind=kind,
        at=moment,
        destination=destination if kind == Kind.LEFT else "",
        recorded_by=by,
    )


def _refuse_order(number: int, rows: list[OperationMovement], kind: str, *, corrects: bool) -> None:
    if not rows and kind == Kind.LEFT:
        raise Refused(f"Number {number} has not arrived yet. Log the arrival first", "kind")
    if rows and rows[-1].kind == kind and not corrects:
        since = f"{SAYS[Kind(kind)]} {timezone.localtime(rows[-1].at):%H:%M}"
        raise Refused(f"Number {number} is logged as {since}. To put that right, tick the box at the end", "kind")


def _refuse_time(operation: Operation, held: list[OperationMovement], kind: str, at: datetime.datetime) -> None:
    if at > timezone.now():
        raise Refused("This time lies ahead. If it was yesterday, give the day too", "time")
    if timezone.localdate(at) < operation.held_on:
        raise Refused(f"The operation is of {in_words(operation.held_on)}. This is before it", "day")
    before = [row for row in held if row.kind != kind][-1:]
    if before and at < before[0].at:
        what = "arrived" if kind == Kind.LEFT else "left"
        raise Refused(f"They {what} at {timezone.localtime(before[0].at):%H:%M on %-d %B}. This is before it", "time")


def still_here(operation: Operation) -> list[object]:
    """Return the ids of the referrals whose person arrived and has not left."""
    return [pk for pk, rows in as_recorded(operation).items() if rows[-1].kind == Kind.ARRIVED]


@transaction.atomic
def close_operation(*, operation_id: UUID, by: User) -> Operation:
    """Close an operation when everybody who arrived has left. What became of each person goes on in their referral.

    Raises Refused while somebody is still here, or when it is closed already.
    """
    operation = locked_operation(operation_id, by=by)
    if here := still_here(operation):
        raise Refused(_who_is_here(operation.people.on_board(by).filter(pk__in=here)))
    operation.closed_at = timezone.now()
    operation.version += 1
    operation.save(update_fields=["closed_at", "version"])
    return operation


def _who_is_here(people: Iterable[Referral]) -> str:
    numbers = sorted(person.operation_number for person in people)
    who = f" ({', '.join(f'number {n}' for n in numbers)})" if numbers else ""
    return f"Not everybody has left{who}. Log the departures first"
