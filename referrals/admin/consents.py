"""Consent on the case page: what holds, how it came to be, and recording what the person says now."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms

from partners.formfields import PlainTextField, SplitDateField, lower_first
from partners.models import User
from referrals import workflow
from referrals.admin.acting import Act
from referrals.admin.columns import PATHWAYS_SHORT, person
from referrals.admin.forms import ActForm
from referrals.admin.sections import CONSENT_TONES, consents, how_consent_was_given
from referrals.codes import (
    CONSENT_KINDS,
    CONSENT_STATES,
    EXPLAINERS,
    INTAKE_CONSENTS,
    INTERPRETERS,
    LANGUAGES,
    OTHER_LANGUAGE,
    YES_NO_NOT_KNOWN,
    label_of,
)
from referrals.handover_states import SEEN_STATES
from referrals.models import Consent, HandOver
from referrals.pathways import Pathway
from referrals.statuses import Move
from referrals.submission import ConsentGiven

NO_CHANGE = ("", "No change")
LANGUAGE_CHOICES = [
    ("", "Not known"),
    *((name, name) for name in sorted(LANGUAGES)),
    (OTHER_LANGUAGE, "Another language"),
]
DETAILS = ("explained_on", "explained_by", "language", "interpreter", "privacy_notice_given")


def section(rows: list[Consent], reader: User) -> dict:
    """Return what holds, which further kinds nobody has asked about yet, and every record."""
    held, recorded = consents(rows), {row.kind for row in rows}
    shown = [label for kind, label in CONSENT_KINDS if kind in recorded or kind in dict(INTAKE_CONSENTS)]
    unasked = [lower_first(label) for _, label in CONSENT_KINDS if label not in shown]
    kept = [row for row in held["rows"] if row["kind"] in shown]
    return held | {"rows": kept, "unasked": unasked, "history": history(rows, reader)}


def history(rows: Iterable[Consent], reader: User) -> list[dict]:
    """Return every record of what the person said, the newest first."""
    return [
        {
            "kind": label_of(row.kind, CONSENT_KINDS),
            "state": row.get_state_display(),
            "tone": CONSENT_TONES[row.state],
            "at": row.recorded_at,
            "who": person(row.recorded_by, reader),
            "how": how_consent_was_given(row),
        }
        for row in sorted(rows, key=lambda row: row.recorded_at, reverse=True)
    ]


def _radios(label: str, options: list[tuple[str, str]]) -> forms.ChoiceField:
    errors = {"invalid_choice": "Choose from the answers on this page"}
    return forms.ChoiceField(
        label=label, choices=options, widget=forms.RadioSelect, required=False, error_messages=errors
    )


class ConsentForm(ActForm):
    """What the person says now about each kind, how it was explained, and what has to be taken back for it."""

    explained_on = SplitDateField(
        label="When was it explained to them?",
        subject="The day",
        help_text="For example, 27 3 2026.",
        required=False,
        future=False,
    )
    explained_by = _radios("Who explained it?", EXPLAINERS)
    language = forms.ChoiceField(
        label="In which language?",
        choices=[
            ("", "Not known"),
            *((name, name) for name in sorted(LANGUAGES)),
            (OTHER_LANGUAGE, "Another language"),
        ],
        required=False,
        error_messages={"invalid_choice": "Choose a language from the list"},
    )
    interpreter = _radios("Who interpreted?", INTERPRETERS)
    privacy_notice_given = _radios("Were they given a privacy notice, or was it explained?", YES_NO_NOT_KNOWN)
    note = PlainTextField(
        label="Who explained it and who interpreted, by name (optional)",
        subject="Your note",
        help_text="Sealed with the case. It proves later that they knew what they agreed to.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    #: Drawn only when something would be taken back. Its value says what, so that a tick for less counts for nothing.
    confirm = forms.Field(required=False, label="Take these back?", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.states = workflow.newest_consents(self.referral)
        # Who has finished its work still sees the case: that ends with the consent as well.
        rows = self.referral.hand_overs.filter(status__in=SEEN_STATES, override_reason="")
        self.resting, self.recalled = list(rows.select_related("organisation")), []
        for kind, label in CONSENT_KINDS:
            self.fields[kind] = self._question(kind, label)

    def _question(self, kind: str, label: str) -> forms.ChoiceField:
        now = self.states.get(kind, "not_asked")
        offered = [(state, words) for state, words in CONSENT_STATES if state != "withdrawn" or now == "given"]
        lost = [one for one in self.resting if self._is_missing(one, self.states | {kind: "refused"})]
        rests = f" It carries the hand-over to {_names(lost)}." if lost else ""
        return forms.ChoiceField(
            label=label,
            help_text=f"Now: {lower_first(label_of(now, CONSENT_STATES))}.{rests}",
            choices=[NO_CHANGE, *offered],
            required=False,
            error_messages={"invalid_choice": "Choose what they said from the list"},
        )

    def _is_missing(self, hand_over: HandOver, states: dict[str, str]) -> str:
        return workflow.missing_consent(self.referral, Pathway(hand_over.pathway), states)

    @property
    def kinds(self) -> list[forms.BoundField]:
        """One select for each kind of consent."""
        return [self[kind] for kind, _ in CONSENT_KINDS]

    @property
    def how(self) -> list[forms.BoundField]:
        """How it was explained."""
        return [self[name] for name in (*DETAILS, "note")]

    def clean(self) -> dict[str, Any]:
        """Add `given`; want a change, and a tick under what will be taken back."""
        cleaned = super().clean()
        said = {kind: cleaned[kind] for kind, _ in CONSENT_KINDS if cleaned.get(kind)}
        if not said and not self.errors:
            self.add_error(CONSENT_KINDS[0][0], "Choose what they said for at least one of these")
        day = cleaned.get("explained_on")
        how = {name: cleaned.get(name) or "" for name in DETAILS} | {"explained_on": day.isoformat() if day else ""}
        cleaned["given"] = [ConsentGiven(kind=kind, state=state, **how) for kind, state in said.items()]
        self._want_confirmation(said)
        return cleaned

    def _want_confirmation(self, said: dict[str, str]) -> None:
        self.recalled = [one for one in self.resting if self._is_missing(one, self.states | said)]
        if not self.recalled:
            return
        key = ",".join(sorted(str(one.pk) for one in self.recalled))
        self.fields["confirm"].widget.choices = [(key, f"Yes, take it back from {_names(self.recalled)}")]
        if key not in (self.cleaned_data.get("confirm") or []):
            self.add_error("confirm", f"Confirm that it is taken back from {_names(self.recalled)}")


def _names(rows: list[HandOver]) -> str:
    names = [f"{one.organisation} ({lower_first(PATHWAYS_SHORT[Pathway(one.pathway)])})" for one in rows]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _record(referral_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.record_consents(
        referral_id=referral_id, given=data["given"], by=by, version=data["version"], note=data["note"]
    )


ACTS: dict[str, Act] = {
    "consent": Act(
        Move.RECORD_CONSENT,
        "Record consent",
        "What the person says now, for each kind of sharing and support. What it said before stays in the history. "
        "Before an organisation loses sight of the case you are told which.",
        "What they said is recorded.",
        _record,
        ConsentForm,
        page="consent.html",
        on_top=False,
    ),
}
