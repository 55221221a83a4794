"""Whom to ring about somebody who may be exploited. 999 stands above them by itself."""

from django.utils import timezone

from partners.lines import LineCard, line_cards
from partners.models import SupportLine

Purpose = SupportLine.Purpose
ORDER = (
    Purpose.HELPLINE,
    Purpose.VICTIM_CARE,
    Purpose.POLICE,
    Purpose.CHILDREN,
    Purpose.ADULTS,
    Purpose.SUPPORT_PROVIDER,
)


def help_lines() -> list[LineCard]:
    """Return the public lines in the order in which to try them, each as open as it is now. At most three queries."""
    return line_cards(timezone.now(), ORDER, public_only=True)
