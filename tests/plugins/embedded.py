"""Starts a real PostgreSQL and a real broker before pytest-django reads the settings.

A plugin (`-p`, see pyproject.toml) and not a conftest, because pytest-django reads DATABASE_URL before any conftest is
loaded. With xdist only the controller gets here without the two addresses; its workers inherit them.
"""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.embedded import services
from config.runtime.account import temporary_directory

servers = ExitStack()

#: What the settings want and no server gives. Keys fixed, so that a failure repeats; they seal invented people only.
SECRETS = {
    "SECRET_KEY": "tests-only-tests-only-tests-only-tests-only-tests-only",
    "SEALING_KEYS": json.dumps(
        {
            "current": "k1",
            "data": {"k1": base64.b64encode(b"d" * 32).decode()},
            "index": {"k1": base64.b64encode(b"i" * 32).decode()},
        }
    ),
}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start what the environment does not name. A wrapper runs before pytest-django's own `tryfirst`."""
    if not early_config.known_args_namespace.help:
        os.environ.update({name: value for name, value in SECRETS.items() if name not in os.environ})
        directory = servers.enter_context(temporary_directory())
        # Nothing in a test database has to survive a power cut: fsync is off there, and only there.
        os.environ.update(servers.enter_context(services(directory, durable=False)))
    return (yield)


def pytest_unconfigure() -> None:
    """Stop them."""
    servers.close()


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A directory that servers of a test can use (pytest's tmp_path is closed to the account that root drops to)."""
    with temporary_directory() as directory:
        yield directory
