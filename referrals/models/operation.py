"""The operation: several potential victims met together. Each is a referral of their own; nothing here merges them."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from partners.models import AppendOnly, AppendOnlyQuerySet, Organisation, User
from referrals.models.sealed import SealedRow
from referrals.querysets import OperationQuerySet


class Operation(SealedRow):
    """One operation. Its name, its site and the shared circumstances are sealed.

    The sealed data is `{"name": str, "site": str, "officer": str, "secret": {step: {field: value}}, "location":
    {step: {field: value}}}`; the last two are copied into each person's referral when the person is added.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    held_on = models.DateField()
    expected = models.PositiveSmallIntegerField(null=True)
    reception_opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-created_at"]
        indexes = [models.Index(fields=["organisation", "-held_on"], name="operation_of_an_org")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("created_at")),
                name="operation_ends_after_start",
            )
        ]

    def __str__(self):
        return self.reference


class Destination(models.TextChoices):
    """Where somebody went from the reception centre: the kind of place only. The address belongs to the referral."""

    SAFE_HOUSE = "safe_house", "Safe accommodation"
    FAMILY = "family", "Family or friends"
    HOSPITAL = "hospital", "Hospital"
    CHILDRENS_CARE = "childrens_care", "Children’s services"
    POLICE = "police", "Police station"
    HOTEL = "hotel", "Hotel or temporary housing"
    HOME = "home", "Their own home"
    LEFT = "left", "Left without saying where to"
    OTHER = "other", "Somewhere else"


class OperationMovement(AppendOnly):
    """One arrival at, or departure from, the reception centre."""

    class Kind(models.TextChoices):
        ARRIVED = "arrived", "Arrived"
        LEFT = "left", "Left"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="movements")
    referral = models.ForeignKey("referrals.Referral", on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(db_default=Now())
    destination = models.CharField(max_length=20, choices=Destination, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["at", "recorded_at"]
        indexes = [models.Index(fields=["operation", "at"], name="movement_of_an_operation")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="arrived", destination="") | (Q(kind="left") & ~Q(destination="")),
                name="movement_says_where_to",
            )
        ]

    def __str__(self):
        return self.get_kind_display()
