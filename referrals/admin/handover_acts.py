"""What a coordinator does about one hand-over: take it back, answer, record ringing, name somebody."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from partners.formfields import PlainTextField
from partners.lines import opening_of
from partners.models import User
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.admin.acting import Act
from referrals.admin.columns import person
from referrals.admin.forms import ActForm, PersonField, people_of
from referrals.admin.handovers import find, numbers
from referrals.disclose import open_hand_over_notes
from referrals.handover_states import REVOKE_LABELS, HandOverMove, RevokeReason
from referrals.statuses import Move

#: What takes a hand-over back by itself; nobody chooses it.
BY_THE_SYSTEM = (RevokeReason.REFERRAL_WITHDRAWN, RevokeReason.CONSENT_NEEDED)


class AboutHandOver(ActForm):
    """A form about one hand-over; the page says which."""

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Name the organisation and the pathway."""
        return {"about": f"{self.subject.organisation}: {self.subject.get_pathway_display()}"}


class RevokeForm(AboutHandOver):
    """Why it is taken back."""

    reason = forms.ChoiceField(
        label="Why do you take it back?",
        help_text="The organisation is told that you did, and not why.",
        choices=[(reason.value, words) for reason, words in REVOKE_LABELS.items() if reason not in BY_THE_SYSTEM],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why you take it back"},
    )


class PartnerAnswerForm(AboutHandOver):
    """The answer to an organisation's question, under the question."""

    blamed = "answer"
    answer = PlainTextField(
        label="Your answer",
        subject="Your answer",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Sealed with the case. The organisation reads it after signing in.",
    )

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Open what was asked and answered before; to read it is recorded."""
        try:
            notes = open_hand_over_notes(self.subject, by=reader)
        except CannotOpen:
            return {**super().more_for_page(reader), "notes_broken": True}
        said = [
            {"kind": note.get_kind_display(), "who": person(note.by, reader), "at": note.at, "text": text}
            for note, text in notes
        ]
        return {**super().more_for_page(reader), "said": said, "no_names": self.subject.accepted_at is None}


class RingForm(AboutHandOver):
    """What came of ringing."""

    reached = forms.ChoiceField(
        label="Did you reach somebody who will see to it?",
        choices=[("yes", "Yes"), ("no", "No, nobody answered or nobody could help")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you reached somebody"},
    )

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Show the numbers."""
        hours = opening_of(self.subject.organisation, timezone.now())[1]
        return {**super().more_for_page(reader), "numbers": numbers(self.subject), "hours": hours}


class NameForm(AboutHandOver):
    """Who in the organisation has it."""

    blamed = "responder"
    responder = PersonField(
        label="Who has it there from now on?",
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a person", "invalid_choice": "Choose a person from the list"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = people_of([self.subject.organisation], self.referral).get(self.subject.organisation_id, [])
        keys = [user.pk for user in people if user.pk != self.subject.responder_id]
        self.fields["responder"].queryset = User.objects.filter(pk__in=keys).order_by("full_name", "email")


def _revoke(hand_over_id: UUID, by: User, data: dict) -> object:
    reason = RevokeReason(data["reason"])
    return workflow.revoke(hand_over_id=hand_over_id, reason=reason, by=by, version=data["version"])


def _answer(hand_over_id: UUID, by: User, data: dict) -> object:
    return workflow.answer_partner(hand_over_id=hand_over_id, answer=data["answer"], by=by, version=data["version"])


def _ring(hand_over_id: UUID, by: User, data: dict) -> object:
    return workflow.record_ringing(hand_over_id=hand_over_id, reached=data["reached"] == "yes", by=by)


def _name(hand_over_id: UUID, by: User, data: dict) -> object:
    return workflow.name_responder(hand_over_id=hand_over_id, responder=data["responder"], by=by)


ACTS: dict[str, Act] = {
    "revoke": Act(
        Move.HAND_OVER_REVOKED,
        "Take it back",
        "The organisation loses sight of the case at once. It keeps a line that says that you took it back.",
        "You have taken it back. The organisation is told, and does not see the case any more.",
        _revoke,
        RevokeForm,
        style="warning",
        find=find,
        step=HandOverMove.REVOKE,
        on_top=False,
    ),
    "answer": Act(
        Move.HAND_OVER_ANSWERED,
        "Answer the organisation",
        "It gets a message that you have answered. It is then its move.",
        "Your answer is with the organisation.",
        _answer,
        PartnerAnswerForm,
        find=find,
        step=HandOverMove.ANSWER,
        page="answer_partner.html",
        on_top=False,
    ),
    "ring": Act(
        Move.HAND_OVER_RUNG,
        "Record that you rang",
        "If you reached somebody, the reminders stop. If you did not, the task stays.",
        "It is recorded that you rang.",
        _ring,
        RingForm,
        find=find,
        page="ring.html",
        on_top=False,
    ),
    "name": Act(
        Move.HAND_OVER_NAMED,
        "Name a person",
        "They are told. For the NRM they are the named first responder from now on, and go on with what was answered.",
        "That person has it now, and is told.",
        _name,
        NameForm,
        find=find,
        on_top=False,
    ),
}
