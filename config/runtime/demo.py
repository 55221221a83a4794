"""The demo: `make run`, `make shell` and `make demo-reset`.

Everything it keeps lies in var/ (the servers' own files elsewhere when we are root, see `state_directory`). The
environment wins: with DATABASE_URL, BROKER_URL or EMAIL_URL set, that server is not started here.
"""

import argparse
import fcntl
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from honcho.environ import parse_procfile

from config.embedded import services
from config.runtime.account import state_directory
from config.runtime.child import end_with_parent
from config.runtime.keys import RING, demo_secrets, ring_is_given
from config.runtime.processes import BoundManager
from partners.demo import DEMO_PEOPLE

ROOT = Path(__file__).resolve().parents[2]
# Where it keeps everything; the browser tests start a demo of their own elsewhere.
VAR = Path(os.environ.get("DEMO_DIRECTORY") or ROOT / "var").resolve()
RUNNING = VAR / "demo.json"
FIRST_PORT, PORTS = 8000, 50
SITE_SECONDS = 90


class DemoError(RuntimeError):
    """The demo cannot do what was asked; the text says why, for the person at the terminal."""


def run(*, with_parent: bool) -> int:
    """Start everything, say where it is, and stop everything when told to. Returns the exit code.

    `with_parent`: also when the process that started us (make) is gone.
    """
    signal.signal(signal.SIGTERM, _leave)
    if with_parent:
        end_with_parent(os.getppid(), signal.SIGTERM)
    with only_one(), services(directory_that_opens()) as urls:
        port = web_port()
        environment = demo_environment(urls, port)
        subprocess.run([sys.executable, "-m", "config.runtime.prepare"], cwd=ROOT, env=environment, check=True)
        # Forked, not spawned: honcho's processes must be children of this one to end with it.
        multiprocessing.set_start_method("fork")
        manager = BoundManager(lambda: announce(f"http://127.0.0.1:{port}"))
        for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
            if name != "mail" or not os.environ.get("EMAIL_URL"):
                manager.add_process(name, command, env=environment, cwd=str(ROOT))
        manager.add_process("figures", f"{sys.executable} -m config.runtime.figures", env=environment, cwd=str(ROOT))
        manager.loop()
    # Ended by Ctrl-C or SIGTERM is how it is meant to end.
    return 0 if manager.returncode in (130, 143) else manager.returncode or 1


def manage(arguments: list[str]) -> int:
    """Run manage.py on the demo's data, beside a running demo or alone. Returns its exit code."""
    command = [sys.executable, "manage.py", *arguments]
    try:
        with only_one(), services(directory_that_opens()) as urls:
            environment = demo_environment(urls, FIRST_PORT)
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    except DemoError:
        environment = os.environ | json.loads(RUNNING.read_text())
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def reset() -> int:
    """Remove the demo's data, mail and keys; the next start makes new ones. Returns the exit code."""
    with only_one():
        for directory in (state_directory(VAR), VAR):
            shutil.rmtree(directory, ignore_errors=True)
    print("The demo's data is gone; `make run` starts afresh.")
    return 0


def directory_that_opens() -> Path:
    """Where the servers keep their files. For root that is not `VAR`, so it outlives a removed checkout: data whose
    keys went with the checkout opens for nobody any more, and is removed before a new clone starts on it."""
    state = state_directory(VAR)
    if state.exists() and not state.samefile(VAR) and not ring_is_given() and not (VAR / RING).exists():
        print("The keys of an earlier demo are gone, and its data with them: starting afresh", flush=True)
        shutil.rmtree(state)
    return state


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the demo's lock, let go at any end. Raises DemoError when another process of this tree has it."""
    VAR.mkdir(exist_ok=True, mode=0o700)
    with (VAR / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            site = json.loads(RUNNING.read_text()).get("SITE_URL", "") if RUNNING.exists() else ""
            raise DemoError(f"Another command is working on this demo: {site}") from None
        yield


def demo_environment(urls: dict[str, str], port: int) -> dict[str, str]:
    """The environment of the demo's processes: the caller's, what it lacks, and DEMO=1, which nothing else sets.

    What is not the caller's is written to RUNNING, so that `make shell` can join a running demo.
    """
    site = f"http://127.0.0.1:{port}"
    defaults = {
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "DEMO_MAIL_DIR": str(VAR / "mail"),
        "STATIC_ROOT": str(VAR / "static"),
        "BEAT_SCHEDULE": str(VAR / "beat"),
        "SITE_URL": site,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "CSRF_TRUSTED_ORIGINS": f"{site},http://localhost:{port}",
        "PYTHONUNBUFFERED": "1",
        # Celery's advice not to run it as root: whoever runs the demo as root has decided so.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
    }
    lacking = {name: value for name, value in defaults.items() if name == "PATH" or not os.environ.get(name)}
    ours = lacking | urls | demo_secrets(VAR) | {"DEMO": "1", "PORT": str(port), "BIND": f"127.0.0.1:{port}"}
    RUNNING.touch(mode=0o600)
    RUNNING.write_text(json.dumps(ours))
    return os.environ | ours


def web_port() -> int:
    """PORT when it is set (and free, else DemoError); otherwise 8000 or the next free one."""
    wanted = os.environ.get("PORT", "")
    if wanted:
        if not wanted.isdigit() or not is_free(int(wanted)):
            raise DemoError(f"PORT {wanted} is not a free port")
        return int(wanted)
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        if is_free(port):
            return port
    raise DemoError(f"No free port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1}: set PORT")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of the loopback address."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def free_port() -> int:
    """A port that the kernel says is free."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def announce(site: str) -> None:
    """Wait until the site answers, then print where it is and who may sign in."""
    if not wait_for_site(site):
        print(f"\n{site} does not answer yet; the lines above may say why.\n", flush=True)
        return
    rule = "─" * 100
    widest = max(len(person.label) for person in DEMO_PEOPLE)
    accounts = "\n".join(f"  {person.label:{widest}}  {person.email}" for person in DEMO_PEOPLE)
    print(
        f"\n{rule}\nWaymark is running at {site}   (Ctrl-C stops it; the data stays)\n"
        f"Its mail can be read at {site}/demo/mail/\n\n"
        f"The sign-in page offers these people with one click each:\n{accounts}\n{rule}\n",
        flush=True,
    )


def wait_for_site(site: str) -> bool:
    """Whether /healthz answers 200 within SITE_SECONDS."""
    deadline = time.monotonic() + SITE_SECONDS
    # No proxy of the environment between us and ourselves.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        try:
            with opener.open(f"{site}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return True
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    return False


def _leave(number: int, frame: FrameType | None) -> None:
    """SIGTERM before the processes run: unwind, so that the servers are stopped properly."""
    sys.exit(128 + number)


def main(arguments: list[str] | None = None) -> int:
    """`run`, `manage ARGUMENTS...` or `reset`. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.runtime.demo", description=main.__doc__)
    parser.add_argument("--with-parent", action="store_true", help="stop when the calling process ends")
    parser.add_argument("verb", choices=["run", "manage", "reset"])
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    try:
        if given.verb == "manage":
            return manage(given.arguments)
        return run(with_parent=given.with_parent) if given.verb == "run" else reset()
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
