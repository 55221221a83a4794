"""Figures as rows: what was counted of a period, what was published of it, who held it back, and the open quarter.

`referrals/publishing/` is the only writer (ADR 0025). The database refuses to change what was counted and published.
"""

import datetime
import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models import AppendOnly, AppendOnlyQuerySet, Organisation, User
from partners.roles import Permission
from referrals.periods import Kind, Period
from referrals.published import Band, Figures, Scope, from_json

KINDS = [(Kind.MONTH.value, "Month"), (Kind.QUARTER.value, "Quarter"), (Kind.YEAR.value, "Financial year")]
LONGEST_REASON = 200


class OfAPeriod(models.Model):
    """A row about a period: its kind, and the local date on which it begins."""

    kind = models.CharField(max_length=7, choices=KINDS)
    starts = models.DateField("first day")

    class Meta:
        abstract = True

    @property
    def period(self) -> Period:
        """The period it is about."""
        return Period(self.starts, Kind(self.kind))


def kind_is_known(name: str) -> models.CheckConstraint:
    """Return the constraint that a row is about a period there is."""
    known = Q(kind=Kind.MONTH, starts__day=1)
    known |= Q(kind=Kind.QUARTER, starts__day=1, starts__month__in=[1, 4, 7, 10])
    known |= Q(kind=Kind.YEAR, starts__day=1, starts__month=4)
    return models.CheckConstraint(condition=known, name=name)


class PeriodCounts(OfAPeriod, AppendOnly):
    """The true counts of a period, frozen when it was first published: `statistics.counts.Counts` as JSON.

    A month has counts; a longer period is the sum of its months and has only its medians here. A correction counts
    again, under the next number. Coordinators only: nothing here is protected.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveSmallIntegerField()
    counts = models.JSONField()
    counted_at = models.DateTimeField(db_default=Now())

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["starts", "kind", "number"]
        constraints = [
            kind_is_known("counts_are_of_a_period"),
            models.CheckConstraint(condition=Q(number__gte=1), name="counts_are_numbered_from_one"),
            models.UniqueConstraint(
                fields=["kind", "starts", "organisation", "number"], nulls_distinct=False, name="counted_once_a_number"
            ),
        ]

    def __str__(self):
        return f"Counts of {self.period.label}, number {self.number}"


class PublicationQuerySet(AppendOnlyQuerySet):
    """Sets of publications. A version that was followed by another is history, for coordinators."""

    def visible_to(self, user: User) -> Self:
        """Publications that `user` may know of: the partnership's and their own organisation's, nobody else's."""
        if not getattr(user, "is_authenticated", False) or not user.may(Permission.SEE_DASHBOARD):
            return self.none()
        return self.filter(Q(organisation=None) | Q(organisation=user.organisation))

    def in_force(self) -> Self:
        """The newest version of each."""
        return self.filter(superseded_at=None)

    def of(self, period: Period) -> Self:
        """Publications of `period`, all versions, the partnership's and every organisation's."""
        return self.filter(kind=period.kind, starts=period.starts)

    def of_partnership(self) -> Self:
        """The partnership's own."""
        return self.filter(organisation=None)

    def current(self, period: Period, organisation: Organisation | None = None) -> "Publication | None":
        """Return the newest version of `period`, the partnership's or that of `organisation`; None where there is
        none."""
        return self.in_force().of(period).filter(organisation=organisation).first()

    def between(self, kind: Kind, first: datetime.date, last: datetime.date) -> Self:
        """Publications of a kind that begin on `first`, on `last` or between, the oldest first."""
        return self.filter(kind=kind, starts__gte=first, starts__lte=last).order_by("starts", "version")

    def supersede(self, at: datetime.datetime) -> int:
        """Say of each that another version follows from the aware datetime `at` on; return how many there were."""
        return models.QuerySet.update(self.in_force(), superseded_at=at)

    def versions(self, period: Period, organisation: Organisation | None = None) -> Self:
        """Every version of one, the first first. For coordinators."""
        return self.of(period).filter(organisation=organisation).order_by("version")


class Publication(OfAPeriod):
    """What was published of a period, for the partnership (no organisation) or for one organisation. Protected only.

    Written once; the single change is that a version that follows says so (`superseded_at`). The `reason` of a
    correction is shown to everybody who may see the figures.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    figures_json = models.JSONField()
    # What a reader of it knows of each count, as the disclosure engine writes it, for protecting later what is linked
    # with it. It holds nothing that the figures do not show.
    known = models.JSONField(default=dict)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    counts_number = models.PositiveSmallIntegerField()
    computed_at = models.DateTimeField()
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "kind", "-version"]
        constraints = [
            kind_is_known("publication_is_of_a_period"),
            models.CheckConstraint(condition=Q(version__gte=1), name="publications_are_numbered_from_one"),
            models.UniqueConstraint(
                fields=["kind", "starts", "organisation", "version"],
                nulls_distinct=False,
                name="one_publication_a_version",
            ),
            models.UniqueConstraint(
                fields=["kind", "starts", "organisation"],
                condition=Q(superseded_at__isnull=True),
                nulls_distinct=False,
                name="one_current_publication",
            ),
            models.CheckConstraint(condition=Q(version__lte=1) | ~Q(reason=""), name="a_correction_has_a_reason"),
            models.CheckConstraint(
                condition=Q(version__lte=1) | Q(published_by__isnull=False), name="a_correction_is_somebodys"
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) | ~Q(kind=Kind.MONTH), name="no_month_of_an_organisation"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "kind", "starts"], name="publications_of_one")]

    def __str__(self):
        return f"{self.period.label}, version {self.version}"

    @property
    def scope(self) -> Scope:
        """Whose referrals are counted."""
        return Scope.ORGANISATION if self.organisation_id else Scope.PARTNERSHIP

    @property
    def figures(self) -> Figures:
        """What pages, charts, files and papers show. Protected."""
        return from_json(self.figures_json)

    @property
    def is_current(self) -> bool:
        """Whether no later version has followed."""
        return self.superseded_at is None


class FigureAct(OfAPeriod, AppendOnly):
    """What somebody did about the figures of a period, or the system (nobody). The newest of hold and release holds."""

    class Act(models.TextChoices):
        HELD = "held", "Held back"
        RELEASED = "released", "Released"
        PUBLISHED = "published", "Published"
        ASKED = "asked", "Correction asked for"
        CORRECTED = "corrected", "Corrected"

    act = models.CharField(max_length=10, choices=Act)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["kind", "starts", "-at"], name="acts_about_a_period")]
        constraints = [
            kind_is_known("figure_act_is_of_a_period"),
            models.CheckConstraint(
                condition=Q(act__in=["held", "released", "published", "asked", "corrected"]), name="figure_act_is_known"
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(act="published"), name="only_publishing_is_nobodys_act"
            ),
            models.CheckConstraint(
                condition=~Q(act__in=["held", "asked", "corrected"]) | ~Q(reason=""),
                name="holding_and_correcting_have_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.get_act_display()}: {self.period.label}"


class OpenBand(AppendOnly):
    """About how many referrals the quarter that is under way has so far: a band, once a day, so that nobody watches it
    move."""

    starts = models.DateField("first day of the quarter")
    on = models.DateField()
    band = models.CharField(max_length=12, choices=[(band.value, band.label) for band in Band])

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["on"], name="one_band_a_day"),
            models.CheckConstraint(
                condition=Q(starts__day=1, starts__month__in=[1, 4, 7, 10]), name="band_is_of_a_quarter"
            ),
            models.CheckConstraint(condition=Q(on__gte=models.F("starts")), name="band_is_of_a_quarter_under_way"),
            models.CheckConstraint(condition=Q(band__in=[band.value for band in Band]), name="band_is_known"),
        ]

    def __str__(self):
        return f"{self.period.label} so far: {self.get_band_display()}"

    @property
    def period(self) -> Period:
        """The quarter it is about."""
        return Period(self.starts, Kind.QUARTER)
