"""Signs of life, counters and the pause after a refusal, as rows: every process and every restart sees the same."""

import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from partners.models import Channel, ServiceState

#: Who looked at the outbox last: any run, the one beat asked for, the one of the broker-free command.
DRAIN, BEAT, TIMER = "drain", "beat", "timer"
EXPIRED_LEASE, RECONCILED = "expired_lease", "reconciled"
#: The row whose `at` lies ahead while a channel is paused, and whose `count` is how often we were refused in a row.
PAUSES = {Channel.EMAIL: "smtp_pause", Channel.SMS: "sms_pause"}


def note(name: str) -> None:
    """Note that the part called `name` was alive just now."""
    ServiceState.objects.bulk_create(
        [ServiceState(name=name)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def count(name: str, by: int = 1) -> None:
    """Add `by` to the counter called `name`."""
    rows = ServiceState.objects.filter(name=name)
    if not rows.update(count=F("count") + by, at=Now()):
        ServiceState.objects.bulk_create([ServiceState(name=name)], ignore_conflicts=True)
        rows.update(count=F("count") + by, at=Now())


def pause(channel: Channel) -> bool:
    """Stop sending by `channel` for a minute; return whether this is the first refusal since something went through."""
    name = PAUSES[channel]
    with transaction.atomic():
        ServiceState.objects.bulk_create([ServiceState(name=name)], ignore_conflicts=True)
        before = ServiceState.objects.select_for_update().get(name=name)
        until = Now() + datetime.timedelta(seconds=settings.OUTBOX["PAUSE"])
        ServiceState.objects.filter(name=name).update(count=F("count") + 1, at=until)
    return before.count == 0


def resume(channel: Channel) -> bool:
    """Note that `channel` works; return whether it did not before."""
    return bool(ServiceState.objects.filter(name=PAUSES[channel], count__gt=0).update(count=0, at=Now()))


def paused_channels() -> list[Channel]:
    """Return the channels that nothing may be sent by at the moment."""
    names = set(ServiceState.objects.filter(name__in=PAUSES.values(), at__gt=Now()).values_list("name", flat=True))
    return [channel for channel, name in PAUSES.items() if name in names]
