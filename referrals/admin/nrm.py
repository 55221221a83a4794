"""The NRM side of a case for the coordinator: the stage, the clocks and what each is, and recording a stage."""

import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.urls import NoReverseMatch, reverse

from partners.formfields import PlainTextField, SplitDateField, in_words
from partners.limits import LimitMissing, Limits
from partners.models import User
from referrals import workflow
from referrals.admin.acting import Act
from referrals.admin.columns import person
from referrals.admin.forms import ActForm
from referrals.models import NrmCase, Referral
from referrals.nrm_stages import STAGE_LABELS, Clock, NrmStage, may_follow
from referrals.statuses import Move

#: How to read each kind of clock: a word, what it means, and the tone of its tag.
CLOCK_KINDS = {
    "deadline": ("Deadline", "do it by then", "warn"),
    "target": ("Target", "the Home Office aims at it, nobody is entitled to it", "info"),
    "minimum": ("Minimum", "not before then", "quiet"),
    "warning": ("Warning", "act before it is too late", "warn"),
}


def case_of(referral: Referral, reader: User) -> NrmCase | None:
    """Return the NRM side of a referral that `reader` may see, or None. One query."""
    rows = NrmCase.objects.visible_to(reader).filter(referral=referral)
    case = rows.select_related("first_responder", "organisation").first()
    if case is not None:
        case.referral = referral
    return case


def panel(case: NrmCase | None, reader: User, limits: Limits, today: datetime.date) -> dict | None:
    """Return the NRM side in words; None before a first responder has accepted. No query."""
    if case is None:
        return None
    dates = sorted(case.stage_dates().items(), key=lambda pair: pair[1])
    return {
        "branch": case.get_branch_display(),
        "stage": STAGE_LABELS[NrmStage(case.stage)],
        "since": in_words(case.stage_dates()[NrmStage(case.stage)]),
        "responder": f"{person(case.first_responder, reader)}, {case.organisation}",
        "clocks": _clocks(case, limits, today),
        "dates": [{"key": STAGE_LABELS[stage], "value": in_words(on)} for stage, on in dates],
        "sheet": _address_of_the_sheet(case),
        "goes_on": bool(may_follow(case.stage, duty_to_notify=case.is_duty_to_notify)),
    }


def _clocks(case: NrmCase, limits: Limits, today: datetime.date) -> list[dict]:
    try:
        return [_clock(clock, today) for clock in workflow.clocks_of(case, limits)]
    except LimitMissing:  # an administrator took a clock out of force: the rest of the case stays readable
        return []


def _clock(clock: Clock, today: datetime.date) -> dict:
    word, means, tone = CLOCK_KINDS[clock.kind]
    days = (clock.on - today).days
    ours = clock.kind in ("deadline", "warning")
    return {
        "label": clock.label,
        "on": in_words(clock.on),
        "left": "today" if days == 0 else f"in {_days(days)}" if days > 0 else f"{_days(-days)} ago",
        "kind": word,
        "means": means,
        "acts": clock.acts,
        "tone": "stop" if ours and days < 0 else tone,
        "late": ours and days < 0,
    }


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _address_of_the_sheet(case: NrmCase) -> str:
    try:
        return reverse("nrm_sheet", kwargs={"referral_id": case.pk})
    except NoReverseMatch:
        return ""


def find(referral: Referral, by: User, part_id: UUID | None) -> NrmCase | None:
    """Return the NRM side of the referral."""
    return None if part_id else case_of(referral, by)


class StageForm(ActForm):
    """Which stage was reached, when, and the Home Office's number."""

    blamed = "on"
    stage = forms.ChoiceField(
        label="Which stage has it reached?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the stage", "invalid_choice": "Choose a stage that can follow now"},
    )
    on = SplitDateField(
        label="On which day?", subject="The day", help_text="For example, 27 3 2026.", future=False, required=True
    )
    home_office_reference = PlainTextField(
        label="Home Office reference (optional)",
        subject="The reference",
        help_text="Sealed with the case. Never a name.",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        after = may_follow(self.subject.stage, duty_to_notify=self.subject.is_duty_to_notify)
        self.fields["stage"].choices = [(stage.value, STAGE_LABELS[stage]) for stage in after]

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Say where it stands."""
        since = self.subject.stage_dates()[NrmStage(self.subject.stage)]
        return {"about": f"Now: {STAGE_LABELS[NrmStage(self.subject.stage)]}, since {in_words(since)}"}


def _record(referral_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.record_stage(
        referral_id=referral_id,
        stage=NrmStage(data["stage"]),
        on=data["on"],
        by=by,
        version=data["version"],
        home_office_reference=data["home_office_reference"],
    )


ACTS: dict[str, Act] = {
    "stage": Act(
        Move.NRM_STAGE,
        "Record a stage",
        "The first responder and the referrer hear that there is news; the referrer never hears which way a decision "
        "went.",
        "The stage is recorded, and its clocks run.",
        _record,
        StageForm,
        find=find,
        on_top=False,
    ),
}
