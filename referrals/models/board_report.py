"""The quarterly report to the Community Safety Board: words of a coordinator beside figures that were published.

A draft is written and rewritten; an issued report stands, in the database too, and a new version says why it is there.
"""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models import User
from partners.roles import Permission
from referrals.models.figures import LONGEST_REASON, Publication
from referrals.periods import Kind, Period


class BoardReportQuerySet(models.QuerySet):
    """Sets of reports."""

    def visible_to(self, user: User) -> Self:
        """Reports that `user` may know of: issued ones for whoever sees the dashboard; drafts for coordinators too."""
        if not getattr(user, "is_authenticated", False) or not user.may(Permission.SEE_DASHBOARD):
            return self.none()
        return self if user.may(Permission.TRIAGE) else self.issued()

    def issued(self) -> Self:
        """Those that were issued."""
        return self.filter(state=BoardReport.State.ISSUED)

    def of(self, period: Period) -> Self:
        """The versions for one quarter, the newest first; none for a month or a year."""
        return self.filter(starts=period.starts) if period.kind is Kind.QUARTER else self.none()

    def newest(self) -> Self:
        """Of each quarter the version with the highest number among these rows, the newest quarter first."""
        return self.order_by("-starts", "-version").distinct("starts")

    def without_papers(self) -> Self:
        """The same without reading the PDFs."""
        return self.defer("paper")


class BoardReport(models.Model):
    """One version of the report for one quarter.

    `commentary` has the coordinator's texts by their keys (`board_report/frame.py`): about patterns, screened, in plain
    columns. `facts` are the tables that stand beside the published figures, as they were when it was issued; `paper` is
    the PDF that was issued. `edition` goes up with each save of a draft.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ISSUED = "issued", "Issued"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    starts = models.DateField("first day of the quarter")
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    commentary = models.JSONField(default=dict, blank=True)
    edition = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField(db_default=Now())
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=list, blank=True)
    paper = models.BinaryField(null=True)
    confirmed = models.CharField(
        max_length=120, blank=True, help_text="The kinds of warning that the coordinator looked at and ticked."
    )
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = BoardReportQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "-version"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__day=1, starts__month__in=[1, 4, 7, 10]), name="board_report_is_of_a_quarter"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="board_reports_are_numbered_from_one"),
            models.CheckConstraint(condition=Q(state__in=["draft", "issued"]), name="board_report_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="draft", issued_at=None, issued_by=None, paper=None)
                | Q(
                    state="issued",
                    issued_at__isnull=False,
                    issued_by__isnull=False,
                    paper__isnull=False,
                    publication__isnull=False,
                ),
                name="issued_board_report_is_complete",
            ),
            models.CheckConstraint(condition=Q(version__lte=1) | ~Q(reason=""), name="a_new_version_has_a_reason"),
            models.UniqueConstraint(fields=["starts", "version"], name="one_board_report_a_version"),
            models.UniqueConstraint(fields=["starts"], condition=Q(state="draft"), name="one_draft_a_quarter"),
        ]

    def __str__(self):
        return f"Board report, {self.period.label}, version {self.version}"

    @property
    def period(self) -> Period:
        """The quarter it is about."""
        return Period(self.starts, Kind.QUARTER)

    @property
    def is_issued(self) -> bool:
        """Whether it stands, and is not changed any more."""
        return self.state == self.State.ISSUED
