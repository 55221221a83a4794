"""What every page of the intake shares: how it is asked, what was typed, and which answers count.

A page is a form class. It declares its fields, which of them are revealed by an answer, and which belong to the
place; the base class lays it out, drops what is hidden and turns what is left into plain JSON.
"""

import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.datastructures import MultiValueDict

from partners.formfields import SplitDateField
from partners.formlayout import FormHelper, Question, Reveal, page_helper
from partners.models import User
from referrals.forms.fields import STORY

Answers = dict[str, dict[str, Any]]
Typed = dict[str, list[str]]


class StepForm(forms.Form):
    """One page of the intake.

    `answers` are those of the whole draft, so that a page can look at an earlier one; `by` is who fills it in.
    """

    heading: str = ""  # the page's <h1>; empty when its one question is the heading
    intro: ClassVar[tuple[str, ...]] = ()  # paragraphs before the questions
    caption: str = ""  # "Part 3 of 7: What you saw"
    button: ClassVar[str] = "Save and continue"
    #: {field: (question, answer)}: the field is asked, and counts, only with that answer.
    reveals: ClassVar[dict[str, tuple[str, str]]] = {}
    #: {question: answer}: the answer rules out the others of its question.
    exclusive: ClassVar[dict[str, str]] = {}
    #: Fields that say where the person is or was: sealed apart from the rest (security, threat 3).
    place: ClassVar[frozenset[str]] = frozenset()
    #: What stands on a sheet of paper in the place of `intro` and of a field's hint, where those speak of a screen.
    paper_intro: ClassVar[tuple[str, ...] | None] = None
    paper_hints: ClassVar[dict[str, str]] = {}
    #: Options of `Question` for single fields.
    options: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, data: Any = None, *, answers: Answers, by: User | None = None, **kwargs: Any) -> None:
        self.answers, self.by = answers, by
        super().__init__(data, **kwargs)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page. The form tag is the template's."""
        helper = page_helper(*self.questions(), submit=self.button, secondary={"later": "Save and come back later"})
        helper.form_tag = False
        return helper

    def questions(self) -> list[Question]:
        """The questions of the page in their order, each with what it reveals."""
        asked = [name for name in self.fields if name not in self.reveals]
        return [self._question(name, heading=not self.heading and name == asked[0]) for name in asked]

    def _question(self, name: str, *, heading: bool) -> Question:
        revealed: dict[str, list[str]] = {}
        for field, (question, answer) in self.reveals.items():
            if question == name:
                revealed.setdefault(answer, []).append(field)
        options: dict[str, Any] = {"heading": heading, "caption": self.caption} if heading else {}
        if name in self.exclusive:
            options["exclusive"] = self.exclusive[name]
        reveals = [
            Reveal(*(Question(field, **self._options(field)) for field in fields), on=answer)
            for answer, fields in revealed.items()
        ]
        return Question(name, *reveals, **(options | self._options(name)))

    def _options(self, name: str) -> dict[str, Any]:
        # A count of what is left helps in a long account; under a short note it is only noise.
        long = getattr(self.fields[name], "max_length", None) == STORY
        return {"count": long} | self.options.get(name, {})

    def clean(self) -> dict[str, Any]:
        """Drop what an answer hides, mistakes in it included, and the "none of these" sent with others."""
        for name, answer in self.exclusive.items():
            if len(chosen := self.cleaned_data.get(name) or []) > 1:
                self.cleaned_data[name] = [value for value in chosen if value != answer]
        for name, (question, answer) in self.reveals.items():
            if not includes(self.cleaned_data.get(question), answer):
                self.cleaned_data.pop(name, None)
                self.errors.pop(name, None)
        return self.cleaned_data

    def given(self) -> dict[str, Any]:
        """Return the answers of a valid form as plain JSON; what was left empty or is hidden is not among them."""
        found = {name: self._plain(name, self.cleaned_data.get(name)) for name in self.fields}
        return {name: value for name, value in found.items() if value not in ("", None, [])}

    def _plain(self, name: str, value: Any) -> Any:
        if isinstance(value, datetime.date):
            return value.isoformat()
        if isinstance(value, list):  # in the order of the page, each once
            return [code for code in flat_choices(self.fields[name]) if code in value]
        return value

    def control_names(self) -> list[str]:
        """Return the names under which the page's controls are posted."""
        names = []
        for name, field in self.fields.items():
            parts = getattr(field.widget, "widgets_names", None)
            names += [f"{name}{part}" for part in parts] if parts else [name]
        return names

    def typed_in(self, data: MultiValueDict) -> Typed:
        """Return what `data` holds for this page, exactly as it came; other parameters are left out."""
        return {name: data.getlist(name) for name in self.control_names() if name in data}

    def as_typed(self, typed: Typed) -> dict[str, Any]:
        """Return initial values that show `typed` again, right or wrong, without calling it an error."""
        data = MultiValueDict(typed)
        return {name: field.widget.value_from_datadict(data, {}, name) for name, field in self.fields.items()}

    def as_given(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return initial values for answers that were saved: the opposite of `given`."""
        dates = {n for n, field in self.fields.items() if isinstance(field, SplitDateField)}
        return {n: datetime.date.fromisoformat(v) if n in dates else v for n, v in given.items() if n in self.fields}


def flat_choices(field: forms.Field) -> dict[str, str]:
    """Return the choices of a field as {code: words}, groups taken apart; nothing for a field without choices."""
    flat: dict[str, str] = {}
    for code, words in getattr(field, "choices", []):
        flat |= dict(words) if isinstance(words, (list, tuple)) else {code: words}
    return flat


def includes(given: Any, answer: str) -> bool:
    """Return whether `given`, one answer or a list of them, is or has `answer`."""
    return answer in given if isinstance(given, list) else given == answer
