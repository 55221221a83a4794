"""Campaigns and training beside the referrals of their months: what protected counts allow to be said, and no more."""

import datetime
from dataclasses import dataclass

from awareness.effect import compare
from charts.bars import columns
from charts.marks import Bar, Chart
from charts.tables import Grid, GridRow
from referrals.dashboard.words import CORNERS, number
from referrals.periods import Period
from referrals.published import Count

#: Beside the number of a month in which a campaign ran, so that colour is not the only sign.
MARK = "*"
TITLE = "Referrals in months with a campaign, and around them"
NONE_RAN = "No campaign ran in these months"
NEWEST = "This is the newest figure that was published. What was done since is not counted here."
MARKED = f"“{MARK}” marks the months in which a campaign ran, the whole month."


@dataclass(frozen=True)
class CampaignDays:
    """A campaign with its first and its last local day."""

    title: str
    starts: datetime.date
    ends: datetime.date

    def touches(self, month: Period) -> bool:
        """Whether it ran on a day of `month`."""
        return self.starts <= month.ends and self.ends >= month.starts


@dataclass(frozen=True)
class Trained:
    """How many people had been trained by a local day, in words."""

    by: datetime.date
    words: str


@dataclass(frozen=True)
class Months:
    """Totals of months one after the other, the oldest first. `rounded_to` is 0, or what any of them was rounded to."""

    counts: tuple[tuple[Period, Count], ...] = ()
    rounded_to: int = 0


@dataclass(frozen=True)
class Told:
    """What is said of one campaign, a sentence each."""

    heading: str
    sentences: tuple[str, ...]


def within(months: Months, campaigns: tuple[CampaignDays, ...]) -> list[CampaignDays]:
    """Return the campaigns that ran in one of `months`, the oldest first."""
    there = [one for one in campaigns if any(one.touches(month) for month, _ in months.counts)]
    return sorted(there, key=lambda one: (one.starts, one.title))


def chart_of_campaigns(months: Months, campaigns: list[CampaignDays]) -> Chart:
    """Return the months as a chart, those with a campaign in another colour and with a mark."""
    return columns("campaigns", TITLE, [_bar(month, count, campaigns) for month, count in months.counts])


def grid_of_campaigns(months: Months, campaigns: list[CampaignDays], trained: tuple[Trained, ...]) -> Grid:
    """Return the months as a table, with the campaigns that ran in each and who had been trained by then."""
    rows = tuple(
        GridRow(month.label, (_names(month, campaigns, trained), number(count))) for month, count in months.counts
    )
    headings = ("Campaign or training", "Partnership")
    return Grid("Referrals by month, campaigns and training", CORNERS["month"], headings, rows, words=1)


def told_of(months: Months, campaigns: list[CampaignDays]) -> tuple[Told, ...]:
    """Return what the counts allow to be said of each campaign. Nothing is worked out from a hidden count."""
    rows = [(month.starts, month.ends, count) for month, count in months.counts]
    rounded_to = months.rounded_to or 1
    return tuple(
        Told(one.title, compare(one.starts, one.ends, rows, unit="referrals", rounded_to=rounded_to).words)
        for one in campaigns
    )


def told_of_training(trained: tuple[Trained, ...]) -> tuple[Told, ...]:
    """Return the newest published count of people trained; nothing where there is none."""
    return (Told("Training", (f"{trained[-1].words}.", NEWEST)),) if trained else ()


def short(month: Period) -> str:
    """Return "Apr 2026"."""
    return f"{month.starts:%b %Y}"


def _bar(month: Period, count: Count, campaigns: list[CampaignDays]) -> Bar:
    ran = any(one.touches(month) for one in campaigns)
    text = f"{number(count)} {MARK}" if ran and count is not None else ""
    return Bar(f"{short(month)} {MARK}" if ran and count is None else short(month), count, text, 3 if ran else 0)


def _names(month: Period, campaigns: list[CampaignDays], trained: tuple[Trained, ...]) -> str:
    names = [one.title for one in campaigns if one.touches(month)]
    names += [one.words for one in trained if month.starts <= one.by <= month.ends]
    return ", ".join(names) or "–"
