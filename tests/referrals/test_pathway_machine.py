"""Anybody does anything, in any order, well or badly timed: what must hold after each step, holds.

The seeds are fixed, so that a failure comes again. What a walk did is in the message of the assertion.
"""

import datetime
import os
import random

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from partners.models import Kind, Membership, Message, NotificationRule, State, User
from partners.roles import Role
from referrals import workflow
from referrals.handover_states import (
    SEEN_STATES,
    DeclineReason,
    HandOverMoveNotAllowed,
    HandOverOutcome,
    HandOverStatus,
    OverrideReason,
    RevokeReason,
)
from referrals.models import Exclusion, HandOver, NrmCase, Referral, ReferralEvent
from referrals.notifications import kinds_owed
from referrals.nrm_stages import NrmStage, StageNotAllowed, may_follow
from referrals.pathways import FIRST_RESPONDER_PATHWAYS, Pathway
from referrals.statuses import FeedbackBand, MoveNotAllowed, NextActor, Outcome, Status, WithdrawalReason
from referrals.submission import ConsentGiven
from referrals.tasks import write_missing_messages
from tests.conftest import make_person, submit_one

WALKS, STEPS = int(os.environ.get("PATHWAY_WALKS", "12")), 40

#: What a step may say no with. Anything else is a fault.
SAID_NO = (
    ObjectDoesNotExist,
    HandOverMoveNotAllowed,
    MoveNotAllowed,
    StageNotAllowed,
    workflow.ChangedMeanwhile,
    workflow.NamesThePerson,
    workflow.NotAllowed,
    workflow.Refused,
    workflow.SheetChanged,
    workflow.TakenMeanwhile,
)


class Walk:
    """One referral, everybody around it, and a dice."""

    def __init__(self, cast, seed: int):
        self.dice, self.cast, self.log = random.Random(seed), cast, [f"seed {seed}"]
        self.organisations = [cast.council, cast.hospital, cast.beacon, cast.constabulary, cast.partnership_team]
        changes = {
            "priority": self.dice.choice(["immediate", "urgent", "standard"]),
            "age_group": self.dice.choice(["adult", "adult", "child", "unsure"]),
            "may_lack_capacity": self.dice.random() < 0.2,
            "consents": [self.consent(kind) for kind in ("nrm", "beacon", "police")],
            "exclude": self.dice.choice([[], [], ["beacon"], ["constabulary", "council"]]),
        }
        self.referral_id = submit_one(self.dice.choice([cast.officer, cast.nurse]), **changes).pk

    def consent(self, kind: str) -> ConsentGiven:
        return ConsentGiven(kind=kind, state=self.dice.choice(["given", "given", "refused", "withdrawn", "not_asked"]))

    @property
    def referral(self) -> Referral:
        return Referral.objects.get(pk=self.referral_id)

    def anybody(self) -> User:
        """Somebody of the cast, as they are now; mostly those who have something to do."""
        names = list(self.cast.people)
        weighted = ["coordinator"] * 12 + ["beacon_worker", "police_officer", "lead", "officer", "nurse"] * 3 + names
        return User.objects.get(pk=self.cast.people[self.dice.choice(weighted)].pk)

    def somebody(self, *names: str) -> User:
        """Mostly one of `names`, now and then anybody."""
        if self.dice.random() < 0.1:
            return self.anybody()
        return User.objects.get(pk=self.cast.people[self.dice.choice(names)].pk)

    def coordinator(self) -> User:
        return self.somebody("coordinator", "coordinator", "coordinator2", "elsewhere")

    def handed(self) -> HandOver:
        """One of the hand-overs, mostly an open one; raises when there is none."""
        rows = list(HandOver.objects.filter(referral=self.referral_id).select_related("organisation"))
        wanted = [row for row in rows if row.is_open]
        if not rows:
            raise HandOver.DoesNotExist
        return self.dice.choice(wanted if wanted and self.dice.random() < 0.9 else rows)

    def receiver(self, row: HandOver) -> User:
        """Mostly somebody of the organisation that is asked."""
        members = Membership.objects.active().filter(organisation=row.organisation).exclude(role=Role.VIEWER)
        theirs = [member.user_id for member in members]
        chosen = self.dice.choice(theirs) if theirs and self.dice.random() < 0.9 else self.anybody().pk
        return User.objects.get(pk=chosen)

    def version_of(self, row) -> int:
        return row.version - (self.dice.random() < 0.05)

    def about(self, by: User) -> dict:
        return {"referral_id": self.referral_id, "by": by, "version": self.version_of(self.referral)}

    def step(self) -> bool:
        """Do something; return whether anything came of it."""
        name = self.dice.choice(DO)
        before = fingerprint(self.referral_id)
        try:
            with transaction.atomic():
                getattr(self, name)()
        except SAID_NO as said:
            self.log.append(f"{name}: {type(said).__name__} {said}")
            assert fingerprint(self.referral_id) == before, self.log
            return False
        self.log.append(name)
        return True

    # --- What a coordinator and a referrer do

    def do_open_case(self):
        workflow.open_case(referral_id=self.referral_id, by=self.coordinator())

    def do_start_triage(self):
        workflow.start_triage(**self.about(self.coordinator()))

    def do_assign(self):
        workflow.assign(**self.about(self.coordinator()), to=self.coordinator())

    def do_request_information(self):
        workflow.request_information(**self.about(self.coordinator()), question="Which shift?")

    def do_answer_information(self):
        workflow.answer_information(referral_id=self.referral_id, by=self.somebody("officer", "nurse"), answer="Nights")

    def do_wait_for_partners(self):
        workflow.wait_for_partners(**self.about(self.coordinator()))

    def do_close(self):
        workflow.close(**self.about(self.coordinator()), outcome=Outcome.NO_CONTACT, band=FeedbackBand.PASSED_ON)

    def do_reopen(self):
        workflow.reopen(**self.about(self.coordinator()))

    def do_withdraw(self):
        if self.dice.random() < 0.5:
            workflow.withdraw(**self.about(self.coordinator()), reason=self.dice.choice(list(WithdrawalReason)))

    def do_escalate(self):
        workflow.escalate(referral_id=self.referral_id)

    # --- What hand-overs go through

    def do_hand_over(self):
        offers = [self.offer() for _ in range(self.dice.choice([1, 1, 2]))]
        workflow.hand_over(**self.about(self.coordinator()), offers=offers)

    def offer(self) -> workflow.Offer:
        pathway = self.dice.choice(list(Pathway))
        to = self.dice.choice([self.cast.beacon, self.cast.constabulary, self.cast.council, self.cast.hospital])
        named = self.dice.choice([None, None, self.anybody()])
        forced = {"override": self.dice.choice(list(OverrideReason)), "why": "They are in danger at this moment"}
        return workflow.Offer(to, pathway, responder=named, **self.dice.choice([{}, {}, forced]))

    def do_revoke(self):
        row = self.handed()
        reason = self.dice.choice(list(RevokeReason))
        workflow.revoke(hand_over_id=row.pk, reason=reason, by=self.coordinator(), version=self.version_of(row))

    def do_open_hand_over(self):
        row = self.handed()
        workflow.open_hand_over(hand_over_id=row.pk, by=self.receiver(row))

    def do_accept(self):
        row = self.handed()
        workflow.accept(hand_over_id=row.pk, by=self.receiver(row), version=self.version_of(row))

    def do_decline(self):
        row = self.handed()
        act = {"hand_over_id": row.pk, "by": self.receiver(row), "version": self.version_of(row)}
        workflow.decline(**act, reason=self.dice.choice(list(DeclineReason)), text=self.dice.choice(["", "Full"]))

    def do_ask(self):
        row = self.handed()
        act = {"hand_over_id": row.pk, "by": self.receiver(row), "version": self.version_of(row)}
        workflow.ask_coordinator(**act, question="Which language?")

    def do_answer_partner(self):
        workflow.answer_partner(hand_over_id=self.handed().pk, by=self.coordinator(), answer="Ruritanian")

    def do_complete(self):
        row = self.handed()
        act = {"hand_over_id": row.pk, "by": self.receiver(row), "version": self.version_of(row)}
        workflow.complete(**act, outcome=self.dice.choice(list(HandOverOutcome)))

    def do_name(self):
        row = self.handed()
        by = self.dice.choice([self.coordinator(), self.receiver(row)])
        workflow.name_responder(hand_over_id=row.pk, responder=self.receiver(row), by=by)

    def do_chase(self):
        row = self.handed()
        workflow.chase(hand_over_id=row.pk, now=row.chase_at or timezone.now())

    def do_ring(self):
        reached = self.dice.random() < 0.5
        workflow.record_ringing(hand_over_id=self.handed().pk, by=self.coordinator(), reached=reached)

    # --- Consent, exclusions, the NRM

    def do_consent(self):
        given = [self.consent(kind) for kind in self.dice.sample(["nrm", "beacon", "police"], 2)]
        workflow.record_consents(referral_id=self.referral_id, given=given, by=self.anybody())

    def do_exclude(self):
        to = self.dice.choice(self.organisations)
        workflow.exclude(referral_id=self.referral_id, organisation=to, reason="A relative", by=self.coordinator())

    def do_lift(self):
        row = Exclusion.objects.filter(referral=self.referral_id).order_by("?").first()
        if row is not None:
            workflow.lift_exclusion(exclusion_id=row.pk, by=self.coordinator())

    def do_save_answers(self):
        case = NrmCase.objects.get(pk=self.referral_id)
        by = self.dice.choice([case.first_responder, self.anybody()])
        by = User.objects.get(pk=by.pk)
        workflow.save_answers(referral_id=case.pk, by=by, version=self.version_of(case), given={"birthplace": "R"})

    def do_stage(self):
        case = NrmCase.objects.get(pk=self.referral_id)
        by = User.objects.get(pk=self.dice.choice([case.first_responder_id, self.coordinator().pk]))
        likely = may_follow(case.stage, duty_to_notify=case.is_duty_to_notify)
        stage = self.dice.choice(list(likely or NrmStage))
        on = timezone.localdate() - datetime.timedelta(days=self.dice.choice([0, 0, 1]))
        workflow.record_stage(referral_id=case.pk, stage=stage, on=on, by=by, version=self.version_of(case))

    def do_clock(self):
        case = NrmCase.objects.get(pk=self.referral_id)
        workflow.tell_of_clock(referral_id=case.pk, today=case.next_on or timezone.localdate())

    # --- People come and go

    def do_person(self):
        """Somebody is suspended, or goes to another organisation. Two coordinators always stay."""
        names = [name for name in self.cast.people if name not in ("coordinator", "coordinator2")]
        user = User.objects.get(pk=self.cast.people[self.dice.choice(names)].pk)
        if self.dice.random() < 0.6:
            User.objects.filter(pk=user.pk).update(is_active=False)
            return
        role = Role(user.membership.role) if user.membership else Role.RESPONDER
        Membership.objects.active().filter(user=user).update(ended_at=timezone.now())
        to = self.dice.choice([self.cast.council, self.cast.hospital, self.cast.beacon, self.cast.constabulary])
        Membership.objects.create(user=user, organisation=to, role=self.dice.choice([role, Role.RESPONDER, Role.LEAD]))


RARE = ("do_close", "do_withdraw", "do_revoke", "do_decline", "do_exclude", "do_lift", "do_person", "do_escalate")
OFTEN = ("do_hand_over", "do_accept", "do_open_hand_over", "do_start_triage")
DO = [name for name in vars(Walk) if name.startswith("do_") for _ in range(1 if name in RARE else 2)]
DO += [name for name in OFTEN for _ in range(4)]


def fingerprint(referral_id) -> tuple:
    """What a step that said no has not changed."""
    tables = (HandOver, Exclusion, ReferralEvent)
    counts = [model.objects.filter(referral=referral_id).count() for model in tables]
    rows = Referral.objects.filter(pk=referral_id).values_list("status", "version", "next_actor", "due_at", "owner")
    handed = HandOver.objects.filter(referral=referral_id).values_list("status", "version", "responder")
    return (*counts, Message.objects.count(), *rows, *handed)


# --- What must hold ----------------------------------------------------------------------------------------------


def somebody_has_to_act_by_a_time(walk: Walk, referral: Referral, handed: list[HandOver]) -> None:
    """An open referral is somebody's move by a time; an ended one nobody's, and no organisation holds it."""
    waits = [row for row in handed if row.is_open]
    if not referral.is_open:
        assert (referral.next_actor, referral.due_at, waits) == (NextActor.NOBODY, None, [])
        return
    assert referral.next_actor != NextActor.NOBODY
    assert referral.due_at is not None
    assert all(row.due_at for row in waits)
    assert all(row.chase_at or row.chased == 3 for row in waits if row.acknowledged_at is None)
    assert referral.status in (Status.WITH_PARTNERS, Status.INFORMATION_REQUESTED) or not waits
    assert (referral.next_actor == NextActor.REFERRER) == (referral.status == Status.INFORMATION_REQUESTED)
    if referral.next_actor == NextActor.PARTNER:
        assert referral.status == Status.WITH_PARTNERS
        assert referral.due_at == min(row.due_at for row in waits)


def what_waits_for_a_coordinator_is_not_covered_up(walk: Walk, referral: Referral, handed: list[HandOver]) -> None:
    """A question of a partner, or a number to ring, is the coordinator's move, and the queue says so."""
    asked = [row for row in handed if row.status == HandOverStatus.MORE_INFORMATION or row.needs_ringing]
    if asked and referral.status == Status.WITH_PARTNERS:
        assert referral.next_actor == NextActor.COORDINATOR


def shared_only_with_consent(walk: Walk, referral: Referral, handed: list[HandOver]) -> None:
    """What an organisation sees, it sees by a consent that holds, or by an override."""
    states = workflow.newest_consents(referral)
    for row in handed:
        if row.status in SEEN_STATES and not row.override_reason:
            assert workflow.missing_consent(referral, Pathway(row.pathway), states) == ""


def everybody_sees_what_is_theirs(walk: Walk, referral: Referral, handed: list[HandOver]) -> None:
    """The same rules as the querysets, said once more in words, for each person."""
    kept_from = set(Exclusion.objects.in_force().filter(referral=referral).values_list("organisation", flat=True))
    everybody = [person.pk for person in walk.cast.people.values()]
    for user in User.objects.filter(pk__in=walk.dice.sample(everybody, 4)):
        role, organisation = user.role, user.organisation
        away = organisation is None or organisation.pk in kept_from or role is None
        works = role in (Role.RESPONDER, Role.LEAD)
        theirs = [row for row in handed if row.organisation == organisation and (works or row.responder_id == user.pk)]
        sees = [row for row in theirs if row.status in SEEN_STATES] if referral.is_open and not away else []
        logged = referral.referrer == user and referral.organisation == organisation
        logged = logged and role not in (None, Role.VIEWER, Role.AUDITOR, Role.SYSADMIN)
        leads = role == Role.LEAD and referral.organisation == organisation and not away
        coordinates = role == Role.COORDINATOR
        follows = not away if coordinates else logged or leads
        assert Referral.objects.followed_by(user).exists() == follows, user.email
        assert Referral.objects.visible_to(user).exists() == bool(follows or (sees and not coordinates)), user.email
        assert set(HandOver.objects.visible_to(user)) == (set() if away else set(handed if coordinates else theirs))
        if not coordinates:
            assert set(HandOver.objects.seen_by(user)) == set(sees), user.email
        sheet = NrmCase.objects.visible_to(user).exists()
        if away:
            assert not sheet
        elif sheet and not coordinates:
            sends = [row for row in theirs if row.status in SEEN_STATES and row.pathway in FIRST_RESPONDER_PATHWAYS]
            assert any(row.responder_id == user.pk and row.accepted_at for row in sends), user.email


def nobody_is_told_what_is_not_theirs(walk: Walk, referral: Referral, handed: list[HandOver]) -> None:
    """Nothing waits to be sent to an organisation that must not know, nor to one whose hand-over has ended."""
    kept_from = set(Exclusion.objects.in_force().filter(referral=referral).values_list("organisation", flat=True))
    waiting = Message.objects.filter(referral_id=referral.pk, state=State.PENDING).select_related("user")
    for message in waiting.exclude(audience="referrer"):
        whose = message.organisation_id or (message.user.membership and message.user.membership.organisation_id)
        now = f"{message.kind} {message.audience} to {whose}"
        joined = message.user.membership.started_at if message.user_id and message.user.membership else None
        if joined is None or joined < message.created_at:  # who moved there since is written to by name, as before
            assert whose not in kept_from, now
    for message in waiting.filter(kind__in=[Kind.HAND_OVER_OFFERED, Kind.HAND_OVER_CHASED, Kind.HAND_OVER_ANSWERED]):
        event = ReferralEvent.objects.get(pk=message.event_id)
        row = HandOver.objects.get(pk=event.facts["hand_over"])
        assert row.status in SEEN_STATES, f"{message.kind} of a hand-over that is {row.status}"
    for row in handed:
        # Whoever may ask twice: what was cancelled was not about this hand-over.
        offered = Message.objects.filter(about=row.organisation, kind=Kind.HAND_OVER_OFFERED, state=State.CANCELLED)
        ids = {str(pk) for pk in offered.values_list("event_id", flat=True)}
        told = referral.events.filter(move="hand_over", facts__hand_over=str(row.pk)).values_list("pk", flat=True)
        assert not row.is_open or not ids & set(map(str, told))


def a_coordinator_is_told(walk: Walk, referral: Referral, handed: list[HandOver]) -> None:
    """Each event that a rule wants a coordinator to hear of reaches one who works and may know of it."""
    rules = NotificationRule.objects.filter(audience__in=["owner", "coordinators_on_duty"]).values_list(
        "kind", flat=True
    )
    wanted = set(rules)
    event = referral.events.order_by("at").last()
    if event.pk in walk.__dict__.setdefault("looked_at", set()):
        return
    walk.looked_at.add(event.pk)
    for kind in set(kinds_owed(referral, event)) & wanted:
        told = Message.objects.filter(event_id=event.pk, kind=kind, user__isnull=False).select_related("user")
        hear = [row.user for row in told if row.user.role == Role.COORDINATOR]
        assert any(Referral.objects.visible_to(user).exists() for user in hear), kind


HOLDS = (
    somebody_has_to_act_by_a_time,
    what_waits_for_a_coordinator_is_not_covered_up,
    shared_only_with_consent,
    everybody_sees_what_is_theirs,
    nobody_is_told_what_is_not_theirs,
    a_coordinator_is_told,
)


def check(walk: Walk) -> None:
    referral = walk.referral
    handed = list(HandOver.objects.filter(referral=referral).select_related("referral"))
    for rule in HOLDS:
        try:
            rule(walk, referral, handed)
        except AssertionError as broken:
            state = (
                f"{referral.status}/{referral.next_actor} {[(h.organisation_id, h.pathway, h.status) for h in handed]}"
            )
            raise AssertionError(f"{rule.__name__}: {broken}\n{state}\n" + "\n".join(walk.log)) from broken


@pytest.mark.parametrize("batch", range(2))
def test_whatever_anybody_does_the_promises_hold(cast, batch):
    cast.people["elsewhere"] = make_person("elsewhere", Role.COORDINATOR, cast.beacon)
    cast.people["sergeant"] = make_person("sergeant", Role.REFERRER, cast.constabulary)
    for seed in range(batch, WALKS, 2):
        point = transaction.savepoint()
        walk, version = Walk(cast, seed), 0
        for _ in range(STEPS):
            if not walk.step():
                continue
            check(walk)
            assert walk.referral.version >= version
            version = walk.referral.version
        assert write_missing_messages(timezone.now()) == 0, "\n".join(walk.log)
        transaction.savepoint_rollback(point)
