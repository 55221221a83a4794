"""Pages about where they were met, what was seen and said, and what is being done to them."""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from partners.models import Area, Limit, LimitKey
from referrals.codes import (
    CHILD_THEME,
    EXPLOITATION,
    NOT_KNOWN,
    SETTINGS,
    THEMES,
    YES_NO_NOT_KNOWN,
    Theme,
)
from referrals.forms.base import Answers, StepForm
from referrals.forms.fields import STORY, any_of, count, day, line, one_of, text
from referrals.forms.people import is_minor

MOST_PEOPLE = 200
OUTSIDE = "outside"
NONE = "none"


def district_names(on: datetime.date | None = None) -> dict[str, str]:
    """Return the names of the districts by code: those in force on the local date `on`, or all there ever were."""
    rows = Area.objects.filter(kind=Area.Kind.DISTRICT)
    return dict((rows.in_force(on) if on else rows).values_list("code", "name"))


class FoundForm(StepForm):
    """Where and when somebody met them."""

    heading = "Where did you meet them?"
    district = one_of("Which district or borough?", [])
    found_address = text(
        "Address, or words that help to find the place",
        longest=500,
        rows=3,
        help_text="If you know it. Only people who need the place to help will see it.",
    )
    found_on = day("When did you meet them?", help_text="For example, 27 3 2026.")
    people_met = count(
        "How many people did you meet there who may be victims?",
        least=1,
        most=MOST_PEOPLE,
        subject="Number of people",
        initial="1",
    )
    place = frozenset({"district", "found_address"})
    options = {"found_on": {"size": "s"}, "people_met": {"width": "3"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = district_names(timezone.localdate())
        self.fields["district"].choices = [*names.items(), *ELSEWHERE]
        self.fields["people_met"].help_text = SimpleLazyObject(
            people_hint
        )  # read when it is shown, not when it is sent


def people_hint() -> str:
    """Return what to know about people who were met together. The number for a reception centre is data."""
    words = "Count this person too. Each of them needs a referral of their own, because each decides for themselves."
    enough = Limit.objects.in_force(timezone.localdate()).filter(key=LimitKey.RECEPTION_CENTRE).first()
    if enough is None:
        return words
    return (
        f"{words} From {enough.amount} people on, the county’s duty officer is told and can open a reception centre. "
        "If you meet that many, ring the coordinators now."
    )


ELSEWHERE = [(OUTSIDE, "Outside the county"), (NOT_KNOWN, "Not known")]


class SettingForm(StepForm):
    """What kind of place it was."""

    setting = one_of("What kind of place was it?", SETTINGS)


class SignsForm(StepForm):
    """Which groups of signs to go through: one page for each that is chosen."""

    themes = any_of(
        "Which kinds of signs did you notice?",
        [],
        help_text="Choose all that fit. We then show you a short list for each. No one sign proves anything, and you "
        "do not have to be sure.",
    )
    exclusive = {"themes": NONE}
    options = {"themes": {"hints": {theme.slug: theme.hint for theme in THEMES}}}
    paper_hints = {
        "themes": "A short list for each follows. No one sign proves anything, and you do not have to be sure."
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["themes"].choices = theme_choices(self.answers)


def theme_choices(answers: Answers) -> list[tuple[str, str]]:
    """Return the groups of signs to offer: the child's group only for somebody who is, or may be, a child."""
    offered = [(theme.slug, theme.title) for theme in THEMES if theme.slug != CHILD_THEME or is_minor(answers)]
    return [*offered, (NONE, "None of these, or I am not sure")]


def chosen_themes(answers: Answers) -> set[str]:
    """Return the groups of signs that were chosen and are offered on this path."""
    chosen = answers.get("signs", {}).get("themes", [])
    return {code for code, _ in theme_choices(answers) if code in chosen} - {NONE}


class ThemeForm(StepForm):
    """The signs of one group. `theme_form` makes one for each."""

    theme: Theme


def theme_form(theme: Theme) -> type[ThemeForm]:
    """Return the page that asks for the signs of `theme`."""
    signs = any_of(theme.title, list(theme.indicators), help_text="Choose all that you saw or were told.")
    name = f"{theme.slug.title()}Form"
    return type(name, (ThemeForm,), {"theme": theme, "indicators": signs, "__doc__": theme.hint})


class AccountForm(StepForm):
    """What was seen and what was said, kept word for word."""

    heading = "What did you see and hear?"
    paper_intro = ("Plain words and short notes are fine. Do not ask them to tell their story again for this form.",)
    intro = (
        *paper_intro,
        "What you write here is sealed. Only the people who act on this referral can open it.",
    )
    what_was_seen = text(
        "What you saw",
        longest=STORY,
        rows=8,
        help_text="What made you worried? Say where, when and who was there.",
    )
    what_was_said = text(
        "What the person said",
        longest=STORY,
        rows=8,
        help_text="Use their own words if you can. Write only what they have already told you.",
    )


class ExploitationForm(StepForm):
    """The ten boxes of the Home Office form (facts, 2.8)."""

    kinds = any_of(
        "What may be happening to them?",
        [*EXPLOITATION, (NOT_KNOWN, "Not known yet")],
        help_text="Choose all that fit. You do not have to be sure.",
    )
    exploitation_other = line("What is it?", longest=300)
    reveals = {"exploitation_other": ("kinds", "other")}
    exclusive = {"kinds": NOT_KNOWN}


class RiskForm(StepForm):
    """Is it still going on?"""

    heading = "Is it still going on?"
    still_in_it = one_of("Are they still in this situation?", YES_NO_NOT_KNOWN)
    still_at_risk = one_of(
        "Are they still at risk of harm?",
        YES_NO_NOT_KNOWN,
        help_text="For example, from the people who exploited them, from others, or because they may go back.",
    )
    risk_details = text(
        "What worries you most?",
        longest=2_000,
        help_text="Say too if a visit or a phone call could be unsafe, for them or for staff.",
    )
    options = {"still_in_it": {"size": "s"}, "still_at_risk": {"size": "s"}}
