"""The demo, run as `make run` does: it answers, keeps its data, and leaves nobody behind."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.runtime import demo
from config.runtime.account import state_directory
from config.runtime.demo import DemoError, free_port, is_free, web_port
from config.runtime.keys import RING
from partners.demo import DEMO_PEOPLE

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


class Demo:
    """A demo in a directory of its own, without anything of the test run's environment."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.environment = {"PATH": os.environ["PATH"], "PORT": str(self.port), "DEMO_DIRECTORY": str(directory)}
        self.output = directory.with_suffix(".txt")
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "config.runtime.demo", *arguments]

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = self.command(*arguments)
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command("run"), cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + SECONDS
        while "is running at" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.05)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def processes(self) -> list[int]:
        """Every process that works on this directory: its command or its environment names it."""
        names = {str(self.directory).encode(), str(state_directory(self.directory)).encode()}
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if any(name in text for name in names):
                    found.append(int(entry.name))
        return found

    def wait_until_alone(self) -> None:
        deadline = time.monotonic() + 30
        while self.processes():
            assert time.monotonic() < deadline, self.processes()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    trial = Demo(tmp_path_factory.mktemp("demo") / "var")
    yield trial
    if trial.process and trial.process.poll() is None:
        trial.end(signal.SIGTERM)
    assert trial.call("reset").returncode == 0
    assert not state_directory(trial.directory).exists()
    assert not trial.directory.exists()


ADD = "from partners.models import Area; Area.objects.create(code='kept', name='Kept', starts_on='2020-01-01')"
COUNT = "from partners.models import Area; print('areas:', Area.objects.filter(code='kept').count())"


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_it_serves_keeps_its_data_and_leaves_nobody_behind(running_demo: Demo) -> None:
    running_demo.start()
    site = f"http://127.0.0.1:{running_demo.port}"
    assert urllib.request.urlopen(f"{site}/healthz", timeout=10).status == 200  # noqa: S310 - our own address
    assert all(person.email in running_demo.output.read_text() for person in DEMO_PEOPLE)

    second = running_demo.call("run")
    assert second.returncode == 1
    assert f"{site}" in second.stderr

    assert running_demo.call("manage", "shell", "-c", ADD).returncode == 0, "beside the running demo"
    assert running_demo.end(signal.SIGTERM) == 0
    running_demo.wait_until_alone()

    assert "areas: 1" in running_demo.call("manage", "shell", "-c", COUNT).stdout, "and with no demo running"
    running_demo.wait_until_alone()

    running_demo.start()
    assert len(running_demo.processes()) > 8
    assert "areas: 1" in running_demo.call("manage", "shell", "-c", COUNT).stdout
    running_demo.end(signal.SIGKILL)
    running_demo.wait_until_alone()
    assert "areas: 1" in running_demo.call("manage", "shell", "-c", COUNT).stdout


def test_a_port_that_is_asked_for_is_taken_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(DemoError, match=str(port)):
            web_port()
    assert web_port() == port
    for nonsense in ("http", "70000", "-1"):
        monkeypatch.setenv("PORT", nonsense)
        with pytest.raises(DemoError, match="not a free port"):
            web_port()


def test_the_next_free_port_is_used_when_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = taken.getsockname()[1]
        monkeypatch.setattr(demo, "FIRST_PORT", first)
        assert not is_free(first)
        assert first < web_port() < first + demo.PORTS


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(demo, "VAR", tmp_path / "var")
    monkeypatch.setattr(demo, "RUNNING", tmp_path / "var" / "demo.json")
    (tmp_path / "var").mkdir()
    return tmp_path / "var"


def test_the_demo_is_told_that_it_is_one_and_where(monkeypatch: pytest.MonkeyPatch, var: Path) -> None:
    for name in ("DEMO", "SITE_URL", "EMAIL_URL", "ALLOWED_HOSTS", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    environment = demo.demo_environment({"DATABASE_URL": "postgresql:///x"}, 8001)
    assert environment["DEMO"] == "1"
    assert environment["SITE_URL"] == "http://127.0.0.1:8001"
    assert environment["EMAIL_URL"].startswith("smtp://127.0.0.1:")
    assert environment["BIND"] == "127.0.0.1:8001"


def test_what_the_caller_set_is_not_overruled_nor_written_down(monkeypatch: pytest.MonkeyPatch, var: Path) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example.org:25")
    monkeypatch.setenv("SOMEBODYS_TOKEN", "canary")
    environment = demo.demo_environment({}, 8001)
    assert environment["EMAIL_URL"] == "smtp://mail.example.org:25"
    assert environment["SOMEBODYS_TOKEN"] == "canary"
    written = var / "demo.json"
    assert "canary" not in written.read_text()
    assert written.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers keep their files away from the checkout")
def test_a_new_clone_does_not_start_on_data_whose_keys_are_gone(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(demo, "VAR", tmp_path)
    monkeypatch.delenv("SEALING_KEYS", raising=False)
    monkeypatch.delenv("SEALING_KEYS_FILE", raising=False)
    state = state_directory(tmp_path)
    try:
        (state / "postgres").mkdir(parents=True)
        (tmp_path / RING).write_text("{}")
        assert demo.directory_that_opens() == state
        assert state.exists(), "with its keys the data stays"
        (tmp_path / RING).unlink()
        assert demo.directory_that_opens() == state
        assert not state.exists()
        assert "starting afresh" in capsys.readouterr().out
    finally:
        shutil.rmtree(state, ignore_errors=True)
