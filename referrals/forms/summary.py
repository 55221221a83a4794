"""Answers in words: for "check your answers", for the case page, and for showing two versions side by side."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from partners.formfields import SplitDateField, in_words
from referrals.forms.base import Answers, StepForm, flat_choices, includes
from referrals.forms.happened import ELSEWHERE, theme_choices
from referrals.forms.steps import PARTS, STEPS, Step

NOT_ANSWERED = "Not answered yet"

Words = str | list[str]
#: Names that are rows of the database, by (step, field) and code.
Names = Mapping[tuple[str, str], Mapping[str, str]]
KEPT_FROM = ("do_not_share", "organisations")


@dataclass(frozen=True)
class Row:
    """One question and its answer in words; `answered` is False when `value` only says that there is none."""

    step: Step
    field: str
    label: str
    value: Words
    answered: bool = True


@dataclass(frozen=True)
class Part:
    """The rows of one part of the intake."""

    title: str
    rows: list[Row]


def summary_rows(
    answers: Answers,
    *,
    districts: Mapping[str, str] | None = None,
    organisations: Mapping[str, str] | None = None,
    steps: Sequence[Step] | None = None,
) -> list[Part]:
    """Return `{step: {field: value}}` as parts and rows with labels and words.

    Takes the answers of a draft or either sealed blob of a referral; `districts` gives the names of the districts by
    code (`happened.district_names()`), `organisations` those of organisations by slug (`sharing.names_of`), else the
    code is shown. With `steps`, what these steps ask and nobody answered has a row too: one for a page that is empty,
    else one for each gap; without, only what was answered has one. A step or field that is no longer asked is left out.
    """
    names = {("found", "district"): {**(districts or {}), **dict(ELSEWHERE)}, KEPT_FROM: organisations or {}}
    rows = [row for step in steps or STEPS for row in _rows(step, answers, names, bool(steps))]
    parts = [Part(title, [row for row in rows if row.step.part == number]) for number, title in enumerate(PARTS, 1)]
    return [part for part in parts if part.rows]


def _rows(step: Step, answers: Answers, names: Names, every: bool) -> list[Row]:
    given, rows = answers.get(step.key, {}), []
    if every and not given:
        return [Row(step, "", step.title, NOT_ANSWERED, answered=False)]
    for name, field in step.form.base_fields.items():
        question, answer = step.form.reveals.get(name, ("", ""))
        if name in given:
            rows.append(Row(step, name, str(field.label), _words(step, name, given[name], names)))
        elif every and (not question or includes(given.get(question), answer)):
            rows.append(Row(step, name, str(field.label), NOT_ANSWERED, answered=False))
    return rows


def _words(step: Step, name: str, value: Any, names: Names) -> Words:
    field = step.form.base_fields[name]
    if isinstance(field, SplitDateField):
        return in_words(datetime.date.fromisoformat(value))
    labels = _labels(step, name, field, names)
    if isinstance(value, list):
        return [labels.get(code, code) for code in value]
    return labels.get(value, value)


def _labels(step: Step, name: str, field: forms.Field, names: Names) -> Mapping[str, str]:
    if (step.key, name) in names:
        return names[step.key, name]
    if (step.key, name) == ("signs", "themes"):
        return dict(theme_choices({"age": {"age_group": "unsure"}}))
    return flat_choices(field)


def page_rows(form: StepForm, values: Mapping[str, Any]) -> list[tuple[str, Words]]:
    """Return what a page holds as (label, words), right or wrong: nothing that was typed may get lost from sight.

    `values` are those of `StepForm.as_typed` or `StepForm.as_given`.
    """
    rows = [(str(field.label), _as_shown(field, values.get(name))) for name, field in form.fields.items()]
    return [(label, words) for label, words in rows if words]


def _as_shown(field: forms.Field, value: Any) -> Words:
    labels = flat_choices(field)
    if isinstance(value, datetime.date):
        return in_words(value)
    if isinstance(field, SplitDateField):
        return " ".join(part for part in value or [] if part)
    if isinstance(value, list):
        return [labels.get(code, code) for code in value]
    return labels.get(value, value or "")
