"""When a coordinator is away, and which colleague has their queue meanwhile."""

import datetime
import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from partners.models.limits import DateRange
from partners.models.people import User


class AbsenceQuerySet(models.QuerySet):
    """Sets of absences."""

    def standing(self):
        """Absences that were not ended early, or called off before they began."""
        return self.filter(ended_at__isnull=True)

    def overlapping(self, starts_on: datetime.date, ends_on: datetime.date):
        """Absences that share a local day with those from `starts_on` to `ends_on`, both counted."""
        return self.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)

    def at(self, moment: datetime.datetime):
        """Absences that held at the aware datetime `moment`, as was known at that moment.

        What was recorded, or ended, later did not hold then: who was told is judged by what could be known.
        """
        day = timezone.localdate(moment)
        known = self.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=moment), recorded_at__lte=moment)
        return known.overlapping(day, day)

    def to_tell(self, moment: datetime.datetime):
        """Absences that hold at the aware datetime `moment` and of which the cover was not told yet."""
        return self.at(moment).standing().filter(told_at__isnull=True)


class Absence(models.Model):
    """Days on which a coordinator is away. Nothing of a case is in it: cover is looked up, ownership does not move.

    It is never changed: it ends early (or is called off), and another is recorded.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cover = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    told_at = models.DateTimeField(null=True, editable=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "recorded_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start"),
            models.CheckConstraint(condition=~Q(cover=F("user")), name="nobody_covers_for_themselves"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="absence_is_ended_by_somebody",
            ),
            ExclusionConstraint(
                name="one_absence_of_a_person_a_day",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"Away from {self.starts_on:%-d %B %Y} to {self.ends_on:%-d %B %Y}"

    def holds(self, on: datetime.date) -> bool:
        """Return whether the person is away on the local date `on`."""
        return self.ended_at is None and self.starts_on <= on <= self.ends_on
