"""The admin pages of the awareness app. Importing the package registers them."""

from awareness.admin import campaigns, figures

__all__ = ["campaigns", "figures"]
