"""The admin pages of the awareness app. Importing the package registers them."""

from awareness.admin import campaigns, content, figures, links

__all__ = ["campaigns", "content", "figures", "links"]
