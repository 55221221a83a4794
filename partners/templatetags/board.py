"""How the text of a post is shown: `{% load board %}{% for paragraph in post.text|paragraphs %}`."""

import re

from django import template

register = template.Library()


@register.filter
def paragraphs(text: str) -> list[str]:
    """Return the parts of `text` between empty lines. They are text, to be escaped like any other."""
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]
