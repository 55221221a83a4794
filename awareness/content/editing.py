"""What staff do to a text: write, publish, schedule, withdraw, bring back. The only writer of versions and editions.

Each act locks the text's row and is told which version the person had before them: who saves second is shown what the
first one saved, and neither is lost. What was done is kept in the history of the settings (partners/configuration.py),
what was written in the versions.
"""

import datetime
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from awareness.models import Content, ContentVersion, Edition
from partners.configuration import record_change
from partners.models import User

Act = ContentVersion.Act


class SomebodySaved(Exception):
    """Raised when a text has a newer version than the person had seen. `latest` is that version."""

    def __init__(self, latest: ContentVersion):
        self.latest = latest
        super().__init__("The text was saved by somebody else meanwhile.")


class NotPossible(Exception):
    """Raised when an act does not fit the state of the text; the message is for people."""


@dataclass(frozen=True)
class Words:
    """What a version says."""

    title: str
    summary: str
    body: str = ""
    section: str = ""
    position: int = 100
    audience: str = "everybody"
    link: str = ""
    file_kind: str = ""

    @classmethod
    def of(cls, version: ContentVersion) -> "Words":
        """Return what `version` says."""
        return cls(**{field.name: getattr(version, field.name) for field in fields(cls)})


@transaction.atomic
def write(
    *, by: User | None, content: Content, seen: int, words: Words, note: str = "", act: Act = Act.WRITTEN
) -> ContentVersion:
    """Save `words` as the next version of `content` and return it; nothing becomes public.

    `content` may be new. `seen` is the number of the version that the person started from, 0 for a new text. When
    nothing is different the latest version is returned. Raises SomebodySaved.
    """
    if content.pk is None:
        content.save()
    row = _locked(content, seen)
    if row.latest and Words.of(row.latest) == words:
        return row.latest
    return _add(row, by=by, words=words, note=note, act=act)


@transaction.atomic
def restore(*, by: User, content: Content, seen: int, number: int) -> ContentVersion:
    """Save what version `number` said as the newest version, and return that; nothing becomes public.

    Raises SomebodySaved, ContentVersion.DoesNotExist, NotPossible when that is the newest one.
    """
    row = _locked(content, seen)
    source = row.versions.get(number=number)
    if source == row.latest:
        raise NotPossible("This is the newest version already.")
    note = f"Version {number} again"
    return _add(row, by=by, words=Words.of(source), note=note, act=Act.RESTORED, restored_from=source)


@transaction.atomic
def publish(*, by: User | None, content: Content, seen: int, at: datetime.datetime | None = None) -> Edition:
    """Show the newest version of `content` from `at` (aware) on, now when it is not given; return its edition.

    Until then the public sees what it saw before. One that was to begin later is called off: what is published last
    is what holds. Raises SomebodySaved, and NotPossible when there is no version or `at` is past.
    """
    row, now = _locked(content, seen), timezone.now()
    if row.latest is None:
        raise NotPossible("There is nothing to publish yet.")
    if at is not None and at < now and by is not None:
        raise NotPossible("This moment is past. Choose a later one, or publish now.")
    starts_at, before = at or now, _picture(row, now)
    _call_off(row, now)
    row.editions.shown_at(starts_at).update(ends_at=starts_at)
    edition = Edition.objects.create(content=row, version=row.latest, starts_at=starts_at, by=by)
    _record(by, row, before, now)
    return edition


@transaction.atomic
def withdraw(*, by: User, content: Content, seen: int) -> None:
    """Take `content` from the public now, and call off what was to begin later. Raises SomebodySaved, NotPossible."""
    row, now = _locked(content, seen), timezone.now()
    before = _picture(row, now)
    called_off = _call_off(row, now)
    if not row.editions.shown_at(now).update(ends_at=now) and not called_off:
        raise NotPossible("The public does not see this text, and no day is set for it.")
    _record(by, row, before, now)


@transaction.atomic
def call_off(*, by: User, content: Content, seen: int) -> None:
    """Call off what was to begin later; what the public sees now stays. Raises SomebodySaved, NotPossible."""
    row, now = _locked(content, seen), timezone.now()
    before = _picture(row, now)
    if not _call_off(row, now):
        raise NotPossible("Nothing is scheduled.")
    _record(by, row, before, now)


def _locked(content: Content, seen: int) -> Content:
    row = Content.objects.select_for_update(of=["self"]).select_related("latest").get(pk=content.pk)
    if row.latest and row.latest.number != seen:
        raise SomebodySaved(row.latest)
    return row


def _add(row: Content, *, words: Words, **how: Any) -> ContentVersion:
    number = row.latest.number + 1 if row.latest else 1
    version = ContentVersion(content=row, number=number, **asdict(words), **how)
    version.save()
    row.latest = version
    row.save(update_fields=["latest"])
    return version


def _call_off(row: Content, now: datetime.datetime) -> int:
    """End what has not begun where it starts: it was never shown, and that it was planned stays known. An edition that
    was to end when it begins goes on."""
    begins = list(row.editions.to_come(now).values_list("starts_at", flat=True))
    row.editions.to_come(now).update(ends_at=F("starts_at"))
    row.editions.filter(ends_at__in=begins, starts_at__lt=now).update(ends_at=None)
    return len(begins)


def _picture(row: Content, now: datetime.datetime) -> dict[str, str]:
    """What the public sees of a text and will see, in words."""
    shown = row.editions.shown_at(now).select_related("version").first()
    to_come = row.editions.to_come(now).select_related("version").first()
    local = timezone.localtime(to_come.starts_at) if to_come else None
    return {
        "The public sees": f"{shown.version.title} (version {shown.version.number})" if shown else "Nothing",
        "Scheduled": f"version {to_come.version.number}, {local:%-d %B %Y, %H:%M}" if to_come and local else "",
    }


def _record(by: User | None, row: Content, before: dict[str, str], now: datetime.datetime) -> None:
    if by is not None:  # what is loaded from files is nobody's act
        record_change(by=by, row=row, before=before, after=_picture(row, now))
