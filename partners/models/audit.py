"""Who looked at what. Rows are only ever added; a database trigger refuses the rest."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models.organisations import Organisation
from partners.models.people import User
from partners.roles import ROLE_CHOICES


class AppendOnlyError(Exception):
    """Raised on an attempt to change or delete a row of an append-only table."""


class AppendOnlyQuerySet(models.QuerySet):
    """A set of rows that can be read and added to."""

    def update(self, **kwargs):
        """Refuse: history is not rewritten."""
        raise AppendOnlyError(f"{self.model.__name__} rows cannot be changed")

    def delete(self):
        """Refuse: history is not rewritten."""
        raise AppendOnlyError(f"{self.model.__name__} rows cannot be deleted")


class AppendOnly(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        """Insert; raise AppendOnlyError for a row that exists."""
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows cannot be changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        """Refuse: history is not rewritten."""
        raise AppendOnlyError(f"{type(self).__name__} rows cannot be deleted")


class AccessRecord(AppendOnly):
    """One look, or one refused look, at something protected."""

    class Action(models.TextChoices):
        VIEW = "view", "Opened the case"
        OPEN_IDENTITY = "open_identity", "Opened the identity and account"
        OPEN_LOCATION = "open_location", "Opened the location"
        OPEN_DRAFT = "open_draft", "Opened a draft"
        READ_QUESTION = "read_question", "Read the coordinator's question"
        READ_NOTES = "read_notes", "Read the notes"
        READ_AMENDMENTS = "read_amendments", "Read what was amended"
        OPEN_HAND_OVER = "open_hand_over", "Opened a hand-over"
        OPEN_ANSWER_SHEET = "open_answer_sheet", "Opened the NRM answer sheet"
        PRINT_ANSWER_SHEET = "print_answer_sheet", "Printed the NRM answer sheet"
        DOWNLOAD_ANSWER_SHEET = "pdf_answer_sheet", "Downloaded the NRM answer sheet"
        OPEN_ATTACHMENT = "open_attachment", "Opened an attachment"
        OPEN_OPERATION = "open_operation", "Opened an operation"
        EXPORT = "export", "Exported a list"
        EXPORT_CASE = "export_case", "Exported the case"
        SUBMIT = "submit", "Submitted"
        LIST = "list", "Looked at the list"
        SEARCH = "search", "Searched for a person"
        CHECK_TEXT = "check_text", "Checked a text for the message board"
        DENIED = "denied", "Was refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now())
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=20, choices=Action)
    object_kind = models.CharField(max_length=40)
    object_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=20, blank=True)
    purpose = models.CharField(max_length=300, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["object_id", "-at"], name="access_of_an_object"),
            models.Index(fields=["-at"], name="access_newest"),
        ]

    def __str__(self):
        return self.get_action_display()


class AccountAct(models.TextChoices):
    """What can happen to an account."""

    INVITED = "invited", "Invited"
    ROLE_CHANGED = "role_changed", "Role changed"
    MEMBERSHIP_ENDED = "membership_ended", "Membership ended"
    SUSPENDED = "suspended", "Account suspended"
    RESTORED = "restored", "Account restored"
    SECOND_STEP_ADDED = "second_step_added", "Second step set up"
    SECOND_STEP_REMOVED = "second_step_removed", "Second step removed"
    SECOND_STEP_RESET = "second_step_reset", "Second step reset by somebody else"


class AccountChange(AppendOnly):
    """One change to an account, its membership or its second step. `partners/accounts.py` adds it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=24, choices=AccountAct)
    role_before = models.CharField(max_length=20, choices=ROLE_CHOICES, blank=True)
    role_after = models.CharField(max_length=20, choices=ROLE_CHOICES, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["user", "-at"], name="changes_of_an_account")]
        constraints = [models.CheckConstraint(condition=Q(act__in=AccountAct.values), name="account_change_is_known")]

    def __str__(self):
        return self.get_act_display()


class ConfigurationAct(models.TextChoices):
    """What can happen to a setting."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    REMOVED = "removed", "Removed"


class ConfigurationChange(AppendOnly):
    """One change to what staff set up: an organisation, a clock, a wording. `partners/configuration.py` adds it.

    `changes` is a list of `[what, before, after]` in the words of the day: it can be read when the row it is about, or
    the code that knew its fields, is gone. Accounts are not among it: they have `AccountChange`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=10, choices=ConfigurationAct)
    kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    changes = models.JSONField()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["kind", "object_id", "-at"], name="changes_of_a_setting"),
            models.Index(fields=["-at"], name="changes_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(act__in=ConfigurationAct.values), name="configuration_change_is_known")
        ]

    def __str__(self):
        return f"{self.get_act_display()}: {self.kind} {self.object_id}"
