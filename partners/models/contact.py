"""How the outside is reached: support lines, when they are open, and the partnership's own card."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from partners.models.organisations import Dated, DatedQuerySet, Organisation

colour_validator = RegexValidator(r"^#[0-9a-f]{6}$", "Enter a colour such as #1f4e5f, in small letters.")


class SupportLine(Dated):
    """A number people can ring. Hours and wording are data, because they change (facts, 5.4)."""

    class Purpose(models.TextChoices):
        EMERGENCY = "emergency", "Emergency"
        POLICE = "police", "Police, not an emergency"
        HELPLINE = "helpline", "Modern slavery helpline"
        VICTIM_CARE = "victim_care", "Victim care centre"
        SUPPORT_PROVIDER = "support_provider", "National support provider"
        CHILDREN = "children", "Children's services"
        ADULTS = "adults", "Adult social care"
        GUARDIANS = "guardians", "Child trafficking guardians"
        OTHER = "other", "Other"

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=20, choices=Purpose)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    phone = models.CharField(max_length=30)
    website = models.URLField(blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="What to say or ask for, in plain words.")
    always_open = models.BooleanField(default=False)
    public = models.BooleanField("shown to the public", default=True)
    position = models.PositiveSmallIntegerField(default=100)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class OpeningHours(models.Model):
    """One stretch of a weekday on which a support line answers, in local time."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    line = models.ForeignKey(SupportLine, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name_plural = "opening hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=models.F("opens")),
                name="opening_hours_close_after_open",
                violation_error_message="Closing time must be after opening time.",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday_is_a_weekday"),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"


class ClosedDay(models.Model):
    """A day off that the bank-holiday calendar does not know: for one line, or (without a line) for all."""

    line = models.ForeignKey(SupportLine, on_delete=models.CASCADE, null=True, blank=True, related_name="closed_days")
    day = models.DateField()
    reason = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["line", "day"], nulls_distinct=False, name="closed_day_once"),
        ]

    def __str__(self):
        return f"{self.day:%-d %B %Y}"


class Partnership(models.Model):
    """The one row that says whose system this is: name, colours, thresholds. Staff edit it in the admin."""

    name = models.CharField(max_length=100, default="Anti-slavery partnership")
    service_name = models.CharField(max_length=60, default="Waymark")
    county = models.CharField(max_length=60, blank=True)
    mailbox = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    brand_colour = models.CharField(max_length=7, default="#1f4e5f", validators=[colour_validator])
    brand_tint = models.CharField(max_length=7, default="#eef4f5", validators=[colour_validator])

    draft_days = models.PositiveSmallIntegerField(
        "days an unfinished referral is kept", default=28, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    recap_months = models.PositiveSmallIntegerField(
        "months without a referral or training until the recap",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    triage_hours_immediate = models.PositiveSmallIntegerField(
        "hours to triage, immediate danger", default=1, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    triage_days_standard = models.PositiveSmallIntegerField(
        "working days to triage, any other", default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    feedback_days = models.PositiveSmallIntegerField(
        "working days to first feedback", default=5, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    answer_days = models.PositiveSmallIntegerField(
        "working days a referrer has to answer", default=2, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    unopened_minutes = models.PositiveSmallIntegerField(
        "minutes unopened before it is escalated, any other",
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
    )
    unopened_minutes_immediate = models.PositiveSmallIntegerField(
        "minutes unopened before it is escalated, immediate danger",
        default=10,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
    )
    figures_after_days = models.PositiveSmallIntegerField(
        "working days until a period is published",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    figures_hide_below = models.PositiveSmallIntegerField(
        "counts hidden in published figures", choices=[(5, "1 to 4"), (10, "1 to 9")], default=5
    )

    class Meta:
        verbose_name_plural = "partnership"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_one_partnership"),
            models.CheckConstraint(condition=Q(figures_hide_below__in=[5, 10]), name="small_counts_are_hidden"),
            models.CheckConstraint(condition=Q(figures_after_days__gte=1), name="figures_can_be_looked_at_first"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Save as the one row."""
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> "Partnership":
        """Return the partnership's row; the defaults when nobody has saved one yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
