"""Opening what is sealed, for a person: the access record is written in the same transaction, or nothing is shown."""

from django.db import transaction

from partners.access import record_access
from partners.models import AccessRecord, User
from referrals.models import Note, Referral

Action = AccessRecord.Action


def record_view(referral: Referral, *, by: User, action: Action = Action.VIEW, purpose: str = "") -> None:
    """Record that `by` looked at `referral`."""
    record_access(
        by=by,
        action=action,
        object_kind="referral",
        object_id=referral.id,
        reference=referral.reference,
        purpose=purpose,
    )


@transaction.atomic
def open_identity(referral: Referral, *, by: User, purpose: str = "") -> dict:
    """Return the identity and the account, `{step: {field: value}}`, and record the look.

    Raises `partners.sealing.CannotOpen` when the blob does not open; nothing is recorded then, nothing was seen.
    """
    answers = referral.secret.take_out()
    record_view(referral, by=by, action=Action.OPEN_IDENTITY, purpose=purpose)
    return answers


@transaction.atomic
def open_location(referral: Referral, *, by: User, purpose: str) -> dict:
    """Return where the person is or was found, and record the look with its purpose. See `open_identity`."""
    answers = referral.location.take_out()
    record_view(referral, by=by, action=Action.OPEN_LOCATION, purpose=purpose)
    return answers


@transaction.atomic
def open_notes(referral: Referral, *, by: User, kinds: tuple[str, ...] = tuple(Note.Kind.values)) -> list[tuple]:
    """Return `(note, text)` pairs, oldest first, and record the look when there is anything to see."""
    notes = list(referral.notes.filter(kind__in=kinds).select_related("by"))
    opened = [(note, note.take_out()["text"]) for note in notes]
    if opened:
        own = kinds == (Note.Kind.QUESTION,)
        record_view(referral, by=by, action=Action.READ_QUESTION if own else Action.READ_NOTES)
    return opened
