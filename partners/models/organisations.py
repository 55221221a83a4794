"""Who takes part: areas, organisations, their legal standing and their sharing agreement."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

domain_validator = RegexValidator(
    r"^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+$", "Enter a domain such as example.org, in small letters and without the @."
)

#: The map of tiles is a small grid: each district a square, laid out roughly as the county lies.
PLACES_ON_THE_MAP = [MinValueValidator(1), MaxValueValidator(8)]


def _in_force(on: datetime.date) -> Q:
    """Rows with `starts_on` and `ends_on` that hold on the local date `on`. The last day counts."""
    return Q(starts_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))


class DatedQuerySet(models.QuerySet):
    """Rows that are true for a time."""

    def in_force(self, on: datetime.date):
        """Rows that hold on the local date `on`."""
        return self.filter(_in_force(on))


class Dated(models.Model):
    """A fact with a first day and, perhaps, a last one (both count)."""

    starts_on = models.DateField("from", default=datetime.date(2017, 5, 1))
    ends_on = models.DateField("last day", null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            )
        ]

    def is_in_force(self, on: datetime.date) -> bool:
        """Return whether the row holds on the local date `on`."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


class Area(Dated):
    """A county or one of its districts. Council reorganisation ends one area and starts another."""

    class Kind(models.TextChoices):
        COUNTY = "county", "County"
        DISTRICT = "district", "District or borough"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DISTRICT)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")
    tile_row = models.PositiveSmallIntegerField(
        "row on the map", null=True, blank=True, validators=PLACES_ON_THE_MAP, help_text="1 is the most northern."
    )
    tile_column = models.PositiveSmallIntegerField(
        "column on the map", null=True, blank=True, validators=PLACES_ON_THE_MAP, help_text="1 is the most western."
    )

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["name"]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                # A comparison with nothing is neither true nor false, and a check passes what is not false.
                condition=Q(tile_row__isnull=True, tile_column__isnull=True)
                | Q(tile_row__isnull=False, tile_column__isnull=False, tile_row__gte=1, tile_column__gte=1),
                name="partners_area_has_row_and_column_or_neither",
                violation_error_message="A place on the map has a row and a column, counted from 1.",
            ),
        ]

    def __str__(self):
        return self.name


class Organisation(Dated):
    """A partner organisation. It is never deleted: it ends, and may name a successor."""

    class Kind(models.TextChoices):
        POLICE = "police", "Police"
        COUNTY_COUNCIL = "county_council", "County council"
        DISTRICT_COUNCIL = "district_council", "District or borough council"
        NHS = "nhs", "NHS"
        FIRE = "fire", "Fire and rescue"
        HOUSING = "housing", "Housing provider"
        CHARITY = "charity", "Charity"
        VICTIM_SERVICE = "victim_service", "Victim care service"
        JUSTICE = "justice", "Prison or probation"
        NATIONAL = "national", "National body"
        IMMIGRATION = "immigration", "Immigration enforcement"
        BOARD = "board", "Board or partnership"
        EDUCATION = "education", "Education"
        FAITH = "faith", "Faith group"
        BUSINESS = "business", "Business or membership body"
        OTHER = "other", "Other"

    class Sector(models.TextChoices):
        PUBLIC = "public", "Public"
        VOLUNTARY = "voluntary", "Voluntary and community"
        PRIVATE = "private", "Private"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, unique=True)
    short_name = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    sector = models.CharField(max_length=10, choices=Sector, default=Sector.PUBLIC)
    areas = models.ManyToManyField(Area, related_name="+", blank=True)
    email_domains = ArrayField(
        models.CharField(max_length=100, validators=[domain_validator]),
        default=list,
        blank=True,
        help_text="Addresses a lead may invite, separated by commas: council.example.org",
    )
    role_mailbox = models.EmailField(blank=True, help_text="A shared mailbox that somebody reads, not a person's.")
    second_contact = models.EmailField(blank=True, help_text="Who is written to when the first mailbox stays silent.")
    urgent_phone = models.CharField(max_length=30, blank=True)
    receives_referrals = models.BooleanField("can be handed a referral", default=False)
    coordinates = models.BooleanField(
        "hosts the coordinators", default=False, help_text="Its mailbox and second contact stand for the partnership."
    )
    opens_reception_centre = models.BooleanField(
        "opens reception centres", default=False, help_text="Told when an operation has reached the number for one."
    )
    nrm_name = models.CharField(
        "name in the Home Office form",
        max_length=120,
        blank=True,
        help_text="As it stands in the form's list of organisations. Leave empty when it is the name above.",
    )
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = [Lower("name")]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(successor=models.F("id")),
                name="organisation_is_not_its_own_successor",
                violation_error_message="An organisation cannot be its own successor.",
            ),
            models.CheckConstraint(
                condition=Q(receives_referrals=False) | ~Q(role_mailbox=""),
                name="organisation_that_receives_has_a_mailbox",
                violation_error_message="An organisation that can be handed a referral needs a shared mailbox.",
            ),
            models.CheckConstraint(
                condition=Q(opens_reception_centre=False) | ~Q(role_mailbox=""),
                name="organisation_that_opens_centres_has_a_mailbox",
                violation_error_message="An organisation that opens reception centres needs a shared mailbox.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name_in_nrm_form(self) -> str:
        """The name to choose in the Home Office form's list of organisations."""
        return self.nrm_name or self.name

    def has_standing(self, kind: str, on: datetime.date) -> bool:
        """Return whether the organisation has the `Standing.Kind` `kind` on the local date `on`."""
        return self.standings.in_force(on).filter(kind=kind).exists()

    def agreement_on(self, on: datetime.date) -> "Agreement | None":
        """Return the newest sharing agreement signed on or before the local date `on`."""
        return self.agreements.filter(signed_on__lte=on).order_by("-signed_on").first()


class Standing(Dated):
    """A legal standing of an organisation, true for a time: the lists change by law (facts, 1.2 and 1.3)."""

    class Kind(models.TextChoices):
        FIRST_RESPONDER = "first_responder", "First responder organisation"
        SECTION_52 = "section_52", "Under the duty to notify (section 52)"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="standings")
    kind = models.CharField(max_length=20, choices=Kind)
    source = models.CharField(max_length=200, blank=True, help_text="Where this was read: a law, a list, a date.")

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["organisation_id", "kind", "starts_on"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=Q(ends_on__isnull=True), name="one_open_standing_of_a_kind"
            ),
        ]

    def __str__(self):
        return self.get_kind_display()


class Agreement(models.Model):
    """An information sharing agreement: signed on a day, to be reviewed by another (facts, section 4.9)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="agreements")
    signed_on = models.DateField()
    review_on = models.DateField("review by")

    class Meta:
        ordering = ["-signed_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(review_on__gt=models.F("signed_on")),
                name="agreement_review_after_signature",
                violation_error_message="The review date must be after the signature.",
            )
        ]

    def __str__(self):
        return f"Signed {self.signed_on:%-d %B %Y}"
