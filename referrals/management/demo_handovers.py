"""The moves of the demonstration that have to do with hand-overs, consent and the NRM, made through the workflow."""

import datetime
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from partners.models import Organisation, User
from referrals import workflow
from referrals.handover_states import DeclineReason, HandOverOutcome
from referrals.models import HandOver, NrmCase, Referral
from referrals.nrm_stages import NrmStage
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven

At = datetime.datetime | None
Step = Mapping[str, Any]


def hand_over(referral_id: uuid.UUID, step: Step, by: User, at: At) -> None:
    """`to` is the slug of an organisation."""
    version = Referral.objects.values_list("version", flat=True).get(pk=referral_id)
    offers = [workflow.Offer(Organisation.objects.get(slug=step["to"]), Pathway(step["pathway"]))]
    workflow.hand_over(referral_id=referral_id, offers=offers, by=by, version=version, at=at)


def accept(referral_id: uuid.UUID, step: Step, by: User, at: At) -> None:
    """The organisation of `by` takes what it was offered last."""
    row = _of(referral_id, by)
    workflow.accept(hand_over_id=row.pk, by=by, version=row.version, at=at)


def decline(referral_id: uuid.UUID, step: Step, by: User, at: At) -> None:
    """... or says no."""
    row = _of(referral_id, by)
    workflow.decline(hand_over_id=row.pk, reason=DeclineReason(step["reason"]), by=by, version=row.version, at=at)


def ask(referral_id: uuid.UUID, step: Step, by: User, at: At) -> None:
    """... or asks the coordinator."""
    row = _of(referral_id, by)
    workflow.ask_coordinator(hand_over_id=row.pk, question=step["question"], by=by, version=row.version)


def complete(referral_id: uuid.UUID, step: Step, by: User, at: At) -> None:
    """... or reports what came of it."""
    row = _of(referral_id, by)
    outcome = HandOverOutcome(step["outcome"])
    workflow.complete(hand_over_id=row.pk, outcome=outcome, by=by, version=row.version, at=at)


def consent(referral_id: uuid.UUID, step: Step, by: User, at: At) -> None:
    """`kinds` is {kind: state}, as the person said today."""
    given = [ConsentGiven(kind=kind, state=state, explained_by="me") for kind, state in step["kinds"].items()]
    workflow.record_consents(referral_id=referral_id, given=given, by=by)


def stage(referral_id: uuid.UUID, step: Step, by: User, at: At) -> None:
    """A stage of the NRM on the day of `at`."""
    case = NrmCase.objects.get(pk=referral_id)
    on, number = at.date(), step.get("reference", "")
    workflow.record_stage(
        referral_id=referral_id,
        stage=NrmStage(step["stage"]),
        on=on,
        by=by,
        version=case.version,
        home_office_reference=number,
        at=at,
    )


def _of(referral_id: uuid.UUID, by: User) -> HandOver:
    ours = HandOver.objects.visible_to(by).open().filter(referral=referral_id, organisation=by.organisation)
    return ours.latest("offered_at")


HAND_OVER_MOVES: dict[str, Callable[[uuid.UUID, Step, User, At], None]] = {
    "hand_over": hand_over,
    "accept": accept,
    "decline": decline,
    "ask_coordinator": ask,
    "complete": complete,
    "consent": consent,
    "stage": stage,
}
