"""Django's checks of a deployment, on settings such as production has and a real, empty database.

Fails when a model has changed without a migration, or when `check --deploy` has anything to say.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from config.embedded import services
from config.runtime.account import temporary_directory
from config.runtime.keys import new_key_ring

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (
    ["makemigrations", "--check", "--dry-run"],
    ["check", "--deploy", "--database", "default", "--fail-level", "WARNING"],
)


def main() -> int:
    """Run every check, also after one that fails. Returns 0 when none did."""
    with temporary_directory() as directory, services(directory, durable=False) as urls:
        environment = os.environ | urls | production_like()
        codes = [
            subprocess.run([sys.executable, "manage.py", *check], cwd=ROOT, env=environment, check=False).returncode
            for check in CHECKS
        ]
    return max(codes)


def production_like() -> dict[str, str]:
    """An environment as .env.example describes it, with secrets of this moment."""
    return {
        "DEBUG": "0",
        "DEMO": "0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SEALING_KEYS": new_key_ring("k1"),
        "SITE_URL": "https://referrals.example.org",
        "ALLOWED_HOSTS": "referrals.example.org",
        "CSRF_TRUSTED_ORIGINS": "https://referrals.example.org",
        "BEHIND_PROXY": "1",
        "METRICS_TOKEN": secrets.token_urlsafe(32),
        "EMAIL_URL": "smtp+tls://waymark:secret@mail.example.org:587",
        "DEFAULT_FROM_EMAIL": "Waymark <referrals@example.org>",
    }


if __name__ == "__main__":
    sys.exit(main())
