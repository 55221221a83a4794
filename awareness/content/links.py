"""The round that asks for the links of public texts, and keeps when each was last in order and since when it is not.

It asks a site at most once a second, each link once a week and a broken one every six hours, and stops when its time is
over: the next round goes on with what was not asked for the longest.
"""

import datetime
import time
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from awareness.content.addresses import text_at
from awareness.content.checking import leads_nowhere
from awareness.content.fetching import Answer, Client
from awareness.content.markdown import is_outside, render
from awareness.models import Content, ContentVersion
from awareness.models.links import Link, Trouble

EVERY = datetime.timedelta(days=7)
BROKEN_EVERY = datetime.timedelta(hours=6)
ROUND_SECONDS = 35.0  # Celery ends a task at 50; one answer may take 12
A_SITE_EVERY = 1.0  # seconds


def links_of(version: ContentVersion) -> set[str]:
    """Return the addresses that a text links to and that can be asked for: others' pages, and our own."""
    urls = {link.url for link in render(version.body).links} | {version.link}
    return {url.partition("#")[0] for url in urls if url.startswith("/") or is_outside(url)}


@transaction.atomic
def collect(now: datetime.datetime) -> int:
    """Bring the list of links in line with what the public sees at `now`; return how many there are."""
    texts: dict[str, set[int]] = defaultdict(set)
    for version in ContentVersion.objects.published(now):
        for url in links_of(version):
            texts[url].add(version.content_id)
    Link.objects.exclude(url__in=texts).delete()
    Link.objects.bulk_create([Link(url=url) for url in sorted(texts)], ignore_conflicts=True)
    for link in Link.objects.prefetch_related("texts"):
        if {text.pk for text in link.texts.all()} != texts[link.url]:
            link.texts.set(texts[link.url])
    return len(texts)


def check_links(
    now: datetime.datetime,
    *,
    client: Client | None = None,
    seconds: float = ROUND_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[int, int]:
    """Ask for every link that is due, for at most about `seconds`; return how many were asked for and how many of them
    do not lead anywhere. Each result is kept at once: a round that is broken off loses nothing."""
    collect(now)
    client = client or Client(agent=f"Waymark link check (+{settings.SITE_URL})")
    until, asked, failed, last = time.monotonic() + seconds, 0, 0, {}
    for link in Link.objects.due(now, every=EVERY, broken_every=BROKEN_EVERY):
        if time.monotonic() >= until:
            break
        site = urlsplit(link.url).netloc
        if site in last and (wait := last[site] + A_SITE_EVERY - time.monotonic()) > 0:
            pause(wait)
        answer = _own(link.url, now) if link.url.startswith("/") else client.ask(link.url)
        if site:
            last[site] = time.monotonic()
        note(link, answer, now)
        asked, failed = asked + 1, failed + bool(answer.trouble)
    return asked, failed


def note(link: Link, answer: Answer, now: datetime.datetime) -> None:
    """Keep an answer: when the link was last in order, or since when it is not."""
    result = {"checked_at": now, "status": answer.status, "trouble": answer.trouble}
    if answer.trouble:
        result |= {"failures": link.failures + 1, "broken_since": link.broken_since or now}
    else:
        result |= {"failures": 0, "broken_since": None, "ok_at": now}
    Link.objects.filter(pk=link.pk).update(**result)  # one that is no longer in any text stays away


def _own(url: str, now: datetime.datetime) -> Answer:
    """Whether the public sees a page of ours. Nothing is asked for over the network."""
    text = text_at(url)
    if text:
        kind, slug = text
        row = Content.objects.filter(kind=kind, slug=slug).with_state(now).first()
        return Answer() if row and row.state == "published" else Answer(trouble=Trouble.NO_TEXT)
    return Answer(trouble=Trouble.NO_TEXT) if leads_nowhere(url) else Answer()
