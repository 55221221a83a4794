"""App configuration."""

from django.apps import AppConfig


class AwarenessConfig(AppConfig):
    """The awareness app (see docs/architecture.md)."""

    name = "awareness"
    default_auto_field = "django.db.models.BigAutoField"
