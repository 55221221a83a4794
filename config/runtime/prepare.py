"""Bring the demo's database and static files up to date, in one process because each start of Django costs a second.

`python -m config.runtime.prepare`, with the demo's environment.
"""

import hashlib
import os
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def main() -> None:
    """Migrate, make the cache table, collect static files when they changed, load the demo partnership."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # The whole demonstration is one transaction with much to work out in it; a busy machine may take its time.
    os.environ.setdefault("DATABASE_IDLE_SECONDS", "300")
    django.setup()
    print("Database: migrating", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    collect_static(Path(settings.STATIC_ROOT))
    print("Demo partnership: loading", flush=True)
    call_command("load_demo", verbosity=0)
    call_command("load_demo_history", verbosity=0)


def collect_static(root: Path) -> None:
    """Collect when any source file changed since the last time: hashing and compressing them all takes seconds."""
    stamp = root / ".collected"
    state = static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    print("Static files: collecting", flush=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state)


def static_state() -> str:
    """A digest of the name, size and time of every static file of the project and its packages."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
