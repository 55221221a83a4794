"""The admin pages of the partners app. Importing the package registers them."""

from partners.admin import contact, limits, messages, organisations, people

__all__ = ["contact", "limits", "messages", "organisations", "people"]
