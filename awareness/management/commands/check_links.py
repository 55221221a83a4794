"""`manage.py check_links`: ask for the links of public texts that are due, without a broker."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from awareness.content.links import ROUND_SECONDS, check_links
from awareness.models import Link


class Command(BaseCommand):
    """See the module."""

    help = "Ask whether the links of public texts still lead somewhere. Run it every hour where Celery's beat does not."

    def add_arguments(self, parser):
        """Take how long it may run."""
        parser.add_argument("--seconds", type=float, default=ROUND_SECONDS, help="for at most about so long")

    def handle(self, *, seconds, **options):
        """One round; list what is broken."""
        asked, failed = check_links(timezone.now(), seconds=seconds)
        self.stdout.write(f"Asked for {asked} links, {failed} do not lead anywhere.")
        for link in Link.objects.broken():
            self.stdout.write(f"{link.get_trouble_display()} since {link.broken_since:%Y-%m-%d}: {link.url}")
