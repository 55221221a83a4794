"""One page of the Home Office form, asked of the first responder; and the stage that a case has reached there.

The questions are data (`referrals/nrm_form`); here each gets the control it is asked with, and `check_given` says what
is wrong with an answer. Nothing has to be answered at once: the sheet says what is missing.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms

from partners.formlayout import FormHelper, Question, Reveal, page_helper
from referrals.forms.fields import any_of, day, line, one_of, phone, text
from referrals.nrm_form import Answers, Field, Kind, Step, When, check_given
from referrals.nrm_form.fields import LONGEST, Value
from referrals.nrm_stages import NrmStage

KINDS = "kinds"  # the boxes of which one must be ticked are asked as one question
ONLY_HERE = {"autocomplete": "off", "spellcheck": "true"}


def _typed(attrs: dict[str, str]) -> Callable[..., forms.Field]:
    def made(label: str, **options: Any) -> forms.Field:
        return line(label, longest=LONGEST, attrs=attrs, **options)

    return made


#: How each kind of answer is asked for; choices are made in `control`.
CONTROLS: dict[Kind, Callable[..., forms.Field]] = {
    Kind.TEXT: _typed(ONLY_HERE),
    Kind.PLACE: _typed(ONLY_HERE),
    Kind.LISTED: _typed(ONLY_HERE),
    Kind.EMAIL: _typed({"inputmode": "email"}),
    Kind.NUMBER: _typed({"inputmode": "numeric"}),
    Kind.PHONE: phone,
    Kind.DATE: day,
}
WIDTHS = {Kind.PHONE: "20", Kind.NUMBER: "3", Kind.PLACE: "20", Kind.LISTED: "two-thirds"}


def control(asked: Field, hint: str) -> forms.Field:
    """Return the form field for `asked`; `hint` stands under its label."""
    if asked.kind is Kind.LONG:
        return text(asked.label, longest=asked.limit or LONGEST, rows=8, help_text=hint)
    if asked.kind is Kind.CHOICE:
        return one_of(asked.label, list(asked.options), help_text=hint)
    if asked.kind is Kind.CHOICES:
        return any_of(asked.label, list(asked.options), help_text=hint)
    if asked.kind is Kind.TICK:
        return any_of(asked.label, list(asked.options), help_text=hint)
    return CONTROLS[asked.kind](asked.label, help_text=hint)


class AnswersForm(forms.Form):
    """The questions of one page of the Home Office form.

    `asked` are those the first responder may answer, `answers` what stands there now, `notes` what the case says near a
    question, by key.
    """

    def __init__(
        self, data: Any = None, *, step: Step, asked: Sequence[Field], answers: Answers, notes: Mapping[str, str]
    ) -> None:
        super().__init__(data, initial=_initial(step, asked, answers))
        self.step, self.asked = step, asked
        if step.at_least_one:
            boxes = [(f.key, f.label) for f in asked if f.key in step.at_least_one]
            self.fields[KINDS] = any_of("How were they exploited?", boxes, help_text="Tick all that apply.")
        for one in asked:
            if one.key not in step.at_least_one:
                hint = ". ".join(part.rstrip(".") for part in (one.hint, notes.get(one.key, "")) if part)
                self.fields[one.key] = control(one, f"{hint}." if hint else "")

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page. The form tag is the template's."""
        helper = page_helper(
            *self.questions(), submit="Save and continue", secondary={"back": "Save and return to the sheet"}
        )
        helper.form_tag = False
        return helper

    @property
    def heading(self) -> str:
        """The heading of the page; empty when its one question is the heading."""
        return "" if len(self.questions()) == 1 else self.step.title

    def questions(self) -> list[Question]:
        """The questions in their order, each with what its answers reveal."""
        revealed = {name for name in self.fields if self._revealed_by(name)}
        top = [name for name in self.fields if name not in revealed]
        return [self._question(name, heading=len(top) == 1) for name in top]

    def _question(self, name: str, *, heading: bool) -> Question:
        found: dict[str, list[str]] = {}
        for other in self.fields:
            if (by := self._revealed_by(other)) and by[0] == name:
                found.setdefault(by[1], []).append(other)
        reveals = [Reveal(*(Question(n, **self._options(n)) for n in names), on=on) for on, names in found.items()]
        as_heading = {"heading": True, "size": "l"} if heading else {"size": "m"}
        return Question(name, *reveals, **(as_heading | self._options(name)))

    def _options(self, name: str) -> dict[str, Any]:
        kind = next((f.kind for f in self.asked if f.key == name), None)
        return {"width": WIDTHS[kind]} if kind in WIDTHS else {}

    def _revealed_by(self, name: str) -> tuple[str, str] | None:
        """Return (question of this page, answer) that reveals the field, or None."""
        asked = next((f for f in self.asked if f.key == name), None)
        when = asked.shown if asked else None
        if not isinstance(when, When):
            return None
        if when.key in self.step.at_least_one:
            return KINDS, when.key
        return (when.key, when.values[0]) if when.key in self.fields else None

    def clean(self) -> dict[str, Any]:
        """Check each answer as the Home Office form will, and drop what an answer hides, mistakes in it included."""
        for asked in self.asked:
            name = KINDS if asked.key in self.step.at_least_one else asked.key
            if name == KINDS or name in self.errors:
                continue
            checked = check_given(asked, _plain(asked, self.cleaned_data.get(name)))
            if checked.error:
                self.add_error(name, checked.error)
            else:
                self.cleaned_data[name] = checked.value
        for asked in self.asked:
            if not self._is_shown(asked):
                self.errors.pop(asked.key, None)
        return self.cleaned_data

    def _is_shown(self, asked: Field) -> bool:
        """Return whether the answers on this page ask for it; a condition on an earlier page is met already."""
        revealed = self._revealed_by(asked.key)
        if revealed is None:
            return True
        answer = self.cleaned_data.get(revealed[0]) or ""
        return revealed[1] in answer if isinstance(answer, list) else revealed[1] == answer

    def answers(self) -> dict[str, Value | None]:
        """Return the answers of a valid form by key; None for a question that was not asked after all."""
        ticked = self.cleaned_data.get(KINDS, [])
        found: dict[str, Value | None] = {key: "yes" if key in ticked else "" for key in self.step.at_least_one}
        for asked in self.asked:
            if asked.key not in found:
                found[asked.key] = self.cleaned_data[asked.key] if self._is_shown(asked) else None
        return found


def _plain(asked: Field, value: Any) -> object:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if asked.kind is Kind.TICK:
        return "yes" if value else ""
    return value if value is not None else ""


def _initial(step: Step, asked: Sequence[Field], answers: Answers) -> dict[str, Any]:
    values: dict[str, Any] = {f.key: answers[f.key] for f in asked if answers.get(f.key)}
    for one in asked:
        if one.kind is Kind.DATE and one.key in values:
            values[one.key] = datetime.date.fromisoformat(values[one.key])
        if one.kind is Kind.TICK and one.key in values:
            values[one.key] = [values[one.key]]
    return values | {KINDS: [key for key in step.at_least_one if answers.get(key)]}


#: What is recorded, said as news; the labels of the stages say where a case stands.
RECORDED = {
    NrmStage.PREPARING: "The Home Office draft is gone, and the case is being prepared again",
    NrmStage.HOME_OFFICE_DRAFT: "I began a draft on the Home Office form",
    NrmStage.SUBMITTED: "The NRM referral was sent",
    NrmStage.NOTIFIED: "The duty to notify was sent",
    NrmStage.RG_POSITIVE: "Positive reasonable grounds decision",
    NrmStage.RG_NEGATIVE: "Negative reasonable grounds decision",
    NrmStage.RG_RECONSIDERATION: "Reconsideration of the reasonable grounds decision was asked for",
    NrmStage.CG_POSITIVE: "Positive conclusive grounds decision",
    NrmStage.CG_NEGATIVE: "Negative conclusive grounds decision",
    NrmStage.CG_RECONSIDERATION: "Reconsideration of the conclusive grounds decision was asked for",
    NrmStage.SUSPENDED: "The Home Office suspended the case",
    NrmStage.DISQUALIFIED: "Disqualified from the recovery period (public order or bad faith)",
    NrmStage.WITHDRAWN: "The person withdrew from the NRM",
}
RESUMED = "The Home Office took the case up again, no decision yet"
SENT = (NrmStage.SUBMITTED, NrmStage.NOTIFIED)
NOT_A_REFERENCE = "Enter the reference as the Home Office gives it: letters, numbers and dashes, and never a name"


class StageForm(forms.Form):
    """Which stage a case has reached at the Home Office, and when. `stages` are those that may follow."""

    stage = one_of("What happened?", [], required="Choose what happened")
    on = day("On which day?", subject="The day")
    home_office_reference = line(
        "Home Office reference, if you have it", longest=30, help_text="It comes by e-mail after sending. Never a name."
    )

    def __init__(self, data: Any = None, *, stages: Sequence[NrmStage], now: NrmStage, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        words = RECORDED | ({NrmStage.SUBMITTED: RESUMED} if now is NrmStage.SUSPENDED else {})
        self.fields["stage"].choices = [(stage.value, words[stage]) for stage in stages]
        self.fields["on"].required = True
        self.sent = next((stage.value for stage in SENT if stage in stages), None)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page. The form tag is the template's."""
        reveal = [Reveal(Question("home_office_reference", width="20"), on=self.sent)] if self.sent else []
        helper = page_helper(Question("stage", *reveal, size="m"), Question("on", size="m"), submit="Record it")
        helper.form_tag = False
        return helper

    def clean_home_office_reference(self) -> str:
        """Refuse what is no reference number; drop it when nothing was sent."""
        value = self.cleaned_data["home_office_reference"]
        if self.cleaned_data.get("stage") not in SENT:
            return ""
        known = all(c.isascii() and (c.isalnum() or c in "-/. ") for c in value) and any(c.isdigit() for c in value)
        if value and not known:
            raise forms.ValidationError(NOT_A_REFERENCE)
        return value
