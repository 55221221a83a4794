"""One invented case as the intake seals it, and thousands of them for measurements at scale."""

import datetime
import hashlib
import uuid

from django.db import connection
from django.utils import timezone

from partners.models import AccessRecord, Area, Kind, Membership, Message, User
from partners.models.messages import State
from partners.roles import Role
from referrals.codes import EXPLOITATION_CODES, INDICATOR_CODES, SETTINGS
from referrals.models import Consent, Referral, ReferralEvent, ReferralLocation, ReferralSecret
from referrals.references import new_reference
from referrals.statuses import FeedbackBand, Move, NextActor, Outcome, Priority, Status

SECRET = {
    "person": {"given_names": "Testina", "family_name": "Invented", "known_as": "Tess", "nationality": "Not known"},
    "contact": {"channels": ["phone"], "phone_number": "07700 900123", "safe_times": "Weekdays after 6pm"},
    "account": {
        "what_was_seen": "Sleeps in the store room behind the car wash. " * 12,
        "what_was_said": "Said that somebody else keeps the wages and the passport. " * 8,
    },
    "referrer": {"job_title": "Housing officer", "phone": "01632 960123"},
}
LOCATION = {"found": {"found_address": "The invented car wash, Example Road"}, "where_now": {"whereabouts": "home"}}
CHUNK, COPIED_AT_ONCE = 1000, 10_000
#: What a referral's age in the queue leads to: its statuses in turn, with who is next.
STAGES = (
    (Status.SUBMITTED, NextActor.COORDINATOR),
    (Status.IN_TRIAGE, NextActor.COORDINATOR),
    (Status.INFORMATION_REQUESTED, NextActor.REFERRER),
    (Status.CLOSED, NextActor.NOBODY),
    (Status.CLOSED, NextActor.NOBODY),
)


def members(role: Role) -> list[User]:
    """The accounts that have the role now, in the order of their addresses."""
    rows = Membership.objects.in_role(role).select_related("user").order_by("user__email")
    return [row.user for row in rows]


def add_referrals(count: int) -> None:
    """Write so many referrals with all their rows, as the workflow would have left them, in bulk.

    The referrers are the accounts that may refer, in turn; half of the referrals still wait for somebody.
    """
    districts = list(Area.objects.filter(kind=Area.Kind.DISTRICT))
    referrers = [*members(Role.REFERRER), *members(Role.RESPONDER)]
    owners = members(Role.COORDINATOR)
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        rows = [_referral(n, referrers[n % len(referrers)], districts[n % len(districts)], owners[0]) for n in numbers]
        Referral.objects.bulk_create(rows)
        for model, data in ((ReferralSecret, SECRET), (ReferralLocation, LOCATION)):
            model.objects.bulk_create(_sealed(model, row, data) for row in rows)
        _add_history(rows, owners)


def _referral(number: int, referrer: User, district: Area, owner: User) -> Referral:
    status, actor = STAGES[number % len(STAGES)]
    at = timezone.now() - datetime.timedelta(hours=number)
    closed = status is Status.CLOSED
    return Referral(
        reference=new_reference(),
        submit_key=uuid.uuid4(),
        content_hash=hashlib.sha256(str(number).encode()).digest(),
        organisation=referrer.organisation,
        referrer=referrer,
        status=status,
        priority=list(Priority)[number % 3],
        next_actor=actor,
        due_at=None if closed else at + datetime.timedelta(days=1),
        owner=None if status is Status.SUBMITTED else owner,
        age_group=("adult", "child", "unsure")[number % 3],
        district=district,
        setting=SETTINGS[number % len(SETTINGS)][0],
        exploitation=[EXPLOITATION_CODES[number % len(EXPLOITATION_CODES)]],
        indicators=[INDICATOR_CODES[number % 30], INDICATOR_CODES[number % 30 + 1]],
        submitted_at=at,
        opened_at=None if status is Status.SUBMITTED else at + datetime.timedelta(minutes=20),
        closed_at=at + datetime.timedelta(days=3) if closed else None,
        outcome=Outcome.SUPPORTED_LOCALLY if closed else "",
        feedback_band=FeedbackBand.HELP_IN_PLACE if closed else "",
    )


def _sealed(model: type, referral: Referral, data: dict) -> ReferralSecret | ReferralLocation:
    row = model(referral=referral)
    row.put(data)
    return row


def _add_history(rows: list[Referral], owners: list[User]) -> None:
    submitted = [_event(row, Move.SUBMIT, row.referrer) for row in rows]
    later = [_event(row, Move.START_TRIAGE, row.owner) for row in rows if row.owner]
    ReferralEvent.objects.bulk_create([*submitted, *later])
    Consent.objects.bulk_create(
        Consent(referral=row, kind=kind, state=state, recorded_by=row.referrer)
        for row in rows
        for kind, state in (("nrm", "not_asked"), ("beacon", "given"))
    )
    Message.objects.bulk_create(
        _message(row, event, kind, user)
        for row, event in zip(rows, submitted, strict=True)
        for kind, user in [*((Kind.REFERRAL_SUBMITTED, owner) for owner in owners), (Kind.RECEIPT, row.referrer)]
    )
    AccessRecord.objects.bulk_create(
        _look(row, action, by)
        for row in rows
        for action, by in ((AccessRecord.Action.SUBMIT, row.referrer), (AccessRecord.Action.VIEW, owners[0]))
    )


def _event(row: Referral, move: Move, by: User) -> ReferralEvent:
    to_status = Status.SUBMITTED if move is Move.SUBMIT else row.status
    return ReferralEvent(referral=row, move=move, by=by, to_status=to_status, facts={"version": 1})


def _message(row: Referral, event: ReferralEvent, kind: Kind, user: User) -> Message:
    return Message(
        event_id=event.id,
        kind=kind,
        referral_id=row.id,
        reference=row.reference,
        user=user,
        state=State.SENT,
        attempts=1,
        sent_at=row.submitted_at,
        acknowledged_at=row.opened_at,
    )


def _look(row: Referral, action: AccessRecord.Action, by: User) -> AccessRecord:
    membership = by.membership
    return AccessRecord(
        user=by,
        organisation=membership.organisation,
        role=membership.role,
        action=action,
        object_kind="referral",
        object_id=row.id,
        reference=row.reference,
    )


def multiply(count: int) -> None:
    """Bring the table of referrals to `count` rows: copies of the whole ones in it, each hours apart from the last, so
    that few are due at once. Rows of the queue only, nothing sealed; PostgreSQL writes them by itself."""
    models = Referral.objects.filter(reference__contains="-").count()
    columns = [field.column for field in Referral._meta.concrete_fields]
    own = {
        "id": "gen_random_uuid()",
        "submit_key": "gen_random_uuid()",
        "reference": "'M' || lpad((%(start)s + row_number() OVER ())::text, 11, '0')",
        **{name: f"{name} + copy * interval '7 hours' - interval '90 days'" for name in ("due_at", "submitted_at")},
    }
    values = ", ".join(own.get(name, name) for name in columns)
    statement = (
        f"INSERT INTO referrals_referral ({', '.join(columns)}) SELECT {values} FROM referrals_referral, "  # noqa: S608
        "generate_series(%(first)s, %(last)s) copy WHERE strpos(reference, '-') > 0 LIMIT %(most)s"
    )
    with connection.cursor() as cursor:
        for start in range(Referral.objects.count(), count, COPIED_AT_ONCE):
            most = min(COPIED_AT_ONCE, count - start)
            first = start // models
            cursor.execute(
                statement, {"start": start, "first": first, "last": first + most // models + 1, "most": most}
            )
        cursor.execute("ANALYZE referrals_referral")
