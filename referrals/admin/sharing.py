"""Do not share: which organisations must not know of a case. Only coordinators see that there are any."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from partners.formfields import PlainTextField
from partners.models import Organisation, User
from referrals import workflow
from referrals.admin.acting import Act
from referrals.admin.forms import ActForm
from referrals.models import Exclusion, Referral
from referrals.statuses import Move


def section(rows: list[dict], reader: User) -> dict[str, list[dict]]:
    """Return `{"kept": in force, "lifted": no longer}` in words; who added one cannot lift it.

    `rows` are those of `reading.CaseFile.exclusions`.
    """
    kept = [
        {
            "id": row["id"],
            "organisation": row["organisation"],
            "who": "You" if row["added_by"] == reader.pk else row["added_name"],
            "at": row["added_at"],
            "can_lift": row["added_by"] != reader.pk,
        }
        for row in rows
        if row["lifted_at"] is None
    ]
    lifted = [
        {
            "organisation": row["organisation"],
            "who": "you" if row["lifted_by"] == reader.pk else row["lifted_name"],
            "at": row["lifted_at"],
        }
        for row in rows
        if row["lifted_at"] is not None
    ]
    return {"kept": kept, "lifted": lifted}


def find(referral: Referral, by: User, part_id: UUID | None) -> Exclusion | None:
    """Return the exclusion in force of this referral with that id."""
    rows = referral.exclusions.in_force().filter(pk=part_id) if part_id else Exclusion.objects.none()
    return rows.select_related("organisation").first()


class ExcludeForm(ActForm):
    """Which organisation must not know, and why."""

    blamed = "organisation"
    organisation = forms.ModelChoiceField(
        label="Which organisation must not know?",
        queryset=Organisation.objects.none(),
        empty_label="Choose an organisation",
        error_messages={
            "required": "Choose an organisation",
            "invalid_choice": "Choose an organisation from the list",
        },
    )
    reason = PlainTextField(
        label="Why?",
        subject="The reason",
        help_text="Sealed with the case. Other coordinators can open it with the notes.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter the reason"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        taken = self.referral.exclusions.in_force().values("organisation")
        rows = Organisation.objects.in_force(timezone.localdate()).filter(coordinates=False).exclude(pk__in=taken)
        self.fields["organisation"].queryset = rows


class LiftForm(ActForm):
    """Nothing is asked; the page says of which organisation."""

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Name the organisation."""
        return {"about": str(self.subject.organisation)}


def _exclude(referral_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.exclude(referral_id=referral_id, organisation=data["organisation"], reason=data["reason"], by=by)


def _lift(exclusion_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.lift_exclusion(exclusion_id=exclusion_id, by=by)


ACTS: dict[str, Act] = {
    "exclude": Act(
        Move.EXCLUDE,
        "Do not share with …",
        "From this moment the organisation is offered nothing, told nothing and sees nothing of this referral, and "
        "nothing tells it so. If it has the referral now, it is taken back without a word.",
        "The organisation is kept out of this referral.",
        _exclude,
        ExcludeForm,
        on_top=False,
    ),
    "lift": Act(
        Move.LIFT_EXCLUSION,
        "Allow sharing again",
        "The organisation can be asked again, and sees what it may see by its part in the case. Somebody else decided "
        "to keep it out: ask them first.",
        "Sharing with that organisation is possible again.",
        _lift,
        LiftForm,
        find=find,
        style="warning",
        on_top=False,
    ),
}
