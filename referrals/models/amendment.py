"""What was amended after a referral was sent: the old answers beside the new ones, and why. All of it sealed."""

from django.db import models

from partners.models import AppendOnly, AppendOnlyQuerySet
from referrals.models.history import ReferralEvent
from referrals.models.sealed import SealedRow


class Amendment(SealedRow, AppendOnly):
    """One amendment. Who, when and which questions stand in its event; this is what they said before and say now.

    The sealed data is `{"why": str, "secret": {"old": answers, "new": answers}, "location": the same}`: what belongs to
    the location stays apart, for fewer people open it. `answers` are `{step: {field: value}}` of what differs. The
    database refuses every change but sealing it again under another key.
    """

    event = models.OneToOneField(ReferralEvent, on_delete=models.PROTECT, primary_key=True, related_name="amendment")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["event__at"]

    def __str__(self):
        return "Amendment"
