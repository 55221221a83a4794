"""App configuration."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """The partners app (see docs/architecture.md)."""

    name = "partners"
    default_auto_field = "django.db.models.BigAutoField"
