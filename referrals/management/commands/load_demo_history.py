"""`manage.py load_demo_history`: three years of invented referrals behind the demonstration, for its figures."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from partners.demo import DEMO_PEOPLE
from partners.models import User
from referrals.management.history.loading import load_history


class Command(BaseCommand):
    """Load what is missing of the history; `load_demo` comes first."""

    help = "Load three years of invented referrals, all of them ended. Only where DEMO is set."

    def handle(self, *, verbosity, **options):
        """Load it, all or nothing, and say how much that was."""
        if not settings.DEMO:
            raise CommandError("These referrals are invented: DEMO is not set.")
        found = {user.email: user for user in User.objects.filter(email__in=[one.email for one in DEMO_PEOPLE])}
        if len(found) < len(DEMO_PEOPLE):
            raise CommandError("The people of the demonstration are missing: run load_demo first.")
        count = load_history({one.key: found[one.email] for one in DEMO_PEOPLE}, timezone.now())
        if verbosity:
            self.stdout.write(f"{count} referrals of the history were new.")
