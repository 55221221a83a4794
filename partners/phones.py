"""Phone numbers as staff type them for others to ring. Pure."""

import re

from django.core.exceptions import ValidationError

_WRITTEN = re.compile(r"\+?[\d\s()-]+")
SHORT = range(3, 7)  # 999, 101, 116 123
LONG = range(8, 16)  # 0800 1111; E.164 ends at 15


def check_phone(text: str) -> None:
    """Raise ValidationError when `text` is no number that a phone could ring.

    Short numbers such as 999 may be given; longer ones start with 0 or +.
    """
    digits = re.sub(r"\D", "", text)
    local = (len(digits) in SHORT and digits[:1] == "1") or digits == "999"
    full = len(digits) in LONG and text.lstrip(" (")[:1] in {"0", "+"}
    if not _WRITTEN.fullmatch(text) or not (local or full):
        raise ValidationError("Enter a phone number, such as 01632 960 001, +44 1632 960 001 or 101.", code="phone")
