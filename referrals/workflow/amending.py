"""Amending a referral after it was sent: what it says now is sealed anew, and what it said before is kept beside it."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.models import AccessRecord, Area, Organisation, Partnership, User
from partners.outbox import is_on_its_way
from partners.roles import Permission
from referrals.handover_states import RevokeReason
from referrals.models import Amendment, HandOver, NrmCase, Referral
from referrals.notifications import tell
from referrals.pathways import FIRST_RESPONDER_PATHWAYS
from referrals.person_index import index_person
from referrals.statuses import Move, NextActor, Priority, Status, after
from referrals.submission import Answers, Revision, Submission
from referrals.workflow.consent import recall
from referrals.workflow.handovers import facts_of, give_to_coordinator, settle
from referrals.workflow.moves import Refused, apply, locked, note_event, require
from referrals.workflow.nrm import follow_amendment
from referrals.workflow.recommend import assess_again, facts_that_differ
from referrals.workflow.submit import month_of, triage_due

#: Makes the revision from the referral and its two sealed blobs as they are when it is locked.
Revise = Callable[[Referral, Answers, Answers], Revision]

MOST_PRESSING = list(Priority)
#: Looks by which an organisation has seen what was amended.
UNDER_WAY = (Status.IN_TRIAGE, Status.WITH_PARTNERS)
LOOKS = (AccessRecord.Action.OPEN_HAND_OVER, AccessRecord.Action.OPEN_ANSWER_SHEET)


class NothingChanged(Exception):
    """Raised when an amendment says what the referral says already. Nothing is written."""


@transaction.atomic
def amend(*, referral_id: UUID, revise: Revise, why: str, by: User, version: int) -> Referral:
    """Amend an open referral: seal what `revise` makes of it, and keep the old answers, the new ones and `why` sealed.

    What is kept in the open follows, the blind keys are made anew and the rules are asked again. What would now need a
    consent that is not there is taken back. Whoever has the case is told once until they look; immediate danger rings
    as it does for a new referral. Raises NothingChanged, Refused without a reason, MoveNotAllowed once it has ended,
    ChangedMeanwhile, NotAllowed, Referral.DoesNotExist.
    """
    require(by, Permission.TRIAGE)
    referral = locked(referral_id, by=by, version=version)
    after(Move.AMEND, referral.status)  # before anything is opened
    if not why.strip():
        raise Refused("Say why it is amended", "why")
    revision = revise(referral, referral.secret.take_out(), referral.location.take_out())
    if not revision.questions:
        raise NothingChanged
    columns = _columns(referral, revision)
    event = apply(referral, Move.AMEND, by=by, facts=_facts(revision, columns), **columns)
    _seal(referral, revision)
    kept = Amendment(event=event)
    kept.put({"why": why, **revision.differs})
    kept.save(force_insert=True)
    index_person(referral)
    assess_again(referral, facts_that_differ(referral, revision.before, revision.after))
    follow_amendment(referral, revision)
    if recall(referral, by=by, why=RevokeReason.CONSENT_NEEDED) and referral.status in UNDER_WAY:
        give_to_coordinator(referral)
    settle(referral, by=by)
    tell(referral, event)
    _tell_who_has_it(referral, by)
    return referral


def _facts(revision: Revision, columns: dict[str, object]) -> dict[str, object]:
    """What the event may say: which questions, and the new order of work; never an answer."""
    priority = {"priority": str(columns["priority"])} if "priority" in columns else {}
    return {"questions": revision.questions, **priority}


def _seal(referral: Referral, revision: Revision) -> None:
    for row, answers in ((referral.secret, revision.secret), (referral.location, revision.location)):
        row.put(answers)
        row.save(update_fields=["kid", "sealed"])


def _columns(referral: Referral, revision: Revision) -> dict[str, object]:
    """The columns whose value follows from other answers than before; the others stay, whatever they rest on."""
    before, now = _in_the_open(revision.before), _in_the_open(revision.after)
    columns = {name: value for name, value in now.items() if value != before[name]}
    if "district_code" in columns:
        code = columns.pop("district_code")
        columns["district"] = Area.objects.filter(code=code).first() if code else None
    if columns.get("priority") == referral.priority:
        del columns["priority"]
    return columns | _sooner(referral, columns.get("priority"))


def _in_the_open(read: Submission) -> dict[str, object]:
    return {
        "priority": read.priority,
        "age_group": read.age_group,
        "district_code": read.district_code,
        "setting": read.setting,
        "exploitation": read.exploitation,
        "indicators": read.indicators,
        "turns_18_month": month_of(read.turns_18_on),
    }


def _sooner(referral: Referral, priority: object) -> dict[str, object]:
    """A referral that presses more than it did waits no longer for its coordinator; a promise is never put off."""
    if referral.next_actor != NextActor.COORDINATOR or priority is None or referral.due_at is None:
        return {}
    if MOST_PRESSING.index(priority) > MOST_PRESSING.index(Priority(referral.priority)):
        return {}
    return {"due_at": min(referral.due_at, triage_due(priority, timezone.now(), Partnership.current()))}


def _tell_who_has_it(referral: Referral, by: User) -> None:
    """Tell each organisation that has the case once, until somebody there looks: one event, so that history says so."""
    rows: dict[Organisation, list[HandOver]] = {}
    for row in _held(referral):
        rows.setdefault(row.organisation, []).append(row)
    for organisation, theirs in rows.items():
        if _knows(referral, organisation):
            continue
        event = note_event(referral, Move.HAND_OVER_AMENDED, by=by, facts=facts_of(theirs[0]))
        for row in theirs:  # the mailbox once; whoever is named for each of them
            tell(referral, event, row)


def _held(referral: Referral) -> list[HandOver]:
    """The open hand-overs, and that of the named first responder, whose sheet stays open when the form was sent."""
    kept_out = referral.exclusions.in_force().values("organisation")
    rows = list(
        referral.hand_overs.sharing().exclude(organisation__in=kept_out).select_related("organisation", "responder")
    )
    named = NrmCase.objects.held().filter(referral=referral).values_list("first_responder", flat=True).first()
    return [
        row
        for row in rows
        if row.is_open or (row.pathway in FIRST_RESPONDER_PATHWAYS and named and row.responder_id == named)
    ]


def _knows(referral: Referral, organisation: Organisation) -> bool:
    """Whether the organisation was told of an amendment and nobody there has looked since."""
    told = referral.events.filter(move=Move.HAND_OVER_AMENDED, facts__organisation=organisation.pk).last()
    if told is None or not is_on_its_way(told.pk):
        return False
    looks = AccessRecord.objects.filter(object_id=referral.pk, organisation=organisation, action__in=LOOKS)
    return not looks.filter(at__gt=told.at).exists()
