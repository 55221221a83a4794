"""The choke point: which referrals and drafts a person may see, and the sets the workflow works on.

Every read of a referral starts at `Referral.objects.visible_to(user)`; nothing else decides who sees what.
"""

import datetime

from django.db import models
from django.db.models import Q

from partners.models import Partnership, User
from partners.roles import Permission
from referrals.statuses import OPEN_STATUSES, Priority, Status


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

    def open(self):
        """Referrals on which somebody still has to act."""
        return self.filter(status__in=OPEN_STATUSES)

    def unread(self):
        """Submitted referrals that no coordinator has opened."""
        return self.filter(status=Status.SUBMITTED, opened_at__isnull=True)

    def overdue(self, now: datetime.datetime):
        """Open referrals whose next move was due before the aware datetime `now`."""
        return self.open().filter(due_at__lt=now)

    def to_escalate(self, now: datetime.datetime, partnership: Partnership):
        """Unread referrals that nobody opened within the partnership's minutes, and that were not escalated yet."""
        normal = now - datetime.timedelta(minutes=partnership.unopened_minutes)
        urgent = now - datetime.timedelta(minutes=partnership.unopened_minutes_immediate)
        waited = Q(submitted_at__lte=normal) | Q(priority=Priority.IMMEDIATE, submitted_at__lte=urgent)
        return self.unread().filter(waited, escalated_at__isnull=True)


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
