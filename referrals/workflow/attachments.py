"""Adding a photo or a document to a referral, and removing one. What comes here was redrawn (`referrals/redrawing`)."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from partners.models import User
from partners.roles import Permission
from referrals.attachment_kinds import AttachmentKind, RemovalReason
from referrals.models import Attachment, Referral
from referrals.models.attachment import MOST_OF_A_REFERRAL
from referrals.notifications import tell
from referrals.redrawing import Redrawn
from referrals.statuses import Move, MoveNotAllowed, Status
from referrals.workflow.moves import NotAllowed, Refused, locked, note_event, require


@transaction.atomic
def attach(
    *,
    referral_id: UUID,
    kind: AttachmentKind | str,
    drawn: Redrawn,
    by: User,
    submit_key: UUID,
    name: str = "",
    text: str = "",
) -> Attachment:
    """Keep a file with a referral; `name` (that it came with) and `text` (said about it) are sealed.

    Coordinators add to any referral they see, the referrer to their own open one; its coordinator is told then. The
    same `submit_key` again returns what is kept already. Raises NotAllowed, MoveNotAllowed; Refused when it is full.
    """
    referral = locked(referral_id, by=by, version=None)
    is_referrer = Referral.objects.visible_to(by).logged_by(by).filter(pk=referral.pk).exists()
    if not (is_referrer or by.may(Permission.TRIAGE)):
        raise NotAllowed("neither a coordinator nor the referrer")
    rows = Attachment.objects.filter(referral=referral)
    if before := rows.filter(submit_key=submit_key, by=by).first():
        return before
    if not (referral.is_open or by.may(Permission.TRIAGE)):
        raise MoveNotAllowed(Move.ATTACH, Status(referral.status))
    if rows.kept().count() >= MOST_OF_A_REFERRAL:
        raise Refused(f"This referral has {MOST_OF_A_REFERRAL} attachments, and no more can be added", "file")
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Attachment(referral=referral, number=number, kind=kind, by=by, submit_key=submit_key)
    content = made.seal_content(drawn, name=name, text=text)
    made.save(force_insert=True)
    content.save(force_insert=True)
    tells = {"from_referrer": True} if is_referrer and referral.owner_id != by.pk else {}
    tell(referral, note_event(referral, Move.ATTACH, by=by, facts={"number": number, "kind": str(kind), **tells}))
    return made


@transaction.atomic
def remove_attachment(*, attachment_id: UUID, reason: RemovalReason | str, by: User) -> Attachment:
    """Close an attachment for everybody, with a reason. The row, who added it and its sealed bytes stay.

    Raises Attachment.DoesNotExist for one that `by` does not see or that was removed already; NotAllowed.
    """
    require(by, Permission.TRIAGE)
    found = Attachment.objects.visible_to(by).get(pk=attachment_id)
    referral = locked(found.referral_id, by=by, version=None)
    row = Attachment.objects.kept().get(pk=attachment_id)
    row.removed_at, row.removed_by, row.removal_reason = Now(), by, reason
    row.save(update_fields=["removed_at", "removed_by", "removal_reason"])
    facts = {"number": row.number, "kind": row.kind, "reason": str(reason)}
    note_event(referral, Move.DETACH, by=by, facts=facts)
    row.refresh_from_db(fields=["removed_at"])
    return row
