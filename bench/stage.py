"""The stage of a measurement: a scratch database and broker, the demo partnership, and the project's own processes."""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from honcho.environ import parse_procfile
from psycopg import sql

from config.runtime.account import as_child
from config.runtime.demo import free_port
from config.runtime.keys import new_key_ring

ROOT = Path(__file__).resolve().parents[1]
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--max-requests", "0"]
WORKER = parse_procfile((ROOT / "Procfile").read_text()).processes["worker"]
READY_SECONDS = 60


def environment(urls: dict[str, str], scratch: Path) -> dict[str, str]:
    """The environment of a production-like run: no DEBUG, no DEMO, plain HTTP on loopback, secrets of its own."""
    port = free_port()
    chosen = {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SEALING_KEYS": new_key_ring("k1"),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "BIND": f"127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "CSRF_TRUSTED_ORIGINS": f"http://127.0.0.1:{port}",
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "STATIC_ROOT": str(scratch / "static"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        "DEBUG": "",
        "DEMO": "",
        "SEALING_KEYS_FILE": "",
    }
    return os.environ | urls | chosen


def port_of(environment: dict[str, str]) -> int:
    """The port on which gunicorn listens under this environment."""
    return int(environment["BIND"].rpartition(":")[2])


def prepare(environment: dict[str, str], accounts: Path) -> None:
    """Migrate, collect the static files and load the demo partnership, as `make run` does."""
    command = [sys.executable, "-m", "config.runtime.prepare", str(accounts)]
    demo = environment | {"DEMO": "1", "ALLOWED_HOSTS": "127.0.0.1"}
    subprocess.run(command, cwd=ROOT, env=demo, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def other_database(url: str) -> Iterator[str]:
    """The URL of a new, empty database on the same server, dropped at the end."""
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """A process of the project, asked to end when the block or this process does; its output goes to a file."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            as_child(command, None, signal.SIGTERM),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def web(application: str, environment: dict[str, str], log: Path, probe: str) -> Iterator[subprocess.Popen]:
    """gunicorn with the project's own settings, serving `application`; yields when the path `probe` answers.

    Only the recycling of workers is off: it would fall into one round and not into another.
    """
    with running([*GUNICORN, application], environment, log) as process:
        wait_for(f"http://{environment['BIND']}{probe}", process, log)
        yield process


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """The Celery worker as the Procfile starts it."""
    programs = f"{Path(sys.executable).parent}:{environment.get('PATH', os.defpath)}"
    with running(["/bin/sh", "-c", f"exec {WORKER}"], environment | {"PATH": programs}, log) as process:
        yield process


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    """Wait until the URL answers with anything below 500. Raises RuntimeError with the log when it does not."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with opener.open(url, timeout=5):
                return
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text(errors='replace')[-3000:]}")
