"""Opening the sealed parts of a case for a coordinator: each part by its own click, each click on the access log."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from partners.models import AccessRecord, Area
from partners.sealing import CannotOpen
from referrals.admin import amendments
from referrals.admin.attachments import what_was_said
from referrals.admin.columns import person
from referrals.admin.reading import CaseFile
from referrals.codes import INTAKE_CONSENTS, label_of
from referrals.disclose import open_identity, open_location, open_notes, record_view
from referrals.forms.summary import Row, summary_rows
from referrals.models import Link, Note
from referrals.note_codes import NOTE_TAGS

IDENTITY, NOTES, AMENDMENTS, LOCATION = "identity", "notes", "amendments", "location"

#: Answers that stand on the page already as coded facts, as `(step, field)`. Signs are left out by the field alone.
SHOWN_AS_FACTS = {
    ("age", "age_group"),
    ("setting", "setting"),
    ("signs", "themes"),
    ("exploitation", "kinds"),
    *(("consent", kind) for kind, _ in INTAKE_CONSENTS),
    *(("consent_details", name) for name in ("explained_on", "explained_language", "interpreter")),
    ("consent_details", "privacy_notice_given"),
}


@dataclass
class Opened:
    """What this answer shows of the sealed parts. Nothing of it is kept anywhere."""

    identity: list[dict] | None = None
    location: list[dict] | None = None
    notes: list[dict] | None = None
    amendments: list[dict] | None = None
    broken: set[str] = field(default_factory=set)  # parts that the key does not open
    purpose: str = ""  # of the location: asked once, recorded with every look

    @property
    def parts(self) -> list[str]:
        """The parts that are shown, so that opening another keeps them open."""
        return [part for part in (IDENTITY, NOTES, AMENDMENTS, LOCATION) if getattr(self, part) is not None]


def open_parts(file: CaseFile, parts: Sequence[str], *, purpose: str = "") -> Opened:
    """Open `parts` of the case for its reader and record each look; a part that does not open is in `broken`."""
    opened = Opened(purpose=purpose)
    for part in parts:
        try:
            setattr(opened, part, _OPENERS[part](file, purpose))
        except CannotOpen:
            opened.broken.add(part)
    return opened


def _identity(file: CaseFile, purpose: str) -> list[dict]:
    return labelled(open_identity(file.referral, by=file.reader))


def _location(file: CaseFile, purpose: str) -> list[dict]:
    return labelled(open_location(file.referral, by=file.reader, purpose=purpose))


def _notes(file: CaseFile, purpose: str) -> list[dict]:
    """Everything that was written about the case, the reasons for not sharing it among them."""
    written = open_notes(file.referral, by=file.reader)
    organisations = {row.pk: row.organisation.name for row in file.hand_overs}
    found = [
        {
            "kind": note.get_kind_display(),
            "about": organisations.get(note.hand_over_id, "") or _tags(note),
            "who": person(note.by, file.reader),
            "at": note.at,
            "text": text,
        }
        for note, text in written
    ]
    reasons = _reasons_for_not_sharing(file) if file.exclusions else []
    reasons += [*_reasons_for_links(file), *what_was_said(file)]
    if reasons and not written:
        record_view(file.referral, by=file.reader, action=AccessRecord.Action.READ_NOTES)
    return sorted([*found, *reasons], key=lambda note: note["at"])


def _tags(note: Note) -> str:
    return ", ".join(label_of(tag, NOTE_TAGS).lower() for tag in note.tags)


def _reasons_for_not_sharing(file: CaseFile) -> list[dict]:
    rows = file.referral.exclusions.select_related("organisation", "added_by")
    return [
        {
            "kind": "Why it is not shared",
            "about": row.organisation.name,
            "who": person(row.added_by, file.reader),
            "at": row.added_at,
            "text": row.take_out()["reason"],
        }
        for row in rows
    ]


def _reasons_for_links(file: CaseFile) -> list[dict]:
    shown = {one.link.pk: one for one in file.links}
    said = [(shown[link.pk], link.take_out()["note"]) for link in Link.objects.filter(pk__in=shown)]
    return [
        {
            "kind": "Why it is linked",
            "about": f"referral {one.referral.reference}",
            "who": person(one.link.by, file.reader),
            "at": one.link.at,
            "text": text,
        }
        for one, text in said
        if text
    ]


def _amendments(file: CaseFile, purpose: str) -> list[dict]:
    return amendments.opened(file.referral, file.reader, purpose)


_OPENERS = {IDENTITY: _identity, NOTES: _notes, AMENDMENTS: _amendments, LOCATION: _location}


def labelled(answers: dict[str, dict[str, Any]]) -> list[dict]:
    """Return sealed answers as `[{"title", "rows"}]` for summary lists, without those in `SHOWN_AS_FACTS`.

    Answers to questions that the form no longer asks come last under their own keys: what was told is never left out.
    """
    parts = summary_rows(answers, districts=dict(Area.objects.values_list("code", "name")))
    sections = [{"title": part.title, "rows": [_row(row) for row in part.rows if not _is_fact(row)]} for part in parts]
    known = {(row.step.key, row.field) for part in parts for row in part.rows}
    rest = [
        {"key": name.replace("_", " ").capitalize(), "value": _plain_words(value)}
        for step, given in answers.items()
        for name, value in given.items()
        if (step, name) not in known
    ]
    return [section for section in [*sections, {"title": "Other answers", "rows": rest}] if section["rows"]]


def _row(row: Row) -> dict:
    return {"key": row.label, "value": row.value}


def _is_fact(row: Row) -> bool:
    return row.field == "indicators" or (row.step.key, row.field) in SHOWN_AS_FACTS


def _plain_words(value: Any) -> str | list[str]:
    return [str(item) for item in value] if isinstance(value, list) else str(value)


#: What is kept, in words for one and for several.
KEPT_WORDS = {
    Note.Kind.QUESTION: ("question to the referrer", "questions to the referrer"),
    Note.Kind.ANSWER: ("answer of the referrer", "answers of the referrer"),
    Note.Kind.PARTNER_QUESTION: ("question of a partner", "questions of partners"),
    Note.Kind.PARTNER_ANSWER: ("answer to a partner", "answers to partners"),
    Note.Kind.PARTNER_REPORT: ("report of a partner", "reports of partners"),
    Note.Kind.OVERRIDE: ("reason for going without consent", "reasons for going without consent"),
    Note.Kind.CONSENT: ("note on how consent was explained", "notes on how consent was explained"),
    Note.Kind.DECISION: ("reason for a decision", "reasons for decisions"),
    Note.Kind.NOTE: ("note", "notes"),
}


def kept_notes(kinds: list[str], exclusions: int = 0, links: int = 0, attachments: int = 0) -> list[str]:
    """Say how many questions, answers and notes are kept, without opening any: ['1 question to the referrer', ...]."""
    counted = [(kinds.count(kind), words) for kind, words in KEPT_WORDS.items()]
    counted.append((exclusions, ("reason for not sharing it", "reasons for not sharing it")))
    counted.append((links, ("link with its reason, if one was given", "links with their reasons, if any were given")))
    counted.append((attachments, ("attachment, and what was said of it", "attachments, and what was said of them")))
    return [f"{count} {one if count == 1 else many}" for count, (one, many) in counted if count]
