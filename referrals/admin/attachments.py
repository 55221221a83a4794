"""Attachments on the case page: what there is, adding one, and removing one. They open by `views/attachments.py`."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from partners.formfields import in_words
from partners.models import User
from referrals import workflow
from referrals.admin.acting import Act, ask, attempt
from referrals.admin.forms import ActForm
from referrals.admin.reading import CaseFile
from referrals.attachment_kinds import KIND_LABELS, REMOVAL_LABELS
from referrals.forms.attachment import AttachmentForm, as_attached
from referrals.models import Attachment, Referral
from referrals.models.attachment import form_in_words
from referrals.statuses import Move, choices


def section(file: CaseFile) -> dict[str, list[dict]]:
    """Return the attachments for the section of the case page: those that open, and those that were removed."""
    rows = [_row(row, file.reader) for row in file.attachments]
    return {"kept": [row for row in rows if not row["gone"]], "removed": [row for row in rows if row["gone"]]}


def _row(row: dict[str, Any], reader: User) -> dict[str, Any]:
    return {
        "id": row["id"],
        "number": row["number"],
        "kind": KIND_LABELS[row["kind"]],
        "form": form_in_words(row["content_type"], row["pages"]),
        "size": row["size"],
        "who": "You" if row["by"] == reader.pk else row["by_name"],
        "at": row["at"],
        "gone": row["removed_at"],
        "gone_who": "you" if row["removed_by"] == reader.pk else row["removed_name"],
        "gone_why": REMOVAL_LABELS.get(row["removal_reason"], ""),
    }


def what_was_said(file: CaseFile) -> list[dict]:
    """Return what was said about the attachments and what each was called, for the opened notes."""
    known = {UUID(row["id"]): _row(row, file.reader) for row in file.attachments if not row["removed_at"]}
    rows = Attachment.objects.visible_to(file.reader).filter(pk__in=known) if known else []
    said = [(known[row.pk], row.take_out()) for row in rows]
    return [
        {
            "kind": f"About attachment {row['number']}",
            "about": row["kind"].lower(),
            "who": row["who"],
            "at": row["at"],
            "text": f"{kept['text']}\n\nThe file was called: {kept['name']}".strip(),
        }
        for row, kept in said
    ]


class AttachForm(AttachmentForm, ActForm):
    """A file that a coordinator adds."""

    blamed = "file"


class RemoveForm(ActForm):
    """Why nobody may open it any more."""

    reason = forms.ChoiceField(
        label="Why do you remove it?",
        choices=choices(REMOVAL_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why you remove it"},
    )

    def more_for_page(self, reader: User) -> dict[str, Any]:
        """Say which one it is."""
        return {"about": f"{self.subject}, added on {in_words(timezone.localdate(self.subject.at))}"}


def find(referral: Referral, by: User, part_id: UUID | None) -> Attachment | None:
    """Return the attachment of the referral with that id, unless it was removed."""
    return Attachment.objects.visible_to(by).kept().filter(referral=referral, pk=part_id).first()


def add(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    """Ask for the file, or keep it. The form is told how large the request was: what is too large is dropped unread."""
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    step = attempt if request.method == "POST" else ask
    return step(request, replace(what, form=partial(AttachForm, sent=sent)), referral, referral)


def _attach(referral_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.attach(referral_id=referral_id, by=by, **as_attached(data))


def _remove(attachment_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.remove_attachment(attachment_id=attachment_id, reason=data["reason"], by=by)


ACTS: dict[str, Act] = {
    "attach": Act(
        Move.ATTACH,
        "Add a photo or document",
        "It is sealed with the case. Coordinators can open it, and organisations that have accepted the case to act on "
        "what happened. Nobody is told. What is kept is a new picture of it; the file itself is not.",
        "It is kept with the case.",
        _attach,
        AttachForm,
        view=add,
        on_top=False,
    ),
    "remove-attachment": Act(
        Move.DETACH,
        "Remove an attachment",
        "Nobody can open it any more, and this cannot be undone. The history keeps that there was one, who added it "
        "and why you removed it.",
        "Nobody can open it any more.",
        _remove,
        RemoveForm,
        find=find,
        style="warning",
        on_top=False,
    ),
}
