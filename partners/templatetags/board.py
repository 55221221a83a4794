"""How the text of a post is shown: `{% load board %}{% for paragraph in post.text|paragraphs %}`."""

from django import template

from partners import plain_text

register = template.Library()
register.filter("paragraphs", plain_text.paragraphs)
