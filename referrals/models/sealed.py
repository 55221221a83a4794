"""What every sealed table of this app shares."""

import uuid

from django.db import models

from partners.sealing import seal, unseal


class SealedRow(models.Model):
    """A row whose content is sealed to it. Subclasses say which row id binds the blob."""

    #: `partners/sealed_data.py` finds the tables to check and to seal again by this.
    is_sealed = True

    kid = models.CharField(max_length=20, editable=False)
    sealed = models.BinaryField(editable=False)

    class Meta:
        abstract = True

    @property
    def sealed_row_id(self) -> uuid.UUID:
        """The id that binds the blob to this row."""
        return self.pk

    def put(self, data) -> None:
        """Seal `data` into this (unsaved) row."""
        result = seal(self._meta.db_table, self.sealed_row_id, data)
        self.kid, self.sealed = result.kid, result.blob

    def take_out(self):
        """Return the sealed data. Raises `partners.sealing.CannotOpen`.

        Callers that show it to a person go through `referrals/disclose.py`, which writes the access record.
        """
        return unseal(self._meta.db_table, self.sealed_row_id, self.kid, self.sealed)
