"""What must be kept from whom. Another app knows it; the setting KEPT_FROM names its function: this app imports none.

A message holds a reference. Somebody from whom the referral is kept must not learn from the pages about messages that
there is one (security, threat 2).
"""

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from partners.models import Message, User


def messages_for(user: User) -> QuerySet[Message]:
    """Return the messages whose existence `user` may know of: all but those about a referral that is kept from them."""
    kept = import_string(settings.KEPT_FROM)(user)
    return Message.objects.exclude(referral_id__in=kept)
