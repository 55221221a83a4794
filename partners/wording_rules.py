"""What staff may write into a message: a fixed list of ((placeholders)), and the link exactly once. Pure.

There is no placeholder for a person, and none is ever made: a message says a reference and nothing of a case (design,
principle 2).
"""

import re
from collections import Counter

from django.core.exceptions import ValidationError

#: What may stand in double brackets, and what it becomes.
PLACEHOLDERS = {
    "reference": "the reference of the referral",
    "link": "the address to sign in at and go on",
    "partnership": "the partnership's name",
    "service": "the name of this service",
    "phone": "the partnership's phone number",
    "opening": "when an organisation that is closed opens again",
}
#: In a subject only what every mailbox may show on a locked screen and what is never empty.
IN_SUBJECT = ("reference", "partnership", "service")
#: Those that can be empty: a line with one of them is then left out, and the link must not go with it.
MAY_BE_EMPTY = ("phone", "opening")
PLACEHOLDER = re.compile(r"\(\((.*?)\)\)")


def check_subject(text: str) -> None:
    """Raise ValidationError when the subject `text` holds a placeholder that is not for subjects."""
    _only(text, IN_SUBJECT, "In a subject use")


def check_body(text: str) -> None:
    """Raise ValidationError when `text` holds an unknown placeholder, or not the link exactly once and for sure."""
    _only(text, tuple(PLACEHOLDERS), "Use")
    links = Counter(PLACEHOLDER.findall(text))["link"]
    if links == 0:
        raise ValidationError("Put ((link)) where the address to go on is to stand: without it nobody gets further.")
    if links > 1:
        raise ValidationError("Use ((link)) once: it is the same address each time.")
    line = next(line for line in text.splitlines() if "((link))" in line)
    beside = [name for name in PLACEHOLDER.findall(line) if name in MAY_BE_EMPTY]
    if beside:
        raise ValidationError(
            f"Give ((link)) a line of its own: a line is left out when (({beside[0]})) in it has nothing to say."
        )


def _only(text: str, names: tuple[str, ...], use: str) -> None:
    allowed = ", ".join(f"(({name}))" for name in names)
    for found in PLACEHOLDER.findall(text):
        if found not in names:
            person = " Nobody's name ever stands in a message." if "name" in found.casefold() else ""
            known = "cannot stand here" if found in PLACEHOLDERS else "is not known"
            raise ValidationError(f"(({found})) {known}. {use} only {allowed}.{person}")
    if "((" in PLACEHOLDER.sub("", text):
        raise ValidationError(f"There is (( without )) after it in the same line. {use} {allowed}.")
