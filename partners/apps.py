"""App configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import Tags, register


class PartnersConfig(AppConfig):
    """The partners app (see docs/architecture.md)."""

    name = "partners"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks. They look at models, so their module is loaded only now."""
        checks = import_module("partners.checks")
        for check in checks.ALWAYS:
            register(check, Tags.security, Tags.database, checks.START)
        for check in checks.DEPLOY:
            register(check, Tags.security, checks.START, deploy=True)
