"""`manage.py chase`: remind silent organisations, and tell of the clocks of the NRM, without a broker."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from referrals.tasks import chase_all, tell_of_clocks


class Command(BaseCommand):
    """See the module."""

    help = "Chase unanswered hand-overs and tell of NRM clocks. Run it every minute where Celery's beat does not."

    def handle(self, *args, **options):
        """One round."""
        chased, told = chase_all(timezone.now()), tell_of_clocks(timezone.localdate())
        self.stdout.write(f"{chased} hand-overs chased, {told} clocks told of")
