"""Referrals that belong together: who may be the same person and why, the two side by side, linking and merging.

Side by side are coded facts. What is sealed stays sealed: each case is opened on its own page, and that is recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from partners.models import User
from referrals.admin import columns
from referrals.admin.sections import indicators, moment
from referrals.codes import SETTINGS, label_of
from referrals.matching import Linked, Suggestion, links_of, suggestions
from referrals.models import Referral

SHOWN_SUGGESTIONS = 5  # the others are folded away


@dataclass(frozen=True)
class Pair:
    """A referral and another one that `reader` may see as well. The workflow locks by the version of the first."""

    referral: Referral
    other: Referral
    reader: User

    @property
    def pk(self) -> UUID:
        """The id of the other one: the first is known by the page."""
        return self.other.pk

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Why they may be about one person; empty when nothing says so, or they are linked already."""
        found = (one for one in suggestions(self.referral, self.reader) if one.referral.pk == self.other.pk)
        return next((one.reasons for one in found), ())

    @cached_property
    def kinds(self) -> list[str]:
        """How they are linked already, in words."""
        return [
            one.link.get_kind_display()
            for one in links_of(self.referral, self.reader)
            if one.referral.pk == self.other.pk
        ]


def in_short(referral: Referral) -> dict[str, Any]:
    """Return a referral as one row of coded facts."""
    return {
        "id": referral.pk,
        "reference": referral.reference,
        "about": columns.kinds_of_exploitation(referral),
        "facts": columns.coded_facts(referral),
        "organisation": referral.organisation.short_name or referral.organisation.name,
        "came_in": moment(referral.submitted_at),
        "status": columns.status_tag(referral),
    }


def suggested(found: Iterable[Suggestion]) -> list[dict[str, Any]]:
    """Return suggestions as rows of coded facts with `reasons`."""
    return [{**in_short(one.referral), "reasons": one.reasons} for one in found]


def section(found: list[Suggestion], links: list[Linked], reader: User) -> dict[str, Any]:
    """Return what the case page says of other referrals: `first` and `more` that may be the same, and `links`."""
    rows = suggested(found)
    linked = [
        {
            **in_short(one.referral),
            "link": one.link.pk,
            "kind": one.link.get_kind_display(),
            "who": columns.person(one.link.by, reader),
            "at": one.link.at,
        }
        for one in links
    ]
    return {"first": rows[:SHOWN_SUGGESTIONS], "more": rows[SHOWN_SUGGESTIONS:], "links": linked}


def side_by_side(pair: Pair) -> list[dict[str, Any]]:
    """Return the coded facts of two referrals as rows `{"key", "here", "there", "same"}`."""
    here, there = _compared(pair.referral, pair.reader), _compared(pair.other, pair.reader)
    return [
        {"key": key, "here": value, "there": there[key], "same": value == there[key]} for key, value in here.items()
    ]


def _compared(referral: Referral, reader: User) -> dict[str, str | list[str]]:
    signs = [label for theme in indicators(referral) for label in theme["labels"]]
    return {
        "Status": referral.get_status_display(),
        "Came in": moment(referral.submitted_at),
        "Referred by": referral.organisation.name,
        "Age": columns.AGE_WORDS[referral.age_group],
        "Exploitation": columns.kinds_of_exploitation(referral),
        "Setting": label_of(referral.setting, SETTINGS),
        "District": referral.district.name if referral.district else "Not known",
        "What was seen": signs or "No sign on the list was ticked",
        "Owner": columns.person(referral.owner, reader),
    }
