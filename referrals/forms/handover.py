"""What a receiving organisation fills in: one small form for each thing it does with a hand-over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from partners.formfields import PlainTextField
from partners.models import User
from referrals import workflow
from referrals.forms.fields import FORGED
from referrals.handover_states import (
    DECLINE_LABELS,
    OUTCOME_LABELS_HAND_OVER,
    DeclineReason,
    HandOverMove,
    HandOverOutcome,
)
from referrals.models import HandOver
from referrals.pathways import Pathway
from referrals.statuses import choices

LONGEST = 4_000  # characters

H = HandOverOutcome
_NOT_HELPED = (H.PASSED_ON, H.DECLINED_BY_PERSON, H.NO_CONTACT)

#: What can come of each pathway, the likeliest first: nobody reports a sent notice for local support.
OUTCOMES: dict[Pathway, tuple[HandOverOutcome, ...]] = {
    Pathway.BEACON: (H.SUPPORT_GIVEN, H.SUPPORT_GOES_ON, *_NOT_HELPED),
    Pathway.NRM: (H.NRM_SUBMITTED, *_NOT_HELPED),
    Pathway.DUTY_TO_NOTIFY: (H.NOTIFIED, H.NRM_SUBMITTED),
    Pathway.CHILDRENS_SERVICES: (H.SAFEGUARDING_STARTED, H.SUPPORT_GIVEN, H.SUPPORT_GOES_ON, H.PASSED_ON, H.NO_CONTACT),
    Pathway.ADULT_SAFEGUARDING: (H.SAFEGUARDING_STARTED, H.SUPPORT_GIVEN, H.SUPPORT_GOES_ON, *_NOT_HELPED),
    Pathway.POLICE: (H.INVESTIGATION_STARTED, H.SAFEGUARDING_STARTED, *_NOT_HELPED),
}


def _box(label: str, help_text: str, **options: Any) -> PlainTextField:
    widget = forms.Textarea({"autocomplete": "off", "rows": 6})
    return PlainTextField(label=label, subject=label, help_text=help_text, max_length=LONGEST, widget=widget, **options)


class HandOverForm(forms.Form):
    """A form about one hand-over as the reader saw it: `version` tells whether it has changed since."""

    version = forms.IntegerField(min_value=1, max_value=2_000_000_000, widget=forms.HiddenInput)
    words: ClassVar[str] = ""  # the field that holds what was written, if there is one

    def __init__(self, *args, hand_over: HandOver, **kwargs) -> None:
        self.hand_over = hand_over
        super().__init__(*args, **kwargs)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that are drawn, in their order."""
        return self.visible_fields()

    @property
    def typed(self) -> str:
        """The words of a valid form, or ""."""
        return self.cleaned_data.get(self.words, "")


class DeclineForm(HandOverForm):
    """Why the organisation cannot take it."""

    words = "text"
    reason = forms.ChoiceField(
        label="Why can you not take it?",
        choices=choices(DECLINE_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why you cannot take it", "invalid_choice": FORGED},
    )
    text = _box(
        "Anything the coordinator should know (optional)",
        "Sealed with the case. Say what would help to find somebody who can.",
        required=False,
    )

    def clean(self) -> dict:
        """Want words where the list has none."""
        cleaned = super().clean()
        if cleaned.get("reason") == DeclineReason.OTHER and "text" in cleaned and not cleaned["text"]:
            self.add_error("text", "Say what the other reason is")
        return cleaned


class AskForm(HandOverForm):
    """A question to the coordinator."""

    words = "question"
    question = _box(
        "Your question",
        "Sealed with the case. The coordinator answers here; you get an e-mail when they have.",
        error_messages={"required": "Write your question"},
    )


class CompleteForm(HandOverForm):
    """What came of it."""

    words = "text"
    outcome = forms.ChoiceField(
        label="What came of it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of it", "invalid_choice": FORGED},
    )
    text = _box(
        "Anything the coordinator should know (optional)",
        "Sealed with the case. Coordinators and your colleagues can open it; the referrer never sees it.",
        required=False,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        fitting = OUTCOMES[Pathway(self.hand_over.pathway)]
        self.fields["outcome"].choices = choices({one: OUTCOME_LABELS_HAND_OVER[one] for one in fitting})


@dataclass(frozen=True)
class Act:
    """One thing a receiving organisation can do with a hand-over, on a page of its own."""

    move: HandOverMove
    label: str  # on the button
    heading: str  # of its page
    explains: str  # what will happen, before it does
    done: str  # said afterwards
    run: Callable[[HandOver, User, dict[str, Any]], object]
    form: type[HandOverForm] = HandOverForm
    style: str = "secondary"


def _accept(hand_over: HandOver, by: User, data: dict) -> object:
    return workflow.accept(hand_over_id=hand_over.pk, by=by, version=data["version"])


def _decline(hand_over: HandOver, by: User, data: dict) -> object:
    reason = DeclineReason(data["reason"])
    return workflow.decline(hand_over_id=hand_over.pk, reason=reason, text=data["text"], by=by, version=data["version"])


def _ask(hand_over: HandOver, by: User, data: dict) -> object:
    return workflow.ask_coordinator(
        hand_over_id=hand_over.pk, question=data["question"], by=by, version=data["version"]
    )


def _complete(hand_over: HandOver, by: User, data: dict) -> object:
    outcome = HandOverOutcome(data["outcome"])
    return workflow.complete(
        hand_over_id=hand_over.pk, outcome=outcome, text=data["text"], by=by, version=data["version"]
    )


#: In the order of the buttons. The key is the last part of the address.
ACTS: dict[str, Act] = {
    "accept": Act(
        HandOverMove.ACCEPT,
        "Accept",
        "Accept this hand-over",
        "Your organisation takes it on. The referrer and the coordinator are told.",
        "You have accepted it. The referrer and the coordinator are told.",
        _accept,
        style="primary",
    ),
    "report": Act(
        HandOverMove.COMPLETE,
        "Report the outcome",
        "Report the outcome",
        "The coordinator is told, and decides what is next. Report when your organisation’s part is done.",
        "Your report is with the coordinator. Thank you.",
        _complete,
        CompleteForm,
        style="primary",
    ),
    "ask": Act(
        HandOverMove.ASK,
        "Ask the coordinator",
        "Ask the coordinator",
        "It is then the coordinator’s move, and no reminder reaches you until they have answered.",
        "Your question is with the coordinator.",
        _ask,
        AskForm,
    ),
    "decline": Act(
        HandOverMove.DECLINE,
        "Decline",
        "Decline this hand-over",
        "The coordinator is told at once and looks for somebody else. Your organisation then loses sight of the case.",
        "You have declined it. The coordinator is told and looks for somebody else.",
        _decline,
        DeclineForm,
        style="warning",
    ),
}
