"""`manage.py publish_figures`: publish the figures whose time has come, without a broker."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from referrals.publishing import correct_what_was_asked, note_band, publish_due


class Command(BaseCommand):
    """See the module."""

    help = "Publish the months, quarters and years that have ended. Run it daily where Celery's beat does not."

    def add_arguments(self, parser):
        """Take `--all`."""
        parser.add_argument(
            "--all",
            action="store_true",
            help="every period that has ended, from the first referral on, without the days in which a coordinator may "
            "look first",
        )

    def handle(self, *args, **options):
        """One round, to its end."""
        now = timezone.now()
        note_band(now)
        corrected = correct_what_was_asked()
        published = publish_due(now, grace=not options["all"])
        words = ", ".join(period.label for period in published)
        self.stdout.write(f"{len(published)} periods published{f': {words}' if words else ''}")
        if corrected:
            self.stdout.write(f"Corrected: {', '.join(period.label for period in corrected)}")
