"""The recap before the referral form: for whoever has neither referred nor trained for months, once.

How many months is data. When somebody was trained is known elsewhere: the setting LAST_TRAINED names the functions.
"""

import calendar
import datetime

from django.conf import settings
from django.db.models import Max
from django.utils.module_loading import import_string

from partners.models import Partnership, User
from partners.roles import Permission
from referrals.models import Referral


def last_practised(user: User) -> datetime.datetime | None:
    """Return when `user` last referred somebody or was trained; None for never."""
    sent = Referral.objects.visible_to(user).logged_by(user).aggregate(last=Max("submitted_at"))["last"]
    trained = [import_string(path)(user) for path in settings.LAST_TRAINED]
    return max(filter(None, [sent, *trained]), default=None)


def needs_recap(user: User, now: datetime.datetime) -> bool:
    """Return whether `user` is to see the recap before the form at the aware datetime `now`.

    Never a coordinator, who reads referrals every day. Whoever saw it, or skipped it, is not asked again for as long.
    """
    if user.may(Permission.TRIAGE):
        return False
    since = _months_before(now, Partnership.current().recap_months)
    if user.recap_seen_at is not None and user.recap_seen_at >= since:
        return False
    last = last_practised(user)
    return last is None or last < since


def note_seen(user: User, now: datetime.datetime) -> None:
    """Note that `user` went through the recap, or skipped it, at the aware datetime `now`."""
    User.objects.filter(pk=user.pk).update(recap_seen_at=now)
    user.recap_seen_at = now


def _months_before(moment: datetime.datetime, months: int) -> datetime.datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
