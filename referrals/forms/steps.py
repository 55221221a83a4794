"""The way through the intake, as data: the parts, the steps in their order, and when each is asked.

The path is worked out again from the answers at each page and at the end, so that changing an early answer opens and
closes later pages by itself (design, principle 9).
"""

from collections.abc import Callable
from dataclasses import dataclass

from referrals.codes import THEMES
from referrals.forms.base import Answers, StepForm
from referrals.forms.consent import NOT_ASKED, ChildsWishesForm, ConsentDetailsForm, ConsentForm, states_given
from referrals.forms.contact import CommunicationForm, ContactForm, DependantsForm, ReferrerForm, WhereNowForm
from referrals.forms.happened import (
    AccountForm,
    ExploitationForm,
    FoundForm,
    RiskForm,
    SettingForm,
    SignsForm,
    chosen_themes,
    theme_form,
)
from referrals.forms.people import (
    AgeForm,
    ChildrenServicesForm,
    DangerForm,
    ExploitedAsChildForm,
    PersonForm,
    Ring999Form,
    in_danger,
    is_adult,
    is_minor,
)
from referrals.forms.sharing import DoNotShareForm

PARTS = (
    "Safety first",
    "The person",
    "What you saw",
    "What is happening",
    "What they agree to",
    "Safe contact",
    "You",
)


def always(answers: Answers) -> bool:
    """Ask on every path."""
    return True


@dataclass(frozen=True)
class Step:
    """One page: `key` names its answers, `part` counts from 1, `asked` says whether the path goes through it.

    `only` says the same in words, after "Only if", for a sheet of paper, which cannot ask `asked`.
    """

    key: str
    part: int
    title: str
    form: type[StepForm]
    asked: Callable[[Answers], bool] = always
    only: str = ""

    @property
    def slug(self) -> str:
        """The key as it stands in the address."""
        return self.key.replace("_", "-")

    @property
    def caption(self) -> str:
        """Where the page lies on the way."""
        return f"Part {self.part} of {len(PARTS)}: {PARTS[self.part - 1]}"


def _consent_was_asked(answers: Answers) -> bool:
    if not (is_adult(answers) or is_minor(answers)):
        return False
    return any(state != NOT_ASKED for state in states_given(answers, minor=is_minor(answers)).values())


def _theme_step(theme) -> Step:
    def asked(answers: Answers) -> bool:
        return theme.slug in chosen_themes(answers)

    return Step(f"signs_{theme.slug}", 3, theme.title, theme_form(theme), asked, f"you ticked “{theme.title}”")


DANGER = "someone is in immediate danger now"
GROWN = "they are 18 or over"
YOUNG = "they are under 18, or you are not sure"
ANSWERED = "you told them about any of this, and they answered"


STEPS: tuple[Step, ...] = (
    Step("danger", 1, "Immediate danger", DangerForm),
    Step("ring_999", 1, "Ring 999 now", Ring999Form, in_danger, DANGER),
    Step("age", 2, "Age", AgeForm),
    Step("person", 2, "Who they are", PersonForm),
    Step("children_services", 2, "Children’s services", ChildrenServicesForm, is_minor, YOUNG),
    Step("exploited_as_child", 2, "Exploited as a child", ExploitedAsChildForm, is_adult, GROWN),
    Step("found", 3, "Where you met them", FoundForm),
    Step("setting", 3, "The kind of place", SettingForm),
    Step("signs", 3, "Signs you noticed", SignsForm),
    *(_theme_step(theme) for theme in THEMES),
    Step("account", 3, "What you saw and heard", AccountForm),
    Step("exploitation", 4, "What may be happening", ExploitationForm),
    Step("risk", 4, "Is it still going on", RiskForm),
    Step("consent", 5, "What they agreed to", ConsentForm, is_adult, GROWN),
    Step("childs_wishes", 5, "What the child wants", ChildsWishesForm, is_minor, YOUNG),
    Step("consent_details", 5, "How it was explained", ConsentDetailsForm, _consent_was_asked, ANSWERED),
    Step("contact", 6, "Safe contact", ContactForm),
    Step("where_now", 6, "Where they are now", WhereNowForm),
    Step("communication", 6, "Language and communication", CommunicationForm),
    Step("dependants", 6, "Children and dependants", DependantsForm),
    Step("do_not_share", 6, "Who must not hear of this", DoNotShareForm),
    Step("referrer", 7, "You and your stand-in", ReferrerForm),
)
BY_SLUG = {step.slug: step for step in STEPS}
BY_KEY = {step.key: step for step in STEPS}


def path(answers: Answers) -> list[Step]:
    """Return the steps that `answers` lead through, in their order."""
    return [step for step in STEPS if step.asked(answers)]


def step_before(step: Step, answers: Answers) -> Step | None:
    """Return the step that comes before `step` on the path, or None before the first."""
    earlier = [other for other in path(answers) if STEPS.index(other) < STEPS.index(step)]
    return earlier[-1] if earlier else None


def step_after(step: Step, answers: Answers, skip: frozenset[str] = frozenset()) -> Step | None:
    """Return the step that comes after `step` on the path, those with a key in `skip` left out; None after the last."""
    later = [other for other in path(answers) if STEPS.index(other) > STEPS.index(step) and other.key not in skip]
    return later[0] if later else None
