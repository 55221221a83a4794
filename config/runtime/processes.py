"""Honcho's manager with two additions: its processes end with it even when it is killed, and a call once they run."""

import os
import threading
from collections.abc import Callable
from signal import SIGKILL, SIGTERM
from typing import Any

from honcho.manager import Manager
from honcho.process import Popen, Process

from config.runtime.account import as_child
from config.runtime.child import end_with_parent


class BoundPopen(Popen):
    """The command itself, asked to end when honcho's process for it ends."""

    def __init__(self, command: str, **options: Any) -> None:
        """`exec` leaves no shell in between that would take the signal and keep it."""
        child = as_child(["/bin/sh", "-c", f"exec {command}"], None, SIGTERM)
        super().__init__(child, shell=False, **options)


class BoundProcess(Process):
    """Honcho's process around a command: it reads the output, and ends with the manager."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Remember who the manager is: this runs in it, `run` in a fork of it."""
        super().__init__(*given, **named)
        self._manager = os.getpid()
        self._child_ctor = BoundPopen

    def run(self, *given: Any, **named: Any) -> None:
        """Run in the fork: SIGKILL, because honcho makes these processes deaf to everything else."""
        end_with_parent(self._manager, SIGKILL)
        super().run(*given, **named)


class BoundManager(Manager):
    """Honcho's manager of such processes."""

    def __init__(self, when_started: Callable[[], None]) -> None:
        """`when_started` runs in a thread of its own, begun after the forks: forking with threads can deadlock."""
        super().__init__()
        self._process_ctor = BoundProcess
        self._when_started = when_started

    def _start(self) -> None:
        super()._start()
        threading.Thread(target=self._when_started, daemon=True).start()
