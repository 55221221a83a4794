"""How the messages are doing: the figures of the queue page, the banners and the monitoring (security, 3.1)."""

import datetime
from collections.abc import Iterator

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from partners import signs
from partners.kept import messages_for
from partners.models import Membership, Message, Organisation, ServiceState, State, User

#: From here on a coordinator is told on every page that mail is late.
LATE = datetime.timedelta(minutes=5)
#: The outbox is looked at every 15 seconds; after this long something is broken.
SILENT = datetime.timedelta(minutes=3)
FAILURES = ("transient", "ambiguous", "recipient", "configuration")
HELP = {
    "messages": "Messages by state.",
    "oldest_due_seconds": "Age of the oldest message that should have left and has not.",
    "undelivered": "Dead messages that nobody has dealt with.",
    "failures_total": "Attempts that failed, by class of error.",
    "expired_leases_total": "Claims that a process died with.",
    "reconciled_total": "Messages that reconcile found missing.",
    "paused": "1 while nothing is sent because the mail server refuses us.",
    "last_run_seconds": "Seconds since the outbox was last looked at, by who asked.",
}


def oldest_unsent() -> datetime.timedelta | None:
    """Return how long the oldest message that should have left has been waiting, by the database's clock; None when
    all is sent. One query on a small index."""
    age = ExpressionWrapper(Now() - Min("due_since"), output_field=DurationField())
    return Message.objects.unsent().aggregate(age=age)["age"]


def standing(reader: User) -> tuple[datetime.timedelta | None, int]:
    """Return what `oldest_unsent` says, and how many dead messages nobody has dealt with. One query, for every page.

    Asked as values of the reader's own row, because SQL as Django writes it always reads from a table.
    """
    age = ExpressionWrapper(Now() - F("due_since"), output_field=DurationField())
    messages = messages_for(reader)
    oldest = messages.unsent().order_by("due_since").values(age=age)[:1]
    dead = messages.undelivered().order_by().values("state").values(count=Count("pk"))
    return User.objects.filter(pk=reader.pk).values_list(Subquery(oldest), Coalesce(Subquery(dead), 0)).get()


def with_recipients(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Return `rows` with their recipients and these people's active memberships, in two queries whatever the number."""
    memberships = Prefetch("user__memberships", Membership.objects.active().select_related("organisation"))
    return rows.select_related("user", "organisation").prefetch_related(memberships)


def undelivered(reader: User) -> QuerySet[Message]:
    """Return the dead messages that still need a person, oldest first; none that is kept from the reader."""
    return with_recipients(messages_for(reader).undelivered().order_by("due_since"))


def waiting(reader: User) -> QuerySet[Message]:
    """Return the messages that should have left by now, oldest first; none that is kept from the reader."""
    return with_recipients(messages_for(reader).unsent().order_by("due_since"))


def refused_addresses(organisation: Organisation) -> QuerySet[Message]:
    """Return the messages that did not reach `organisation` because an address is refused: the alert for its lead."""
    return with_recipients(Message.objects.refused_of(organisation).order_by("due_since"))


def last_runs() -> dict[str, datetime.timedelta | None]:
    """Return how long ago the outbox was looked at by anybody, for beat, and for the timer; None for never."""
    ages: dict[str, datetime.timedelta | None] = dict.fromkeys((signs.DRAIN, signs.BEAT, signs.TIMER))
    age = ExpressionWrapper(Now() - Min("at"), output_field=DurationField())
    found = ServiceState.objects.filter(name__in=ages).values("name").annotate(age=age).values_list("name", "age")
    return ages | dict(found)


def prometheus() -> str:
    """Return everything in Prometheus' text format (version 0.0.4)."""
    lines = []
    for name, samples in _samples():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP waymark_outbox_{name} {HELP[name]}", f"# TYPE waymark_outbox_{name} {kind}"]
        lines += [f"waymark_outbox_{name}{labels} {value:g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _samples() -> Iterator[tuple[str, list[tuple[str, float]]]]:
    counts = dict(Message.objects.order_by().values_list("state").annotate(Count("pk")))
    counters = dict(ServiceState.objects.values_list("name", "count"))
    age = oldest_unsent()
    paused = signs.paused_channels()
    yield "messages", [(f'{{state="{state}"}}', counts.get(state, 0)) for state in State.values]
    yield "oldest_due_seconds", [("", age.total_seconds() if age else 0)]
    yield "undelivered", [("", Message.objects.undelivered().count())]
    yield "failures_total", [(f'{{class="{code}"}}', counters.get(f"failed_{code}", 0)) for code in FAILURES]
    yield "expired_leases_total", [("", counters.get(signs.EXPIRED_LEASE, 0))]
    yield "reconciled_total", [("", counters.get(signs.RECONCILED, 0))]
    yield "paused", [(f'{{channel="{channel}"}}', float(channel in paused)) for channel in signs.PAUSES]
    runs = last_runs().items()
    yield "last_run_seconds", [(f'{{by="{name}"}}', age.total_seconds()) for name, age in runs if age is not None]


def in_words(age: datetime.timedelta) -> str:
    """Say how long that is, in one unit: 'less than a minute', '12 minutes', '3 hours', '2 days'."""
    seconds = int(age.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}{'s' if seconds // size > 1 else ''}"
    return "less than a minute"
