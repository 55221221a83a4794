"""The demo's own secrets: made once, kept beside its data, never used by a deployed instance."""

import base64
import json
import os
import secrets
from pathlib import Path

KEY_BYTES = 32
RING = "sealing-keys.json"


def demo_secrets(directory: Path) -> dict[str, str]:
    """SECRET_KEY and SEALING_KEYS_FILE, where the environment lacks them: kept in `directory`, made when missing."""
    made: dict[str, str] = {}
    if not os.environ.get("SECRET_KEY"):
        made["SECRET_KEY"] = _kept(directory / "secret-key", secrets.token_urlsafe(64))
    if not ring_is_given():
        ring = directory / RING
        _kept(ring, new_key_ring("k1"))
        made["SEALING_KEYS_FILE"] = str(ring)
    return made


def ring_is_given() -> bool:
    """Whether the environment names a key ring, so that the demo needs none of its own."""
    return bool(os.environ.get("SEALING_KEYS") or os.environ.get("SEALING_KEYS_FILE"))


def new_key_ring(name: str) -> str:
    """A key ring with one new key, as JSON: what SEALING_KEYS holds. Data and index keys are separate secrets."""
    fresh = [base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() for _ in range(2)]
    return json.dumps({"current": name, "data": {name: fresh[0]}, "index": {name: fresh[1]}})


def _kept(path: Path, fresh: str) -> str:
    """The text of a file that only we can read; written once, whole or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_text(fresh)
        part.rename(path)
    return path.read_text()
