"""What a text said each time it was saved. Versions are only ever added, each with the whole text; a trigger refuses
the rest. To bring one back is to save it again (docs/adr/0029-editions.md)."""

import datetime

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from awareness.content.codes import (
    AUDIENCES,
    EXPLOITATION_CODES,
    FILE_KINDS,
    LONGEST_BODY,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    SECTIONS,
    SETTING_CODES,
    SUBJECT_LABELS,
    Kind,
)
from awareness.content.markdown import RENDERER, render, trusted
from awareness.models.content import Content
from partners.models import User
from partners.models.audit import AppendOnly, AppendOnlyQuerySet

LANGUAGE = "english"  # the texts' own: PostgreSQL's stems and stop words


class VersionQuerySet(AppendOnlyQuerySet):
    """Sets of versions."""

    def published(self, now: datetime.datetime) -> "VersionQuerySet":
        """What the public sees at `now` (aware), one version a text, with its text: one query. Every public page, feed,
        leaflet and search starts here; a draft is not in it."""
        shown = self.filter(
            Q(editions__ends_at__isnull=True) | Q(editions__ends_at__gt=now), editions__starts_at__lte=now
        )
        return shown.annotate(shown_from=F("editions__starts_at")).select_related("content")

    def of_kind(self, kind: Kind) -> "VersionQuerySet":
        """Those of one kind."""
        return self.filter(content__kind=kind)

    def pages(self) -> "VersionQuerySet":
        """Pages."""
        return self.of_kind(Kind.PAGE)

    def signs(self) -> "VersionQuerySet":
        """Signs, of settings and of kinds of exploitation."""
        return self.of_kind(Kind.SIGN)

    def news(self) -> "VersionQuerySet":
        """News."""
        return self.of_kind(Kind.NEWS)

    def resources(self) -> "VersionQuerySet":
        """Resources."""
        return self.of_kind(Kind.RESOURCE)

    def settings(self) -> "VersionQuerySet":
        """Signs to look for in a setting."""
        return self.signs().filter(content__subject__in=SETTING_CODES)

    def kinds_of_exploitation(self) -> "VersionQuerySet":
        """Signs of a kind of exploitation."""
        return self.signs().filter(content__subject__in=EXPLOITATION_CODES)

    def in_section(self, section: str) -> "VersionQuerySet":
        """Pages of one part of the site."""
        return self.pages().filter(section=section)

    def for_audience(self, audience: str) -> "VersionQuerySet":
        """Those written for an audience, and those for everybody."""
        return self.filter(audience__in=[audience, "everybody"])

    def in_order(self) -> "VersionQuerySet":
        """In the order of a menu."""
        return self.order_by("position", "title", "pk")

    def newest(self) -> "VersionQuerySet":
        """What was shown last comes first; only after `published`."""
        return self.order_by("-shown_from", "-pk")

    def with_slug(self, slug: str) -> "ContentVersion | None":
        """The one with this name in web addresses; narrow to a kind first."""
        return self.filter(content__slug=slug).first()


class ContentVersion(AppendOnly):
    """What a text said when it was saved. `awareness/content/editing.py` adds it; nothing changes it."""

    class Act(models.TextChoices):
        WRITTEN = "written", "Written"
        RESTORED = "restored", "Brought back"
        LOADED = "loaded", "Loaded from the project’s files"

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=10, choices=Act, default=Act.WRITTEN)
    restored_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=LONGEST_TITLE)
    summary = models.CharField(max_length=LONGEST_SUMMARY)
    body = models.TextField(max_length=LONGEST_BODY, blank=True)
    section = models.CharField(max_length=20, choices=SECTIONS, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    audience = models.CharField(max_length=20, choices=AUDIENCES, default="everybody")
    link = models.CharField(max_length=500, blank=True)
    file_kind = models.CharField(max_length=10, choices=FILE_KINDS, blank=True)
    # Made of the body as it was saved, so that a page costs one query and no rendering.
    html = models.TextField(blank=True, editable=False)
    plain = models.TextField(blank=True, editable=False)
    renderer = models.PositiveSmallIntegerField(editable=False)
    found_by = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=LANGUAGE)
        + SearchVector("summary", weight="B", config=LANGUAGE)
        + SearchVector("plain", weight="C", config=LANGUAGE),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    words = models.GeneratedField(  # as they are spelt, for "Did you mean"
        expression=SearchVector("title", config="simple")
        + SearchVector("summary", config="simple")
        + SearchVector("plain", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [GinIndex(fields=["found_by"], name="content_found_by")]
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="version_number_is_its_own"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_numbers_start_at_one"),
            models.CheckConstraint(
                condition=Q(section__in=["", *(code for code, _ in SECTIONS)]), name="version_section_is_known"
            ),
            models.CheckConstraint(
                condition=Q(audience__in=[code for code, _ in AUDIENCES]), name="version_audience_is_known"
            ),
            models.CheckConstraint(
                condition=Q(file_kind__in=["", *(code for code, _ in FILE_KINDS)]), name="version_file_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(act="restored", restored_from__isnull=False) | (~Q(act="restored") & Q(restored_from=None)),
                name="version_brought_back_names_its_source",
            ),
        ]

    def __str__(self):
        return f"Version {self.number}"

    def save(self, *args, **kwargs):
        """Render the body and insert."""
        self.make_html()
        super().save(*args, **kwargs)

    def make_html(self) -> None:
        """Render the body, for a version that is only previewed too."""
        made = render(self.body)
        self.html, self.plain, self.renderer = made.html, made.plain, RENDERER

    @property
    def rendered(self) -> str:
        """The body as HTML for a page. What an older renderer stored is made again: rows are not rewritten."""
        return trusted(self.html if self.renderer == RENDERER else render(self.body).html)

    @property
    def subject_label(self) -> str:
        """What its signs are about, in words."""
        return SUBJECT_LABELS.get(self.content.subject, "")

    def get_absolute_url(self) -> str:
        """Where the public reads it."""
        return self.content.get_absolute_url()
