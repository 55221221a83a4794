"""Keyed hashes: the same text is known again, and nobody without the key can find out which it was by trying."""

import hashlib
import hmac

from partners.sealing import key_ring


def marks(what: str, text: str) -> list[bytes]:
    """Return the marks of `text` under every index key, the one for new rows first. `what` keeps uses apart."""
    ring = key_ring()
    keys = sorted(ring.index.items(), key=lambda item: (item[0] != ring.current, item[0]))
    message = f"{what}|{text}".encode(errors="surrogatepass")
    return [hmac.new(key, b"spreadsheet|" + message, hashlib.sha256).digest() for _, key in keys]
