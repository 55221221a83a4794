"""Where sessions are kept: Django's own rows in PostgreSQL, asked only for keys that could be one."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """A store for which a cookie with a forged key is no cookie. PostgreSQL fails on some, such as one with a NUL."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Return whether `key` looks like one that Django makes: letters and digits."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()
