"""Make or refresh .venv from a locked file: `python3 config/runtime/bootstrap.py demo|dev`. Standard library only.

With uv where it is on PATH, else with venv and pip. Does nothing when the locked file is installed already, so that
every target of the Makefile can begin with it. This file runs before anything is installed and on whatever Python the
machine has, so it keeps to syntax that old ones read too (3.7).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
NEEDED = (3, 11)
# What the other names are part of: a venv with "dev" has all of "demo".
WIDER = {"demo": ["dev"], "dev": []}


def main(name: str) -> None:
    """Install requirements/`name`.txt, hashes checked, unless that is what the virtual environment holds."""
    lock = ROOT / "requirements" / (name + ".txt")
    if any(is_installed(ROOT / "requirements" / (other + ".txt")) for other in [name, *WIDER[name]]):
        return
    use_capable_python()
    uv = shutil.which("uv")
    say(f"The packages of {lock.relative_to(ROOT)} come first; this happens once.")
    if not runs():
        make_venv(uv)
    for former in VENV.glob(".installed-*"):
        former.unlink()
    install(uv, lock)
    stamp(lock).touch()


def stamp(lock: Path) -> Path:
    """The file whose presence says that this very lock is installed."""
    return VENV / f".installed-{lock.stem}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"


def is_installed(lock: Path) -> bool:
    """Whether the lock is installed in a virtual environment that still works."""
    return stamp(lock).exists() and (VENV / "bin" / "python").exists()


def runs() -> bool:
    """Whether the virtual environment's Python starts: not after the system's was upgraded or the tree was moved."""
    python = VENV / "bin" / "python"
    check = f"import sys; raise SystemExit(sys.version_info < {NEEDED!r})"
    return python.exists() and subprocess.call([str(python), "-c", check]) == 0


def use_capable_python() -> None:
    """Start again under a newer Python of the machine when this one is too old."""
    if sys.version_info >= NEEDED:
        return
    for minor in range(14, NEEDED[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606 - no shell is the point
    if not shutil.which("uv"):
        sys.exit(f"Python 3.11 or newer is needed (on Debian 12: apt install python3); this is {sys.version}")


def make_venv(uv: str | None) -> None:
    """An empty virtual environment."""
    shutil.rmtree(str(VENV), ignore_errors=True)
    if uv:
        run([uv, "venv", "--quiet", "--python", ">=3.11", str(VENV)])
    elif subprocess.call([sys.executable, "-m", "venv", str(VENV)]) != 0:
        shutil.rmtree(str(VENV), ignore_errors=True)
        sys.exit("Python's venv module is missing. On Debian: apt install python3-venv. Or install uv.")


def install(uv: str | None, lock: Path) -> None:
    """Install the lock: complete by itself, so nothing is resolved; wheels only, so nothing is run."""
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock)]
    python = str(VENV / "bin" / "python")
    if uv and subprocess.call([uv, "pip", "install", "--python", python, *options]) == 0:
        return
    # Also where uv did not get there: behind some networks only pip is configured.
    if subprocess.call([python, "-c", "import pip"], stderr=subprocess.DEVNULL) != 0:
        run([python, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off", *options]
    total = lock.read_text().count("==")
    done = 0
    with subprocess.Popen(pip, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith("Collecting "):
                done += 1
                say(f"[{done} of about {total}] {line.split()[1].split('==')[0]}")
            elif line.startswith("Installing "):
                say("Installing them")
    if process.returncode != 0:
        sys.exit(process.returncode)


def run(command: list[str], stdout: int | None = None) -> None:
    """Run a command; end with its exit code when it fails."""
    code = subprocess.call(command, stdout=stdout)
    if code != 0:
        sys.exit(code)


def say(text: str) -> None:
    """Tell whoever waits."""
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
