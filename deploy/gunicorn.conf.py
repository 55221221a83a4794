"""gunicorn's settings for demo, container and systemd alike. From the environment: BIND, WEB_CONCURRENCY."""

import ipaddress
import os
import sys

bind = os.environ.get("BIND", "127.0.0.1:8000")
# Sync workers led every other kind where a page lives from the database (docs/performance.md); two per core is plenty.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
timeout = 30
graceful_timeout = 20
# Leaks, ours or a library's, end with the worker; the jitter keeps them from ending together.
max_requests = 2000
max_requests_jitter = 200
limit_request_line = 4094
limit_request_field_size = 8190
# The socket of `gunicornc` would be one more way in.
control_socket_disable = True
# Heartbeat files on a disk can stall a worker that is well.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 - not a file of ours
accesslog = None
loglevel = "warning"


def on_starting(server: object) -> None:
    """DEMO lets anybody sign in as anybody: refuse to listen where others can reach it."""
    host = bind.rpartition(":")[0].strip("[]")
    demo = os.environ.get("DEMO", "").lower() in ("true", "on", "ok", "y", "yes", "1")  # as settings.py reads it
    if demo and not ipaddress.ip_address(host).is_loopback:
        sys.exit(f"DEMO runs on the loopback address only, not on {bind}")
