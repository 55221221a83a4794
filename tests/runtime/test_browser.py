"""Where there is no browser: apt brings one if it can, the tests fail in CI and are left out loudly elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.runtime import browser

ROOT = Path(__file__).resolve().parents[2]
TRIAL = """
import pytest

@pytest.mark.browser
def test_in_a_browser(chromium_path):
    assert chromium_path

def test_without_one():
    pass
"""


def run_pytest(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run of its own with the project's settings and plugins, on the servers of this run."""
    (directory / "test_trial.py").write_text(TRIAL)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--noconftest",
        "-p",
        "no:cacheprovider",
    ]
    outer = {
        name: value for name, value in os.environ.items() if name not in ("CI", "CHROMIUM") and "XDIST" not in name
    }
    return subprocess.run(
        [*command, str(directory)], cwd=ROOT, env=outer | environment, capture_output=True, text=True, check=False
    )


def test_browser_tests_are_left_out_loudly(tmp_path: Path) -> None:
    ended = run_pytest(tmp_path, CHROMIUM="/nowhere/chromium")
    assert ended.returncode == 0, ended.stdout
    assert "1 passed, 1 skipped" in ended.stdout
    assert "NOT TESTED IN A BROWSER" in ended.stdout
    assert "1 browser tests were left out" in ended.stdout


def test_browser_tests_fail_in_continuous_integration(tmp_path: Path) -> None:
    ended = run_pytest(tmp_path, CHROMIUM="/nowhere/chromium", CI="1")
    assert ended.returncode == 1
    assert "no chromium" in ended.stdout


def test_they_run_where_a_browser_is(tmp_path: Path) -> None:
    ended = run_pytest(tmp_path, CHROMIUM=sys.executable)
    assert "2 passed" in ended.stdout


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What would have been run, on a machine with apt and without a browser."""
    called: list[list[str]] = []
    (tmp_path / "apt-get").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(subprocess, "run", lambda command, **options: called.append(command))
    return called


def test_root_installs_the_missing_browser(monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    browser.install()
    assert [command[1] for command in commands] == ["update", "install"]
    assert "chromium" in commands[1]


def test_others_are_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    browser.install()
    assert commands == []
    assert "apt install chromium" in capsys.readouterr().err


def test_a_browser_that_is_there_is_kept(commands: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "chromium").touch(mode=0o755)
    browser.install()
    assert commands == []
    assert browser.find_chromium() == str(tmp_path / "chromium")
