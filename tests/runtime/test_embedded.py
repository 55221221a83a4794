"""The servers of demo and tests: real, private, kept between starts, and gone with whoever started them."""

import os
import secrets
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config import embedded
from config.embedded import Broker, Postgres, services
from config.runtime import account
from config.runtime.account import is_alive, socket_directory, state_directory, temporary_directory
from config.runtime.server import ServerError

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with temporary_directory() as directory, Postgres(directory) as running:
        yield running


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def owner_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def answers(server: Postgres) -> bool:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_it_is_postgresql_with_the_extensions_the_project_uses(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        version = connection.execute("SHOW server_version_num").fetchone()
        assert int(version[0]) >= 15_00_00
        for extension in ("pg_trgm", "unaccent", "btree_gist"):
            connection.execute(f"CREATE EXTENSION {extension}")
        assert connection.execute("SELECT upper('ż')").fetchone() == ("Ż",)


def test_the_application_is_no_superuser_but_can_make_test_databases(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        query = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(query).fetchone() == (False, True, False)


def test_nobody_gets_in_without_the_password(postgres: Postgres) -> None:
    wrong = postgres.url.replace(postgres.password_path.read_text(), secrets.token_hex(24))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_there_is_a_private_socket_and_no_port(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(postgres.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.password_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(postgres.data.stat().st_mode) == 0o700


def test_what_was_typed_does_not_reach_the_log(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url) as connection, pytest.raises(psycopg.errors.UndefinedFunction):
        connection.execute("SELECT no_such_function(%s)", ["Canary Person"])
    with psycopg.connect(postgres.url) as connection, pytest.raises(psycopg.errors.UndefinedFunction):
        connection.execute("SELECT no_such_function('Canary Person')")
    assert "Canary" not in postgres.log_path.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an account to drop to")
def test_root_runs_them_as_nobody(postgres: Postgres, own_broker: Broker) -> None:
    assert owner_of(postgres.pid) == owner_of(own_broker.pid) == account.server_account().uid != 0


def test_data_outlive_a_stop_and_a_power_cut_under_the_same_url(server_directory: Path) -> None:
    with Postgres(server_directory / "kept") as server:
        url = server.url
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (number int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        server.stop()
        assert not server.running
        server.start()
        with psycopg.connect(url) as connection:
            connection.execute("INSERT INTO kept VALUES (2)")
        server.kill()
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT sum(number) FROM kept").fetchone() == (3,)


def test_an_interrupted_first_start_leaves_nothing_half_made(server_directory: Path) -> None:
    server = Postgres(server_directory / "interrupted")
    (server.directory / "part" / "base").mkdir(parents=True)
    with server:
        assert answers(server)


def test_a_server_that_cannot_start_says_why(server_directory: Path) -> None:
    server = Postgres(server_directory / "broken")
    server.settings = {**server.settings, "shared_buffers": "nonsense"}
    with pytest.raises(ServerError, match="shared_buffers"):
        server.start()


def test_a_killed_broker_comes_back_with_its_queue(own_broker: Broker) -> None:
    url = own_broker.url
    own_broker.client().rpush("queue", "drain")
    time.sleep(1.2)  # it writes to disk every second
    own_broker.kill()
    with pytest.raises(redis.ConnectionError):
        own_broker.client().ping()
    own_broker.start()
    assert own_broker.url == url
    assert own_broker.client().lrange("queue", 0, -1) == [b"drain"]


def test_a_frozen_broker_hangs_and_thaws(own_broker: Broker) -> None:
    own_broker.signal(signal.SIGSTOP)
    with pytest.raises(redis.TimeoutError):
        own_broker.client(timeout=0.2).ping()
    own_broker.signal(signal.SIGCONT)
    assert own_broker.client().ping()


def test_a_frozen_broker_can_be_stopped(own_broker: Broker) -> None:
    pid = own_broker.pid
    own_broker.signal(signal.SIGSTOP)
    own_broker.stop()
    assert not is_alive(pid)
    assert not own_broker.sockets.exists()


ORPHANS = """
import sys, time
from pathlib import Path
from config.embedded import Broker, Postgres
directory = Path(sys.argv[1])
servers = [Postgres(directory), Broker(directory)]
for server in servers:
    server.start()
print(*(server.pid for server in servers), flush=True)
time.sleep(60)
"""


def test_they_end_with_a_parent_that_was_killed_and_start_again_at_once(server_directory: Path) -> None:
    directory = server_directory / "orphans"
    command = [sys.executable, "-c", ORPHANS, str(directory)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(is_alive, pids))
        parent.kill()
    with Postgres(directory) as postgres:
        assert answers(postgres)
    wait_until(lambda: not any(map(is_alive, pids)))


def test_the_environment_wins_over_own_servers(monkeypatch: pytest.MonkeyPatch, server_directory: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://theirs/one")
    monkeypatch.setenv("BROKER_URL", "redis://theirs/0")
    with services(server_directory / "unused") as urls:
        assert urls == {"DATABASE_URL": "postgresql://theirs/one", "BROKER_URL": "redis://theirs/0"}
    assert not (server_directory / "unused").exists()


def test_a_command_gets_both_servers_and_gives_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("BROKER_URL")
    script = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']); raise SystemExit(7)"
    assert embedded.main(["run", "--", sys.executable, "-c", script]) == 7


def test_a_name_in_the_temporary_folder_that_somebody_else_holds_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(account, "_temporary_folder", lambda account: tmp_path)
    ours = tmp_path / f"waymark-{os.geteuid()}"
    ours.symlink_to("/etc")
    with pytest.raises(RuntimeError, match="not a directory of our own"):
        socket_directory(tmp_path / "state", None)
    ours.unlink()
    ours.mkdir()
    ours.chmod(0o777)
    with pytest.raises(RuntimeError, match="not a directory of our own"):
        socket_directory(tmp_path / "state", None)


def test_the_path_of_a_socket_is_short_however_long_the_way_to_the_tree(own_broker: Broker, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / "var"
    path = socket_directory(deep, account.server_account())
    path.rmdir()
    assert len(os.fsencode(path / ".s.PGSQL.5432")) <= 107


def test_only_root_keeps_the_state_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert state_directory(tmp_path) == tmp_path
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state_directory(tmp_path).parent == account.STATE_OF_ROOT


def test_the_leftovers_of_killed_runs_are_removed() -> None:
    with temporary_directory() as directory:
        left = directory.with_name("waymark-tmp-4194304-left")  # beyond the highest process id of Linux
        left.mkdir()
    with temporary_directory() as directory:
        assert not left.exists()
        assert directory.exists()
    assert not directory.exists()
