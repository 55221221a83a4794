"""The operation: set it up, type once what everybody shares, add its people one by one, close it.

Each person is a referral of their own; the operation only gives it a number. The operation's row is locked before
anything about it is decided, so that two officers who add people at once get two numbers.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from partners.formfields import in_words
from partners.limits import LimitMissing, current_limits
from partners.models import LimitKey, Partnership, User
from partners.roles import Permission
from referrals.identifiers import identifiers_in, plain
from referrals.models import Draft, Operation, OperationMovement, Referral, ReferralSecret
from referrals.notifications import tell, tell_of_expected
from referrals.references import new_operation_reference
from referrals.statuses import Move
from referrals.submission import Submission
from referrals.workflow.moves import Refused, apply, locked, require
from referrals.workflow.notes import NamesThePerson
from referrals.workflow.recommend import assess_again
from referrals.workflow.submit import REFERENCE_TRIES, submit

Blob = dict[str, dict[str, Any]]

#: Of what people share, the words somebody types; the rest are codes and dates.
FREE_TEXT = ("what_was_seen", "exploitation_other", "found_address")
NAMES = ("given_names", "family_name", "known_as")


@dataclass(frozen=True)
class Plan:
    """What an operation is. `held_on` is a local date; name, site and officer are sealed."""

    held_on: datetime.date
    expected: int | None = None
    name: str = ""
    site: str = ""
    officer: str = ""

    def sealed(self) -> dict[str, str]:
        """Return the part that is sealed."""
        return {"name": self.name, "site": self.site, "officer": self.officer}


class OperationChanged(Exception):
    """Raised when a colleague changed the operation after the page was opened; `operation` is as it stands now."""

    def __init__(self, operation: Operation):
        self.operation = operation
        super().__init__("The operation changed after this page was opened.")


def locked_operation(operation_id: UUID, *, by: User, version: int | None = None) -> Operation:
    """Return an operation that `by` may run, locked until the transaction ends.

    Raises Operation.DoesNotExist, Refused when it is closed, OperationChanged when `version` is not the row's.
    """
    operation = Operation.objects.run_by(by).select_for_update(of=("self",)).get(pk=operation_id)
    require_open(operation)
    if version is not None and version != operation.version:
        raise OperationChanged(operation)
    return operation


def require_open(operation: Operation) -> None:
    """Raise Refused when the operation is closed."""
    if operation.closed_at is not None:
        raise Refused("This operation is closed. Nothing can be added to it or changed any more")


@transaction.atomic
def create_operation(*, key: UUID, plan: Plan, by: User) -> Operation:
    """Set up an operation of `by`'s organisation; a second call with the same `key` returns the same (double click).

    When so many people are expected that a reception centre is needed, whoever opens one is told now.
    """
    require(by, Permission.RUN_OPERATION)
    pk = uuid5(key, f"operation {by.pk}")  # nobody's key finds or blocks an operation of somebody else
    operation = Operation.objects.filter(pk=pk).first() or _insert(pk, plan, by)
    _reach(operation, 0)
    return operation


def _insert(pk: UUID, plan: Plan, by: User) -> Operation:
    fields = {"organisation": by.organisation, "created_by": by, "held_on": plan.held_on, "expected": plan.expected}
    for _ in range(REFERENCE_TRIES):
        operation = Operation(pk=pk, reference=new_operation_reference(), **fields)
        operation.put({**plan.sealed(), "secret": {}, "location": {}, "not_names": []})
        try:
            with transaction.atomic():
                operation.save(force_insert=True)
        except IntegrityError as error:
            if "reference" not in str(error):  # the other click was faster
                return Operation.objects.run_by(by).get(pk=pk)
        else:
            operation.refresh_from_db()
            return operation
    raise RuntimeError("No free reference was found.")


@transaction.atomic
def change_operation(*, operation_id: UUID, plan: Plan, by: User, version: int) -> Operation:
    """Change the day, the expected number, the name, the site or the officer.

    Raises Refused for a day that lies ahead once there are people, or after somebody arrived; OperationChanged.
    """
    operation = locked_operation(operation_id, by=by, version=version)
    _refuse_impossible_day(operation, plan.held_on)
    operation.held_on, operation.expected = plan.held_on, plan.expected
    _seal(operation, plan.sealed())
    _reach(operation, operation.people.counted().count())
    return operation


def _refuse_impossible_day(operation: Operation, day: datetime.date) -> None:
    if day > timezone.localdate() and operation.people.exists():
        raise Refused("There are people in this operation, so its day must be today or in the past", "held_on")
    first = operation.movements.order_by("at").first()
    if first and timezone.localdate(first.at) < day:
        arrived = in_words(timezone.localdate(first.at))
        raise Refused(f"Somebody arrived on {arrived}, so its day must be on or before that", "held_on")


@transaction.atomic
def share_circumstances(
    *, operation_id: UUID, secret: Blob, location: Blob, by: User, version: int, not_names: bool = False
) -> Operation:
    """Keep what all people of the operation share. It is copied into the referral of whoever is added from now on.

    Raises NamesThePerson when it holds a name of one of them, unless `by` says with `not_names` that the words found
    are no names; OperationChanged.
    """
    operation = locked_operation(operation_id, by=by, version=version)
    people = ReferralSecret.objects.filter(referral__operation=operation)
    agreed = _keep_names_out(operation, secret, location, [row.take_out() for row in people], agreed=not_names)
    _seal(operation, {"secret": secret, "location": location, "not_names": agreed})
    return operation


def _keep_names_out(
    operation: Operation, secret: Blob, location: Blob, people: list[Blob], *, agreed: bool
) -> list[str]:
    """Return the words that are no names here, or raise NamesThePerson: nobody's referral may name another person."""
    given = [{"person": {name: one.get("person", {}).get(name, "") for name in NAMES}} for one in people]
    texts = [str(step.get(name, "")) for blob in (secret, location) for step in blob.values() for name in FREE_TEXT]
    known: list[str] = operation.take_out().get("not_names", [])
    found = [word for word in identifiers_in("\n".join(filter(None, texts)), *given) if "@" not in word]
    new = [word for word in map(plain, found) if word not in known]
    if new and not agreed:
        raise NamesThePerson(new)
    return [*known, *new]


def _seal(operation: Operation, changes: Mapping[str, Any]) -> None:
    operation.put({**operation.take_out(), **changes})
    operation.version += 1
    operation.save(update_fields=["held_on", "expected", "kid", "sealed", "version"])


@transaction.atomic
def add_person(
    *,
    operation_id: UUID,
    key: UUID,
    referral_from: Callable[[Blob, Blob, datetime.date], Submission],
    facts: Mapping[str, Any],
    by: User,
    arrived: bool = False,
    not_names: bool = False,
) -> Referral:
    """Add a person: a referral of their own with the next number, and what everybody shares copied into it.

    `referral_from` makes what is submitted from the shared secret, the shared location and the day; `facts` are codes
    for the event (needs, language). A second call with the same `key` and answers returns the same referral. Raises
    Refused before the day of the operation, NamesThePerson when the shared text holds their name (see
    `share_circumstances`), SentDifferently when another person was added with this `key`.
    """
    operation = locked_operation(operation_id, by=by)
    if operation.held_on > timezone.localdate():
        raise Refused(f"This operation is planned for {in_words(operation.held_on)}. Change its day to add people now")
    draft, shared = _draft_of(operation, key, by), operation.take_out()
    submission = referral_from(shared["secret"], shared["location"], operation.held_on)
    if draft.referral is not None:
        return submit(by=by, draft_id=draft.pk, submission=submission)
    words = _keep_names_out(operation, shared["secret"], shared["location"], [submission.secret], agreed=not_names)
    if words != shared["not_names"]:
        _seal(operation, {"not_names": words})
    referral = submit(by=by, draft_id=draft.pk, submission=submission)
    _join(operation, referral, facts, by)
    if arrived:
        OperationMovement.objects.create(operation=operation, referral=referral, kind="arrived", recorded_by=by)
    return referral


def _draft_of(operation: Operation, key: UUID, by: User) -> Draft:
    """Return the draft of this form, made when it is sent first. The key is bound to the person and the operation."""
    own_key = uuid5(operation.pk, f"{by.pk} {key}")
    draft = Draft.objects.of(by).filter(submit_key=own_key).first()
    if draft is None:
        days = datetime.timedelta(days=Partnership.current().draft_days)
        draft = Draft(user=by, submit_key=own_key, expires_at=timezone.now() + days)
        draft.put({})
        draft.save(force_insert=True)
    return draft


def _join(operation: Operation, referral: Referral, facts: Mapping[str, Any], by: User) -> None:
    last = operation.people.aggregate(last=Max("operation_number"))["last"] or 0
    reached = _open_reception(operation, operation.people.counted().count() + 1)
    told = {**facts, "operation": str(operation.pk), "number": last + 1}
    told |= {"reception_centre": reached} if reached else {}
    joins = {"operation": operation, "operation_number": last + 1}
    event = apply(referral, Move.JOIN_OPERATION, by=by, facts=told, **joins)
    tell(referral, event)
    if reached:
        _assess(operation)
    else:
        assess_again(referral)


def _reach(operation: Operation, people: int) -> None:
    """Tell whoever opens a reception centre as soon as the expected number asks for one."""
    if _open_reception(operation, people):
        tell_of_expected(operation)
        _assess(operation)


def reception_number() -> int:
    """Return from how many people on a reception centre opens today; 0 when nobody has set a number."""
    try:
        return current_limits().amount(LimitKey.RECEPTION_CENTRE)
    except LimitMissing:
        return 0


def _open_reception(operation: Operation, people: int) -> int:
    """Note, once, that a reception centre is needed; return the number that was reached, 0 when it is none or old."""
    number = reception_number()
    enough = 0 < number <= max(people, operation.expected or 0)
    if operation.reception_opened_at is not None or not enough:
        return 0
    operation.reception_opened_at = timezone.now()
    operation.save(update_fields=["reception_opened_at"])
    return number


def _assess(operation: Operation) -> None:
    for pk in operation.people.order_by("operation_number").values_list("pk", flat=True):
        assess_again(locked(pk, by=None, version=None))
