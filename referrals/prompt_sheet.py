"""The questions of the referral on paper, made from the pages of the form: nothing is typed twice.

A new question, answer or condition of `forms/steps.py` is on the sheet by itself. It names no organisation but those
with a public line: whom it must be kept from is written in by hand.
"""

import datetime
import json
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from partners.formfields import SplitDateField, in_words
from partners.lines import printed_lines
from partners.models import Partnership, SupportLine
from referrals.export import MARKING
from referrals.forms.base import Answers, StepForm, flat_choices
from referrals.forms.contact import DeclarationForm
from referrals.forms.fields import STORY
from referrals.forms.paper import ON_THE_SHEET, THEIRS
from referrals.forms.steps import PARTS, STEPS, Step, path
from referrals.typesetting import typeset

Purpose = SupportLine.Purpose
#: Whom to ring, in this order. 999 stands above them by itself.
LINES = (Purpose.HELPLINE, Purpose.VICTIM_CARE, Purpose.POLICE, Purpose.CHILDREN, Purpose.ADULTS, Purpose.GUARDIANS)

#: Paper cannot be asked: it shows the questions of a child and of an adult, each with its condition.
UNSURE: Answers = {"age": {"age_group": "unsure"}}

#: Lines to write on, by the longest answer in characters: the first that is long enough.
ROOM = ((254, 1), (499, 2), (1_000, 3), (2_000, 4), (5_000, 6), (STORY, 11))
SHORT_LINE = 60  # characters: a number, a code
#: Columns of tick boxes: the first that the longest answer (in characters) and their number fit.
COLUMNS = ((22, 3, 3), (60, 4, 2))


def prompt_sheet(now: datetime.datetime) -> bytes:
    """Return the empty sheet as a PDF (PDF/UA-1), with the support lines as they are at the aware datetime `now`.

    The same content is set once a process. Raises `CannotTypeset`.
    """
    return _set(json.dumps(sheet_content(now)))


@lru_cache(maxsize=4)
def _set(content: str) -> bytes:
    return typeset("prompt_sheet.typ", json.loads(content))


def sheet_content(now: datetime.datetime) -> dict[str, Any]:
    """Return what `templates/typst/prompt_sheet.typ` sets, on the day of the aware datetime `now`: texts only."""
    partnership, day = Partnership.current(), timezone.localdate(now)
    return {
        "marking": f"{MARKING} when filled in",
        "service": partnership.service_name,
        "partnership": partnership.name,
        "phone": partnership.phone,
        "address": settings.SITE_URL.rstrip("/"),
        "made": f"Printed from {partnership.service_name} as of {in_words(day)}",
        "lines": [
            {"name": one.name, "phone": one.phone, "hours": one.hours or one.note} for one in printed_lines(day, LINES)
        ],
        "needed": [_needed(step, name) for step in STEPS for name in _required(step)],
        "about": [{"label": ON_THE_SHEET[name]} for name in ON_THE_SHEET if name not in THEIRS],
        "theirs": [{"label": ON_THE_SHEET[name]} for name in THEIRS],
        "parts": [_part(number) for number in range(1, len(PARTS) + 1)],
        "declaration": str(DeclarationForm.base_fields["agreed"].label),
    }


def number_of(step: Step) -> int:
    """Return the number of a page on paper: every page has one, in the order of the form."""
    return STEPS.index(step) + 1


def _required(step: Step) -> list[str]:
    return [name for name, field in step.form.base_fields.items() if field.required]


def _needed(step: Step, name: str) -> str:
    return f"{step.form.base_fields[name].label} ({number_of(step)})"


def _part(number: int) -> dict[str, Any]:
    pages = [_page(step) for step in STEPS if step.part == number]
    return {"title": f"Part {number} of {len(PARTS)}: {PARTS[number - 1]}", "pages": pages}


def _page(step: Step) -> dict[str, Any]:
    form = step.form(answers=UNSURE)
    questions = [_question(step, form, name) for name in _in_order(form)]
    said = [question["under"] for question in questions]
    for question, before in zip(questions[1:], said, strict=False):
        question["first"] = question["under"] != before
    return {
        "number": number_of(step),
        "title": form.heading or step.title,
        "only": f"Only if {step.only}. {_otherwise(step)}" if step.only else "",
        "intro": list(form.intro if form.paper_intro is None else form.paper_intro),
        "questions": questions,
    }


def _otherwise(step: Step) -> str:
    later = STEPS[STEPS.index(step) + 1 :]
    return f"Otherwise go to {number_of(later[0])}." if later else "Otherwise go to the end."


def _in_order(form: StepForm) -> list[str]:
    """The questions, each with what its answers ask for right after it."""
    found: list[str] = []
    for name in form.fields:
        if name not in form.reveals:
            found += [name, *(field for field, (question, _) in form.reveals.items() if question == name)]
    return found


def _question(step: Step, form: StepForm, name: str) -> dict[str, Any]:
    field, options = form.fields[name], _options(step, form, name)
    return {
        "label": str(field.label),
        "under": _under(form, name),
        "first": True,
        "help": form.paper_hints.get(name, str(field.help_text)),
        "kind": _kind(field, bool(options)),
        "many": isinstance(field, forms.MultipleChoiceField),
        "options": options,
        "columns": _columns(options),
        "lines": _room(field),
        "short": (getattr(field, "max_length", None) or STORY) <= SHORT_LINE,
    }


def _under(form: StepForm, name: str) -> str:
    if name not in form.reveals:
        return ""
    question, answer = form.reveals[name]
    return f"If you ticked “{flat_choices(form.fields[question])[answer]}”:"


def _kind(field: forms.Field, has_options: bool) -> str:
    if isinstance(field, SplitDateField):
        return "date"
    return "choose" if has_options else "write"


def _options(step: Step, form: StepForm, name: str) -> list[dict[str, str]]:
    """The answers to tick. What is chosen from a grouped list, the organisations, is written in."""
    choices = list(getattr(form.fields[name], "choices", []))
    if any(isinstance(words, list | tuple) for _, words in choices):
        return []
    hints, then = form.options.get(name, {}).get("hints", {}), branches(step, name)
    return [{"label": words, "hint": hints.get(code, ""), "then": then.get(code, "")} for code, words in choices]


def branches(step: Step, name: str) -> dict[str, str]:
    """Return, by the answer to a question of `step`, what it makes one leave out: "Leave out 5 and 21".

    Only of a question that by itself decides about later pages.
    """
    codes = flat_choices(step.form.base_fields[name]) if step.form.base_fields[name].required else {}
    led = {code: set(path({step.key: {name: code}})) for code in codes}
    asked = set().union(*led.values())
    left_out = {code: [number_of(one) for one in STEPS if one in asked - pages] for code, pages in led.items()}
    return {code: f"Leave out {_listed(numbers)}" for code, numbers in left_out.items() if numbers}


def _listed(numbers: list[int]) -> str:
    words = [str(number) for number in numbers]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _columns(options: list[dict[str, str]]) -> int:
    if not options or any(option["hint"] or option["then"] for option in options):
        return 1
    longest = max(len(option["label"]) for option in options)
    fits = [columns for most, least, columns in COLUMNS if longest <= most and len(options) >= least]
    return fits[0] if fits else 1


def _room(field: forms.Field) -> int:
    longest = getattr(field, "max_length", None) or 0
    if isinstance(field, forms.MultipleChoiceField):
        return 2
    return next((lines for most, lines in ROOM if longest <= most), ROOM[-1][1])
