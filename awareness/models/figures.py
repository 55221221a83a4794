"""What others have published: which source, what it counts, for which days, how exactly, and what is wrong with it.

A figure without its period, its source and its caveat is not kept here at all: numbers that look alike and count
different things are how a partnership misleads itself (facts, 5.5).
"""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from awareness.figures import QUALIFIER_LABELS, Point, Qualifier, Series

QUALIFIERS = [(qualifier.value, words) for qualifier, words in QUALIFIER_LABELS.items()]


class Area(models.TextChoices):
    """Whose figure it is."""

    COUNTY = "county", "The county"
    NATIONAL = "national", "United Kingdom"


class Source(models.Model):
    """Something published: where a figure was read."""

    slug = models.SlugField(
        "name in web addresses", max_length=60, unique=True, help_text="Small letters, numbers and hyphens."
    )
    short_name = models.CharField(
        max_length=80, help_text="As it stands beside a figure, such as “Herts police, 2019”."
    )
    title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=120, help_text="Who published it.")
    published_on = models.DateField(
        null=True, blank=True, help_text="The day on it. Leave it empty when there is none."
    )
    published_words = models.CharField(
        "when, in words",
        max_length=120,
        blank=True,
        help_text="When the day is not known: “undated, about early 2020”.",
    )
    url = models.URLField("web address", max_length=300, blank=True, help_text="Leave it empty when there is none.")
    licence = models.CharField(
        max_length=300, blank=True, help_text="The words the licence asks for. They stand wherever the figures stand."
    )
    caveat = models.TextField(
        max_length=600, blank=True, help_text="What a reader should know about this source before they trust it."
    )

    class Meta:
        ordering = ["short_name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_on__isnull=False) | ~Q(published_words=""),
                name="source_says_when",
                violation_error_message="Give the day on it, or say in words when it was published.",
            )
        ]

    def __str__(self):
        return self.short_name

    @property
    def when(self) -> str:
        """When it was published: "15 October 2019", or the words that are kept instead."""
        day = f"{self.published_on:%-d %B %Y}" if self.published_on else ""
        return f"{day} ({self.published_words})" if day and self.published_words else day or self.published_words


class Measure(models.Model):
    """What is counted, in which unit, and by whom. Two ways of counting are two measures, however alike they sound."""

    slug = models.SlugField(
        "name in web addresses", max_length=80, unique=True, help_text="Small letters, numbers and hyphens."
    )
    name = models.CharField(max_length=120, help_text="The heading of its table: what and, if it matters, how counted.")
    unit = models.CharField(max_length=40, help_text="In the plural, as it follows a number: “arrests”.")
    counts = models.CharField("what is counted", max_length=300)
    counted_by = models.CharField("who counts", max_length=200)
    area = models.CharField("whose figures", max_length=10, choices=Area)
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        help_text="The measure that this is a part of: arrests for kidnap are a part of all arrests.",
    )
    part_name = models.CharField(
        "name as a part", max_length=80, blank=True, help_text="The heading of its column beside the other parts."
    )
    caveat = models.TextField(
        max_length=600, blank=True, help_text="What a reader must know. It stands wherever the figures stand."
    )
    position = models.PositiveSmallIntegerField(
        "place on the page", default=100, help_text="A small number comes first."
    )

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(area__in=Area.values), name="measure_area_is_known"),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True, part_name="") | (Q(part_of__isnull=False) & ~Q(part_name="")),
                name="measure_part_has_a_name",
                violation_error_message="A part needs both: what it is a part of, and its name as a part.",
            ),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")),
                name="measure_is_not_a_part_of_itself",
                violation_error_message="A measure cannot be a part of itself.",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Refuse a measure that is, by way of others, a part of itself."""
        whole = self.part_of
        while whole is not None:
            if whole.pk == self.pk:
                raise ValidationError({"part_of": "This is a part of what you are editing. Choose another."})
            whole = whole.part_of

    def series(self) -> Series:
        """Return its figures as a series, in the order of their days (`awareness/figures.py`)."""
        rows = sorted(self.figures.all(), key=lambda row: (row.ends_on, row.starts_on or row.ends_on, row.source.slug))
        disputed = tuple(note.text for note in self.inconsistencies.all())
        points = tuple(row.point() for row in rows)
        return Series(name=self.name, unit=self.unit, counts=self.slug, points=points, disputed=disputed)


class Figure(models.Model):
    """One number: a measure, from one source, for one stretch of days."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="figures")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="figures")
    starts_on = models.DateField(
        "first day",
        null=True,
        blank=True,
        help_text="Leave it empty when the source says only “up to” a day. For one moment give the same day twice.",
    )
    ends_on = models.DateField("last day", help_text="It counts too: a year ends on 31 December.")
    period_words = models.CharField(
        "period, in words",
        max_length=80,
        blank=True,
        help_text="Only when the source gives no days: “about early 2020”. It is shown instead of the days.",
    )
    value = models.BigIntegerField(
        validators=[MinValueValidator(0)], help_text="A whole number, without “more than”: say that below."
    )
    qualifier = models.CharField("how exact", max_length=10, choices=QUALIFIERS, default=Qualifier.EXACTLY)
    caveat = models.CharField(max_length=300, blank=True, help_text="What a reader must know of this one figure.")

    class Meta:
        ordering = ["measure", "ends_on", "starts_on", "source"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="figure_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="figure_is_not_negative",
                violation_error_message="A count cannot be less than 0.",
            ),
            models.CheckConstraint(
                condition=Q(qualifier__in=[value for value, _ in QUALIFIERS]), name="figure_qualifier_is_known"
            ),
            models.UniqueConstraint(
                fields=["measure", "source", "starts_on", "ends_on"],
                nulls_distinct=False,
                name="one_figure_of_a_source_and_period",
                violation_error_message="This source has a figure for these days already. Change that one.",
            ),
        ]

    def __str__(self):
        return f"{self.measure}, {self.point().label}"

    def point(self) -> Point:
        """Return the figure as a point of a series."""
        return Point(
            starts=self.starts_on,
            ends=self.ends_on,
            value=self.value,
            qualifier=Qualifier(self.qualifier),
            source=self.source.short_name,
            caveat=self.caveat,
            words=self.period_words,
        )


class Inconsistency(models.Model):
    """What does not agree between figures, or within one: shown with each measure that it names."""

    slug = models.SlugField("short name", max_length=80, unique=True, help_text="For the table it is loaded from.")
    measures = models.ManyToManyField(Measure, related_name="inconsistencies", help_text="Where it is shown.")
    text = models.TextField(max_length=600, help_text="What does not agree, and what a reader should make of it.")

    class Meta:
        ordering = ["slug"]
        verbose_name = "note on what does not agree"
        verbose_name_plural = "notes on what does not agree"

    def __str__(self):
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"
