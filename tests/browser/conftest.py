"""A whole demo in real processes (web, worker, beat, mail, PostgreSQL, broker), and people who use it in a browser."""

import email.policy
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from config.runtime.demo import free_port
from tests.browser.accessibility import faults_of

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
SERVERS = ("DATABASE_URL", "BROKER_URL", "EMAIL_URL", "SEALING_KEYS", "SECRET_KEY")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


@dataclass(frozen=True)
class Site:
    """A running demo: where it answers and where its mail lies."""

    url: str
    directory: Path

    def manage(self, *arguments: str) -> str:
        """Run manage.py on the demo's data while it runs; return what it printed."""
        environment = os.environ | {"DEMO_DIRECTORY": str(self.directory)}
        command = [sys.executable, "-m", "config.runtime.demo", "manage", *arguments]
        ran = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=60)
        return ran.stdout

    def mails_to(self, address: str) -> list[EmailMessage]:
        """The mail that the sink has accepted for `address`, oldest first."""
        found = []
        for path in sorted((self.directory / "mail").glob("*.eml"), key=lambda p: p.stat().st_mtime_ns):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if address in str(mail["To"]):
                found.append(mail)
        return found

    def wait_for_mail(self, address: str, containing: str, seconds: float = 20) -> EmailMessage:
        """The first mail to `address` whose text holds `containing`; fails when none comes in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for mail in self.mails_to(address):
                if containing in mail.get_content():
                    return mail
            time.sleep(0.1)
        pytest.fail(f"no mail to {address} with {containing!r} within {seconds} s")


def answers(url: str) -> bool:
    """Whether the site is up."""
    try:
        with closing(urllib.request.urlopen(f"{url}/healthz", timeout=2)) as response:  # noqa: S310 loopback only
            return response.status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The demo as `make run` starts it, in a directory of its own; stopped and removed afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="waymark-journeys-"))
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    environment |= {"DEMO_DIRECTORY": str(directory), "PORT": str(port)}
    command = [sys.executable, "-m", "config.runtime.demo"]
    log = (directory / "demo.log").open("wb")
    demo = subprocess.Popen([*command, "run"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    running = Site(f"http://127.0.0.1:{port}", directory)
    try:
        end = time.monotonic() + START_SECONDS
        while not answers(running.url):
            if demo.poll() is not None or time.monotonic() > end:
                pytest.fail(f"the demo did not start:\n{(directory / 'demo.log').read_text()[-3000:]}")
            time.sleep(0.2)
        yield running
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(timeout=30)
        subprocess.run([*command, "reset"], cwd=ROOT, env=environment, check=False, capture_output=True)
        log.close()
        shutil.rmtree(directory, ignore_errors=True)


@dataclass
class Visitor:
    """Somebody at a browser. Every page they look at is checked for accessibility when `check()` is called."""

    site: Site
    page: Page
    scripts: bool

    def goto(self, path: str) -> None:
        """Go to an address of the site."""
        self.page.goto(f"{self.site.url}{path}")

    def sign_in_as(self, label: str) -> None:
        """Choose one of the demo people."""
        self.goto("/demo/")
        self.page.get_by_role("button", name=label, exact=False).first.click()
        self.page.wait_for_url(lambda url: not url.endswith("/demo/"))

    def choose(self, label: str) -> None:
        """Choose a radio button or a check box by its words."""
        self.page.get_by_label(label, exact=True).check()

    def fill(self, label: str, text: str) -> None:
        """Type into a field by its words."""
        self.page.get_by_label(label).fill(text)

    def press(self, name: str) -> None:
        """Press a button or follow a link that looks like one."""
        self.page.get_by_role("button", name=name).first.click()

    def heading(self) -> str:
        """The page's heading."""
        return self.page.locator("h1").first.inner_text()

    def check(self) -> None:
        """Fail when axe-core finds a fault on the page (needs scripts), or when the policy blocked something."""
        if self.scripts:
            assert faults_of(self.page) == [], self.page.url


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """`visitor()` opens a new browser profile: `scripts=False` for no JavaScript, `phone=True` for a small screen."""
    opened: list[BrowserContext] = []
    blocked: list[str] = []

    def come(*, scripts: bool = True, phone: bool = False) -> Visitor:
        context = browser.new_context(java_script_enabled=scripts, **(PHONE if phone else DESKTOP))
        context.set_default_timeout(10_000)
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: blocked.append(message.text) if "Security Policy" in message.text else None)
        page.on("pageerror", lambda error: blocked.append(str(error)))
        return Visitor(site, page, scripts)

    yield come
    for context in opened:
        context.close()
    assert blocked == []
