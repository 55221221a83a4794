"""The referral: coded columns that name nobody, and two sealed blobs that do."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from partners.models import Area, Organisation, User
from partners.roles import Permission
from referrals.codes import AGE_GROUPS, EXPLOITATION_CODES, INDICATOR_CODES, SETTINGS
from referrals.models.operation import Operation
from referrals.models.sealed import SealedRow
from referrals.pathways import Pathway
from referrals.querysets import ReferralQuerySet
from referrals.queue_order import DUE, ENDED, RANK
from referrals.statuses import (
    ENDED_STATUSES,
    FEEDBACK_LABELS,
    NEXT_ACTOR_LABELS,
    OPEN_STATUSES,
    OUTCOME_LABELS,
    PRIORITY_LABELS,
    REFERRER_BANDS,
    STATUS_LABELS,
    WITHDRAWAL_LABELS,
    NextActor,
    Priority,
    Status,
    choices,
)

IS_OPEN, IS_ENDED = Q(status__in=sorted(OPEN_STATUSES)), Q(status__in=sorted(ENDED_STATUSES))


class Referral(models.Model):
    """One potential victim, referred once. Nothing in this table identifies the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, editable=False)
    submit_key = models.UUIDField(unique=True, editable=False)
    content_hash = models.BinaryField(max_length=32, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", editable=False)
    referrer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)

    status = models.CharField(max_length=24, choices=choices(STATUS_LABELS), default=Status.SUBMITTED, editable=False)
    priority = models.CharField(max_length=12, choices=choices(PRIORITY_LABELS), editable=False)
    next_actor = models.CharField(max_length=12, choices=choices(NEXT_ACTOR_LABELS), editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    age_group = models.CharField(max_length=12, choices=AGE_GROUPS, editable=False)
    district = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    setting = models.CharField(max_length=24, choices=SETTINGS, editable=False)
    exploitation = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    indicators = ArrayField(models.CharField(max_length=8), default=list, editable=False)

    pathways = ArrayField(models.CharField(max_length=24), default=list, editable=False)
    rules_version = models.CharField(max_length=20, blank=True, editable=False)
    # The month of the 18th birthday of somebody referred as a child: enough for a reminder, and no date of birth.
    turns_18_month = models.DateField(null=True, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="people", editable=False)
    operation_number = models.PositiveSmallIntegerField(null=True, editable=False)

    submitted_at = models.DateTimeField(db_default=Now(), editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    escalated_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(max_length=24, choices=choices(OUTCOME_LABELS), blank=True, editable=False)
    feedback_band = models.CharField(max_length=24, choices=choices(FEEDBACK_LABELS), blank=True, editable=False)
    withdrawal_reason = models.CharField(max_length=24, choices=choices(WITHDRAWAL_LABELS), blank=True, editable=False)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=list(Status)), name="referral_status_is_known"),
            models.CheckConstraint(condition=Q(priority__in=list(Priority)), name="referral_priority_is_known"),
            models.CheckConstraint(condition=Q(next_actor__in=list(NextActor)), name="referral_next_actor_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=[Status.CLOSED, Status.WITHDRAWN], next_actor=NextActor.NOBODY)
                | (~Q(status__in=[Status.CLOSED, Status.WITHDRAWN]) & ~Q(next_actor=NextActor.NOBODY)),
                name="open_referral_is_somebodys_move",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False) & ~Q(outcome="") & ~Q(feedback_band="")
                | ~Q(status=Status.CLOSED),
                name="closed_referral_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.WITHDRAWN) | ~Q(withdrawal_reason=""),
                name="withdrawn_referral_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.IN_TRIAGE, Status.WITH_PARTNERS]) | Q(owner__isnull=False),
                name="referral_in_triage_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(indicators__contained_by=INDICATOR_CODES), name="referral_indicators_are_coded"
            ),
            models.CheckConstraint(
                condition=Q(exploitation__contained_by=EXPLOITATION_CODES), name="referral_exploitation_is_coded"
            ),
            models.CheckConstraint(
                condition=Q(pathways__contained_by=[p.value for p in Pathway]), name="referral_pathways_are_coded"
            ),
            models.CheckConstraint(
                condition=Q(turns_18_month__isnull=True) | Q(turns_18_month__day=1), name="referral_keeps_a_month_only"
            ),
            models.CheckConstraint(
                condition=Q(operation__isnull=True, operation_number__isnull=True)
                | Q(operation__isnull=False, operation_number__isnull=False),
                name="referral_of_an_operation_has_a_number",
            ),
            models.UniqueConstraint(fields=["operation", "operation_number"], name="one_person_a_number"),
        ]
        indexes = [
            models.Index(fields=["-submitted_at"], name="referral_newest"),
            models.Index(fields=["referrer", "-submitted_at"], name="referral_of_a_referrer"),
            models.Index(fields=["organisation", "-submitted_at"], name="referral_of_an_org"),
            models.Index(fields=["status", "due_at"], name="referral_queue"),
            # What is counted by the month in which it happened (`statistics/`).
            models.Index(fields=["closed_at"], name="referral_closed_when", condition=Q(closed_at__isnull=False)),
            models.Index(fields=["opened_at"], name="referral_opened_when", condition=Q(opened_at__isnull=False)),
            # The queue and its tabs, in the order in which they are read (`queue_order.py`).
            models.Index(RANK, DUE, F("id"), name="queue_open", condition=IS_OPEN),
            models.Index(F("next_actor"), RANK, DUE, F("id"), name="queue_of_an_actor", condition=IS_OPEN),
            models.Index(F("owner"), RANK, DUE, F("id"), name="queue_of_an_owner", condition=IS_OPEN),
            models.Index(ENDED.desc(), F("id").desc(), name="queue_ended", condition=IS_ENDED),
        ]

    def __str__(self):
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to act."""
        return self.status not in (Status.CLOSED, Status.WITHDRAWN)

    @property
    def referrer_is_there(self) -> bool:
        """Whether who logged it still works where they did: only then is it theirs to hear of."""
        return self.referrer.organisation == self.organisation and self.referrer.may(Permission.WRITE_REFERRAL)

    @property
    def band(self) -> tuple[str, str]:
        """What the referrer may know: a short label and a sentence."""
        return REFERRER_BANDS[Status(self.status)]


class ReferralSecret(SealedRow):
    """Who the person is and what was seen and said."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, primary_key=True, related_name="secret")

    def __str__(self):
        return "Sealed identity and account"


class ReferralLocation(SealedRow):
    """Where the person is, or was found. A blob of its own: fewer people need it (security, threat 3)."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, primary_key=True, related_name="location")

    def __str__(self):
        return "Sealed location"
