"""The forms of the message board: writing a post, confirming what was asked about it, taking one back."""

import uuid
from collections.abc import Collection
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone

from partners.board.posting import NewPost
from partners.board.screening import CONFIRMS, Finding, Kind
from partners.formfields import PlainTextField, SplitDateField
from partners.models import LONGEST_REASON, LONGEST_TEXT, LONGEST_TITLE, BoardPost, Organisation

ALL, SOME = "all", "some"
NO_CASE = "Write about the pattern, never about one case."


class PostForm(forms.Form):
    """What a coordinator writes. A correction (`corrects`) is not asked for whom it is."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    title = PlainTextField(
        label="Title",
        help_text=f"Up to {LONGEST_TITLE} characters. It is shown on the board, never in the e-mail.",
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter a title"},
    )
    text = PlainTextField(
        label="Text",
        subject="Text",
        help_text=f"{NO_CASE} An empty line begins a new paragraph. Links are shown as text.",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 12, "autocomplete": "off"}),
        error_messages={"required": "Enter the text"},
    )
    whom = forms.ChoiceField(
        label="Who is it for?",
        choices=[(ALL, "Every partner organisation"), (SOME, "Only the organisations that I choose")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who it is for", "invalid_choice": "Choose who it is for"},
    )
    organisations = forms.MultipleChoiceField(
        label="Which organisations?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose organisations from the list: one that you chose has ended since"},
    )
    urgent = forms.ChoiceField(
        label="How soon must it be read?",
        choices=[
            ("no", "In the next days: mailboxes, leads and responders get an e-mail"),
            ("yes", "Today: everybody in these organisations gets an e-mail that says it is urgent"),
        ],
        initial="no",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how soon it must be read", "invalid_choice": "Choose from the list"},
    )
    valid_until = SplitDateField(
        label="Last day on which it holds (optional)",
        subject="The last day",
        help_text="For example, 31 3 2027. After that day it stays on the board, marked as ended.",
        required=False,
        earliest=timezone.localdate,
    )

    def __init__(self, *args: Any, corrects: BoardPost | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"id": uuid.uuid4(), **(_words_of(corrects) if corrects else {})}
        super().__init__(*args, **kwargs)
        self.corrects = corrects
        if corrects:
            del self.fields["whom"], self.fields["organisations"]
        else:
            self.fields["organisations"].choices = _choices()

    def clean(self) -> dict[str, Any]:
        """Want at least one organisation where some are to be chosen."""
        cleaned = super().clean()
        if cleaned.get("whom") == SOME and not cleaned.get("organisations") and "organisations" not in self.errors:
            self.add_error("organisations", "Choose at least one organisation")
        return cleaned

    def new_post(self) -> NewPost:
        """Return what was written. The form must be valid."""
        said = self.cleaned_data
        some = said.get("whom") == SOME
        return NewPost(
            id=said["id"] or uuid.uuid4(),
            title=said["title"],
            text=said["text"],
            urgent=said["urgent"] == "yes",
            organisations=frozenset(map(int, said["organisations"])) if some else None,
            valid_until=said["valid_until"],
            replaces=self.corrects,
        )

    def refuse(self, findings: Collection[Finding], title: str) -> None:
        """Say at title or text what may not stand there."""
        for found in findings:
            self.add_error("title" if found.words in title else "text", str(found))


def _words_of(post: BoardPost) -> dict[str, Any]:
    ended = post.has_ended(timezone.localdate())
    return {
        "title": post.title,
        "text": post.text,
        "urgent": "yes" if post.urgent else "no",
        "valid_until": None if ended else post.valid_until,
    }


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The organisations that take part, by what they are."""
    rows = Organisation.objects.in_force(timezone.localdate()).order_by("kind", "name")
    return [
        (str(Organisation.Kind(kind).label), [(str(row.pk), row.name) for row in several])
        for kind, several in groupby(rows, key=lambda row: row.kind)
    ]


class ConfirmForm(forms.Form):
    """A box to tick for each kind of warning in `findings`."""

    def __init__(self, *args: Any, findings: Collection[Finding], **kwargs: Any) -> None:
        super().__init__(*args, prefix="confirm", **kwargs)
        for kind in dict.fromkeys(found.kind for found in findings):
            error = {"required": "Tick the box when it is so. Otherwise change the post"}
            self.fields[kind.value] = forms.BooleanField(label=CONFIRMS[kind], error_messages=error)

    @staticmethod
    def ticked(data: Any) -> set[Kind]:
        """Return the kinds whose box is ticked in what was posted."""
        return {kind for kind in CONFIRMS if data.get(f"confirm-{kind.value}")}


class WithdrawForm(forms.Form):
    """Why a post is taken back."""

    reason = PlainTextField(
        label="Why is it withdrawn?",
        subject="The reason",
        help_text=f"Everybody who could read the post reads this in its place. {NO_CASE}",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": "Enter why it is withdrawn"},
    )
