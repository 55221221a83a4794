"""`manage.py tell_covers`: tell coordinators that they cover for a colleague from today on, without a broker."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from partners.absences import tell_all_covers


class Command(BaseCommand):
    """See the module."""

    help = "Tell who covers for whom. Run it every few minutes where Celery's beat does not."

    def handle(self, *args, **options):
        """One round."""
        self.stdout.write(f"{tell_all_covers(timezone.now())} absences told of")
