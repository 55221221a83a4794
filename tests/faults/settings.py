"""The settings of the processes that the fault tests start: the project's own, with short waits.

What must be longer than what stays so (the longest message is shorter than a lease): it is the same machine, running
faster.
"""

import datetime
import os

from django.utils import timezone

from config.settings import *  # noqa: F403
from config.settings import CELERY_BEAT_SCHEDULE

#: Seconds. A mail server that says nothing costs one EMAIL_TIMEOUT; a lease outlives the longest message.
OUTBOX = {
    "LEASE": 5,
    "MESSAGE": 2,
    "DRAIN": 2,
    "BACKOFF": 0.3,
    "BACKOFF_CAP": 1.5,
    "AMBIGUOUS": 2.5,
    "PAUSE": 0.7,
    "GIVE_UP": 48 * 60 * 60,
}
EMAIL_TIMEOUT = 0.8
CELERY_BEAT_SCHEDULE = CELERY_BEAT_SCHEDULE | {
    "drain": {"task": "partners.tasks.tick", "schedule": 1, "options": {"expires": 0.9}}
}
#: Hashed names exist only after `collectstatic`.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if shift := float(os.environ.get("CLOCK_IS_WRONG_BY", "0")):
    _right = timezone.now
    timezone.now = lambda: _right() + datetime.timedelta(seconds=shift)
