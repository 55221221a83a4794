"""The quarter that is under way: a band, once a day. Of a month there is none: beside the quarter's it would say too
much of it, and of a month of the quarter that is published already and hidden."""

import datetime

from partners.hours import LONDON
from referrals.models import OpenBand
from referrals.periods import Kind, containing
from referrals.published import band_of
from referrals.publishing.ledger import everything


def note_band(now: datetime.datetime) -> bool:
    """Note about how many referrals the quarter of the aware datetime `now` has so far; return whether it was the first
    time on that day. Later on the same day nothing is noted: nobody shall watch a band move."""
    today = now.astimezone(LONDON).date()
    if OpenBand.objects.filter(on=today).exists():
        return False
    quarter = containing(Kind.QUARTER, today)
    referrals, _ = everything()
    count = referrals.filter(submitted_at__gte=quarter.bounds()[0], submitted_at__lt=now).count()
    return OpenBand.objects.get_or_create(on=today, defaults={"starts": quarter.starts, "band": band_of(count)})[1]
