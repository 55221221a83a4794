"""What templates of the public pages ask for: `{% load public_pages %}{% public_menu as items %}`."""

from django import template
from django.template.context import RequestContext

from awareness.pages.menu import menu

register = template.Library()


@register.simple_tag(takes_context=True)
def public_menu(context: RequestContext) -> list[dict]:
    """Return the menu of the public pages for the page that is drawn."""
    return menu(context["request"].path)
