"""When a referral was entered, which for one on paper is later than when it came in (ADR 0010)."""

import datetime

from django.apps import apps
from django.db.models import Exists, OuterRef

from referrals.statuses import Move


def entered_at(event) -> datetime.datetime:
    """Return the aware moment at which a `ReferralEvent` was recorded: whoever was on duty then has been told of it."""
    recorded = event.facts.get("recorded_at")
    return datetime.datetime.fromisoformat(recorded) if recorded else event.at


def entered_after(moment: datetime.datetime) -> Exists:
    """Return the condition that a referral came in earlier and was entered after the aware datetime `moment`.

    Nobody could open it before. What was sent on the day itself is never among them.
    """
    submitted = apps.get_model("referrals", "ReferralEvent").objects.filter(referral=OuterRef("pk"), move=Move.SUBMIT)
    recorded = moment.astimezone(datetime.UTC).isoformat(timespec="seconds")
    return Exists(submitted.filter(facts__recorded_at__gt=recorded))
