"""The hand-over: one referral offered to one organisation for one pathway, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models import Organisation, User
from referrals.handover_states import (
    CHASED_TO_THE_END,
    DECLINE_LABELS,
    HAND_OVER_LABELS,
    OPEN_STATES,
    OUTCOME_LABELS_HAND_OVER,
    OVERRIDE_LABELS,
    REVOKE_LABELS,
    SEEN_STATES,
    HandOverStatus,
)
from referrals.models.referral import Referral
from referrals.models.sealed import SealedRow
from referrals.pathways import PATHWAY_LABELS, Pathway
from referrals.querysets import ExclusionQuerySet, HandOverQuerySet
from referrals.statuses import choices

#: How far the chasing of a silent organisation has gone (`tasks.chase_hand_overs`).
NOT_CHASED, SECOND_CONTACT, COORDINATOR_TOLD, RING_THEM = range(CHASED_TO_THE_END + 1)


class HandOver(models.Model):
    """One offer to one organisation. `workflow/handovers.py` is the only writer of its status."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="hand_overs")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=24, choices=choices(PATHWAY_LABELS))
    status = models.CharField(max_length=20, choices=choices(HAND_OVER_LABELS), default=HandOverStatus.OFFERED)
    responder = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    offered_at = models.DateTimeField(db_default=Now())
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    override_reason = models.CharField(max_length=20, choices=choices(OVERRIDE_LABELS), blank=True)
    due_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=20, choices=choices(DECLINE_LABELS), blank=True)
    outcome = models.CharField(max_length=24, choices=choices(OUTCOME_LABELS_HAND_OVER), blank=True)
    revoke_reason = models.CharField(max_length=20, choices=choices(REVOKE_LABELS), blank=True)
    chased = models.PositiveSmallIntegerField(default=NOT_CHASED)
    chase_at = models.DateTimeField(null=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        ordering = ["offered_at"]
        indexes = [
            models.Index(fields=["organisation", "status", "due_at"], name="hand_over_inbox"),
            models.Index(fields=["chase_at"], name="hand_over_to_chase", condition=Q(chase_at__isnull=False)),
            # What is counted by the month in which it happened (`statistics/`).
            models.Index(fields=["offered_at"], name="hand_over_offered_when"),
            models.Index(
                fields=["accepted_at"], name="hand_over_accepted_when", condition=Q(accepted_at__isnull=False)
            ),
            models.Index(fields=["ended_at"], name="hand_over_ended_when", condition=Q(ended_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=list(HandOverStatus)), name="hand_over_status_is_known"),
            models.CheckConstraint(
                condition=Q(pathway__in=[p.value for p in Pathway]), name="hand_over_pathway_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(OPEN_STATES), due_at__isnull=False, ended_at__isnull=True)
                | (~Q(status__in=sorted(OPEN_STATES)) & Q(due_at__isnull=True, ended_at__isnull=False)),
                name="open_hand_over_has_a_clock",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[HandOverStatus.ACCEPTED, HandOverStatus.COMPLETED])
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="accepted_hand_over_has_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(status=HandOverStatus.DECLINED) | ~Q(decline_reason=""),
                name="declined_hand_over_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=HandOverStatus.COMPLETED) | ~Q(outcome=""),
                name="completed_hand_over_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(status=HandOverStatus.REVOKED) | ~Q(revoke_reason=""),
                name="revoked_hand_over_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(chased__lte=RING_THEM), name="hand_over_chased_to_the_end_at_most"),
            models.UniqueConstraint(
                fields=["referral", "organisation", "pathway"],
                condition=Q(status__in=sorted(OPEN_STATES)),
                name="one_open_hand_over_a_pathway",
            ),
        ]

    def __str__(self):
        return f"{self.get_pathway_display()}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether the organisation still has to act."""
        return self.status in OPEN_STATES

    @property
    def is_seen(self) -> bool:
        """Whether the organisation may look at the case; a declined or revoked hand-over is a stub."""
        return self.status in SEEN_STATES

    @property
    def needs_ringing(self) -> bool:
        """Whether nobody has answered to anything and somebody has to ring."""
        return self.is_open and self.acknowledged_at is None and self.chased >= RING_THEM


class Exclusion(SealedRow):
    """An organisation that must not know of a referral (somebody there is close to the exploiter). Why is sealed.

    The sealed data is `{"reason": str}`. Lifting one takes a second person (security, 5.3).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="exclusions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        ordering = ["added_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "organisation"], condition=Q(lifted_at__isnull=True), name="one_exclusion_each"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_by=models.F("added_by"))),
                name="exclusion_is_lifted_by_another",
            ),
        ]

    def __str__(self):
        return "Do not share"
