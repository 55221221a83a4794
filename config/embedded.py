"""A real PostgreSQL and a real broker for demo and tests, started from wheels when the environment names none.

    with Postgres(directory) as postgres:
        psycopg.connect(postgres.url)

Each server listens on a Unix socket in a 0700 directory, never on TCP; runs as `nobody` when we are root; and ends with
the process that started it, even when that one is killed. Start servers from the main thread (`as_child` says why).
From a shell: `python -m config.embedded run -- COMMAND...`, see `main`.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT, SIGTERM
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.runtime.account import (
    state_directory,
    temporary_directory,
    wait_for_end,
)
from config.runtime.binaries import postgres_binaries, valkey_binary
from config.runtime.server import Server, ServerError

ROLE = DATABASE = "waymark"
OWNER = "postgres"
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    # Values typed into a form must not reach the log, neither of slow statements nor of failed ones.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}
# Only for data that is thrown away: nothing there has to survive a power cut.
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Server):
    """PostgreSQL with a role and a database named waymark; the role owns the database and may create others (tests)."""

    name = "postgres"
    # SIGINT is PostgreSQL's fast shutdown: clients are sent away, everything is written, no recovery at the next start.
    death_signal = SIGINT
    stop_signals = (SIGINT, SIGQUIT)

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        """A cluster in `directory`/postgres. `durable=False` trades the safety of the data for speed: tests only."""
        super().__init__(directory)
        self.settings = POSTGRES_SETTINGS | ({} if durable else THROWAWAY_SETTINGS)
        self.data = self.directory / "data"
        self.password_path = self.directory.with_suffix(".password")
        self.binaries = Path()

    @property
    def url(self) -> str:
        """The address of the database for libpq, psycopg and django-environ (host as a parameter: it is a path)."""
        return self.url_of(ROLE, DATABASE)

    def url_of(self, role: str, database: str) -> str:
        """The address of any database of this server, for `waymark` or, to administer, `postgres`."""
        return f"postgresql://{role}:{self._password()}@/{database}?host={quote(str(self.sockets), safe='')}"

    def _prepare(self) -> None:
        self.binaries = postgres_binaries(self.account)
        if not self.data.exists():
            self._create_cluster()
        # A former server whose parent was killed may still be writing its last pages.
        wait_for_end(self.data / "postmaster.pid")

    def _command(self) -> list[str]:
        settings = self.settings | {"unix_socket_directories": str(self.sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *options]

    def _create_cluster(self) -> None:
        """Run initdb beside the final place and rename, so that an interrupted first start leaves nothing half made."""
        part, pwfile = self.directory / "part", self.directory / "pwfile"
        shutil.rmtree(part, ignore_errors=True)
        self.password_path.touch(mode=0o600)
        self.password_path.write_text(secrets.token_hex(24))
        pwfile.touch(mode=0o600)
        pwfile.write_text(self._password())
        if self.account:
            os.chown(pwfile, self.account.uid, self.account.gid)
        command = [str(self.binaries / "initdb"), "-D", str(part), "-U", OWNER, "--auth=scram-sha-256"]
        command += [f"--pwfile={pwfile}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        with self.log_path.open("wb") as log:
            finished = self._spawn(command, log).wait(timeout=300)
        pwfile.unlink()
        if finished != 0:
            raise ServerError(f"initdb failed:\n{self.log_tail()}")
        part.rename(self.data)

    def _password(self) -> str:
        return self.password_path.read_text().strip()

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url_of(OWNER, "postgres"), autocommit=True, connect_timeout=5) as connection:
                self._create_role_and_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _create_role_and_database(self, connection: psycopg.Connection) -> None:
        """The application is no superuser: a fault in it must not reach the server's files."""
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, sql.Literal(self._password()))
            connection.execute(create)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


class Broker(Server):
    """Valkey, with its queue on disk: a killed broker comes back with what was in it, less the last second."""

    name = "broker"
    # It may be frozen when we end, and only SIGKILL reaches a frozen process.
    death_signal = SIGKILL
    stop_signals = (SIGTERM,)

    @property
    def socket(self) -> Path:
        """The path of the Unix socket."""
        return self.sockets / "broker.sock"

    @property
    def url(self) -> str:
        """The address for Celery and kombu (BROKER_URL)."""
        return f"redis+socket://{self.socket}"

    def client(self, timeout: float = 5) -> redis.Redis:
        """A client of the broker; `timeout` in seconds for connecting and for every answer."""
        # The client would try again, with pauses: whoever asks here wants to know how the broker is now.
        once = Retry(NoBackoff(), 0)
        return redis.Redis(
            unix_socket_path=str(self.socket), socket_timeout=timeout, socket_connect_timeout=timeout, retry=once
        )

    def _command(self) -> list[str]:
        # No port, no password: the 0700 directory around the socket is the lock. noeviction: a full broker refuses, it
        # does not forget.
        settings = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "dir": str(self.directory)}
        settings |= {"appendonly": "yes", "save": "", "maxmemory-policy": "noeviction", "daemonize": "no"}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(valkey_binary(self.account)), *options]

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False


@contextmanager
def services(directory: Path, *, durable: bool = True) -> Iterator[dict[str, str]]:
    """DATABASE_URL and BROKER_URL: the environment's, else those of servers that run until the block ends."""
    with ExitStack() as running:
        urls = {name: os.environ[name] for name in ("DATABASE_URL", "BROKER_URL") if os.environ.get(name)}
        if "DATABASE_URL" not in urls:
            urls["DATABASE_URL"] = running.enter_context(Postgres(directory, durable=durable)).url
        if "BROKER_URL" not in urls:
            urls["BROKER_URL"] = running.enter_context(Broker(directory)).url
        yield urls


def main(arguments: list[str] | None = None) -> int:
    """`run [--directory DIR] -- COMMAND...`: run a command with both servers; without a directory on throw-away data.

    Returns the command's exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=main.__doc__)
    run = parser.add_subparsers(dest="verb", required=True).add_parser("run")
    run.add_argument("--directory", type=Path)
    run.add_argument("command", nargs="+")
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        directory = state_directory(given.directory) if given.directory else stack.enter_context(temporary_directory())
        urls = stack.enter_context(services(directory, durable=given.directory is not None))
        return subprocess.run(given.command, env=os.environ | urls, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
