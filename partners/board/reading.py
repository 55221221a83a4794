"""Who has read what: the reader's own marks, and for coordinators how far a post has come, by organisation."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from partners.models import BoardAudience, BoardPost, BoardReading, ErrorCode, Message, State, User
from partners.outbox import acknowledge_event

MOST = 99  # posts that are counted for somebody: more than that is "many" to anybody


@dataclass(frozen=True)
class Unread:
    """The posts that somebody has not opened, the newest first."""

    posts: list[BoardPost] = field(default_factory=list)

    @property
    def urgent(self) -> BoardPost | None:
        """The newest urgent one."""
        return next((post for post in self.posts if post.urgent), None)

    @property
    def words(self) -> str:
        """How many, for the navigation: "2 unread", nothing for none."""
        count = len(self.posts)
        return f"more than {MOST} unread" if count > MOST else f"{count} unread" if count else ""


def unread(user: User) -> Unread:
    """Return what `user` has not opened of the posts that hold today. One query, whatever their number."""
    rows = BoardPost.objects.visible_to(user).in_force(timezone.localdate()).unread_by(user)
    return Unread(list(rows.only("id", "title", "urgent", "at").order_by("-at")[: MOST + 1]))


def note_reading(post: BoardPost, by: User) -> None:
    """Note that `by` has opened `post`, once, and that what it told them and their mailbox has arrived."""
    row = BoardReading(post=post, user=by, organisation=by.organisation)
    BoardReading.objects.bulk_create([row], ignore_conflicts=True)
    acknowledge_event(by, post.pk)


def with_counts(posts: QuerySet[BoardPost]) -> QuerySet[BoardPost]:
    """Return `posts` with `told` and `read_by`: how many organisations were addressed, and in how many of these
    somebody has opened it."""
    told = BoardAudience.objects.filter(post=OuterRef("pk")).order_by().values("post")
    read = BoardReading.objects.filter(post=OuterRef("pk"), organisation__in=_told(OuterRef(OuterRef("pk"))))
    counted = read.order_by().values("post").annotate(n=Count("organisation", distinct=True))
    return posts.annotate(
        told=Subquery(told.annotate(n=Count("pk")).values("n")), read_by=Subquery(counted.values("n"))
    )


def _told(post) -> QuerySet:
    return BoardAudience.objects.filter(post=post).values("organisation")


@dataclass(frozen=True)
class Reach:
    """How far a post has come: the names of the organisations with the moment of the first reading there, or None."""

    read: list[tuple[str, datetime.datetime]]
    unread: list[str]

    @property
    def total(self) -> int:
        """How many organisations it was addressed to."""
        return len(self.read) + len(self.unread)


def reach(post: BoardPost) -> Reach:
    """Return who has opened `post`, by organisation, never by person. One query."""
    first = BoardReading.objects.filter(post=OuterRef("post"), organisation=OuterRef("organisation")).order_by()
    opened = Subquery(first.values("organisation").annotate(at=Min("at")).values("at"))
    rows = BoardAudience.objects.filter(post=post).order_by("organisation__name").annotate(opened=opened)
    found = list(rows.values_list("organisation__name", "opened"))
    return Reach([(name, at) for name, at in found if at], [name for name, at in found if not at])


def delivery(post: BoardPost) -> dict[State, int]:
    """Return how many messages about `post` stand where, without those to its second contacts. One query."""
    rows = Message.objects.filter(event_id=post.pk).exclude(kind="address_refused").order_by()
    counts = dict(rows.values_list("state").annotate(Count("pk")))
    return {state: counts.get(state, 0) for state in State}


def undelivered(post: BoardPost) -> QuerySet[Message]:
    """Return the messages about `post` that could not be delivered and that nobody has acted on."""
    return Message.objects.undelivered().filter(event_id=post.pk).exclude(last_error=ErrorCode.RECALLED)
