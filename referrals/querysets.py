"""The choke point: which referrals and drafts a person may see, and the sets the workflow works on.

Every read of a referral starts at `Referral.objects.visible_to(user)`; nothing else decides who sees what.
"""

import datetime

from django.db import models
from django.db.models import Case, F, Q, When

from partners.models import Partnership, User
from partners.roles import Permission
from referrals.statuses import OPEN_STATUSES, NextActor, Priority, Status


class ReferralQuerySet(models.QuerySet):
    """Sets of referrals."""

    def visible_to(self, user: User):
        """Referrals whose existence `user` may know of: nothing unless a rule below says so."""
        if not getattr(user, "is_authenticated", False) or user.role is None:
            return self.none()
        if user.may(Permission.TRIAGE):
            return self
        mine = Q(pk__in=[])
        if user.may(Permission.WRITE_REFERRAL):
            mine |= Q(referrer=user, organisation=user.organisation)
        if user.may(Permission.SEE_ORGANISATION_REFERRALS):
            mine |= Q(organisation=user.organisation)
        return self.filter(mine)

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

    def unread(self):
        """Submitted referrals that no coordinator has opened."""
        return self.filter(status=Status.SUBMITTED, opened_at__isnull=True)

    def overdue(self, now: datetime.datetime):
        """Open referrals whose next move was due before the aware datetime `now`."""
        return self.open().filter(due_at__lt=now)

    def waiting_for(self, user: User, now: datetime.datetime):
        """Open referrals that need the coordinator `user` at the aware datetime `now`.

        They are `user`'s or nobody's, and either it is the coordinator's move or the other's move is overdue.
        """
        mine = Q(owner=user) | Q(owner__isnull=True)
        return self.open().filter(mine, Q(next_actor=NextActor.COORDINATOR) | Q(due_at__lt=now))

    def to_escalate(self, now: datetime.datetime, partnership: Partnership):
        """Unread referrals that nobody opened within the partnership's minutes, and that were not escalated yet."""
        normal = now - datetime.timedelta(minutes=partnership.unopened_minutes)
        urgent = now - datetime.timedelta(minutes=partnership.unopened_minutes_immediate)
        waited = Q(submitted_at__lte=normal) | Q(priority=Priority.IMMEDIATE, submitted_at__lte=urgent)
        return self.unread().filter(waited, escalated_at__isnull=True)


def queue_order(now: datetime.datetime) -> list:
    """Return the order of the queue: immediate danger, overdue at the aware datetime `now`, then oldest due first.

    What is closed comes last, the newest first.
    """
    is_open = Q(status__in=OPEN_STATUSES)
    rank = Case(
        When(is_open & Q(priority=Priority.IMMEDIATE), then=0),
        When(is_open & Q(due_at__lt=now), then=1),
        When(is_open, then=2),
        default=3,
    )
    return [rank.asc(), F("due_at").asc(nulls_last=True), F("submitted_at").desc()]


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
