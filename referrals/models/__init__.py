"""Models of the referrals app, by subject. Import them from here."""

from referrals.models.draft import Draft
from referrals.models.history import Consent, Note, ReferralEvent
from referrals.models.referral import Referral, ReferralLocation, ReferralSecret, SealedRow

__all__ = [
    "Consent",
    "Draft",
    "Note",
    "Referral",
    "ReferralEvent",
    "ReferralLocation",
    "ReferralSecret",
    "SealedRow",
]
