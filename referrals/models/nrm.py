"""The side of a referral that plays at the Home Office: who is its first responder, where it stands, since when."""

import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models import Organisation, User
from referrals.models.referral import Referral
from referrals.models.sealed import SealedRow
from referrals.nrm_form import BRANCH_LABELS, Branch
from referrals.nrm_stages import STAGE_LABELS, NrmStage
from referrals.querysets import NrmCaseQuerySet
from referrals.statuses import choices


class NrmCase(SealedRow):
    """One referral's way through the NRM, or its Duty to Notify. It begins when a first responder accepts it.

    The sealed data is `{"given": {field key: value}, "resolved": [str], "home_office_reference": str, "amended": {field
    key: ISO date}}`: what only the first responder can answer, which hits of the anonymity check they have judged, the
    Home Office's number, and on which local date the case began to say otherwise than an answer of theirs.
    `began` is `{stage: ISO date}`: on which local date each stage was last reached.
    """

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, primary_key=True, related_name="nrm")
    branch = models.CharField(max_length=20, choices=choices(BRANCH_LABELS))
    first_responder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=24, choices=choices(STAGE_LABELS), default=NrmStage.PREPARING)
    began = models.JSONField(default=dict)
    started_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)
    # The next clock, so that the sweep and the queue are a filter: which limit, when, and whether it was told of.
    next_clock = models.CharField(max_length=40, blank=True)
    next_on = models.DateField(null=True)
    told_of_clock = models.CharField(max_length=60, blank=True)

    objects = NrmCaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_on"], name="nrm_next_clock", condition=Q(next_on__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=list(NrmStage)), name="nrm_stage_is_known"),
            models.CheckConstraint(condition=Q(branch__in=list(Branch)), name="nrm_branch_is_known"),
            models.CheckConstraint(
                condition=(Q(next_clock="") & Q(next_on__isnull=True)) | (~Q(next_clock="") & Q(next_on__isnull=False)),
                name="nrm_clock_has_a_date",
            ),
        ]

    def __str__(self):
        return self.get_stage_display()

    @property
    def is_duty_to_notify(self) -> bool:
        """Whether it is a notification about an adult who does not consent."""
        return self.branch == Branch.DUTY_TO_NOTIFY

    def stage_dates(self) -> dict[NrmStage, datetime.date]:
        """Return on which local date each stage was last reached."""
        return {NrmStage(stage): datetime.date.fromisoformat(on) for stage, on in self.began.items()}
