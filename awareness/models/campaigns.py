"""What the partnership did to be known: campaigns with their days, and the figures to look at beside them."""

from django.db import models
from django.db.models import F, Q

from awareness.models.figures import Measure


class Campaign(models.Model):
    """A stretch of days on which people were told something, to whom, and about what."""

    slug = models.SlugField(
        "name in web addresses", max_length=80, unique=True, help_text="Small letters, numbers and hyphens."
    )
    title = models.CharField(max_length=120)
    theme = models.CharField(max_length=120, help_text="What it was about: “Slavery and homelessness”.")
    audience = models.CharField(max_length=160, help_text="Whom it was for: “Taxi drivers and the public”.")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day", help_text="It counts too. The same day twice for a campaign of one day.")
    dates_note = models.CharField(
        "about the days",
        max_length=400,
        blank=True,
        help_text="When the days are not known for sure: what is known, and why these days stand here.",
    )
    summary = models.TextField(max_length=1000, blank=True, help_text="What was done, in a few sentences.")
    measures = models.ManyToManyField(
        Measure,
        blank=True,
        related_name="campaigns",
        verbose_name="figures beside it",
        help_text="Reports that are compared before, during and after it.",
    )

    class Meta:
        ordering = ["-starts_on", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            )
        ]

    def __str__(self):
        return self.title
