"""What hangs on an organisation that is to end: shown before, so that nobody is left without an answer. Other apps say
what they know; which of them is in the setting HANGS_ON, so that this app imports none."""

import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from partners.holdings import Holding
from partners.models import Membership, Organisation, SupportLine
from partners.roles import Role


def what_hangs_on(organisation: Organisation) -> list[Holding]:
    """Return what hangs on `organisation`, and what becomes of it; kinds of which there are none are left out."""
    lines = SupportLine.objects.in_force(timezone.localdate()).filter(organisation=organisation)
    found = [
        Holding(
            "People with an account",
            organisation.memberships.active().count(),
            "From the day after the last they can sign in and do nothing. End their memberships, or invite them to the "
            "organisation that follows.",
        ),
        Holding("Support lines", lines.count(), "They stay on the pages until they get a last day of their own."),
        *(holding for path in settings.HANGS_ON for holding in import_string(path)(organisation)),
    ]
    return [holding for holding in found if holding.count]


def has_the_last_coordinators(organisation: Organisation, after: datetime.date) -> bool:
    """Return whether nobody outside `organisation` could work the queue after the local date `after`."""
    coordinators = Membership.objects.in_role(Role.COORDINATOR)
    ends_later = Q(organisation__ends_on__isnull=True) | Q(organisation__ends_on__gt=after)
    goes_on = Q(organisation__starts_on__lte=after) & ends_later
    elsewhere = coordinators.exclude(organisation=organisation).filter(goes_on)
    return coordinators.filter(organisation=organisation).exists() and not elsewhere.exists()
