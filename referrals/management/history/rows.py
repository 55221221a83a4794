"""The rows that the workflow would have left of a story. A test tells it some and compares (`test_demo_history`)."""

import datetime
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from partners.hours import LONDON
from partners.models import AccessRecord, Area, Organisation, Standing, User
from referrals.forms.answers import to_submission
from referrals.handover_states import HandOverStatus
from referrals.management.history.stories import WORKERS, Asked, Story
from referrals.models import (
    Consent,
    HandOver,
    NrmCase,
    Recommendation,
    Referral,
    ReferralEvent,
    ReferralLocation,
    ReferralSecret,
)
from referrals.nrm_form import Branch
from referrals.nrm_stages import NrmStage
from referrals.pathways import FIRST_RESPONDER_PATHWAYS, Facts, Pathway, Result, as_stored, recommend
from referrals.references import new_reference
from referrals.statuses import Move, NextActor, Status, WithdrawalReason
from referrals.submission import Submission

COORDINATORS = ("coordinator", "coordinator-2")
NAMES = uuid.UUID("5d9a5c0e-6f3e-4d0c-8b76-0f6f3f0b9a11")
BRANCHES = {Pathway.NRM: Branch.ADULT_NRM, Pathway.DUTY_TO_NOTIFY: Branch.DUTY_TO_NOTIFY}


@dataclass(frozen=True)
class County:
    """What the rows refer to: demo people by key, organisations and districts by slug, and when all was entered."""

    people: Mapping[str, User]
    organisations: Mapping[str, Organisation]
    districts: Mapping[str, Area]
    standings: frozenset[tuple[int, str]]
    entered_at: datetime.datetime


@dataclass
class Told:
    """The rows of one story, by model in the order in which they can be written."""

    referral: Referral
    events: list[ReferralEvent] = field(default_factory=list)
    others: list[models.Model] = field(default_factory=list)

    def rows(self) -> Iterator[models.Model]:
        """All of them; the referral stands first."""
        yield self.referral
        yield from self.others
        yield from self.events


def submit_key(story: Story) -> uuid.UUID:
    """Return the submit key of the referral of `story`, by which a second load finds it."""
    return uuid.uuid5(NAMES, story.name)


def rows_of(story: Story, county: County) -> Told:
    """Return the unsaved rows of one story."""
    submission = to_submission(story.answers)
    by = county.people[story.by or COORDINATORS[0]]
    owner = county.people[COORDINATORS[story.at.day % 2]]
    result, facts = _recommended(story, submission, county)
    told = Told(_referral(story, submission, county, by, owner, result))
    told.others += _sealed(told.referral, submission)
    told.others += _consents(told.referral, submission, by)
    told.others.append(
        Recommendation(
            referral=told.referral, rules_version=result.version, facts=vars(facts).copy(), result=as_stored(result)
        )
    )
    told.others.append(_look(told.referral, by, county))
    _history(story, told, county, by, owner)
    told.referral.version = len(told.events)
    return told


def _referral(story: Story, submission: Submission, county: County, by: User, owner: User, result: Result) -> Referral:
    ended = Status.WITHDRAWN if story.is_duplicate else Status.CLOSED
    return Referral(
        reference=new_reference(),
        submit_key=submit_key(story),
        content_hash=submission.content_hash(),
        organisation=county.organisations[story.organisation],
        referrer=by,
        status=ended,
        priority=submission.priority,
        next_actor=NextActor.NOBODY,
        owner=owner,
        age_group=submission.age_group,
        district=county.districts.get(submission.district_code),
        setting=submission.setting,
        exploitation=submission.exploitation,
        indicators=submission.indicators,
        pathways=[found.pathway.value for found in result.pathways],
        rules_version=result.version,
        submitted_at=story.at,
        opened_at=story.opened_at,
        closed_at=None if story.is_duplicate else story.closed_at,
        outcome=story.outcome or "",
        feedback_band=story.band or "",
        withdrawal_reason=WithdrawalReason.DUPLICATE if story.is_duplicate else "",
    )


def _sealed(referral: Referral, submission: Submission) -> Iterator[models.Model]:
    for model, answers in ((ReferralSecret, submission.secret), (ReferralLocation, submission.location)):
        row = model(referral=referral)
        row.put(answers)
        yield row


def _consents(referral: Referral, submission: Submission, by: User) -> Iterator[Consent]:
    for given in submission.consents:
        values = {**vars(given), "explained_on": given.explained_on or None}
        yield Consent(referral=referral, recorded_by=by, **values)


def _recommended(story: Story, submission: Submission, county: County) -> tuple[Result, Facts]:
    states = {given.kind: given.state for given in submission.consents}
    own = county.organisations[story.organisation].pk
    facts = Facts(
        age_group=submission.age_group,
        consent_nrm=states.get("nrm", "not_asked"),
        consent_beacon=states.get("beacon", "not_asked"),
        consent_police=states.get("police", "not_asked"),
        may_lack_capacity=submission.may_lack_capacity,
        immediate_danger=False,
        first_responder=(own, Standing.Kind.FIRST_RESPONDER) in county.standings,
        section_52=(own, Standing.Kind.SECTION_52) in county.standings,
        reception_centre=False,
        exploited_as_child=submission.exploited_as_child,
        turns_18_soon=False,
        conflict=False,
    )
    return recommend(facts), facts


def _look(referral: Referral, by: User, county: County) -> AccessRecord:
    membership = by.membership
    return AccessRecord(
        user=by,
        organisation=membership.organisation,
        role=membership.role,
        action=AccessRecord.Action.SUBMIT,
        object_kind="referral",
        object_id=referral.pk,
        reference=referral.reference,
    )


def _history(story: Story, told: Told, county: County, by: User, owner: User) -> None:
    submitted, triage = Status.SUBMITTED, Status.IN_TRIAGE
    _event(told, county, Move.SUBMIT, by, "", submitted, story.at, {"priority": str(told.referral.priority)})
    _event(told, county, Move.START_TRIAGE, owner, submitted, triage, story.opened_at, {})
    before = _hand_over(story.asked, told, county, owner) if story.asked else triage
    if story.is_duplicate:
        facts = {"reason": WithdrawalReason.DUPLICATE.value}
        _event(told, county, Move.WITHDRAW, owner, before, Status.WITHDRAWN, story.closed_at, facts)
        return
    facts = {"outcome": str(story.outcome), "band": str(story.band)}
    _event(told, county, Move.CLOSE, owner, before, Status.CLOSED, story.closed_at, facts)


def _hand_over(asked: Asked, told: Told, county: County, owner: User) -> Status:
    """Write the hand-over and its events; return in which status it left the referral."""
    worker = county.people[WORKERS[asked.to]]
    row = _asked(asked, told.referral, county, worker, owner)
    told.others.append(row)
    triage, partners = Status.IN_TRIAGE, Status.WITH_PARTNERS
    of = {"hand_over": str(row.pk), "organisation": row.organisation.pk, "pathway": asked.pathway.value}
    _event(told, county, Move.HAND_OVER, owner, triage, partners, asked.offered_at, of | {"override": ""})
    if asked.reason:
        facts = of | {"reason": asked.reason.value}
        _event(told, county, Move.HAND_OVER_DECLINED, worker, partners, partners, asked.ended_at, facts)
        _event(told, county, Move.RETURN_TO_TRIAGE, worker, partners, triage, asked.ended_at, {})
        return triage
    of |= {"responder": worker.pk}
    _event(told, county, Move.HAND_OVER_ACCEPTED, worker, partners, partners, asked.answered_at, of)
    facts = of | {"outcome": str(asked.outcome)}
    _event(told, county, Move.HAND_OVER_COMPLETED, worker, partners, partners, asked.ended_at, facts)
    if asked.pathway in FIRST_RESPONDER_PATHWAYS:
        told.others.append(_nrm(asked, told.referral, row))
    return partners


def _asked(asked: Asked, referral: Referral, county: County, worker: User, owner: User) -> HandOver:
    accepted = {} if asked.reason else {"responder": worker, "accepted_at": asked.answered_at, "accepted_by": worker}
    return HandOver(
        referral=referral,
        organisation=county.organisations[asked.to],
        pathway=asked.pathway,
        status=HandOverStatus.DECLINED if asked.reason else HandOverStatus.COMPLETED,
        version=2 if asked.reason else 3,
        offered_at=asked.offered_at,
        offered_by=owner,
        acknowledged_at=asked.answered_at,
        ended_at=asked.ended_at,
        decline_reason=asked.reason or "",
        outcome=asked.outcome or "",
        **accepted,
    )


def _nrm(asked: Asked, referral: Referral, row: HandOver) -> NrmCase:
    """A case that was sent and whose clocks have all run out: nobody is to be told of one that is years old."""
    sent = NrmStage.NOTIFIED if asked.pathway is Pathway.DUTY_TO_NOTIFY else NrmStage.SUBMITTED
    days = {NrmStage.PREPARING: asked.answered_at, sent: asked.ended_at}
    began = {str(stage): at.astimezone(LONDON).date().isoformat() for stage, at in days.items()}
    branch = BRANCHES[asked.pathway] if referral.age_group == "adult" else Branch.CHILD_NRM
    case = NrmCase(referral=referral, branch=branch, stage=sent, began=began)
    case.first_responder, case.organisation = row.responder, row.organisation
    case.put({"given": {}, "resolved": [], "home_office_reference": ""})
    return case


def _event(
    told: Told,
    county: County,
    move: Move,
    by: User,
    before: str,
    to: Status,
    at: datetime.datetime,
    facts: dict[str, Any],
) -> None:
    # Quiet: nobody is ever to be told of what is years old (ADR 0017).
    recorded = {
        "quiet": True,
        "version": len(told.events) + 1,
        "recorded_at": county.entered_at.isoformat(timespec="seconds"),
    }
    row = ReferralEvent(
        referral=told.referral, move=move, by=by, at=at, from_status=before, to_status=to, facts=facts | recorded
    )
    told.events.append(row)
