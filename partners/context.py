"""What every page needs: the partnership's name and colours, the navigation, the help lines."""

from django.http import HttpRequest
from django.urls import reverse

from partners.models import Partnership
from partners.roles import Permission


def site(request: HttpRequest) -> dict:
    """Context for every template: `partnership`, `nav_items`."""
    return {"partnership": Partnership.current(), "nav_items": _navigation(request)}


def _navigation(request: HttpRequest) -> list[dict]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.role is None:
        return []
    entries = [
        (Permission.WRITE_REFERRAL, "Make a referral", "intake_start"),
        (Permission.WRITE_REFERRAL, "My referrals", "my_referrals"),
        (Permission.SEE_ORGANISATION_REFERRALS, "Our organisation", "organisation_referrals"),
        (Permission.INVITE_COLLEAGUES, "People", "people"),
        (Permission.TRIAGE, "Triage", "admin:referrals_referral_changelist"),
        (Permission.SEE_MESSAGE_QUEUE, "Messages", "message_queue"),
    ]
    return [
        {"label": label, "url": reverse(name), "current": request.path == reverse(name)}
        for permission, label, name in entries
        if user.may(permission)
    ]
