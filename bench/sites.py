"""The two sites of a comparison: the project and the limit app, under the same gunicorn on the same database server."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import Browser, UnexpectedPage
from bench.fields import pages_of
from bench.stage import ROOT, other_database, port_of, web, worker
from config.runtime.demo import free_port
from referrals.forms.steps import STEPS
from tests.smtp_sink import SmtpSink


def scratch() -> Path:
    """Where this measurement may keep files."""
    return Path(os.environ["BENCH_SCRATCH"])


def mail_server() -> SmtpSink:
    """A mail server for EMAIL_URL that takes everything at once; start it with `with`."""
    return SmtpSink(port=int(os.environ["EMAIL_URL"].rpartition(":")[2]))


@contextmanager
def celery_worker() -> Iterator[int]:
    """The Celery worker in this process's own environment; gives its process id."""
    with worker(dict(os.environ), scratch() / "worker.log") as process:
        yield process.pid


@dataclass(frozen=True)
class Site:
    """A running site: its port and gunicorn's process id."""

    port: int
    pid: int


@contextmanager
def project() -> Iterator[Site]:
    """The project as deployed: `config.wsgi` with this process's own environment."""
    environment = dict(os.environ)
    with web("config.wsgi", environment, scratch() / "web.log", "/healthz") as process:
        yield Site(port_of(environment), process.pid)


@contextmanager
def limit_app(names: list[str]) -> Iterator[tuple[Site, list[Browser]]]:
    """The limit app in a database of its own beside the project's; with a signed-in browser for each name."""
    fields, password = scratch() / "fields.json", secrets.token_urlsafe(12)
    fields.write_text(json.dumps(pages_of(intake_forms())))
    with other_database(os.environ["DATABASE_URL"]) as database:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "bench.limit.settings",
            "LIMIT_DATABASE_URL": database,
            "LIMIT_FIELDS_FILE": str(fields),
            "BIND": f"127.0.0.1:{free_port()}",
        }
        command = [sys.executable, "-m", "bench.limit.prepare", password, *names]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        with web("bench.limit.wsgi", environment, scratch() / "limit.log", "/empty/") as process:
            site = Site(port_of(environment), process.pid)
            yield site, [signed_in(site, name, password) for name in names]


def signed_in(site: Site, name: str, password: str) -> Browser:
    """A browser that has signed in to the limit app."""
    browser = Browser(site.port)
    browser.get("/sign-in/")
    if browser.post("/sign-in/", {"username": name, "password": password}).status != 302:
        raise UnexpectedPage(browser.page, "to be signed in")
    return browser


def intake_forms() -> dict:
    """A form of every step of the intake, as somebody sees it who refers a child: with every group of signs."""
    answers = {"age": {"age_group": "unsure"}}
    return {step.key: step.form(answers=answers) for step in STEPS}
