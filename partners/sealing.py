"""Sealing: what identifies a person is kept as one AES-256-GCM blob a row, bound to that row (security, section 4).

The key ring lives outside the database. A blob moved to another row or table, a changed byte or a wrong key all
raise `CannotOpen`; nothing ever falls back to a blank or to the ciphertext.

A blind key is what a sealed value is found by: equal values give equal keys, and without the index key nobody can say
which value it was, or try one (docs/adr/0016-blind-keys.md).
"""

import base64
import binascii
import hmac
import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
KEY_BYTES = 32
BLIND_BYTES = 16  # of the 32 of HMAC-SHA256: two values meet by chance once in 2^64 values, and the index stays small


class CannotOpen(Exception):
    """Raised when a sealed blob cannot be opened: key missing, key wrong, or bytes not as they were written."""


@dataclass(frozen=True)
class Sealed:
    """A sealed blob and the id of the key that made it."""

    kid: str
    blob: bytes


@dataclass(frozen=True)
class KeyRing:
    """The master keys by id, and the id that new blobs use."""

    current: str
    data: dict[str, bytes] = field(repr=False)
    index: dict[str, bytes] = field(repr=False)
    current_index: str = field(default="", repr=False)

    @classmethod
    def from_json(cls, text: str) -> "KeyRing":
        """Read a ring from JSON: `{"current": id, "data": {id: base64}, "index": {id: base64}, "current_index": id}`.

        `current_index` may be left out while there is one index key. Raises ImproperlyConfigured when the text is no
        ring, a key is not 32 bytes, or the current key is missing.
        """
        try:
            raw = json.loads(text)
            data = {kid: base64.b64decode(value, validate=True) for kid, value in raw["data"].items()}
            index = {kid: base64.b64decode(value, validate=True) for kid, value in raw["index"].items()}
            current, current_index = raw["current"], raw.get("current_index", "")
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise ImproperlyConfigured("The sealing key ring is not readable: see .env.example.") from error
        if any(len(key) != KEY_BYTES for key in [*data.values(), *index.values()]):
            raise ImproperlyConfigured("Every sealing key must be 32 bytes, in base64.")
        if current not in data:
            raise ImproperlyConfigured("The current sealing key is not in the ring.")
        return cls(current=current, data=data, index=index, current_index=current_index)

    @property
    def index_kid(self) -> str:
        """The id of the key that makes blind keys. Raises ImproperlyConfigured when the ring does not say which."""
        kid = self.current_index or (next(iter(self.index)) if len(self.index) == 1 else "")
        if kid not in self.index:
            raise ImproperlyConfigured("The key ring does not say which index key is current: see docs/keys.md.")
        return kid

    def cipher(self, kid: str, table: str) -> AESGCM:
        """Return the cipher for one table under key `kid`. Raises CannotOpen when the ring has no such key."""
        if kid not in self.data:
            raise CannotOpen(f"key {kid} is not in the ring")
        return _derived(self.data[kid], table)


@lru_cache(maxsize=64)
def _derived(master: bytes, table: str) -> AESGCM:
    key = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=f"data|{table}".encode()).derive(master)
    return AESGCM(key)


@lru_cache(maxsize=1)
def _read_ring(keys: str, path: str) -> KeyRing:
    if keys:
        return KeyRing.from_json(keys)
    if not path:
        raise ImproperlyConfigured("Set SEALING_KEYS or SEALING_KEYS_FILE: nothing can be sealed without keys.")
    try:
        return KeyRing.from_json(Path(path).read_text())
    except OSError as error:
        raise ImproperlyConfigured("SEALING_KEYS_FILE cannot be read.") from error


def key_ring() -> KeyRing:
    """Return the process's key ring. Raises ImproperlyConfigured when there is none."""
    return _read_ring(settings.SEALING_KEYS, str(settings.SEALING_KEYS_FILE or ""))


def _bound_to(table: str, row_id: UUID, kid: str) -> bytes:
    return f"v1|{table}|{row_id}|{kid}".encode()


def seal(table: str, row_id: UUID, data: Any, *, ring: KeyRing | None = None) -> Sealed:
    """Seal JSON-able `data` for the row `row_id` of `table` under the current key."""
    ring = ring or key_ring()
    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
    secret = ring.cipher(ring.current, table).encrypt(nonce, plain, _bound_to(table, row_id, ring.current))
    return Sealed(ring.current, nonce + secret)


def unseal(table: str, row_id: UUID, kid: str, blob: bytes, *, ring: KeyRing | None = None) -> Any:
    """Return the data that was sealed for this row.

    Raises CannotOpen when the key is not in the ring, is not the one that sealed it, or the bytes were changed or
    belong to another row.
    """
    ring = ring or key_ring()
    blob = bytes(blob)
    try:
        plain = ring.cipher(kid, table).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], _bound_to(table, row_id, kid))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the blob does not open with this key for this row") from error
    return json.loads(plain)


def seal_file(table: str, row_id: UUID, content: bytes) -> tuple[bytes, bytes]:
    """Seal the bytes of a file for one row under a new key of its own; return `(key, blob)`.

    The key opens this file and nothing else. The caller keeps it sealed, so that a new master key means to seal 32
    bytes anew and not the file.
    """
    key, nonce = AESGCM.generate_key(bit_length=8 * KEY_BYTES), os.urandom(NONCE_BYTES)
    return key, nonce + AESGCM(key).encrypt(nonce, content, _bound_to(table, row_id, "own"))


def unseal_file(table: str, row_id: UUID, key: bytes, blob: bytes) -> bytes:
    """Return the bytes that `seal_file` sealed for this row. Raises CannotOpen for another key, row or byte."""
    try:
        return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], _bound_to(table, row_id, "own"))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the file does not open with this key for this row") from error


@lru_cache(maxsize=64)
def _index_key(master: bytes, purpose: str) -> bytes:
    info = f"index|{purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def blind(purpose: str, value: str, *, ring: KeyRing | None = None) -> bytes:
    """Return the blind key of a normalised `value`. Each `purpose` has a key of its own: a name never meets a phone.

    Raises ImproperlyConfigured when the ring has no current index key.
    """
    ring = ring or key_ring()
    key = _index_key(ring.index[ring.index_kid], purpose)
    return hmac.digest(key, value.encode(errors="surrogatepass"), "sha256")[:BLIND_BYTES]
