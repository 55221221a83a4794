"""Sending a post and taking one back. A post, its audience and every message that it owes are one transaction."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from partners.audiences import Event
from partners.board.screening import Finding, screen
from partners.models import BoardAudience, BoardPost, BoardWithdrawal, Kind, Message, Organisation, User
from partners.outbox import cancel_event, owed, post
from partners.roles import Permission


class Refused(Exception):
    """Raised when a post cannot be sent or taken back. The text is for the coordinator."""


class ContentRefused(Refused):
    """Raised when a text holds what may not stand on the board. `findings` say what."""

    def __init__(self, findings: Collection[Finding]):
        self.findings = list(findings)
        super().__init__("The post holds what may not stand on the message board")


@dataclass(frozen=True)
class NewPost:
    """What a coordinator has written. `id` is made with the form, so that a form sent twice is one post.

    `organisations` are the ids of those chosen, None for all. A correction (`replaces`) goes to whom the old post was
    addressed to, whatever `organisations` says. `valid_until` is a local date, the last day.
    """

    id: UUID
    title: str
    text: str
    urgent: bool = False
    organisations: frozenset[int] | None = None
    valid_until: datetime.date | None = None
    replaces: BoardPost | None = None

    @property
    def to_all(self) -> bool:
        """Whether it is for every partner organisation."""
        return self.replaces.to_all if self.replaces else self.organisations is None

    @property
    def kind(self) -> Kind:
        """Which message tells of it."""
        return Kind.BOARD_URGENT if self.urgent else Kind.BOARD_POST


def addressed(new: NewPost) -> list[Organisation]:
    """Return the organisations that `new` would be addressed to today; one that has ended is none of them."""
    rows = Organisation.objects.in_force(timezone.localdate())
    if new.to_all:
        return list(rows)
    chosen = new.replaces.audience.values("organisation") if new.replaces else new.organisations
    return list(rows.filter(pk__in=chosen or ()))


def messages_for(new: NewPost, organisations: Collection[Organisation], now: datetime.datetime) -> list[Message]:
    """Return the unsaved messages that `new` would owe at the aware datetime `now`."""
    return owed(new.kind, _event(new.id, organisations), now)


def _event(post_id: UUID, organisations: Collection[Organisation]) -> Event:
    return Event(id=post_id, addressed=frozenset(organisation.pk for organisation in organisations))


def publish(
    *, by: User, new: NewPost, confirmed: Collection[str] = (), at: datetime.datetime | None = None
) -> BoardPost:
    """Put `new` on the board and owe its messages; return the post. A post that is there already is only returned.

    `confirmed` are the kinds of warning that `by` has looked at (`screening.ASKED`); they are kept with the post. With
    `at`, an aware datetime in the past, it is carried over from elsewhere and nobody is told. Raises PermissionError
    for anybody but a coordinator; ContentRefused; Refused when it would be for nobody, or the post that it replaces
    holds no more; `screening.TooManyChecks`.
    """
    if not by.may(Permission.TRIAGE):
        raise PermissionError("only coordinators write on the board")
    if sent := BoardPost.objects.filter(pk=new.id, written_by=by).first():
        return sent
    _check(f"{new.title}\n{new.text}", by, confirmed)
    with transaction.atomic():
        return _publish(new, by, confirmed, at)


def _check(text: str, by: User, confirmed: Collection[str] = ()) -> None:
    """Outside the transaction of what it decides: that a text was checked stays on record when it is refused."""
    findings = screen(text, by=by)
    if any(found.refused or found.kind not in confirmed for found in findings):
        raise ContentRefused(findings)  # all of them: the form keeps what was ticked


def _publish(new: NewPost, by: User, confirmed: Collection[str], at: datetime.datetime | None) -> BoardPost:
    if new.replaces:
        _still_stands(BoardPost.objects.select_for_update(of=("self",)).get(pk=new.replaces.pk))
        cancel_event(new.replaces.pk)
    organisations = addressed(new)
    if not organisations:
        raise Refused("None of these organisations takes part any more. Choose others")
    written = _write(new, by, confirmed, at)
    BoardAudience.objects.bulk_create(BoardAudience(post=written, organisation=one) for one in organisations)
    if at is None:
        post(new.kind, _event(written.pk, organisations))
    return written


def _still_stands(row: BoardPost) -> None:
    if row.is_withdrawn:
        raise Refused("That post was withdrawn meanwhile. Nothing was changed")
    if row.is_replaced:
        raise Refused("That post was corrected meanwhile. Nothing was changed: look at the newer one first")


def _write(new: NewPost, by: User, confirmed: Collection[str], at: datetime.datetime | None) -> BoardPost:
    row = BoardPost(
        id=new.id,
        written_by=by,
        title=new.title,
        text=new.text,
        urgent=new.urgent,
        to_all=new.to_all,
        valid_until=new.valid_until,
        replaces=new.replaces,
        confirmed=" ".join(sorted(confirmed)),
        at=at or Now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("This post was sent already, a moment ago. Look at the list of posts") from error
    row.refresh_from_db()
    return row


def withdraw(*, by: User, post_id: UUID, reason: str) -> BoardWithdrawal:
    """Take a post back: readers see that there was one, and why it is gone. What has not left yet is not sent.

    Raises PermissionError for anybody but a coordinator, BoardPost.DoesNotExist, ContentRefused for what may not stand
    in the reason, Refused when somebody was faster, `screening.TooManyChecks`.
    """
    if not by.may(Permission.TRIAGE):
        raise PermissionError("only coordinators withdraw posts")
    _check(reason, by)
    with transaction.atomic():
        row = BoardPost.objects.select_for_update(of=("self",)).get(pk=post_id)
        _still_stands(row)
        cancel_event(row.pk)
        return BoardWithdrawal.objects.create(post=row, by=by, reason=reason)
