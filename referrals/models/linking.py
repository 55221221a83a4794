"""What ties referrals together: blind keys of what they have in common, and the links that coordinators make."""

import uuid

from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Now

from partners.models import User
from referrals.models.referral import Referral
from referrals.models.sealed import SealedRow
from referrals.person_keys import KeyKind


class PersonKey(models.Model):
    """One thing by which another referral about the same person is found: an HMAC, never the value.

    They are made from what is sealed and can be made again (`referrals/person_index.py`), so they go with the referral.
    """

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="person_keys", db_index=False)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in KeyKind])
    key = models.BinaryField(max_length=16)
    kid = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(KeyKind)), name="person_key_kind_is_known"),
            models.UniqueConstraint(fields=["referral", "kind", "key"], name="one_person_key_a_referral"),
        ]
        indexes = [models.Index(fields=["kind", "key"], include=["referral"], name="person_key_found")]

    def __str__(self):
        return "Blind key"


class LinkKind(models.TextChoices):
    """What two referrals have to do with each other."""

    SAME_PERSON = "same_person", "The same person"
    SAME_OPERATION = "same_operation", "The same operation or place"
    FAMILY = "family", "Family"


class LinkQuerySet(models.QuerySet):
    """Sets of links."""

    def in_force(self):
        """Links that were not removed."""
        return self.filter(removed_at__isnull=True)

    def of(self, referral: Referral | OuterRef):
        """Links in which `referral` is one of the two."""
        return self.filter(Q(first=referral) | Q(second=referral))

    def visible_to(self, user: User):
        """Links between two referrals that `user` may both know of."""
        seen = Referral.objects.visible_to(user).values("pk")
        return self.filter(first__in=seen, second__in=seen)


class Link(SealedRow):
    """Two referrals that belong together. The pair has no order: the lower id is the first. The note is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=LinkKind)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="link_kind_is_known"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="link_is_between_two"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_link_has_a_person",
            ),
            models.UniqueConstraint(
                fields=["first", "second", "kind"],
                condition=Q(removed_at__isnull=True),
                name="one_link_of_a_kind",
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    def other(self, referral: Referral) -> Referral:
        """Return the one of the two that `referral` is not."""
        return self.second if self.first_id == referral.pk else self.first
