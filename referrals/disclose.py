"""Opening what is sealed, for a person: the access record is written in the same transaction, or nothing is shown."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from partners.access import record_access
from partners.models import AccessRecord, User
from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals.limited_views import LIMITED_VIEWS, limited
from referrals.models import Amendment, Attachment, HandOver, Note, NrmCase, Operation, Referral
from referrals.pathways import Pathway

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


def record_held_back(referrals: Collection[Referral], *, by: User) -> None:
    """Record that `by` was told that a reason names somebody in each of `referrals`: the answer says what is sealed."""
    for referral in referrals:
        record_view(
            referral, by=by, action=Action.OPEN_IDENTITY, purpose="A reason was held back because it names the person"
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
def open_to_amend(referral: Referral, *, by: User, page: str, place: str = "") -> tuple[dict, dict]:
    """Return the two sealed blobs for the page `page` of the form, and record the looks.

    `place` is why the location is needed; without it the second blob is left closed and is empty here.
    """
    location = open_location(referral, by=by, purpose=place) if place else {}
    return open_identity(referral, by=by, purpose=f"To amend: {page}"), location


@transaction.atomic
def open_amendments(referral: Referral, *, by: User, place: str = "") -> list[tuple[Amendment, dict]]:
    """Return each amendment with its old answers, new answers and reason, oldest first, and record the look.

    What it changed about the location is left out unless `place` says why it is needed.
    """
    rows = Amendment.objects.filter(event__referral=referral).select_related("event__by")
    opened = [(row, row.take_out()) for row in rows]
    if opened:
        record_view(referral, by=by, action=Action.READ_AMENDMENTS)
    if place and any(kept["location"]["old"] or kept["location"]["new"] for _, kept in opened):
        record_view(referral, by=by, action=Action.OPEN_LOCATION, purpose=place)
    return [(row, kept if place else {**kept, "location": None}) for row, kept in opened]


@transaction.atomic
def open_limited(hand_over: HandOver, *, by: User) -> tuple[dict, dict]:
    """Return what the pathway of an accepted hand-over needs of the two sealed blobs, and record the look.

    Raises PermissionError for one that is not accepted, or that `by` does not see any more: before, coded facts have to
    do. What is asked is the database, not a row that was read before it was taken back.
    """
    if not HandOver.objects.seen_by(by).filter(pk=hand_over.pk, accepted_at__isnull=False).exists():
        raise PermissionError("the hand-over is not accepted, or not seen")
    referral, view = hand_over.referral, LIMITED_VIEWS[Pathway(hand_over.pathway)]
    secret = limited(referral.secret.take_out(), view.secret)
    location = limited(referral.location.take_out(), view.location) if view.location else {}
    record_view(referral, by=by, action=Action.OPEN_IDENTITY)
    if location:
        record_view(referral, by=by, action=Action.OPEN_LOCATION, purpose=hand_over.get_pathway_display())
    return secret, location


@transaction.atomic
def open_hand_over_notes(hand_over: HandOver, *, by: User) -> list[tuple]:
    """Return the questions, answers and reports of one hand-over as `(note, text)`, oldest first; record the look.

    Raises PermissionError for an organisation that does not see the case any more: an answer may name the person.
    """
    rows = HandOver.objects.visible_to(by) if by.may(Permission.TRIAGE) else HandOver.objects.seen_by(by)
    if not rows.filter(pk=hand_over.pk).exists():
        raise PermissionError("the hand-over is not seen")
    kinds = (Note.Kind.PARTNER_QUESTION, Note.Kind.PARTNER_ANSWER, Note.Kind.PARTNER_REPORT)
    notes = list(hand_over.notes.filter(kind__in=kinds).select_related("by"))
    opened = [(note, note.take_out()["text"]) for note in notes]
    if opened:
        record_view(hand_over.referral, by=by, action=Action.READ_NOTES)
    return opened


@transaction.atomic
def open_attachment(attachment_id: UUID, *, by: User) -> tuple[Attachment, bytes]:
    """Return an attachment and its bytes, and record the look: which one it was, by its number.

    Raises Attachment.DoesNotExist when `by` may not open it, or it was removed; `partners.sealing.CannotOpen`.
    """
    rows = Attachment.objects.visible_to(by).kept().select_related("content", "referral")
    attachment = rows.get(pk=attachment_id)
    content = attachment.open_content()
    record_view(attachment.referral, by=by, action=Action.OPEN_ATTACHMENT, purpose=str(attachment))
    return attachment, content


@transaction.atomic
def open_sheet(case: NrmCase, *, by: User, action: Action = Action.OPEN_ANSWER_SHEET) -> tuple[dict, dict, dict]:
    """Return `(secret, location, kept)` for the answer sheet, and record the look. `kept` is the case's own blob.

    Raises PermissionError when `by` may not open it, or may not any more.
    """
    if not NrmCase.objects.visible_to(by).filter(pk=case.pk).exists():
        raise PermissionError("not the named first responder")
    referral = case.referral
    blobs = referral.secret.take_out(), referral.location.take_out(), case.take_out()
    record_view(referral, by=by, action=action)
    return blobs


@transaction.atomic
def open_operation(operation: Operation, *, by: User) -> dict | None:
    """Return the sealed part of an operation that `by` may see, and record the look.

    It is empty for somebody who only opens the reception centre, and None when the key does not open it: the board is
    needed all the same.
    """
    record_access(
        by=by,
        action=Action.OPEN_OPERATION,
        object_kind="operation",
        object_id=operation.id,
        reference=operation.reference,
    )
    if not Operation.objects.run_by(by).filter(pk=operation.pk).exists():
        return {}
    try:
        return operation.take_out()
    except CannotOpen:
        return None


@transaction.atomic
def open_notes(referral: Referral, *, by: User, kinds: tuple[str, ...] = tuple(Note.Kind.values)) -> list[tuple]:
    """Return `(note, text)` pairs, oldest first, and record the look when there is anything to see."""
    notes = list(referral.notes.filter(kind__in=kinds).select_related("by"))
    opened = [(note, note.take_out()["text"]) for note in notes]
    if opened:
        own = kinds == (Note.Kind.QUESTION,)
        record_view(referral, by=by, action=Action.READ_QUESTION if own else Action.READ_NOTES)
    return opened
