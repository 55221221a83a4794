"""Adding a photo or a document: the file, what it is, and what there is to say about it."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from partners.formfields import PlainTextField
from partners.formlayout import FormHelper, Question, page_helper
from referrals.attachment_kinds import KIND_LABELS
from referrals.redrawing import MOST_SENT, REFUSALS, CannotRedraw, redraw
from referrals.statuses import choices

LONGEST_TEXT = 1000


class AttachmentForm(forms.Form):
    """One file. What it is decides its content, never its name. `cleaned_data["drawn"]` is the safe copy of it."""

    file = forms.FileField(
        label="The photo or document",
        help_text=f"JPEG, PNG or PDF, at most {MOST_SENT // 1_000_000} MB and 20 pages. It is redrawn: where it was "
        "taken, and by which phone, is not in it afterwards.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        error_messages={"required": "Choose the file", "empty": REFUSALS["empty"]},
    )
    kind = forms.ChoiceField(
        label="What is it?",
        choices=choices(KIND_LABELS),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is"},
    )
    text = PlainTextField(
        label="What should be known about it? (optional)",
        subject="What you write about it",
        help_text="For instance what the photo shows and when it was taken. It is sealed; coordinators read it.",
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36, initial=uuid4)

    def __init__(self, *args: Any, sent: int = 0, **kwargs: Any) -> None:
        """`sent`: how many bytes the request had. A file that is too large is dropped before it gets here."""
        super().__init__(*args, **kwargs)
        if sent > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            self.fields["file"].error_messages["required"] = REFUSALS["large"]

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page."""
        helper = page_helper(Question("file"), Question("kind"), Question("text", count=False), submit="Add it")
        helper.form_tag = False
        return helper

    def clean_key(self) -> UUID:
        """Return the key of this form, by which it is known when it is sent again; a new one for what is none."""
        try:
            return UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid4()

    def clean(self) -> dict[str, Any]:
        """Redraw the file, once everything else is right."""
        cleaned = super().clean() or self.cleaned_data
        file: UploadedFile | None = cleaned.get("file")
        if file is None:
            return cleaned
        if self.errors:
            self.add_error("file", "Choose the file again. A browser does not keep it when something is missing")
            return cleaned
        try:
            cleaned["drawn"] = redraw(file.read(MOST_SENT + 1))
        except CannotRedraw as refusal:
            self.add_error("file", refusal.text)
        return cleaned


def as_attached(said: dict[str, Any]) -> dict[str, Any]:
    """Return what `workflow.attach` takes of the cleaned data of a valid form."""
    given = {name: said[name] for name in ("kind", "drawn", "text")}
    return given | {"submit_key": said["key"], "name": said["file"].name}
