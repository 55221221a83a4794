"""Structured logs that cannot leak: JSON, with an allow list of keys (security, threat 24).

An event is a fixed word; what varies is ids, counts and codes. A key that is not on the list is dropped, and so is
every exception message (it may quote a row): only the exception's type and where it was raised stay.
"""

import logging
import traceback
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "logger", "timestamp", "exception", "where", "status", "method", "route",
        "message_id", "event_id", "referral_id", "draft_id", "user_id", "kind", "channel", "state", "error",
        "attempts", "count", "seconds", "task", "name", "key_id", "directive",
    }
)  # fmt: skip
PLAIN_LOGGERS = ("celery", "kombu", "psycopg.pool", "gunicorn.error")
TELLS_EXCEPTIONS = "celery.app.trace"  # its errors are the message of what a task raised


def exception_type_and_place(_logger, _method, event: dict[str, Any]) -> dict[str, Any]:
    """Replace `exc_info` by the exception's type and the last code lines; its message may quote a person's data."""
    info = event.pop("exc_info", None)
    if info and info is not True and info[0]:
        frames = traceback.extract_tb(info[2])[-4:]
        event["exception"] = info[0].__name__
        event["where"] = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in frames]
    return event


def only_allowed_keys(_logger, _method, event: dict[str, Any]) -> dict[str, Any]:
    """Drop every key that is not on the allow list (structlog's own begin with an underscore and go later)."""
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS or key.startswith("_")}


def template_of_a_library(_logger, _method, event: dict[str, Any]) -> dict[str, Any]:
    """Keep a library's message as its template, without what was filled in: a mail address, a row, a path.

    The loggers named in PLAIN_LOGGERS speak of tasks and connections only and stay readable.
    """
    record = event.get("_record")
    if record is None or event.get("_from_structlog"):
        return event
    tells_too_much = record.name == TELLS_EXCEPTIONS and record.levelno >= logging.WARNING
    if tells_too_much or not record.name.startswith(PLAIN_LOGGERS):
        event["event"] = str(record.msg)
    return event


def logging_config(level: str) -> dict[str, Any]:
    """Return Django's LOGGING for `level` (a name such as 'INFO')."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    template_of_a_library,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    exception_type_and_place,
                    only_allowed_keys,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.db.backends": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
        },
    }
