"""The rounds over the public texts. They take no arguments and may be lost: nothing is shown or hidden by them."""

import datetime

import structlog
from celery import shared_task
from django.utils import timezone

from awareness.content.links import check_links
from awareness.models import Content, Edition

log = structlog.get_logger(__name__)
SINCE = datetime.timedelta(days=1)


@shared_task(name="awareness.tasks.check_links")
def check_links_of_texts() -> None:
    """Ask for the links that are due."""
    asked, failed = check_links(timezone.now())
    log.info("links_checked", count=asked)
    log.info("links_that_failed", count=failed)


@shared_task(name="awareness.tasks.report_texts")
def report_texts() -> None:
    """Say in the log what became public since yesterday, and how many texts are due to be checked."""
    now = timezone.now()
    begun = Edition.objects.shown_at(now).filter(starts_at__gt=now - SINCE).count()
    log.info("texts_begun", count=begun)
    log.info("texts_to_check", count=Content.objects.public(now).to_check(timezone.localdate(now)).count())
