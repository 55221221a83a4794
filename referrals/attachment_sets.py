"""The choke point of attachments: whose content somebody may open. It stands on the one of referrals."""

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef

from partners.models import User
from partners.roles import Permission
from referrals.limited_views import NARRATIVE_PATHWAYS


class AttachmentQuerySet(models.QuerySet):
    """Sets of attachments."""

    def visible_to(self, user: User):
        """Attachments that `user` may know of.

        Coordinators: those of every referral they see. An organisation: those of a referral that it has accepted on a
        pathway that needs the account of what happened.

        Nobody else: whoever adds one does not read it back, and an excluded organisation has no hand-over that counts.
        """
        if not getattr(user, "is_authenticated", False) or user.role is None:
            return self.none()
        if user.may(Permission.TRIAGE):
            return self.filter(referral__in=apps.get_model("referrals", "Referral").objects.visible_to(user))
        handed = apps.get_model("referrals", "HandOver").objects.seen_by(user)
        accepted = handed.filter(accepted_at__isnull=False, pathway__in=NARRATIVE_PATHWAYS)
        return self.kept().filter(Exists(accepted.filter(referral=OuterRef("referral"))))

    def kept(self):
        """Attachments that were not removed: the only ones that open."""
        return self.filter(removed_at__isnull=True)
