"""`manage.py drain_outbox`: send what is due, with neither a broker nor a worker. A timer runs it every minute."""

import threading

import structlog
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from partners import signs
from partners.delivery import drain

log = structlog.get_logger(__name__)

#: The timer comes back after 60 seconds; two at once are harmless.
WITHIN_SECONDS = 45


class Command(BaseCommand):
    """See the module."""

    help = "Send the messages that are due. Needs the database and the mail server only."

    def add_arguments(self, parser):
        """`--loop SECONDS` runs for ever, for where there is no timer."""
        parser.add_argument("--loop", type=float, metavar="SECONDS", help="do it again after so many seconds, for ever")

    def handle(self, *args, loop: float | None, verbosity: int, **options):
        """Drain once, or again and again; in a loop a database that is away is waited for."""
        while True:
            try:
                done = drain(signs.TIMER, within=WITHIN_SECONDS)
                if verbosity and (done.sent or done.failed or not loop):
                    self.stdout.write(f"{done.sent} sent, {done.failed} not sent")
            except Error:
                if not loop:
                    raise
                log.exception("drain_failed")
            if not loop:
                return
            close_old_connections()
            threading.Event().wait(loop)
