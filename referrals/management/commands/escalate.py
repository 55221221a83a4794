"""`manage.py escalate`: tell more people about referrals that nobody has opened in time, without a broker."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from referrals.tasks import escalate_all


class Command(BaseCommand):
    """See the module."""

    help = "Escalate referrals that nobody has opened. Run it every minute where Celery's beat does not."

    def handle(self, *args, **options):
        """One round."""
        self.stdout.write(f"{escalate_all(timezone.now())} referrals escalated")
