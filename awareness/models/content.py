"""Texts that staff own. What a text says is in versions (versions.py); what the public sees is an edition.

Nothing switches a text on: an edition has a first and a last moment, and a page asks for those of its own moment. So a
text that is scheduled is shown on time with no worker running (docs/adr/0029-editions.md).
"""

import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, Max, OuterRef, Q
from django.db.models.functions import Now

from awareness.content.addresses import address_of
from awareness.content.codes import KIND_LABELS, OWN_FIELDS, SUBJECT_LABELS, SUBJECTS, Kind
from partners.models import User
from partners.roles import Role

OWNERS = [
    (Role.COORDINATOR.value, "Coordinators"),
    (Role.LEAD.value, "Organisation leads"),
    (Role.SYSADMIN.value, "Administrators"),
]


SIGN = Kind.SIGN.value
KINDS = [(kind.value, label) for kind, label in KIND_LABELS.items()]


class State(models.TextChoices):
    """Where a text is, at a moment. It follows from its editions and is written nowhere."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


def _during(now: datetime.datetime) -> Q:
    """The condition that an edition is shown at `now`."""
    return Q(starts_at__lte=now) & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))


class ContentQuerySet(models.QuerySet):
    """Sets of texts, whatever their state: for the pages of staff."""

    def with_state(self, now: datetime.datetime) -> "ContentQuerySet":
        """Annotate `state` (of `State`) and `unpublished` (the newest version is none that is or will be shown)."""
        own = Edition.objects.filter(content=OuterRef("pk"))
        to_come = own.filter(starts_at__gt=now).exclude(ends_at=F("starts_at"))
        was_shown = own.filter(starts_at__lte=now).exclude(ends_at=F("starts_at"))
        not_over = own.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).exclude(ends_at=F("starts_at"))
        return self.annotate(
            state=models.Case(
                models.When(Exists(own.filter(_during(now))), then=models.Value(State.PUBLISHED)),
                models.When(Exists(to_come), then=models.Value(State.SCHEDULED)),
                models.When(Exists(was_shown), then=models.Value(State.WITHDRAWN)),
                default=models.Value(State.DRAFT),
                output_field=models.CharField(choices=State),
            ),
            unpublished=~Exists(not_over.filter(version=OuterRef("latest"))),
        )

    def public(self, now: datetime.datetime) -> "ContentQuerySet":
        """Texts that the public sees at `now`."""
        return self.filter(Exists(Edition.objects.filter(_during(now), content=OuterRef("pk"))))

    def to_check(self, today: datetime.date) -> "ContentQuerySet":
        """Texts whose day of review has come."""
        return self.filter(review_by__lte=today)


class Content(models.Model):
    """One text: what stays the same through its versions, and by when somebody must look whether it still holds."""

    kind = models.CharField(max_length=10, choices=KINDS, editable=False)
    slug = models.SlugField(
        "name in web addresses",
        max_length=60,
        help_text="Small letters, numbers and hyphens. It cannot be changed once the text has been public.",
    )
    subject = models.CharField(
        "what it is about",
        max_length=30,
        choices=SUBJECTS,
        blank=True,
        help_text="A setting or a kind of exploitation.",
    )
    owner = models.CharField("who checks it", max_length=20, choices=OWNERS, default=Role.COORDINATOR.value)
    review_by = models.DateField("check this by", help_text="On this day it is listed as due to be checked.")
    latest = models.OneToOneField(
        "ContentVersion", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = ContentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "text", "texts"
        ordering = ["kind", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "slug"],
                name="content_address_is_its_own",
                violation_error_message="Another text has this name in web addresses.",
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=~Q(subject=""),
                name="one_page_of_signs_a_subject",
                violation_error_message="There are signs for this already. Change those.",
            ),
            models.CheckConstraint(condition=Q(kind__in=[kind for kind, _ in KINDS]), name="content_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind=SIGN, subject__in=list(SUBJECT_LABELS)) | (~Q(kind=SIGN) & Q(subject="")),
                name="signs_have_a_subject",
                violation_error_message="Signs are about a setting or a kind of exploitation.",
            ),
            models.CheckConstraint(condition=Q(owner__in=[key for key, _ in OWNERS]), name="content_owner_is_known"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.slug}"

    def get_absolute_url(self) -> str:
        """Where the public reads it."""
        return address_of(self.kind, self.slug)

    @property
    def own_fields(self) -> tuple[str, ...]:
        """What its kind says beside title, summary and body."""
        return OWN_FIELDS[Kind(self.kind)]


class EditionQuerySet(models.QuerySet):
    """Sets of editions."""

    def shown_at(self, now: datetime.datetime) -> "EditionQuerySet":
        """Those that the public sees at `now`."""
        return self.filter(_during(now))

    def to_come(self, now: datetime.datetime) -> "EditionQuerySet":
        """Those that begin after `now` and were not called off."""
        return self.filter(starts_at__gt=now).exclude(ends_at=F("starts_at"))

    def last_change(self, now: datetime.datetime) -> datetime.datetime | None:
        """When what the public sees changed last before `now`: for the Last-Modified of a list."""
        past = self.aggregate(
            begun=Max("starts_at", filter=Q(starts_at__lte=now)), ended=Max("ends_at", filter=Q(ends_at__lte=now))
        )
        return max((moment for moment in past.values() if moment), default=None)


class Edition(models.Model):
    """A version of a text, shown from one moment up to another (which is no longer in it); without an end, until
    further notice. One called off before it began ends as it starts. `awareness/content/editing.py` writes it."""

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="editions")
    version = models.ForeignKey("ContentVersion", on_delete=models.PROTECT, related_name="editions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="edition_ends_after_start"
            ),
            ExclusionConstraint(
                name="one_edition_of_a_text_at_a_time",
                expressions=[
                    ("content", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self):
        return f"Edition {self.pk}"
