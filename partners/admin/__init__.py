"""The admin pages of the partners app. Importing the package registers them."""

from partners.admin import banners, board, contact, limits, lines, messages, organisations, people, rota, wording

__all__ = ["banners", "board", "contact", "limits", "lines", "messages", "organisations", "people", "rota", "wording"]
