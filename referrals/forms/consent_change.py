"""What the person says about sharing after the referral was sent: each kind by itself, and how it was explained."""

from typing import Any

from django import forms
from django.utils import timezone

from partners.formfields import SplitDateField
from partners.formlayout import FormHelper, Question, page_helper
from referrals.codes import (
    CHANNELS,
    CONSENT_KINDS,
    EXPLAINERS,
    INTERPRETERS,
    OTHER_LANGUAGE,
    YES_NO_NOT_KNOWN,
    language_in_the_open,
)
from referrals.forms.consent import MEANS
from referrals.forms.fields import any_of, line, one_of
from referrals.submission import ConsentGiven

KINDS = ("nrm", "beacon", "msvcc", "police", "decisions")

SAID = [
    ("", "We did not speak about it"),
    ("given", "They agree"),
    ("refused", "They do not agree"),
    ("wants_time", "They want time to decide"),
    ("withdrawn", "They agreed before, and have changed their mind"),
]

HINTS = MEANS | {"decisions": "To whom the Home Office sends its decisions, and that this way is safe for them."}

NOTHING_SAID = "Say what they said about at least one of these"
BOTH = "A way cannot be safe and not safe. Choose {} once only"


def _kind(kind: str) -> Any:
    return one_of(dict(CONSENT_KINDS)[kind], SAID, help_text=HINTS[kind], initial="")


class ConsentChangeForm(forms.Form):
    """One talk with the person. Nothing that was recorded before is shown: a code alone opens this page."""

    nrm = _kind("nrm")
    beacon = _kind("beacon")
    msvcc = _kind("msvcc")
    police = _kind("police")
    decisions = _kind("decisions")
    safe = any_of("Which ways to reach them are safe, and they agree to?", CHANNELS)
    not_safe = any_of("Which ways are not safe any more, or they do not want?", CHANNELS)
    said_on = SplitDateField(
        label="When did they say this?",
        help_text="For example, 27 3 2026.",
        future=False,
        subject="The day on which they said this",
        error_messages={"required": "Enter the day on which they said this"},
    )
    explained_by = one_of("Who explained it to them?", EXPLAINERS)
    language = line("In which language?", longest=60)
    interpreter = one_of("Who interpreted?", INTERPRETERS)
    privacy_notice_given = one_of("Were they given a privacy notice, or was it explained?", YES_NO_NOT_KNOWN)
    names = line(
        "Names of who explained it and who interpreted",
        longest=300,
        help_text="You can leave it empty. It is sealed, and only the coordinators can read it.",
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page. The form tag is the template's."""
        kinds = [Question(kind, small=True, size="m") for kind in KINDS]
        channels = [Question(name, small=True, size="m") for name in ("safe", "not_safe")]
        how = [
            Question("said_on", size="m"),
            Question("explained_by", small=True, size="s"),
            Question("language", width="20"),
            Question("interpreter", small=True, size="s"),
            Question("privacy_notice_given", small=True, size="s"),
            "names",
        ]
        helper = page_helper(*kinds, *channels, *how, "version", submit="Save what they said")
        helper.form_tag = False
        return helper

    def clean(self) -> dict[str, Any]:
        """Want at least one answer, and no way of contact that is both safe and not."""
        cleaned = super().clean()
        said = [name for name in (*KINDS, "safe", "not_safe") if cleaned.get(name) or name in self.errors]
        if not said:
            self.add_error("nrm", NOTHING_SAID)
        for channel, words in CHANNELS:
            if channel in cleaned.get("safe", []) and channel in cleaned.get("not_safe", []):
                self.add_error("not_safe", BOTH.format(f"“{words}”"))
        return cleaned

    def given(self) -> list[ConsentGiven]:
        """Return what a valid form records, kind by kind."""
        details = {
            "explained_on": self.cleaned_data["said_on"].isoformat(),
            "explained_by": self.cleaned_data["explained_by"],
            "language": language_in_the_open(self.cleaned_data["language"]),
            "interpreter": self.cleaned_data["interpreter"],
            "privacy_notice_given": self.cleaned_data["privacy_notice_given"],
        }
        return [ConsentGiven(kind=kind, state=state, **details) for kind, state in self._states().items()]

    def _states(self) -> dict[str, str]:
        kinds = {kind: self.cleaned_data[kind] for kind in KINDS if self.cleaned_data[kind]}
        safe = {f"contact_{channel}": "given" for channel in self.cleaned_data["safe"]}
        not_safe = {f"contact_{channel}": "withdrawn" for channel in self.cleaned_data["not_safe"]}
        return kinds | safe | not_safe

    def note(self) -> str:
        """Return what is kept sealed beside it: names, and a language that no list has."""
        typed = self.cleaned_data["language"]
        unlisted = language_in_the_open(typed) == OTHER_LANGUAGE
        return "\n".join(filter(None, [self.cleaned_data["names"], f"Language: {typed}" if unlisted else ""]))


def blank_form(version: int) -> ConsentChangeForm:
    """Return the page as it is first shown: today, and the version of the referral that its reader saw."""
    return ConsentChangeForm(initial={"said_on": timezone.localdate(), "version": str(version)})
