"""The one table."""

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One form as it was sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    answers = models.JSONField()

    def __str__(self):
        return f"Entry {self.pk}"
