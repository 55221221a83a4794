"""What every page needs: whose service it is, the ways on from here, the phone lines, the length of the session."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from partners.access import Lane, lane_of
from partners.banners import Notice, notices_for, partnership_with_banners
from partners.board.reading import unread
from partners.demo import is_demo
from partners.models import SupportLine
from partners.roles import Permission
from partners.sessions import GRAIN, idle_seconds

#: (the permission that shows it, words, name of the address)
PAGES = (
    (Permission.WORK_HANDOVERS, "Inbox", "inbox"),
    (Permission.WRITE_REFERRAL, "Make a referral", "intake_start"),
    (Permission.WRITE_REFERRAL, "My referrals", "my_referrals"),
    (Permission.RUN_OPERATION, "Operations", "operations"),
    (Permission.SEE_ORGANISATION_REFERRALS, "Our organisation", "organisation_referrals"),
    (Permission.SEE_DASHBOARD, "Dashboard", "dashboard"),
    (Permission.READ_BOARD, "Message board", "board"),
    (Permission.INVITE_COLLEAGUES, "People", "people"),
    (Permission.TRIAGE, "Triage", "admin:referrals_referral_changelist"),
    (Permission.MANAGE_PARTNERS, "Settings", "admin:index"),
    (Permission.SEE_MESSAGE_QUEUE, "Messages", "message_queue"),
    (Permission.SEE_ACCESS_LOG, "Access log", "access_log"),
)
ACCOUNT_PAGES = (("How you sign in", "mfa_index"), ("Where you are signed in", "usersessions_list"))
#: (words, name of the address, its slug)
FOOTER_PAGES = (
    ("Site map", "site_map", None),
    ("Published figures", "published_figures", None),
    ("Cover your tracks", "page", "cover-your-tracks"),
    ("Accessibility", "accessibility", None),
    ("Privacy", "privacy", None),
    ("Cookies", "cookies", None),
)
DEMO_PAGES = (("Demonstration: sign in as somebody else", "demo", None), ("Demonstration: mail", "demo_mail", None))


def site(request: HttpRequest) -> dict:
    """Context for every template: `partnership`, `banners`, `support_lines`, `nav_items`, `account_items`,
    `footer_links`, `session_seconds`, `stay_url`, `board` (what is unread there). Rows are read when a template uses
    them."""
    both = SimpleLazyObject(partnership_with_banners)
    return {
        "partnership": SimpleLazyObject(lambda: both[0]),
        "banners": SimpleLazyObject(lambda: _banners(request, both[1])),
        "support_lines": SimpleLazyObject(_public_lines),
        "footer_links": _footer(request),
        **_for_signed_in(request),
    }


def _footer(request: HttpRequest) -> list[dict]:
    pages = FOOTER_PAGES + (DEMO_PAGES if is_demo(request) else ())
    return [
        {"label": label, "url": reverse(name, kwargs={"slug": slug} if slug else None)} for label, name, slug in pages
    ]


def _banners(request: HttpRequest, notices: list[Notice]) -> list[Notice]:
    match = getattr(request, "resolver_match", None)  # none on the page for an address that does not exist
    return notices_for(notices, public_page=match is None or lane_of(match.func) is Lane.PUBLIC)


def _public_lines() -> list[SupportLine]:
    return list(SupportLine.objects.in_force(timezone.localdate()).filter(public=True))


def _for_signed_in(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.role is None:
        return {}
    board = SimpleLazyObject(lambda: unread(user))
    return {
        "board": board,
        "nav_items": [
            {"label": label, "url": reverse(name), "current": request.path == reverse(name), **_unread(name, board)}
            for permission, label, name in PAGES
            if user.may(permission)
        ],
        "account_items": [{"label": label, "url": reverse(name)} for label, name in ACCOUNT_PAGES],
        "session_seconds": idle_seconds(user) - GRAIN,  # the server may have noted the last sign of life that long ago
        "stay_url": reverse("stay"),
    }


def _unread(name: str, board: Any) -> dict[str, Any]:
    """The entry of the board says how much is unread. The admin's pages do not ask: theirs have no query to spare."""
    return {"unread": board} if name == "board" else {}
