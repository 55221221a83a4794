"""Forms of an operation: what it is, what its people share, one person in a minute, arrivals and departures."""

import datetime
from copy import deepcopy
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from partners.formfields import SplitDateField
from partners.formlayout import FormHelper, Question, Reveal, page_helper
from partners.hours import LONDON
from referrals.codes import NEEDS, YES_NO_NOT_KNOWN, language_in_the_open
from referrals.forms.answers import to_submission
from referrals.forms.base import Answers, StepForm
from referrals.forms.consent import NOT_ASKED, STATES
from referrals.forms.contact import CommunicationForm
from referrals.forms.fields import FORGED, any_of, count, line, one_of, text
from referrals.forms.happened import AccountForm, ExploitationForm, FoundForm, SettingForm
from referrals.forms.people import AgeForm, PersonForm
from referrals.models import Destination, OperationMovement
from referrals.submission import Submission
from referrals.workflow import Plan

MOST_EXPECTED = 999
A_YEAR = datetime.timedelta(days=366)

Kind = OperationMovement.Kind


def words_error(words: list[str]) -> str:
    """What is said when a text that everybody shares holds a name: which words, and what can be done."""
    found = ", ".join(f"“{word}”" for word in words)
    return f"{found}: this may be the name of a person in this operation. One person’s referral must not name another"


class NotNamesField(forms.BooleanField):
    """Asked only after words were found: that they name nobody."""

    def __init__(self, **kwargs: Any) -> None:
        label = "These words are not a person’s name: they are a street, a place or ordinary words"
        super().__init__(label=label, required=False, **kwargs)


class PlanForm(forms.Form):
    """What an operation is."""

    held_on = SplitDateField(
        label="Which day is it?",
        subject="Day of the operation",
        help_text="It may lie ahead. People can be added from that day on.",
        earliest=lambda: timezone.localdate() - A_YEAR,
        latest=lambda: timezone.localdate() + A_YEAR,
    )
    expected = count(
        "How many possible victims do you expect?",
        least=1,
        most=MOST_EXPECTED,
        subject="Expected number",
        help_text="Your best guess. Leave it empty if you cannot say.",
    )
    name = line("Name of the operation", help_text="Sealed: it is not shown in lists, messages or addresses.")
    site = text("Where is it?", longest=500, rows=2, help_text="Sealed too.")
    officer = line("Who leads it?", help_text="A name, and a work phone number if you have one. Sealed too.")

    def plan(self) -> Plan:
        """Return what was said, once the form is valid."""
        said = self.cleaned_data
        expected = int(said["expected"]) if said["expected"] else None
        return Plan(said["held_on"], expected, said["name"], said["site"], said["officer"])

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page."""
        questions = [
            Question("held_on", size="m"),
            Question("expected", size="m", width="3"),
            Question("name", size="m"),
            Question("site", size="m", count=False),
            Question("officer", size="m"),
        ]
        helper = page_helper(*questions, submit="Save the operation")
        helper.form_tag = False
        return helper


class QuickForm(StepForm):
    """A page of questions taken from the intake, with buttons of its own."""

    heading = "-"  # the page has a heading of its own
    secondary: ClassVar[dict[str, str]] = {}

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, answers={}, **kwargs)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page."""
        helper = page_helper(*self.questions(), submit=self.button, secondary=self.secondary)
        helper.form_tag = False
        return helper

    def questions(self) -> list[Question]:
        """The questions; whether words are no names is asked only once some were found."""
        return [question for question in super().questions() if question.field != "not_names" or self.asks_about_words]

    asks_about_words = False


class CircumstancesForm(QuickForm):
    """What all people of an operation share: asked once, in the words of the intake."""

    what_was_seen = deepcopy(AccountForm.base_fields["what_was_seen"])
    setting = deepcopy(SettingForm.base_fields["setting"])
    kinds = deepcopy(ExploitationForm.base_fields["kinds"])
    exploitation_other = deepcopy(ExploitationForm.base_fields["exploitation_other"])
    district = deepcopy(FoundForm.base_fields["district"])
    found_address = deepcopy(FoundForm.base_fields["found_address"])
    found_on = deepcopy(FoundForm.base_fields["found_on"])
    not_names = NotNamesField()
    button = "Save for all people"
    reveals = ExploitationForm.reveals
    exclusive = ExploitationForm.exclusive
    options = {
        "found_on": {"size": "s"},
        "what_was_seen": {"size": "m"},
        "found_address": {"size": "m"},
        **{name: {"small": True} for name in ("setting", "kinds", "district")},
    }

    #: {step of the intake: its fields}: where each answer goes in a referral.
    STEPS: ClassVar[dict[str, tuple[str, ...]]] = {
        "account": ("what_was_seen",),
        "setting": ("setting",),
        "exploitation": ("kinds", "exploitation_other"),
        "found": ("found_on",),
    }
    PLACE: ClassVar[dict[str, tuple[str, ...]]] = {"found": ("district", "found_address")}

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["district"].choices = FoundForm(answers={}).fields["district"].choices
        self.fields["what_was_seen"].help_text = "The place and the situation: what made you worried? Name nobody."
        self.fields["found_on"].help_text = "Leave it empty for the day of the operation."

    def shared(self) -> tuple[Answers, Answers]:
        """Return the valid answers as `(secret, location)`, by the steps of the intake."""
        given = self.given()
        return _by_step(self.STEPS, given), _by_step(self.PLACE, given)

    def show(self, secret: Answers, location: Answers) -> None:
        """Show what is kept."""
        kept = {name: value for blob in (secret, location) for step in blob.values() for name, value in step.items()}
        self.initial = self.as_given(kept)


def _by_step(steps: dict[str, tuple[str, ...]], given: dict[str, Any]) -> Answers:
    found = {step: {name: given[name] for name in names if name in given} for step, names in steps.items()}
    return {step: fields for step, fields in found.items() if fields}


class PersonQuickForm(QuickForm):
    """One person of an operation: what must be known now. The rest follows with their own referral."""

    age_group = deepcopy(AgeForm.base_fields["age_group"])
    immediate_danger = one_of(
        "Are they in immediate danger right now?", YES_NO_NOT_KNOWN, help_text="If they are, ring 999 first."
    )
    given_names = deepcopy(PersonForm.base_fields["given_names"])
    family_name = deepcopy(PersonForm.base_fields["family_name"])
    gender = deepcopy(PersonForm.base_fields["gender"])
    interpreter_needed = deepcopy(CommunicationForm.base_fields["interpreter_needed"])
    language = line("Which language?")
    needs = any_of("What do they need at once?", NEEDS)
    beacon = one_of("Do they agree to local support?", STATES, initial=NOT_ASKED)
    nrm = one_of(
        "Do they agree to the National Referral Mechanism (NRM)?",
        STATES,
        initial=NOT_ASKED,
        help_text="An adult decides. For somebody who is or may be under 18 this answer is not used.",
    )
    arrived = forms.BooleanField(label="They are at the reception centre now", required=False)
    not_names = NotNamesField()

    button = "Save and add the next person"
    secondary = {"done": "Save and see everybody"}
    reveals = {"language": ("interpreter_needed", "yes")}
    options = {
        **{name: {"small": True} for name in ("gender", "interpreter_needed", "needs", "beacon", "nrm")},
        "age_group": {"hints": AgeForm.options["age_group"]["hints"]},
        "immediate_danger": {"small": True},
        "language": {"width": "20"},
    }

    def clean(self) -> dict[str, Any]:
        """A language without an answer about the interpreter says that one is needed: nothing typed is dropped."""
        said = self.cleaned_data
        if said.get("language") and not said.get("interpreter_needed"):
            said["interpreter_needed"] = "yes"
        return super().clean()

    def facts(self) -> dict[str, Any]:
        """Return what the board may show, as codes: no name, and no language that is not on the list."""
        given = self.given()
        return {
            "needs": given.get("needs", []),
            "interpreter": given.get("interpreter_needed", ""),
            "language": language_in_the_open(given.get("language", "")),
        }

    def submission(self, secret: Answers, location: Answers, held_on: datetime.date) -> Submission:
        """Return the person's own referral: what was said of them, and what everybody of the operation shares."""
        given = self.given()
        answers = {step: {**secret.get(step, {}), **location.get(step, {})} for step in {*secret, *location}}
        answers["found"] = {"found_on": held_on.isoformat(), **answers.get("found", {})}
        answers |= _by_step(OWN_STEPS, given)
        answers["danger"] = {"immediate_danger": given.get("immediate_danger", "not_known")}
        answers["childs_wishes"] = {"beacon": given.get("beacon", NOT_ASKED)}
        if needs := [label for code, label in NEEDS if code in given.get("needs", [])]:
            answers.setdefault("communication", {})["other_needs"] = f"Needs at once: {', '.join(needs).lower()}"
        return to_submission(answers)


OWN_STEPS = {
    "age": ("age_group",),
    "person": ("given_names", "family_name", "gender"),
    "communication": ("interpreter_needed", "language"),
    "consent": ("nrm", "beacon"),
}


class MovementForm(forms.Form):
    """An arrival or a departure."""

    kind = forms.ChoiceField(
        label="What happened?",
        choices=[(Kind.ARRIVED.value, "They arrived"), (Kind.LEFT.value, "They left")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether they arrived or left", "invalid_choice": FORGED},
    )
    destination = one_of("To what kind of place?", Destination.choices, help_text="Never an address: it is not sealed.")
    time = forms.TimeField(
        label="At what time?",
        required=False,
        input_formats=["%H:%M", "%H.%M", "%H%M"],
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "text"}),
        help_text="For example, 05:20. Leave it empty for now.",
        error_messages={"invalid": "Time must be hours and minutes, like 05:20"},
    )
    day = SplitDateField(
        label="On which day?", subject="Day", required=False, future=False, help_text="Leave it empty for today."
    )
    corrects = forms.BooleanField(label="This puts the last entry right", required=False)

    def __init__(self, data: Any = None, *, has_entries: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.has_entries = has_entries

    def clean(self) -> dict[str, Any]:
        """Want a time with a day: midnight is nobody's guess."""
        said = super().clean()
        if said.get("day") and not said.get("time") and "time" not in self.errors:
            self.add_error("time", "Enter the time as well as the day")
        return said

    def at(self) -> datetime.datetime | None:
        """Return the moment as an aware datetime in London time, None for now."""
        said = self.cleaned_data
        if not said.get("time"):
            return None
        return datetime.datetime.combine(said.get("day") or timezone.localdate(), said["time"], LONDON)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page."""
        questions: list[Any] = [
            Question("kind", Reveal(Question("destination", size="s"), on=Kind.LEFT), size="m"),
            Question("time", size="s", width="5"),
            Question("day", size="s"),
        ]
        helper = page_helper(*questions, *(["corrects"] if self.has_entries else []), submit="Save to the log")
        helper.form_tag = False
        return helper
