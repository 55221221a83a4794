"""The pages of the intake as a coordinator amends them: the same questions, and what an answer that changes entails.

What is recorded elsewhere is not asked here: consent has its own page, as have the organisations that must not know;
who referred, and when, stays as it was.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from referrals.codes import THEMES
from referrals.forms.answers import as_read, on_the_path
from referrals.forms.base import Answers, StepForm
from referrals.forms.consent import ChildsWishesForm, ConsentForm
from referrals.forms.happened import FoundForm, district_names
from referrals.forms.people import AgeForm, PersonForm, contradicts_age
from referrals.forms.steps import BY_KEY, STEPS, Step, path
from referrals.models import Referral
from referrals.statuses import Priority
from referrals.submission import Revision

NOT_HERE = frozenset({"consent_details", "do_not_share", "referrer"})
BORN = "date_of_birth"
CONTRADICTION = "The date of birth and the age group contradict each other. Change one of the two"

#: What a page is called where it asks something else than in the intake.
TITLES = {"age": "Age and date of birth", "consent": "Whether they can decide for themselves"}


class AgeAndBirthForm(AgeForm):
    """The age group with the date of birth: where one was wrong the other often was, and they must agree."""

    date_of_birth = PersonForm.base_fields[BORN]
    options = AgeForm.options | {"age_group": AgeForm.options["age_group"] | {"size": "s"}, BORN: {"size": "s"}}

    def clean(self) -> dict[str, Any]:
        """Refuse a date of birth that the age group contradicts."""
        cleaned = super().clean()
        born, group = cleaned.get(BORN), cleaned.get("age_group")
        if born and group and contradicts_age({"age": {"age_group": group}}, born, timezone.localdate()):
            self.add_error(BORN, CONTRADICTION)
        return cleaned


class NamesForm(PersonForm):
    """Who they are, without the date of birth: that stands with the age."""

    intro = ()
    date_of_birth = None  # type: ignore[assignment]
    options = {name: option for name, option in PersonForm.options.items() if name != BORN}


class CapacityForm(ConsentForm):
    """Whether there is a doubt that they can decide: what they decided has its own page."""

    intro = ()
    nrm = beacon = msvcc = police = None


class WishesForm(ChildsWishesForm):
    """What the child wants: what they agreed to has its own page."""

    intro = ()
    beacon = police = None


class MetForm(FoundForm):
    """Where they were met. A district that was merged into another since stays the answer until it is amended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored, choices = self.answers.get("found", {}).get("district"), self.fields["district"].choices
        if stored and stored not in dict(choices):
            self.fields["district"].choices = [(stored, district_names().get(stored, stored)), *choices]


FORMS: dict[str, type[StepForm]] = {
    "age": AgeAndBirthForm,
    "person": NamesForm,
    "consent": CapacityForm,
    "childs_wishes": WishesForm,
    "found": MetForm,
}


def title_of(step: Step) -> str:
    """Return what the page of `step` is called here."""
    return TITLES.get(step.key, step.title)


def pages_of(answers: Answers) -> list[Step]:
    """Return the pages that can be amended: those `answers` lead through."""
    return [step for step in path(answers) if step.key not in NOT_HERE]


def form_of(step: Step) -> type[StepForm]:
    """Return the form that asks the questions of `step` here."""
    return FORMS.get(step.key, step.form)


def is_about_the_place(step: Step) -> bool:
    """Return whether some of what the page asks is sealed with the location, and wants a purpose."""
    return bool(step.form.place)


def page_of(step: str, field: str) -> str:
    """Return the key of the page on which a question of the intake is amended."""
    return "age" if (step, field) == ("person", BORN) else step


def answers_of(referral: Referral, secret: Answers, location: Answers) -> Answers:
    """Return the answers of a referral as the form asks them, from what is sealed and what is kept in the open.

    A referral that was carried over, or sent when the form asked otherwise, has some in the open only.
    """
    found: Answers = {step: dict(given) for step, given in secret.items()}
    for step, given in location.items():
        found[step] = found.get(step, {}) | given
    signs = {theme.slug: [c for c, _ in theme.indicators if c in referral.indicators] for theme in THEMES}
    ticked = {slug: codes for slug, codes in signs.items() if codes} if "signs" not in found else {}
    in_the_open: Answers = {
        "danger": {"immediate_danger": "yes"} if referral.priority == Priority.IMMEDIATE else {},
        "age": {"age_group": referral.age_group},
        "found": {"district": referral.district.code} if referral.district else {},
        "setting": {"setting": referral.setting},
        "exploitation": {"kinds": list(referral.exploitation)} if referral.exploitation else {},
        "signs": {"themes": list(ticked)} if ticked else {},
        **{f"signs_{slug}": {"indicators": codes} for slug, codes in ticked.items()},
    }
    return {key: given for key in {**in_the_open, **found} if (given := in_the_open.get(key, {}) | found.get(key, {}))}


def initial_of(form: StepForm, step: Step, answers: Answers) -> dict[str, Any]:
    """Return initial values of every field of the page, none for what was not answered: no default counts as given."""
    given = {name: answers.get(owner, {}).get(name) for name, owner in _owners(form, step).items()}
    return dict.fromkeys(form.fields) | form.as_given({name: value for name, value in given.items() if value})


def with_page(form: StepForm, step: Step, answers: Answers) -> Answers:
    """Return `answers` with what the valid `form` of the page `step` says in the place of what it said before."""
    made, given = {key: dict(old) for key, old in answers.items()}, form.given()
    for name, owner in _owners(form, step).items():
        made.setdefault(owner, {}).pop(name, None)
        if name in given:
            made[owner][name] = given[name]
    return {key: kept for key, kept in made.items() if kept}


def _owners(form: StepForm, step: Step) -> dict[str, str]:
    """The step of the intake that each field of the page belongs to."""
    return {name: "person" if name == BORN else step.key for name in form.fields}


def revise(referral: Referral, secret: Answers, location: Answers, *, form: StepForm, step: Step) -> Revision:
    """Return what the valid `form` of the page `step` makes of a referral with these sealed answers.

    The path is worked out again, as when it is sent: answers of pages that it no longer goes through fall away. What
    the form does not ask, or did not ask on the old path either, stays sealed as it is.
    """
    old = answers_of(referral, secret, location)
    before, after = as_read(on_the_path(old)), as_read(on_the_path(with_page(form, step, old)))
    return Revision(
        before,
        after,
        secret=_with_rest(secret, before.secret, after.secret),
        location=_with_rest(location, before.location, after.location),
    )


def _with_rest(stored: Answers, before: Answers, after: Answers) -> Answers:
    rest = {
        step: {name: value for name, value in given.items() if name not in before.get(step, {})}
        for step, given in stored.items()
    }
    merged = {step: rest.get(step, {}) | after.get(step, {}) for step in {**rest, **after}}
    return {step: given for step, given in merged.items() if given}


def question_words(questions: Iterable[str]) -> list[str]:
    """Return the questions `step.field` in the words of the form and its order; what it no longer asks by its key."""
    return [words for _, words in sorted((_place(one), _label(one)) for one in questions)]


def _place(question: str) -> tuple[int, int]:
    step, _, name = question.partition(".")
    if step not in BY_KEY:
        return len(STEPS), 0
    fields = list(BY_KEY[step].form.base_fields)
    return STEPS.index(BY_KEY[step]), fields.index(name) if name in fields else len(fields)


def _label(question: str) -> str:
    step, _, name = question.partition(".")
    field = BY_KEY[step].form.base_fields.get(name) if step in BY_KEY else None
    return str(field.label) if field else name.replace("_", " ").capitalize()


def in_facts(questions: Iterable[str], seen: Mapping[str, str]) -> list[str]:
    """Return the questions `step.field` among `seen` in its words, each once, in the order of `seen`."""
    asked = set(questions)
    return list(dict.fromkeys(words for question, words in seen.items() if question in asked))
