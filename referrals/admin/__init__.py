"""The coordinators' place: the queue and the case page in the Django admin. Importing the package registers them."""

from referrals.admin import board_reports, queue

__all__ = ["board_reports", "queue"]
