"""What a coordinator fills in: one small form for each thing that is done with a referral."""

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, Q

from partners.formfields import PlainTextField
from partners.models import Membership, Organisation, User
from partners.roles import Permission, Role, may
from partners.sealing import CannotOpen
from referrals.disclose import record_held_back
from referrals.identifiers import identifiers_in
from referrals.models import Referral
from referrals.note_codes import DECISION_LABELS, NOTE_TAGS
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
    #: The version of the referral, for an act on a part of it that has a version of its own.
    seen = forms.IntegerField(min_value=1, max_value=2_000_000_000, required=False, widget=forms.HiddenInput)
    blamed: ClassVar[str | None] = None  # the field that a refusal of the workflow is about
    named_in: ClassVar[str | None] = None  # the field whose text may name the person, where it is another
    called: ClassVar[str] = "answer"  # what a text is called that must not name the person
    fields_by_refusal: ClassVar[dict[str, str]] = {}  # the workflow's word for a field: ours, where they differ

    def __init__(self, *args, referral: Referral, subject: Model | None = None, **kwargs) -> None:
        self.referral, self.subject = referral, subject
        super().__init__(*args, **kwargs)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that are drawn, in their order."""
        return self.visible_fields()

    def field_for(self, refused: str) -> str | None:
        """Return the field at which a refusal is said; None for the top of the page."""
        name = self.fields_by_refusal.get(refused, refused)
        return name if name in self.fields else self.blamed

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Return what the page of this form shows beside it."""
        return {}


class QuestionForm(ActForm):
    """A question to the referrer."""

    blamed, called = "question", "question"
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
    tags = forms.MultipleChoiceField(
        label="What is it about? (optional)",
        help_text="Not sealed: the timeline shows it, and the list of referrals can be narrowed down by it.",
        choices=NOTE_TAGS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "Choose what it is about from the list",
            "invalid_list": "Choose what it is about from the list",
        },
    )


class DecisionForm(ActForm):
    """What was decided, in codes, and why, in words."""

    decided = forms.MultipleChoiceField(
        label="What was decided?",
        help_text="Choose all that apply. The timeline tells it. Nobody is told by e-mail, and nothing else changes.",
        choices=choices(DECISION_LABELS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose what was decided",
            "invalid_choice": "Choose what was decided from the list",
            "invalid_list": "Choose what was decided from the list",
        },
    )
    why = PlainTextField(
        label="Why?",
        subject="The reasons",
        help_text="What it rests on, and who took part. Sealed with the case: coordinators can open it with the notes.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Enter why"},
    )


class PersonField(forms.ModelChoiceField):
    """A choice of members of staff by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return the name."""
        return obj.get_full_name()


def people_of(organisations: Collection[Organisation], referral: Referral) -> dict[int, list[User]]:
    """Return who may be named for a hand-over, by organisation: whoever works its inbox, and the referrer at home."""
    works = [role for role in Role if may(role, Permission.WORK_HANDOVERS)]
    rows = Membership.objects.active().filter(organisation__in=organisations, user__is_active=True)
    named = rows.filter(Q(role__in=works) | Q(user=referral.referrer_id)).select_related("user")
    found: dict[int, list[User]] = {}
    for row in named.order_by("user__full_name", "user__email"):
        found.setdefault(row.organisation_id, []).append(row.user)
    return found


class AssignForm(ActForm):
    """Who is to have it."""

    blamed = "to"
    to = PersonField(
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


def has_good_purpose(form: LocationForm, referral: Referral, *, by: User) -> bool:
    """Return whether the purpose is there and names nobody; the form says what is wrong with it, on record."""
    if form.is_valid():
        try:
            words = identifiers_in(form.as_recorded(), referral.secret.take_out(), referral.location.take_out())
        except CannotOpen:
            words = []  # what cannot be opened cannot be compared; the location says so itself
        if words:
            record_held_back([referral], by=by)
            form.add_error("purpose", "Your reason must not name the person: auditors read it")
    return form.is_valid()
