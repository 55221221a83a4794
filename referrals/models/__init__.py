"""Models of the referrals app, by subject. Import them from here."""

from referrals.models.amendment import Amendment
from referrals.models.attachment import Attachment, AttachmentContent
from referrals.models.board_report import BoardReport
from referrals.models.draft import Draft
from referrals.models.figures import FigureAct, OpenBand, PeriodCounts, Publication
from referrals.models.handover import Exclusion, HandOver
from referrals.models.history import Consent, Note, Recommendation, ReferralEvent
from referrals.models.imported import ImportBatch, ImportedRow
from referrals.models.linking import Link, LinkKind, PersonKey
from referrals.models.nrm import NrmCase
from referrals.models.operation import Destination, Operation, OperationMovement
from referrals.models.referral import Referral, ReferralLocation, ReferralSecret
from referrals.models.saved import SavedFilter
from referrals.models.sealed import SealedRow

__all__ = [
    "Amendment",
    "Attachment",
    "AttachmentContent",
    "BoardReport",
    "Consent",
    "Destination",
    "Draft",
    "Exclusion",
    "FigureAct",
    "HandOver",
    "ImportBatch",
    "ImportedRow",
    "Link",
    "LinkKind",
    "Note",
    "NrmCase",
    "OpenBand",
    "Operation",
    "OperationMovement",
    "PeriodCounts",
    "PersonKey",
    "Publication",
    "Recommendation",
    "Referral",
    "ReferralEvent",
    "ReferralLocation",
    "ReferralSecret",
    "SavedFilter",
    "SealedRow",
]
