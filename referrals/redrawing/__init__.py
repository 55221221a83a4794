"""Redrawing a file that somebody sends: what is kept and given out is a new picture of it, never what came in.

A photo is decoded and written again without its metadata; each page of a PDF becomes an image. What was hidden in the
file (where a photo was taken, scripts, other files, a second format) is not in what is drawn. The decoding is done by
`studio.py` in a process of its own without the keys, the settings or an open file, with limits on memory and time
(docs/adr/0022-attachments-are-redrawn.md).
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MOST_SENT = 5_000_000  # bytes of the file that comes in
SECONDS = 10  # less than PostgreSQL allows a transaction to stand idle (config/settings.py)
STUDIO = Path(__file__).with_name("studio.py")

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
BEGINNINGS = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n", PDF: b"%PDF-"}
SUFFIXES = {JPEG: "jpg", PNG: "png", PDF: "pdf"}

#: Why a file cannot be redrawn, in words for whoever sent it: what is wrong, then what to do.
REFUSALS = {
    "empty": "The file is empty. Choose it again",
    "large": f"The file is larger than {MOST_SENT // 1_000_000} MB. Choose a smaller one, or send a PDF in parts",
    "heic": "This photo is in Apple’s HEIC format. Save it as JPEG and choose that file",
    "kind": "This is not a photo or a document that can be kept. Save a photo as JPEG or PNG, a document as PDF",
    "damaged": "The file is damaged or was cut short, and cannot be opened. Save or photograph it again",
    "locked": "This PDF is locked with a password. Save a copy without one",
    "pixels": "The picture is too large: it has more than 50 million dots. Save it in a smaller size",
    "pages": "The PDF has more than 20 pages. Send it in parts",
    "dense": "The file would be larger than 5 MB once it is redrawn. Send it in parts, or in a smaller size",
    "costly": "This file takes too much time or memory to redraw. Save it as a JPEG or as a simpler PDF",
}


class CannotRedraw(Exception):
    """Raised when no safe copy of a file can be made. `reason` is a key of REFUSALS, `text` its words."""

    def __init__(self, reason: str):
        self.reason, self.text = reason, REFUSALS[reason]
        super().__init__(reason)


@dataclass(frozen=True)
class Redrawn:
    """A safe copy: its bytes, what they are (one of SUFFIXES), and how many pages they have (1 for a picture)."""

    content: bytes
    content_type: str
    pages: int


def redraw(content: bytes) -> Redrawn:
    """Return a safe copy of a JPEG, a PNG or a PDF; its content says which it is, its name is not asked.

    Takes at most SECONDS. Raises CannotRedraw; nothing is written to the disk.
    """
    if not content:
        raise CannotRedraw("empty")
    if len(content) > MOST_SENT:
        raise CannotRedraw("large")
    # -I: neither the environment nor the place it is started from has a say in what Python loads; the keys are in none.
    command = [sys.executable, "-I", "-B", str(STUDIO)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, env={}, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise CannotRedraw("costly") from None
    if done.returncode:  # it was killed by one of its limits, or a library gave up
        raise CannotRedraw("costly" if done.returncode < 0 else "damaged")
    return _read(done.stdout)


def _read(answer: bytes) -> Redrawn:
    """Read what the studio says: a line of JSON, then the bytes. It is believed no further than it can be checked."""
    head, _, content = answer.partition(b"\n")
    try:
        said = json.loads(head)
        refused, made, pages = said.get("refused"), said.get("type"), int(said.get("pages", 0))
    except (ValueError, AttributeError, TypeError):
        raise CannotRedraw("damaged") from None
    if refused in REFUSALS:
        raise CannotRedraw(refused)
    if made not in SUFFIXES or not content.startswith(BEGINNINGS[made]) or pages < 1:
        raise CannotRedraw("damaged")
    return Redrawn(content, made, pages)
