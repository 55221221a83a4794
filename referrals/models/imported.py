"""Where a carried-over referral comes from: which file, which row, who brought it and when. Written once."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models import AppendOnly, AppendOnlyQuerySet, User
from referrals.models.referral import Referral


class ImportBatch(AppendOnly):
    """One file that was carried over, all of it.

    The file is known by the SHA-256 of its content, so that whoever has it can prove that it was this one. Its name may
    be a person's: only a keyed hash of it is kept.
    """

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel workbook"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind)
    content_hash = models.BinaryField(max_length=32, unique=True)
    name_hash = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField(help_text="In bytes.")
    rows = models.PositiveIntegerField(help_text="Rows below the column names that are not blank.")
    blank = models.PositiveIntegerField(help_text="Blank rows.")
    repeated = models.PositiveIntegerField(help_text="Rows that stand in the file twice.")
    known = models.PositiveIntegerField(help_text="Rows that were carried over before.")
    carried_over = models.PositiveIntegerField(help_text="Rows that became referrals.")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["csv", "xlsx"]), name="import_kind_is_known"),
            models.CheckConstraint(
                condition=Q(rows=models.F("carried_over") + models.F("repeated") + models.F("known")),
                name="import_accounts_for_every_row",
            ),
        ]

    def __str__(self):
        return f"{self.carried_over} referrals from a spreadsheet"


class ImportedRow(AppendOnly):
    """The row of a file that became a referral. `row_hash` is a keyed hash of what it says: a row is known again by it
    in any other file, and nobody can try out names on it without the key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="imported")
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="imported_row")
    number = models.PositiveIntegerField()
    row_hash = models.BinaryField(max_length=32, unique=True)
    reference_hash = models.BinaryField(max_length=32, null=True, db_index=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_referral_of_a_row"),
        ]

    def __str__(self):
        return f"Row {self.number}"
