"""The choke point: which referrals and drafts a person may see, and the sets the workflow works on.

Every read of a referral starts at `Referral.objects.visible_to(user)`; nothing else decides who sees what.
"""

import datetime

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from partners.cover import WhoIsHere, here_for
from partners.models import Partnership, User
from partners.roles import Permission
from referrals.cover import cover_may_know, owners_of, without_anybody
from referrals.entered import entered_after
from referrals.exclusion import excludes
from referrals.handover_states import CHASED_TO_THE_END, OPEN_STATES, SEEN_STATES, HandOverStatus
from referrals.pathways import FIRST_RESPONDER_PATHWAYS
from referrals.statuses import ENDED_STATUSES, OPEN_STATUSES, NextActor, Priority, Status, WithdrawalReason


def _is_unknown(user: User) -> bool:
    return not getattr(user, "is_authenticated", False) or user.role is None


class ReferralQuerySet(models.QuerySet):
    """Sets of referrals."""

    def visible_to(self, user: User):
        """Referrals whose existence `user` may know of: nothing unless a rule below says so."""
        if _is_unknown(user):
            return self.none()
        excluded = excludes(user.organisation)
        if user.may(Permission.TRIAGE):
            return self.exclude(excluded)
        handed = apps.get_model("referrals", "HandOver").objects.seen_by(user).filter(referral=OuterRef("pk"))
        return self.filter(self._followed(user, excluded) | Q(Exists(handed)))

    def followed_by(self, user: User):
        """Referrals whose status page is `user`'s: those they logged; a lead's organisation's; for a coordinator all.

        Somebody who is handed a referral sees it in the inbox and not here.
        """
        if _is_unknown(user):
            return self.none()
        excluded = excludes(user.organisation)
        return self.exclude(excluded) if user.may(Permission.TRIAGE) else self.filter(self._followed(user, excluded))

    def _followed(self, user: User, excluded: Exists) -> Q:
        mine = Q(pk__in=[])
        if user.may(Permission.WRITE_REFERRAL):
            mine |= Q(referrer=user, organisation=user.organisation)
        if user.may(Permission.SEE_ORGANISATION_REFERRALS):
            mine |= Q(organisation=user.organisation) & ~excluded
        return mine

    def on_board(self, user: User):
        """Of the people of an operation that `user` may see: those its board shows, by number and coded facts.

        Whose organisation must not know of one of them does not find that one, save who logged it.
        """
        return self.filter(Q(referrer=user, organisation=user.organisation) | ~excludes(user.organisation))

    def counted(self):
        """Of the people of an operation: without those who were logged twice, or by mistake."""
        not_there = [WithdrawalReason.DUPLICATE, WithdrawalReason.LOGGED_IN_ERROR]
        return self.exclude(status=Status.WITHDRAWN, withdrawal_reason__in=not_there)

    def logged_by(self, user: User):
        """Referrals that `user` logged."""
        return self.filter(referrer=user)

    def questions_first(self):
        """In the order of a referrer's list: a question that waits for an answer, then the newest."""
        waits = Case(When(status=Status.INFORMATION_REQUESTED, then=0), default=1)
        return self.order_by(waits, "-submitted_at")

    def open(self):
        """Referrals on which somebody still has to act."""
        return self.filter(status__in=OPEN_STATUSES)

    def ended(self):
        """Referrals on which nobody has to act any more: closed and withdrawn ones."""
        return self.filter(status__in=ENDED_STATUSES)

    def unread(self):
        """Submitted referrals that no coordinator has opened."""
        return self.filter(status=Status.SUBMITTED, opened_at__isnull=True)

    def overdue(self, now: datetime.datetime):
        """Open referrals whose next move was due before the aware datetime `now`."""
        return self.open().filter(due_at__lt=now)

    def with_note(self, what: str):
        """Referrals with a note of the kind `what`, or with the tag that follows "about-"."""
        tag = what.removeprefix("about-")
        notes = apps.get_model("referrals", "Note").objects.filter(referral=OuterRef("pk"))
        return self.filter(Exists(notes.filter(kind=what) if tag == what else notes.filter(tags__contains=[tag])))

    def waiting_for(self, user: User, now: datetime.datetime):
        """Open referrals that need the coordinator `user` at the aware datetime `now`.

        Theirs are their own, those of a colleague for whom they cover, and those without anybody who is here; and
        either it is the coordinator's move, or the other's move is overdue, or an organisation asked something or has
        to be rung while the referrer has the move.
        """
        here = here_for(user, now)
        mine = Q(owner__in=owners_of(user, here)) | without_anybody(here)
        asked = apps.get_model("referrals", "HandOver").objects.needs_coordinator().filter(referral=OuterRef("pk"))
        return self.open().filter(mine, Q(next_actor=NextActor.COORDINATOR) | Q(due_at__lt=now) | Q(Exists(asked)))

    def looked_after_by(self, user: User, now: datetime.datetime):
        """Open referrals of the coordinator `user`, and of the colleagues for whom they cover at the datetime `now`."""
        return self.open().filter(owner__in=owners_of(user, here_for(user, now)))

    def with_cover(self, here: WhoIsHere):
        """The same with `cover_may_know`: False where the owner's cover must not know of the referral."""
        return self.annotate(cover_may_know=cover_may_know(here))

    def to_escalate(self, now: datetime.datetime, partnership: Partnership):
        """Unread referrals that nobody opened within the partnership's minutes, and that were not escalated yet."""
        normal = now - datetime.timedelta(minutes=partnership.unopened_minutes)
        urgent = now - datetime.timedelta(minutes=partnership.unopened_minutes_immediate)
        waited = Q(submitted_at__lte=normal) & ~entered_after(normal)
        waited |= Q(priority=Priority.IMMEDIATE, submitted_at__lte=urgent) & ~entered_after(urgent)
        return self.unread().filter(waited, escalated_at__isnull=True)


class HandOverQuerySet(models.QuerySet):
    """Sets of hand-overs."""

    def visible_to(self, user: User):
        """Hand-overs whose existence `user` may know of, stubs of ended ones among them.

        Coordinators see all. Others see those of their organisation when they work its inbox, and those that name
        them; nothing of a referral that must not be shared with their organisation.
        """
        if _is_unknown(user):
            return self.none()
        allowed = self.exclude(excludes(user.organisation, "referral"))
        if user.may(Permission.TRIAGE):
            return allowed
        return allowed.filter(self._received_by(user))

    def _received_by(self, user: User) -> Q:
        ours = Q(organisation=user.organisation)
        return ours if user.may(Permission.WORK_HANDOVERS) else ours & Q(responder=user)

    def seen_by(self, user: User):
        """Hand-overs through which `user` sees the case: theirs, not declined, not taken back, referral not ended.

        Nothing of a referral that must not be shared with their organisation, not even what it has completed.
        """
        if _is_unknown(user):
            return self.none()
        allowed = self.exclude(excludes(user.organisation, "referral"))
        return allowed.filter(self._received_by(user), status__in=SEEN_STATES, referral__status__in=OPEN_STATUSES)

    def open(self):
        """Hand-overs on which the organisation, or the coordinator who was asked something, still has to act."""
        return self.filter(status__in=OPEN_STATES)

    def sharing(self):
        """Hand-overs through which an organisation sees the case, or would if it were open: the completed ones too."""
        return self.filter(status__in=SEEN_STATES)

    def unanswered(self):
        """Hand-overs on which nobody in the organisation has acted."""
        return self.open().filter(acknowledged_at__isnull=True)

    def to_chase(self, now: datetime.datetime):
        """Unanswered hand-overs whose next reminder was due at the aware datetime `now`."""
        return self.unanswered().filter(chase_at__lte=now)

    def needs_coordinator(self):
        """Hand-overs that wait for the coordinator: a question, or a number that somebody has to ring."""
        silent = Q(acknowledged_at__isnull=True, chased__gte=CHASED_TO_THE_END)
        return self.open().filter(Q(status=HandOverStatus.MORE_INFORMATION) | silent)

    def needs_us(self, now: datetime.datetime):
        """Of an inbox: what waits for the organisation's answer, and what it accepted and is overdue."""
        waits = Q(status__in=[HandOverStatus.OFFERED, HandOverStatus.OPENED])
        return self.filter(waits | Q(status=HandOverStatus.ACCEPTED, due_at__lt=now))

    def in_progress(self):
        """Of an inbox: what the organisation works on, or has asked something about."""
        return self.filter(status__in=[HandOverStatus.ACCEPTED, HandOverStatus.MORE_INFORMATION])

    def oldest_due_first(self):
        """In the order of an inbox: immediate danger, then the oldest due; what has ended last, newest first."""
        danger = Case(When(referral__priority=Priority.IMMEDIATE, status__in=OPEN_STATES, then=0), default=1)
        return self.order_by(danger, F("due_at").asc(nulls_last=True), "-ended_at", "offered_at")


class ExclusionQuerySet(models.QuerySet):
    """Sets of exclusions."""

    def in_force(self):
        """Exclusions that were not lifted."""
        return self.filter(lifted_at__isnull=True)


class OperationQuerySet(models.QuerySet):
    """Sets of operations."""

    def visible_to(self, user: User):
        """Operations that `user` may know of: those they may run, and, for those who open reception centres, those that
        have reached the number for one, until they are closed."""
        if _is_unknown(user) or not user.may(Permission.RUN_OPERATION):
            return self.none()
        if user.may(Permission.TRIAGE):
            return self
        seen = Q(organisation=user.organisation)
        if user.organisation.opens_reception_centre:
            seen |= Q(reception_opened_at__isnull=False, closed_at__isnull=True)
        return self.filter(seen)

    def run_by(self, user: User):
        """Operations that `user` may change, and whose sealed part they may open: coordinators all, others their
        organisation's. Not only their own: a reception centre works in shifts."""
        seen = self.visible_to(user)
        return seen if user.may(Permission.TRIAGE) else seen.filter(organisation=user.organisation)

    def with_people(self, user: User):
        """The same with `logged`: how many people `user` finds on each board."""
        people = apps.get_model("referrals", "Referral").objects.on_board(user).counted()
        of_each = people.filter(operation=OuterRef("pk")).order_by().values("operation")
        return self.annotate(logged=Coalesce(Subquery(of_each.annotate(n=Count("pk")).values("n")), 0))

    def open_first(self):
        """In the order of a list: what is under way or planned, then what is closed; the newest day first."""
        return self.order_by(F("closed_at").desc(nulls_first=True), "-held_on", "-created_at")

    def open(self):
        """Operations that have not been closed."""
        return self.filter(closed_at__isnull=True)


class NrmCaseQuerySet(models.QuerySet):
    """Sets of NRM cases."""

    def visible_to(self, user: User):
        """NRM cases whose answer sheet `user` may open: the named first responder's own, and all for coordinators.

        Decisions come long after a referral was closed, so closing it does not take the sheet away; taking the
        hand-over back does.
        """
        if _is_unknown(user):
            return self.none()
        allowed = self.exclude(excludes(user.organisation, "referral"))
        if user.may(Permission.TRIAGE):
            return allowed
        named = allowed.held().filter(first_responder=user, organisation=user.organisation)
        return named.exclude(referral__status=Status.WITHDRAWN)

    def held(self):
        """NRM cases whose named first responder has them: the hand-over for just that, accepted, was not taken back."""
        handed = apps.get_model("referrals", "HandOver").objects.filter(
            referral=OuterRef("pk"),
            organisation=OuterRef("organisation"),
            responder=OuterRef("first_responder"),
            pathway__in=FIRST_RESPONDER_PATHWAYS,
            accepted_at__isnull=False,
            status__in=SEEN_STATES,
        )
        return self.filter(Exists(handed))

    def with_a_clock_due(self, on: datetime.date):
        """NRM cases whose next clock is due on the local date `on`, or was before. Withdrawn referrals have none."""
        return self.filter(next_on__lte=on).exclude(referral__status=Status.WITHDRAWN)


class DraftQuerySet(models.QuerySet):
    """Sets of drafts."""

    def of(self, user: User):
        """Drafts that belong to `user`: nobody else ever sees one."""
        return self.filter(user=user)

    def unsent(self):
        """Drafts that have not become a referral."""
        return self.filter(referral__isnull=True)

    def live(self, now: datetime.datetime):
        """Unsent drafts that have not expired at the aware datetime `now`."""
        return self.unsent().filter(expires_at__gt=now)


class SavedFilterQuerySet(models.QuerySet):
    """Sets of saved filters."""

    def visible_to(self, user: User):
        """Filters that `user` may use: their own, and those that colleagues share. Coordinators only."""
        if _is_unknown(user) or not user.may(Permission.TRIAGE):
            return self.none()
        return self.filter(Q(owner=user) | Q(shared=True))
