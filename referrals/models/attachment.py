"""A photo or a document that belongs to a referral, redrawn and sealed (docs/adr/0022-attachments-are-redrawn.md)."""

import base64
import hashlib
import hmac
import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from partners.models import AppendOnly, AppendOnlyQuerySet, User
from partners.sealing import CannotOpen, seal_file, unseal_file
from referrals.attachment_kinds import KIND_LABELS, REMOVAL_LABELS, AttachmentKind, RemovalReason
from referrals.attachment_sets import AttachmentQuerySet
from referrals.models.referral import Referral
from referrals.models.sealed import SealedRow
from referrals.redrawing import MOST_SENT, PDF, SUFFIXES, Redrawn
from referrals.statuses import choices

MOST_OF_A_REFERRAL = 20  # that were not removed


def form_in_words(content_type: str, pages: int) -> str:
    """Say what sort of file it is: 'Picture', 'PDF, 3 pages'."""
    return f"PDF, {pages} page{'' if pages == 1 else 's'}" if content_type == PDF else "Picture"


class Attachment(SealedRow):
    """What is known of one file without opening it. It is written once; removing it leaves the row and its reason.

    The sealed data is `{"key": base64, "name": str, "text": str}`: the key of the content, the name the file came with,
    and what was said about it. A new sealing key seals this anew and never has to touch the content.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="attachments")
    number = models.PositiveSmallIntegerField()
    submit_key = models.UUIDField(help_text="Of the form: sent twice, it is kept once.")
    kind = models.CharField(max_length=20, choices=choices(KIND_LABELS))
    content_type = models.CharField(max_length=20)
    pages = models.PositiveSmallIntegerField(default=1)
    size = models.PositiveIntegerField(help_text="Bytes of what is given out.")
    sha256 = models.BinaryField(max_length=32, help_text="Of the sealed content, as it is stored.")
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removal_reason = models.CharField(max_length=20, choices=choices(REMOVAL_LABELS), blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "number"], name="attachment_number_is_used_once"),
            models.UniqueConstraint(fields=["referral", "submit_key"], name="attachment_is_sent_once"),
            models.CheckConstraint(condition=Q(kind__in=list(AttachmentKind)), name="attachment_kind_is_known"),
            models.CheckConstraint(condition=Q(content_type__in=list(SUFFIXES)), name="attachment_is_of_a_safe_type"),
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=MOST_SENT), name="attachment_has_a_size"),
            models.CheckConstraint(condition=Q(number__gte=1, pages__gte=1), name="attachment_is_counted_from_one"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removal_reason="")
                | Q(removed_at__gte=F("at"), removed_by__isnull=False, removal_reason__in=list(RemovalReason)),
                name="removed_attachment_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"Attachment {self.number}: {self.get_kind_display().lower()}"

    @property
    def form(self) -> str:
        """What sort of file it is, in words."""
        return form_in_words(self.content_type, self.pages)

    def seal_content(self, drawn: Redrawn, *, name: str, text: str) -> "AttachmentContent":
        """Put `drawn` into this unsaved row, under a key of its own; return the row that holds its sealed bytes."""
        key, ciphertext = seal_file(AttachmentContent._meta.db_table, self.pk, drawn.content)
        self.content_type, self.pages, self.size = drawn.content_type, drawn.pages, len(drawn.content)
        self.sha256 = hashlib.sha256(ciphertext).digest()
        self.put({"key": base64.b64encode(key).decode(), "name": name, "text": text})
        return AttachmentContent(attachment=self, ciphertext=ciphertext)

    def open_content(self) -> bytes:
        """Return the bytes. Raises CannotOpen when a key is missing or anything was changed or moved.

        Callers that give them to a person go through `referrals/disclose.py`, which writes the access record.
        """
        ciphertext = bytes(self.content.ciphertext)
        if not hmac.compare_digest(hashlib.sha256(ciphertext).digest(), bytes(self.sha256)):
            raise CannotOpen("the stored bytes are not those that were recorded")
        key = base64.b64decode(self.take_out()["key"])
        return unseal_file(AttachmentContent._meta.db_table, self.pk, key, ciphertext)


class AttachmentContent(AppendOnly):
    """The sealed bytes of an attachment, in a table of their own that no list ever reads."""

    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, primary_key=True, related_name="content")
    ciphertext = models.BinaryField(editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    def __str__(self):
        return "Sealed content"
