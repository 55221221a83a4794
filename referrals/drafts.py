"""Drafts: what somebody has typed so far, sealed at each page, for its owner only (security, section 3.7).

Nothing typed gets lost: what fails validation is kept as typed, and what a second device typed at the same time is
kept beside it. How much is kept has a bound (`LONGEST_PAGE`, `MOST_DRAFTS`), so that a draft is no free storage.
"""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from partners.access import record_access
from partners.models import AccessRecord, Partnership, User
from referrals.models import Draft

#: Characters of unfinished text that a draft keeps for one page: twice the longest page, filled to its limits.
LONGEST_PAGE = 60_000
#: Unfinished drafts one account may hold at a time.
MOST_DRAFTS = 20

Typed = dict[str, list[str]]


class TooManyDrafts(Exception):
    """Raised when an account already holds as many unfinished drafts as it may."""


class TooLong(Exception):
    """Raised when a page holds more text than a draft keeps. Nothing was changed."""


class ChangedElsewhere(Exception):
    """Raised when the page was saved from another device in the meantime.

    What was typed here is kept in the draft beside what is there; `content` is the draft as it stands now.
    """

    def __init__(self, content: "Content"):
        self.content = content
        super().__init__("The page was changed on another device.")


@dataclass
class Content:
    """What the sealed blob of a draft holds, each by step.

    `answers` passed validation; `typed` is newer text that did not, or was not checked yet; `other` is what a second
    device typed at the same time; `done` are the steps that were saved at least once; `versions` count the saves.
    `paper` says where the sheet comes from that a coordinator types in (`forms.paper.Sheet`).
    """

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    typed: dict[str, Typed] = field(default_factory=dict)
    other: dict[str, Typed] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    paper: dict[str, Any] = field(default_factory=dict)

    def version(self, step: str) -> int:
        """Return how often the page was saved."""
        return self.versions.get(step, 0)


def read(draft: Draft) -> Content:
    """Return what a draft holds. Raises `partners.sealing.CannotOpen`."""
    known = {part.name for part in fields(Content)}
    return Content(**{name: value for name, value in draft.take_out().items() if name in known})


@transaction.atomic
def start(*, by: User, now: datetime.datetime) -> Draft:
    """Return a new draft of `by` that lives for the partnership's days from the aware datetime `now`.

    An unused one is given out again (double click, back). Raises TooManyDrafts.
    """
    mine = Draft.objects.of(by).live(now)
    expires_at = now + datetime.timedelta(days=Partnership.current().draft_days)
    unused = mine.filter(version=1, from_paper=False).first()
    if unused is not None:
        unused.created_at, unused.expires_at = now, expires_at
        unused.save(update_fields=["created_at", "expires_at"])
        return unused
    if mine.count() >= MOST_DRAFTS:
        raise TooManyDrafts
    draft = Draft(user=by, expires_at=expires_at)
    draft.put(asdict(Content()))
    draft.save(force_insert=True)
    return draft


@transaction.atomic
def start_from_paper(*, by: User, key: UUID, paper: Mapping[str, Any], now: datetime.datetime) -> Draft:
    """Return `by`'s draft `key` for a sheet of paper: a new one, or the one that the same page made a moment ago.

    `paper` is `forms.paper.Sheet.as_kept`. Raises TooManyDrafts; Draft.DoesNotExist when the key is somebody else's.
    """
    made = Draft.objects.filter(pk=key).first()
    if made is not None:
        return _put_right(made, by, paper)
    if Draft.objects.of(by).live(now).count() >= MOST_DRAFTS:
        raise TooManyDrafts
    expires_at = now + datetime.timedelta(days=Partnership.current().draft_days)
    # Something was typed, so it is among the unfinished from the start.
    draft = Draft(pk=key, user=by, expires_at=expires_at, from_paper=True, version=2)
    draft.put(asdict(Content(paper=dict(paper))))
    rows = Draft.objects.bulk_create([draft], ignore_conflicts=True)
    return Draft.objects.of(by).get(pk=rows[0].pk)


def _put_right(made: Draft, by: User, paper: Mapping[str, Any]) -> Draft:
    """Return the draft that the page made before; where the sheet comes from is what was said last."""
    _require_owner(made, by)
    if not made.from_paper:
        raise Draft.DoesNotExist
    draft = find(draft_id=made.pk, by=by, locked=True)
    if draft.referral is None and (content := read(draft)).paper != dict(paper):
        save_paper(draft=draft, content=content, paper=paper, by=by)
    return draft


def save_paper(*, draft: Draft, content: Content, paper: Mapping[str, Any], by: User) -> None:
    """Keep where the sheet comes from, put right, in a draft that `find` has locked."""
    _require_owner(draft, by)
    content.paper = dict(paper)
    _write(draft, content)


def find(*, draft_id: UUID, by: User, locked: bool = False) -> Draft:
    """Return `by`'s draft, sent and expired ones included; locked until the transaction ends when it will be changed.

    Raises Draft.DoesNotExist when there is none or it is somebody else's.
    """
    rows = Draft.objects.of(by)
    # No join to the referral: hardly any draft that is opened has one, and a query that waited for a lock would see the
    # draft as it is now, the referral as it was before.
    return (rows.select_for_update() if locked else rows).get(pk=draft_id)


def record_opening(draft: Draft, *, by: User) -> None:
    """Record that `by` opened a draft: once a session is enough, it is their own."""
    record_access(by=by, action=AccessRecord.Action.OPEN_DRAFT, object_kind="draft", object_id=draft.pk)


def save_answers(
    *, draft: Draft, content: Content, step: str, given: Mapping[str, Any], typed: Typed, version: int, by: User
) -> None:
    """Keep the valid answers of a page in a draft that `find` has locked; `typed` is what they were made from.

    `version` is the page's own when it was opened. Raises ChangedElsewhere when another device saved something else
    meanwhile, TooLong, Draft.DoesNotExist when the draft is not `by`'s.
    """
    _require_owner(draft, by)
    if _is_conflict(content, step, given, typed, version):
        _keep_aside(draft, content, step, typed)
    content.answers[step] = dict(given)
    content.typed.pop(step, None)
    content.other.pop(step, None)
    if step not in content.done:
        content.done.append(step)
    content.versions[step] = content.version(step) + 1
    _write(draft, content)


def save_typed(
    *, draft: Draft, content: Content, step: str, given: Mapping[str, Any] | None, typed: Typed, version: int, by: User
) -> None:
    """Keep what was typed on a page as it came, beside the answers. See `save_answers`.

    `given` are the answers that `typed` makes if it is valid: what is already an answer needs no second copy.
    """
    _require_owner(draft, by)
    if _is_conflict(content, step, given, typed, version):
        _keep_aside(draft, content, step, typed)
    if given is not None and given == content.answers.get(step):
        if content.typed.pop(step, None) is None:
            return
    elif content.typed.get(step) == typed:
        return
    else:
        content.typed[step] = _bounded(typed)
    content.versions[step] = content.version(step) + 1
    _write(draft, content)


def _is_conflict(content: Content, step: str, given: Mapping | None, typed: Typed, version: int) -> bool:
    if version == content.version(step) or typed == content.typed.get(step):
        return False
    return given is None or given != content.answers.get(step) or step in content.typed


def _keep_aside(draft: Draft, content: Content, step: str, typed: Typed) -> None:
    if content.other.get(step) != typed:
        content.other[step] = _bounded(typed)
        _write(draft, content)
    raise ChangedElsewhere(content)


def _bounded(typed: Typed) -> Typed:
    if sum(len(value) for values in typed.values() for value in values) > LONGEST_PAGE:
        raise TooLong
    return typed


def _write(draft: Draft, content: Content) -> None:
    draft.put(asdict(content))
    rows = Draft.objects.filter(pk=draft.pk)
    rows.update(kid=draft.kid, sealed=draft.sealed, version=F("version") + 1, updated_at=Now())


def _require_owner(draft: Draft, by: User) -> None:
    if draft.user_id != by.pk:
        raise Draft.DoesNotExist


def discard(*, draft_id: UUID, by: User) -> None:
    """Delete an unsent draft of `by` for good. Raises Draft.DoesNotExist."""
    Draft.objects.of(by).unsent().get(pk=draft_id).delete()


def wipe(draft: Draft) -> None:
    """Empty a draft that has expired. The row stays, so that its owner is told what became of it."""
    draft.put({})
    draft.save(update_fields=["kid", "sealed"])
