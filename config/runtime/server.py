"""A server as a child process: started, waited for, stopped, killed, frozen, and gone when its parent is."""

import os
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from signal import SIGCONT, SIGKILL, Signals
from types import TracebackType
from typing import IO, ClassVar, Self

from config.runtime.account import give_directory, server_account, socket_directory, spawn

START_SECONDS = 60
STOP_SECONDS = 20


class ServerError(RuntimeError):
    """A server did not start; the text ends with the last lines of its log."""


class Server(ABC):
    """One child process with a directory, a log and a Unix socket; what PostgreSQL and the broker have in common."""

    name: ClassVar[str]
    # Sent by the kernel when our process ends, however it ends.
    death_signal: ClassVar[Signals]
    stop_signals: ClassVar[tuple[Signals, ...]]

    def __init__(self, directory: Path) -> None:
        """Prepare a server whose files live in `directory`/<name>; nothing is started or written yet."""
        self.directory = Path(directory).resolve() / self.name
        self.log_path = self.directory.with_suffix(".log")
        self.account = server_account()
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets = Path()

    @property
    def pid(self) -> int:
        """The process id of the running server. Raises ServerError when it was never started."""
        if self.process is None:
            raise ServerError(f"{self.name} is not running")
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether the process exists (a frozen one does)."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> str:
        """Start the server, wait until it answers, and return its URL. Also after `kill`; running already is fine."""
        if not self.running:
            give_directory(self.directory, self.account)
            self.sockets = socket_directory(self.directory, self.account)
            self._prepare()
            with self.log_path.open("wb") as log:
                self.process = self._spawn(self._command(), log)
            self._wait_until_ready()
        return self.url

    def stop(self) -> None:
        """Ask the server to end, harder if it does not, and wait for it. Stopped already is fine."""
        if self.process is None:
            return
        for ask in (*self.stop_signals, SIGKILL):
            if not self.running:
                break
            self.signal(ask)
            self.signal(SIGCONT)  # a frozen process would keep the request pending for ever
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        shutil.rmtree(self.sockets, ignore_errors=True)

    def kill(self) -> None:
        """End the server with SIGKILL, as a power cut would. `start` brings it back under the same URL."""
        self.signal(SIGKILL)
        if self.process:
            self.process.wait()

    def signal(self, number: Signals) -> None:
        """Send a signal (SIGSTOP freezes, SIGCONT thaws) to the server's main process, if it still exists."""
        if self.process:
            self.process.send_signal(number)

    @property
    @abstractmethod
    def url(self) -> str:
        """The address a client connects to."""

    def _prepare(self) -> None:  # noqa: B027 - not every server has something to prepare
        """Make what must exist before the first start."""

    @abstractmethod
    def _command(self) -> list[str]:
        """The command line that runs the server in the foreground."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether a client would be served now."""

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        # A bare environment: PGHOST, PGOPTIONS and the like of the caller are not meant for our server.
        env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return spawn(
            command, account=self.account, death_signal=self.death_signal, log=log, cwd=self.directory, env=env
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.running and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.02)
        self.stop()
        raise ServerError(f"{self.name} did not start:\n{self.log_tail()}")

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the server's log."""
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()
