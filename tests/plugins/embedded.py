"""Starts a real PostgreSQL and a real broker before pytest-django reads the settings.

A plugin (`-p`, see pyproject.toml) and not a conftest, because pytest-django reads the environment before any conftest
is loaded. With xdist only the controller finds the addresses missing; its workers inherit them.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config.embedded import Broker, services
from config.runtime.account import temporary_directory
from config.runtime.keys import new_key_ring

servers = ExitStack()
# In the environment, because xdist's workers must know it too.
OUR_SERVER = "TESTS_ON_OUR_SERVER"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Complete the environment. A wrapper, because that runs before pytest-django's own `tryfirst`."""
    if not early_config.known_args_namespace.help and "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ[OUR_SERVER] = "" if os.environ.get("DATABASE_URL") else "1"
        complete_environment()
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Leave the test database of our own server alone: it goes with the server.

    Django would drop it, and fails when a connection that a test's thread has just given up is still being closed.
    """
    if os.environ.get(OUR_SERVER):
        config.option.reuse_db = True


def complete_environment() -> None:
    """Keys, an empty static folder and two servers, unless the environment names them."""
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    if not os.environ.get("SEALING_KEYS_FILE"):
        os.environ.setdefault("SEALING_KEYS", new_key_ring("k1"))
    directory = servers.enter_context(temporary_directory())
    # Empty, and not the demo's: a test must not depend on whether `make run` was called before.
    static = directory / "static"
    static.mkdir()
    os.environ["STATIC_ROOT"] = str(static)
    if os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = of_this_session(os.environ["DATABASE_URL"])
    # A test stays in one transaction while it builds thousands of rows, on whatever machine.
    os.environ.setdefault("DATABASE_IDLE_SECONDS", "120")
    os.environ["PUBLIC_PAGES_READY"] = "0"  # a page shows what the test has just written
    # Nothing the tests write has to survive a power cut: fsync is off there, and only there.
    os.environ |= servers.enter_context(services(directory, durable=False))


def of_this_session(url: str) -> str:
    """The URL with a database name that only this run has: two runs on one server must not drop each other's data."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path}_{secrets.token_hex(4)}").geturl()


def pytest_unconfigure() -> None:
    """Stop the servers."""
    servers.close()


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A directory for the servers of a test; pytest's tmp_path is closed to the account that root drops to."""
    with temporary_directory() as directory:
        yield directory


@pytest.fixture
def own_broker(server_directory: Path) -> Iterator[Broker]:
    """A broker that a test may freeze (`signal(SIGSTOP)`), kill (`kill()`) and start again under the same URL."""
    with Broker(server_directory / secrets.token_hex(4)) as broker:
        yield broker


@pytest.fixture
def process_environment() -> Callable[..., dict[str, str]]:
    """For tests that start processes of the project: an environment that shares the test's database.

    Call it inside a test with a transactional database; keyword arguments are further variables.
    """

    def build(**more: str) -> dict[str, str]:
        parts = urlsplit(os.environ["DATABASE_URL"])
        database = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        return os.environ | {"DATABASE_URL": database} | more

    return build
