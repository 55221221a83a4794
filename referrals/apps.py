"""App configuration."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """The referrals app (see docs/architecture.md)."""

    name = "referrals"
    default_auto_field = "django.db.models.BigAutoField"
