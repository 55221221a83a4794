"""What in the public texts waits for somebody, on the first page of the admin."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse
from django.utils import timezone

from awareness.models import Content, Link
from partners.roles import Permission

register = template.Library()


@register.inclusion_tag("admin/awareness/content/attention.html", takes_context=True)
def content_attention(context: RequestContext) -> dict[str, Any]:
    """Return what to look at, each with a number and the way there; nothing for whoever does not keep the texts."""
    if not context["request"].user.may(Permission.MANAGE_PARTNERS):
        return {"notes": []}
    now = timezone.now()
    texts = Content.objects.public(now)
    listed, links = reverse("admin:awareness_content_changelist"), reverse("admin:awareness_link_changelist")
    counted = (
        (
            texts.to_check(timezone.localdate(now)).count(),
            "text is",
            "texts are",
            "due to be checked",
            f"{listed}?check=due",
        ),
        (Link.objects.broken().count(), "link does", "links do", "not lead anywhere", f"{links}?state=broken"),
    )
    return {
        "notes": [
            {"text": f"{count} {one if count == 1 else many} {what}", "url": url}
            for count, one, many, what, url in counted
            if count
        ]
    }
