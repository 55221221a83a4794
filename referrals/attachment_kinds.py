"""What an attachment is and why one is removed, in coded words.

Pure. A name or a description that somebody gives is sealed; these codes are what lists, histories and messages say.
"""

from enum import StrEnum


class AttachmentKind(StrEnum):
    """What the file shows, as whoever added it said."""

    PHOTO = "photo"
    LETTER = "letter"
    CONSENT_FORM = "consent_form"
    OTHER = "other"


class RemovalReason(StrEnum):
    """Why nobody may open it any more."""

    WRONG_REFERRAL = "wrong_referral"
    TOO_MUCH = "too_much"
    TWICE = "twice"
    ASKED = "asked"


KIND_LABELS: dict[AttachmentKind, str] = {
    AttachmentKind.PHOTO: "Photo",
    AttachmentKind.LETTER: "Letter or document",
    AttachmentKind.CONSENT_FORM: "Consent form",
    AttachmentKind.OTHER: "Something else",
}

#: One of a kind and several, in the middle of a sentence.
KIND_WORDS: dict[AttachmentKind, tuple[str, str]] = {
    AttachmentKind.PHOTO: ("photo", "photos"),
    AttachmentKind.LETTER: ("letter or document", "letters or documents"),
    AttachmentKind.CONSENT_FORM: ("consent form", "consent forms"),
    AttachmentKind.OTHER: ("other file", "other files"),
}

REMOVAL_LABELS: dict[RemovalReason, str] = {
    RemovalReason.WRONG_REFERRAL: "It belongs to another referral",
    RemovalReason.TOO_MUCH: "It shows more than anybody needs",
    RemovalReason.TWICE: "It was added twice",
    RemovalReason.ASKED: "The person asked for it",
}


def counted(kind: AttachmentKind | str, count: int = 1) -> str:
    """Say how many of a kind there are: '1 photo', '2 consent forms'."""
    one, many = KIND_WORDS[AttachmentKind(kind)]
    return f"{count} {one if count == 1 else many}"
