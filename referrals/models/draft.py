"""The draft: one sealed row that belongs to one account until it is sent or expires."""

import uuid

from django.db import models
from django.db.models.functions import Now

from partners.models import User
from referrals.models.referral import Referral
from referrals.models.sealed import SealedRow
from referrals.querysets import DraftQuerySet


class Draft(SealedRow):
    """What a referrer has typed so far. Sealed, saved at each page and every 20 seconds, never in the session.

    The sealed data is `{"answers": {step: {field: value}}, "typed": {step: {field: [raw]}}, "done": [step]}`:
    `answers` passed validation, `typed` is the last thing typed on a page that did not. A draft that a coordinator
    types in from paper has `{"paper": ...}` too: for which organisation, who met the person, when.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submit_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    from_paper = models.BooleanField(default=False, db_default=False, editable=False)
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, null=True, related_name="+")

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["user", "-updated_at"], name="draft_of_a_user")]

    def __str__(self):
        return "Draft referral"
