"""Whether the links of public texts still lead somewhere: the last result for each address."""

import datetime

from django.db import models
from django.db.models import Q

from awareness.models.content import Content

#: Failures in a row before somebody is asked to look: a site that restarts is no broken link.
FAILURES_THAT_COUNT = 2


class Trouble(models.TextChoices):
    """Why a link does not lead anywhere."""

    NOT_FOUND = "not_found", "There is no such page"
    SERVER = "server", "The other site reports a fault"
    TIMEOUT = "timeout", "No answer in time"
    TLS = "tls", "Its certificate is not in order"
    NO_CONNECTION = "no_connection", "No connection, or no such site"
    REDIRECTS = "redirects", "It sends on too often, or to an address without https"
    NOT_PUBLIC = "not_public", "It leads into a private network"
    NO_TEXT = "no_text", "A page of this site that the public does not see"


class LinkQuerySet(models.QuerySet):
    """Sets of links."""

    def broken(self) -> "LinkQuerySet":
        """Links that failed often enough to be looked at."""
        return self.filter(failures__gte=FAILURES_THAT_COUNT)

    def due(self, now: datetime.datetime, *, every: datetime.timedelta, broken_every: datetime.timedelta):
        """Those to be asked for again: never asked for first, then the longest ago."""
        waited = Q(checked_at__lte=now - every) | Q(checked_at__lte=now - broken_every, failures__gt=0)
        return self.filter(Q(checked_at__isnull=True) | waited).order_by(
            models.F("checked_at").asc(nulls_first=True), "pk"
        )


class Link(models.Model):
    """One address that public texts link to. `awareness/content/links.py` writes it; it goes with the last of them."""

    url = models.CharField("address", max_length=2000, unique=True)
    texts = models.ManyToManyField(Content, related_name="links", verbose_name="in")
    checked_at = models.DateTimeField("asked for", null=True)
    ok_at = models.DateTimeField("last in order", null=True)
    status = models.PositiveSmallIntegerField("answer", null=True)
    trouble = models.CharField("what is wrong", max_length=16, choices=Trouble, blank=True)
    failures = models.PositiveIntegerField("times in a row", default=0)
    broken_since = models.DateTimeField("since", null=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["-failures", "url"]
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0, trouble="", broken_since=None)
                | (Q(failures__gt=0, broken_since__isnull=False) & ~Q(trouble="")),
                name="a_broken_link_says_since_when_and_why",
            ),
            models.CheckConstraint(condition=Q(trouble__in=["", *Trouble.values]), name="link_trouble_is_known"),
        ]

    def __str__(self):
        return self.url
