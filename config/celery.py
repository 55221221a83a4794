"""Celery: a trigger, never the record of work. Every task has no arguments and may be lost (security, 3.3)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("waymark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["partners", "awareness", "referrals"])
