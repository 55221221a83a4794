"""The words of a message: the partnership's own if it wrote some, else the standard ones in `templates/emails/`.

Both are plain text with ((placeholders)). The template engine never sees them: what staff write is data, not code.
"""

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings
from django.utils import timezone

from partners.audiences import RECEIVERS
from partners.hours import when
from partners.lines import next_open
from partners.models import Channel, Message, Partnership, Wording
from partners.wording_rules import PLACEHOLDER

log = structlog.get_logger(__name__)

DIRECTORY = Path(settings.BASE_DIR) / "templates" / "emails"
#: What a preview says where a message would say something of a referral.
SAMPLE = {"reference": "K7P-4TX-9WM", "opening": "The organisation is closed now. It opens Monday at 08:00."}


@dataclass(frozen=True)
class Words:
    """A subject (empty for a text message) and a body, ready to be sent."""

    subject: str
    body: str


def link_to(message: Message) -> str:
    """Return the address that a message carries: `message_link` in `referrals/urls.py`."""
    return f"{settings.SITE_URL}/m/{message.id}/"


def words_for(message: Message, now: datetime.datetime | None = None) -> Words:
    """Return what `message` says when it is sent at the aware datetime `now` (the present).

    Raises OSError when its kind has no standard words, KeyError for a placeholder that does not exist in them.
    """
    values = _values(message, Partnership.current()) | {"opening": opening_in_message(message, now or timezone.now())}
    own = Wording.objects.filter(kind=message.kind, channel=message.channel).first()
    if own is not None:
        try:
            return _in_own_words(message, own, values)
        except KeyError:
            # Refused when it is saved in the admin; should it come another way, the standard words still go out.
            log.exception("wording_unusable", kind=message.kind, channel=message.channel)
    standard = standard_words(message.kind, message.channel)
    return _filled(message, standard.subject, standard.body, values)


def sample_of(wording: Wording, partnership: Partnership | None = None) -> Words:
    """Return a message with the words of `wording`, saved or not, as it would leave now, with an invented reference.

    `partnership` saves a query when there are many to show.
    """
    message = Message(kind=wording.kind, channel=wording.channel)
    return _in_own_words(message, wording, _values(message, partnership or Partnership.current()) | SAMPLE)


def _values(message: Message, partnership: Partnership) -> dict[str, str]:
    return {
        "reference": message.reference,
        "link": link_to(message),
        "partnership": partnership.name,
        "service": partnership.service_name,
        "phone": partnership.phone,
    }


def _in_own_words(message: Message, own: Wording, values: dict[str, str]) -> Words:
    subject = own.subject or standard_words(own.kind, own.channel).subject
    return _filled(message, subject, own.body, values)


def opening_in_message(message: Message, now: datetime.datetime) -> str:
    """Return when the organisation that is asked for help answers again; nothing when it is open or nobody knows.

    It must not read as if anybody stood by meanwhile (facts, 5.3).
    """
    asked = message.audience in RECEIVERS
    organisation = message.about
    if asked and message.about is None:
        organisation = message.organisation or (message.user and message.user.organisation)
    opens = next_open(organisation, now) if organisation else None
    if opens is None:
        return ""
    return f"{'Your line' if asked else 'The organisation'} is closed now. It opens {when(opens, now)}."


def _filled(message: Message, subject: str, body: str, values: dict[str, str]) -> Words:
    text = fill(body, values)
    if values["link"] not in text:  # left out, or in a line that had nothing to say: nobody would get any further
        text = f"{text}\n\n{values['link']}".strip()
    if message.channel == Channel.SMS:
        return Words("", text)
    heading = " ".join(fill(subject, values).split()) or values["partnership"]
    return Words(heading, f"{text}\n\n{fill(_text('footer.txt'), values)}\n")


def fill(text: str, values: dict[str, str]) -> str:
    """Put `values` in the place of their ((placeholders)), as text. A line whose placeholder has no value is left out.

    Raises KeyError for a placeholder that `values` does not know.
    """
    kept = [line for line in text.splitlines() if all(values[name] for name in PLACEHOLDER.findall(line))]
    filled = [PLACEHOLDER.sub(lambda found: values[found[1]], line).rstrip() for line in kept]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(filled)).strip()


def standard_words(kind: str, channel: str) -> Words:
    """Return the standard words with their ((placeholders)). Raises OSError for a kind that has none."""
    if channel == Channel.SMS:
        return Words("", _text(f"{kind}.sms.txt" if has_own_text_message(kind) else "sms.txt"))
    return Words(_text(f"{kind}.subject.txt"), _text(f"{kind}.body.txt"))


def has_own_text_message(kind: str) -> bool:
    """Return whether the standard words have a text message for just this `kind`."""
    return (DIRECTORY / f"{kind}.sms.txt").exists()


@lru_cache(maxsize=64)
def _text(name: str) -> str:
    return (DIRECTORY / name).read_text(encoding="utf-8").strip()
