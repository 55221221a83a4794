"""What a coordinator fills in: one small form for each thing that is done with a referral."""

from typing import ClassVar

from django import forms

from partners.formfields import PlainTextField
from partners.models import Membership, User
from partners.roles import Role
from referrals.models import Referral
from referrals.statuses import FEEDBACK_LABELS, OUTCOME_LABELS, WITHDRAWAL_LABELS, choices

SHORTEST_PURPOSE = 15

#: Why somebody has to know where the person is. Any other reason is written out.
LOCATION_REASONS = [
    ("danger", "The person may be in danger now"),
    ("contact", "To arrange safe contact or a visit"),
    ("pass_on", "To tell an organisation that has agreed to help"),
    ("other", "Another reason"),
]


class ActForm(forms.Form):
    """A form about one referral as the coordinator saw it: `version` tells whether it has changed since."""

    version = forms.IntegerField(min_value=1, max_value=2_000_000_000, widget=forms.HiddenInput)
    blamed: ClassVar[str | None] = None  # the field that a refusal of the workflow is about

    def __init__(self, *args, referral: Referral, **kwargs) -> None:
        self.referral = referral
        super().__init__(*args, **kwargs)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that are drawn, in their order."""
        return self.visible_fields()


class QuestionForm(ActForm):
    """A question to the referrer."""

    blamed = "question"
    question = PlainTextField(
        label="Your question",
        subject="Your question",
        help_text="Do not name the person, and leave out dates of birth, phone numbers and addresses: the referrer "
        "reads it after signing in with an e-mailed code only.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class NoteForm(ActForm):
    """A coordinator's note."""

    text = PlainTextField(
        label="Your note",
        subject="Your note",
        help_text="Sealed with the case. Coordinators can open it; the referrer never sees it.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class CoordinatorField(forms.ModelChoiceField):
    """A choice of coordinators by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return the name."""
        return obj.get_full_name()


class AssignForm(ActForm):
    """Who is to have it."""

    blamed = "to"
    to = CoordinatorField(
        label="Who will look after this referral?",
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a coordinator", "invalid_choice": "Choose a coordinator from the list"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.in_role(Role.COORDINATOR).exclude(user=self.referral.owner_id)
        self.fields["to"].queryset = User.objects.filter(pk__in=members.values("user")).order_by("full_name", "email")


class CloseForm(ActForm):
    """How it ended: for the partnership, and for the referrer."""

    outcome = forms.ChoiceField(
        label="How did it end?",
        choices=choices(OUTCOME_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it ended"},
    )
    band = forms.ChoiceField(
        label="What should the referrer be told?",
        help_text="They read this sentence and nothing else.",
        choices=choices(FEEDBACK_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the referrer should be told"},
    )


class WithdrawForm(ActForm):
    """Why it is taken back."""

    reason = forms.ChoiceField(
        label="Why is it being withdrawn?",
        choices=choices(WITHDRAWAL_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why it is being withdrawn"},
    )


class LocationForm(forms.Form):
    """Why the location is opened: a reason from the list, or one in words."""

    reason = forms.ChoiceField(
        label="Why do you need to know where the person is?",
        choices=LOCATION_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why you need the location"},
    )
    purpose = PlainTextField(
        label="Your reason, if it is another one",
        subject="Your reason",
        help_text=f"At least {SHORTEST_PURPOSE} characters. Do not name the person: auditors read it.",
        max_length=250,
        required=False,
    )

    def clean(self) -> dict:
        """Want the reason in words when it is not on the list."""
        cleaned = super().clean()
        if cleaned.get("reason") == "other" and "purpose" in cleaned and len(cleaned["purpose"]) < SHORTEST_PURPOSE:
            self.add_error("purpose", f"Your reason must have at least {SHORTEST_PURPOSE} characters")
        return cleaned

    def as_recorded(self) -> str:
        """Return the purpose for the access log."""
        if self.cleaned_data["reason"] == "other":
            return self.cleaned_data["purpose"]
        return dict(LOCATION_REASONS)[self.cleaned_data["reason"]]
