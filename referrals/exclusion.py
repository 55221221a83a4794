"""The condition that a referral must not be shared with an organisation. It stands in every way by which somebody comes
to see a referral, so that no page can forget it."""

from django.apps import apps
from django.db.models import Exists, OuterRef

from partners.models import Organisation


def excludes(organisation: Organisation | int | None, referral: str = "pk") -> Exists:
    """Return the condition that a referral is kept from `organisation`; `referral` is the column of its id."""
    exclusions = apps.get_model("referrals", "Exclusion").objects
    return Exists(exclusions.in_force().filter(referral=OuterRef(referral), organisation=organisation))
