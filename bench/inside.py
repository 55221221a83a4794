"""Run measurements inside a prepared environment: `python -m bench.inside WHAT...`, started by `python -m bench`."""

import importlib
import logging
import sys

import django


def main(names: list[str]) -> None:
    """Set Django up, then import and run each measurement: their modules need the settings."""
    django.setup()
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # the mail server's own talk
    for name in names:
        importlib.import_module(f"bench.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
