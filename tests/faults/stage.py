"""The stage of a fault: gunicorn, a Celery worker with beat, a broker, a mail server, the test's database, all real."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.urls import reverse

from config.embedded import Broker
from config.runtime.account import as_child
from config.runtime.demo import free_port
from partners.models import Message, State, User
from referrals import drafts
from referrals.models import Draft
from tests.conftest import make_draft, sign_in_as
from tests.referrals.filled import ADULT, fill
from tests.smtp_sink import SmtpSink

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
#: The bound of the promise (security, R4), whatever is broken.
ANSWER_SECONDS = 2.5
CSRF = "faults" * 5 + "ab"


class Process:
    """One process of the project with everything it forks, in a group of its own, logging to a file."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                as_child(command, None, signal.SIGKILL),
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """To the whole group: a frozen master with a working child would be no frozen worker."""
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.running:
            self.signal(signal.SIGKILL)
        self._process.wait(10)

    def wait(self, seconds: float = 60) -> int:
        return self._process.wait(seconds)

    def text(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass
class Answer:
    """What a person got: status, where it leads, and the seconds it took."""

    status: int
    location: str
    seconds: float


@dataclass
class Stage:
    """What a fault test plays on. `start_*` return when the process is ready."""

    broker: Broker
    sink: SmtpSink
    environment: dict[str, str]
    directory: Path
    running: list[Process] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    def start(self, *command: str, **environment: str) -> Process:
        """Start a program of this virtual environment. From the main thread only (`as_child` says why)."""
        name = f"{command[0]}-{len(self.running)}.log"
        program = str(Path(sys.executable).parent / command[0])
        process = Process([program, *command[1:]], self.environment | environment, self.directory / name)
        self.running.append(process)
        return process

    def start_web(self) -> Process:
        """gunicorn as deployed."""
        process = self.start(
            "gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi", BIND=f"127.0.0.1:{self.port}"
        )
        wait_until(lambda: self._answers() or not process.running, START_SECONDS, process)
        return process

    def start_worker(self) -> Process:
        """A Celery worker with its clock; ready when it has looked at the outbox (or at once: `ready=False`)."""
        process = self.start_worker_unready()
        wait_until(lambda: "ready." in process.text() or not process.running, START_SECONDS, process)
        return process

    def start_worker_unready(self) -> Process:
        """The same, without waiting for it."""
        schedule = str(self.directory / f"beat-{len(self.running)}")
        words = "--app config worker --beat --concurrency 2 --loglevel INFO --without-gossip --without-mingle"
        return self.start("celery", *words.split(), "--schedule", schedule, BROKER_SOCKET_TIMEOUT="2")

    def drain(self, **environment: str) -> str:
        """Run `manage.py drain_outbox`, which needs neither broker nor worker; return what it printed."""
        process = self.start("python", "manage.py", "drain_outbox", **environment)
        assert process.wait() == 0, process.text()
        return process.text()

    def drain_until_sent(self, seconds: float = 30) -> None:
        """Run the command as the timer does until every message has left."""
        deadline = time.monotonic() + seconds
        while Message.objects.filter(state__in=[State.PENDING, State.SENDING]).exists():
            assert time.monotonic() < deadline, list(
                Message.objects.exclude(state=State.SENT).values("state", "last_error")
            )
            self.drain()

    def stop(self) -> None:
        """End everything that was started here."""
        for process in self.running:
            process.kill()

    def _answers(self) -> bool:
        try:
            return self.request("GET", "/healthz").status < 500
        except OSError:
            return False

    def request(self, method: str, path: str, data: dict[str, str] | None = None, session: str = "") -> Answer:
        """One request of a browser that holds this session; raises OSError when the server hangs up."""
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}"}
        body = urlencode({**(data or {}), "csrfmiddlewaretoken": CSRF}) if method == "POST" else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        started = time.monotonic()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return Answer(answer.status, answer.headers.get("Location", ""), time.monotonic() - started)
        except http.client.HTTPException as error:
            raise OSError from error
        finally:
            connection.close()

    def send(self, draft: Draft, session: str) -> Answer:
        """Press "Send the referral" on a finished draft."""
        return self.request("POST", reverse("intake_declaration", args=[draft.pk]), {"agreed": "on"}, session)

    def send_promptly(self, draft: Draft, session: str) -> Answer:
        """Send and hold the promise: a receipt, in time."""
        answer = self.send(draft, session)
        assert (answer.status, answer.location[:11]) == (302, "/referrals/")
        assert answer.seconds < ANSWER_SECONDS
        return answer


def finished_drafts(user: User, count: int) -> list[Draft]:
    """Drafts of `user` that only have to be sent."""
    first = make_draft(user)
    content = asdict(fill(first, ADULT))
    others = [make_draft(user) for _ in range(count - 1)]
    for draft in others:
        draft.put(content)
        draft.save()
    assert drafts.read(first).answers
    return [first, *others]


def session_of(user: User, *, second_factor: bool = False) -> str:
    """A session of `user`, as after an e-mailed code."""
    return sign_in_as(Client(), user, second_factor).session.session_key


def wait_until(true: Callable[[], bool], seconds: float, process: Process | None = None) -> None:
    """Wait for something. Raises AssertionError with the log of `process` when it does not come or the process ends."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, process.text()[-3000:] if process else "it did not happen"
        time.sleep(0.02)
    assert process is None or process.running, process.text()[-3000:]
