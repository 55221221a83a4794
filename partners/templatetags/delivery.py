"""What people must know of the messages on their own pages: `{% load delivery %}{% delivery_state %}`."""

from django import template

from partners import metrics
from partners.models import User
from partners.roles import Permission

register = template.Library()


@register.inclusion_tag("partners/delivery_state.html", takes_context=True)
def delivery_state(context) -> dict:
    """Say how the messages stand, with two queries at most.

    For who may see the queue: the age of the oldest unsent message and how many could not be delivered. For a lead:
    which addresses of their organisation are refused. For everybody else nothing.
    """
    user: User | None = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return {}
    if user.may(Permission.SEE_MESSAGE_QUEUE):
        age, undelivered = metrics.standing(user)
        return {
            "queue": True,
            "age": metrics.in_words(age) if age is not None else "",
            "late": age is not None and age > metrics.LATE,
            "undelivered": undelivered,
        }
    if user.may(Permission.INVITE_COLLEAGUES) and user.organisation:
        refused = {recipient(message) for message in metrics.refused_addresses(user.organisation)}
        return {"refused": sorted(refused)}
    return {}


@register.filter
def recipient(message) -> str:
    """Say who a message goes to: a colleague by name and organisation, or an organisation's mailbox."""
    if message.organisation is not None:
        return f"{message.organisation}: {message.get_contact_display().lower()}"
    organisation = next((membership.organisation for membership in message.user.memberships.all()), None)
    return f"{message.user.get_full_name()}, {organisation}" if organisation else message.user.get_full_name()
