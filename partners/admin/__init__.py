"""The admin pages of the partners app. Importing the package registers them."""

from partners.admin import board, contact, limits, messages, organisations, people

__all__ = ["board", "contact", "limits", "messages", "organisations", "people"]
