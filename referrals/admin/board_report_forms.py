"""The forms of the board report: which quarter, the words, and the last look before it is issued."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms

from partners.board.forms import ConfirmForm
from partners.board.screening import Finding, readable
from partners.formfields import PlainTextField
from referrals.board_report.frame import LONGEST_TEXT, PROMPTS, SUMMARY, P
from referrals.models import BoardReport
from referrals.models.figures import LONGEST_REASON
from referrals.periods import Period, from_slug

NO_CASE = "About the pattern, never about one case."


class BeginForm(forms.Form):
    """Which quarter, and why there is another version if there is one."""

    period = forms.ChoiceField(
        label="Which quarter?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a quarter", "invalid_choice": "Choose a quarter from the list"},
    )
    reason = PlainTextField(
        label="Why is there a new version?",
        subject="The reason",
        help_text=f"Only for a quarter that has a report already. Readers see it. {NO_CASE}",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, periods: Sequence[Period], issued: Collection[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.issued = issued
        self.fields["period"].choices = [
            (one.slug, f"{one.label}{' (has a report: this would be a new version)' if one in issued else ''}")
            for one in periods
        ]

    def clean(self) -> dict[str, Any]:
        """Want a reason where a report stands already."""
        cleaned = super().clean()
        if cleaned.get("period"):
            cleaned["period"] = from_slug(cleaned["period"])
            if cleaned["period"] in self.issued and not cleaned.get("reason") and "reason" not in self.errors:
                self.add_error("reason", "Enter why there is a new version")
        return cleaned


def _box(label: str, hint: str, rows: int) -> PlainTextField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return PlainTextField(label=label, help_text=hint, max_length=LONGEST_TEXT, required=False, widget=widget)


class WordsForm(forms.Form):
    """The texts of one P, or the summary (`one` is None). A field is called by the key of its text."""

    edition = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, one: P | None, titles: dict[str, str], report: BoardReport, **kwargs: Any) -> None:
        super().__init__(*args, initial=report.commentary | {"edition": report.edition}, **kwargs)
        if one is None:
            hint = f"What the board should know before all else. {NO_CASE} An empty line begins a new paragraph."
            self.fields[SUMMARY] = _box("Summary", hint, 8)
            return
        for prompt, key in zip(PROMPTS, one.prompt_keys(), strict=True):
            self.fields[key] = _box(prompt.title, prompt.hint, 4)
        for block in (*one.published, *one.others, *one.outside):
            if block in titles:
                self.fields[one.comment_key(block)] = _box(f"Comment: {titles[block]}", "", 3)

    def texts(self) -> dict[str, str]:
        """Return what was written, by its keys. The form must be valid."""
        return {key: text for key, text in self.cleaned_data.items() if key != "edition"}

    def refuse(self, findings: Collection[Finding]) -> None:
        """Say at each text what may not stand there."""
        for found in findings:
            at = [key for key, text in self.texts_as_typed().items() if found.words in readable(text)]
            for key in at or [None]:
                self.add_error(key, str(found))

    def texts_as_typed(self) -> dict[str, str]:
        """Return what stands in the boxes, valid or not."""
        return {key: str(self[key].value() or "") for key in self.fields if key != "edition"}


class IssueForm(ConfirmForm):
    """The last look: what was seen is what is issued, and a tick for each kind of warning."""

    def __init__(self, *args: Any, findings: Collection[Finding], **kwargs: Any) -> None:
        super().__init__(*args, findings=findings, **kwargs)
        error = {"required": "Tick the box when you have read the preview"}
        label = "I have read the preview. It may be issued to everybody who sees the dashboard"
        self.fields["read"] = forms.BooleanField(label=label, error_messages=error)


class SeenForm(forms.Form):
    """What the coordinator had before them: which edition of the words, and which publication."""

    edition = forms.IntegerField()
    publication = forms.UUIDField(required=False)
