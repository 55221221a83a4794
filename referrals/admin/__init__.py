"""The coordinators' place: the queue and the case page in the Django admin. Importing the package registers them."""

from referrals.admin import queue

__all__ = ["queue"]
