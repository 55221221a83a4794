"""The saved filter: what a coordinator narrows the queue down to, under a name of their own."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from partners.models import User
from referrals.querysets import SavedFilterQuerySet


class SavedFilter(models.Model):
    """One part of the queue with its filters, kept by a coordinator and, if they like, shared with the others.

    `query` holds the choices as an address does: codes and numbers that the filters offer, never what was searched.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "created_at"]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="one_saved_filter_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_filter_has_a_name"),
        ]

    def __str__(self):
        return "Saved filter"
