"""Make the limit app's tables and accounts: `python -m bench.limit.prepare PASSWORD NAME...`."""

import os
import sys

import django
from django.contrib.auth import get_user_model
from django.core.management import call_command


def main(password: str, names: list[str]) -> None:
    """Create every table, and an account for each name."""
    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    for name in names:
        get_user_model().objects.create_user(name, password=password)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.limit.settings")
    django.setup()
    main(sys.argv[1], sys.argv[2:])
