"""Ask a worker to look at the outbox now. Best effort: the row is the promise, this is only speed."""

import time

import structlog
from celery import current_app

log = structlog.get_logger(__name__)

SILENCE_SECONDS = 30.0
_silent_until = 0.0


def kick() -> bool:
    """Publish one argument-less `drain`; return whether the broker took it.

    After a failure this process does not try again for 30 seconds, so that a dead broker costs one short timeout and
    not one a request.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task("partners.tasks.drain", retry=False, expires=10)
    except Exception as error:
        _silent_until = time.monotonic() + SILENCE_SECONDS
        log.warning("kick_failed", error=type(error).__name__)
        return False
    return True
