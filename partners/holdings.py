"""What somebody still has in hand. Other apps say it; which of them is in the setting HOLDINGS, so that this app
imports none."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from partners.models import User


@dataclass(frozen=True)
class Holding:
    """What a person has in hand ("Unfinished drafts"), how many, and what becomes of them when the person leaves."""

    what: str
    count: int
    afterwards: str


def holdings_of(user: User) -> list[Holding]:
    """Return what `user` has in hand; kinds of which there are none are left out."""
    found = [holding for path in settings.HOLDINGS for holding in import_string(path)(user)]
    return [holding for holding in found if holding.count]
