"""Opening hours as people write them: `always`, nothing when they are not known, or `Mon-Fri 08:00-20:00; Sat ...`.

Pure. Times are local (Europe/London); a stretch ends on the day it starts.
"""

import datetime
import re

from partners.hours import Stretch

ALWAYS = "always"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PIECE = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")


def parse_hours(text: str) -> frozenset[Stretch]:
    """Return the stretches in `text`; none for `always` or for nothing. Raises ValueError, with a reason for people."""
    text = text.strip()
    if text.lower() in {"", ALWAYS}:
        return frozenset()
    stretches: list[Stretch] = []
    for piece in filter(None, (part.strip() for part in text.split(";"))):
        stretches += _stretches(piece)
    for one in stretches:
        if (
            sum(
                one.weekday == other.weekday and one.opens < other.closes and other.opens < one.closes
                for other in stretches
            )
            > 1
        ):
            raise ValueError(f"two of the times on {DAYS[one.weekday].title()} overlap")
    return frozenset(stretches)


def _stretches(piece: str) -> list[Stretch]:
    found = _PIECE.fullmatch(re.sub(r"\s*[-–]\s*", "-", piece.lower()))
    if not found or found["first"] not in DAYS or (found["last"] or found["first"]) not in DAYS:
        raise ValueError(f"“{piece}” is not like “Mon-Fri 08:00-20:00”")
    first, last = DAYS.index(found["first"]), DAYS.index(found["last"] or found["first"])
    if last < first:
        raise ValueError(f"“{piece}” runs backwards: start the week on Monday")
    try:
        opens, closes = (datetime.time.fromisoformat(found[name]) for name in ("opens", "closes"))
    except ValueError:
        raise ValueError(f"“{piece}” holds a time that does not exist; a day ends at 23:59") from None
    if closes <= opens:
        raise ValueError(f"“{piece}” closes before it opens")
    return [Stretch(day, opens, closes) for day in range(first, last + 1)]
