"""`manage.py reconcile`: write the messages that events of the last week owe and that are missing, broker or not."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from referrals.tasks import write_missing_messages


class Command(BaseCommand):
    """See the module."""

    help = "Write messages that were forgotten. Finding any means that something is wrong with the program."

    def handle(self, *args, **options):
        """One round."""
        self.stdout.write(f"{write_missing_messages(timezone.now())} messages were missing")
