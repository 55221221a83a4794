"""The demo's mail server: takes mail on the loopback address and keeps each as an .eml file. Nothing is sent on.

`python -m config.devmail` listens where EMAIL_URL points (loopback only) and writes to DEMO_MAIL_DIR, from where the
demo's mail page reads. File names sort by time of arrival.
"""

import asyncio
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class MailDirectory:
    """The handler that writes each mail to a directory, whole or not at all: a reader never sees half a mail."""

    def __init__(self, directory: Path) -> None:
        """Keep mail in `directory`, made when missing and readable by its owner only."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail, with the envelope's addresses as headers before its own."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        recipients = ", ".join(envelope.rcpt_tos)
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n".encode()
        name = f"{time.time_ns()}-{secrets.token_hex(4)}"
        part = self.directory / f".{name}.part"
        part.touch(mode=0o600)
        part.write_bytes(head + content)
        part.rename(self.directory / f"{name}.eml")
        return "250 2.0.0 Kept"


async def serve(directory: Path, host: str, port: int) -> None:
    """Take mail until SIGTERM or SIGINT."""
    handler = MailDirectory(directory)
    loop = asyncio.get_running_loop()
    # A host name of our own choice: the default asks the resolver, which can take seconds on a closed network.
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True), host, port)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with server:
        await ended.wait()


def main() -> None:
    """Run from EMAIL_URL and DEMO_MAIL_DIR; refuse an address that others can reach."""
    url = urlsplit(os.environ.get("EMAIL_URL", "smtp://127.0.0.1:1025"))
    host, port = url.hostname or "", url.port or 1025
    if host not in LOOPBACK:
        sys.exit(f"The demo's mail server listens on the loopback address only, not on {host!r}")
    asyncio.run(serve(Path(os.environ.get("DEMO_MAIL_DIR", "var/mail")), host, port))


if __name__ == "__main__":
    main()
