"""What staff type for others to read is plain text. Pure: no model, no request.

What cannot be seen is refused: a line break forges a header of a mail, a mark that turns the direction of writing makes
an address read backwards (Unicode TR 36, "bidirectional text spoofing").
"""

import re
import unicodedata

from django.core.exceptions import ValidationError

UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
#: Invisible, but part of how words (ZWNJ) and pictures (ZWJ) are written.
NEEDED = {"\u200c", "\u200d"}


def check_one_line(text: str) -> None:
    """Raise ValidationError when `text` is more than one line or holds a character that cannot be seen."""
    if "\n" in text or "\r" in text:
        raise ValidationError("Write this in one line, without a line break.", code="one_line")
    check_lines(text)


def check_lines(text: str) -> None:
    """Raise ValidationError when `text` holds a character that cannot be seen; line breaks may be in it."""
    for character in text:
        if character not in "\r\n" and character not in NEEDED and unicodedata.category(character) in UNSEEN:
            raise ValidationError(
                f"There is a character in it that cannot be seen (U+{ord(character):04X}). Type the text again instead "
                "of pasting it.",
                code="unseen",
            )


def paragraphs(text: str) -> list[str]:
    """Return the parts of `text` between empty lines. They are text, to be escaped like any other."""
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]
