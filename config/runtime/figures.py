"""Publish the figures of the demonstration's three years beside its running servers, then wait to be stopped.

At a fresh start that is a minute of arithmetic, which nobody should have to wait for before the first page. The demo
ends when one of its processes does: so this one stays.
"""

import os
import signal

import django
from django.core.management import call_command
from django.db import connection


def main() -> None:
    """Publish what is due, giving way to everything else on the machine; with nothing due that is a few queries."""
    os.nice(10)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("publish_figures", all=True, verbosity=0)
    connection.close()
    signal.pause()


if __name__ == "__main__":
    main()
