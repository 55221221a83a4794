"""A notice on top of the pages: "The service is closed for maintenance on Sunday". Staff write it; it is plain text."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from partners.models.people import User
from partners.plain_text import check_one_line

LONGEST_BANNER = 300


class BannerQuerySet(models.QuerySet):
    """Sets of banners. The time is the database's."""

    def shown_now(self):
        """Banners that have started and not ended; warnings come first, then the one that began last."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=Now()), starts_at__lte=Now()).order_by(
            "-tone", "-starts_at", "pk"
        )


class Banner(models.Model):
    """One notice. It begins and ends by itself and is never deleted: what people were told stays known."""

    class Tone(models.TextChoices):
        INFORMATION = "information", "Information"
        WARNING = "warning", "Warning"

    class Place(models.TextChoices):
        PUBLIC = "public", "Pages that anybody can open"
        SIGNED_IN = "signed_in", "Pages behind the sign-in"
        BOTH = "both", "Every page"

    text = models.CharField(max_length=LONGEST_BANNER, validators=[check_one_line])
    tone = models.CharField(max_length=12, choices=Tone, default=Tone.INFORMATION)
    place = models.CharField(max_length=10, choices=Place, default=Place.BOTH)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)

    objects = BannerQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        indexes = [models.Index(fields=["starts_at"], name="banner_start")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="banner_ends_after_start",
                violation_error_message="The banner cannot end before it starts.",
            ),
            models.CheckConstraint(condition=Q(tone__in=["information", "warning"]), name="banner_tone_is_known"),
            models.CheckConstraint(
                condition=Q(place__in=["public", "signed_in", "both"]), name="banner_place_is_known"
            ),
        ]

    def __str__(self):
        return f"Banner from {timezone.localtime(self.starts_at):%-d %B %Y, %H:%M}"
