"""The message board: what coordinators tell partner organisations, to whom, who has read it, what was taken back.

Every row here is written once. A correction is a new post that replaces the old one; a withdrawal is a row of its own.
"""

import datetime
import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now, TruncDate

from partners.hours import LONDON
from partners.models.audit import AppendOnly, AppendOnlyQuerySet
from partners.models.organisations import Organisation
from partners.models.people import User
from partners.roles import Permission

LONGEST_TITLE, LONGEST_TEXT, LONGEST_REASON = 120, 10_000, 300


class BoardPostQuerySet(AppendOnlyQuerySet):
    """Sets of posts."""

    def visible_to(self, user: User):
        """Posts that `user` may know of: those addressed to their organisation; for a coordinator all."""
        if not getattr(user, "is_authenticated", False) or not user.may(Permission.READ_BOARD):
            return self.none()
        if user.may(Permission.TRIAGE):
            return self
        addressed = BoardAudience.objects.filter(post=OuterRef("pk"), organisation=user.organisation)
        return self.filter(Q(to_all=True) | Exists(addressed))

    def in_force(self, on: datetime.date):
        """Posts that hold on the local date `on`: neither withdrawn nor replaced nor past their last day."""
        still_valid = Q(valid_until__isnull=True) | Q(valid_until__gte=on)
        return self.filter(still_valid, withdrawal__isnull=True, replacement__isnull=True)

    def unread_by(self, user: User):
        """Posts that `user` has not opened: written by somebody else, since they joined their organisation."""
        if user.membership is None:
            return self.none()
        readings = BoardReading.objects.filter(post=OuterRef("pk"), user=user)
        since_they_joined = self.filter(at__gte=user.membership.started_at)
        return since_they_joined.exclude(written_by=user).filter(~Exists(readings))


class BoardPost(AppendOnly):
    """One post: plain text without case content, to all partner organisations or to chosen ones."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now())
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=LONGEST_TITLE)
    text = models.TextField(max_length=LONGEST_TEXT)
    urgent = models.BooleanField(default=False)
    to_all = models.BooleanField(
        default=True, help_text="Also for organisations that join later; those told at the time are audience rows."
    )
    valid_until = models.DateField(null=True, blank=True, help_text="The last day on which it holds.")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replacement")
    confirmed = models.CharField(
        max_length=120, blank=True, help_text="The kinds of warning that the writer looked at and ticked."
    )

    objects = BoardPostQuerySet.as_manager()

    class Meta:
        verbose_name = "post"
        ordering = ["-at"]
        indexes = [models.Index(fields=["-at"], name="board_newest_first")]
        constraints = [
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="board_post_does_not_replace_itself"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=TruncDate("at")),
                name="board_post_ends_after_it_was_written",
            ),
            models.CheckConstraint(
                condition=Q(title__regex=r"\S", text__regex=r"\S"), name="board_post_says_something"
            ),
        ]

    def __str__(self):
        return f"Post of {self.at.astimezone(LONDON):%-d %B %Y}" if self.at else "Post"

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back."""
        return hasattr(self, "withdrawal")

    @property
    def is_replaced(self) -> bool:
        """Whether a corrected post stands in its place."""
        return hasattr(self, "replacement")

    def has_ended(self, on: datetime.date) -> bool:
        """Return whether its last day is before the local date `on`."""
        return self.valid_until is not None and self.valid_until < on


class BoardAudience(AppendOnly):
    """One organisation that a post was addressed to when it was sent."""

    post = models.ForeignKey(BoardPost, on_delete=models.PROTECT, related_name="audience")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "organisation"], name="one_audience_row_an_organisation")
        ]

    def __str__(self):
        return f"{self.post} to {self.organisation}"


class BoardWithdrawal(AppendOnly):
    """That a post was taken back, by whom and why. Readers are told why."""

    post = models.OneToOneField(BoardPost, on_delete=models.PROTECT, primary_key=True, related_name="withdrawal")
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=LONGEST_REASON)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="board_withdrawal_says_why"),
        ]

    def __str__(self):
        return f"{self.post}: withdrawn"


class BoardReading(AppendOnly):
    """That somebody opened a post, and where they worked then. Coordinators see the organisation, nobody the person."""

    post = models.ForeignKey(BoardPost, on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="one_reading_a_person_and_post")]

    def __str__(self):
        return f"{self.post}: read"
