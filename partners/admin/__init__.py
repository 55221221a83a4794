"""The admin pages of the partners app. Importing the package registers them."""

from partners.admin import contact, messages, organisations, people

__all__ = ["contact", "messages", "organisations", "people"]
