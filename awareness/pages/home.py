"""The first page: for a stranger whom to ring and what to look for; for people with a role their next step."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from awareness.content.codes import EXPLOITATION_CODES
from awareness.pages.delivery import public_page
from awareness.pages.help_lines import help_lines
from awareness.pages.texts import listed, shown
from partners.models import User
from partners.roles import Permission

NEWS_ON_HOME = 2
#: (the permission that shows it, words, what it is for, name of the address), the likeliest first.
NEXT_STEPS = (
    (Permission.TRIAGE, "Triage", "Read new referrals, ask, decide, close.", "admin:referrals_referral_changelist"),
    (Permission.WORK_HANDOVERS, "Inbox", "What your organisation is asked to take on.", "inbox"),
    (Permission.WRITE_REFERRAL, "Make a referral", "About ten minutes. You can stop and come back.", "intake_start"),
    (Permission.WRITE_REFERRAL, "My referrals", "What became of them, and questions for you.", "my_referrals"),
    (
        Permission.SEE_ORGANISATION_REFERRALS,
        "Our organisation",
        "Where your colleagues’ referrals stand.",
        "organisation_referrals",
    ),
    (Permission.SEE_DASHBOARD, "Dashboard", "What was reported, and what came of it, quarter by quarter.", "dashboard"),
    (Permission.READ_BOARD, "Message board", "What the coordinators want partners to know.", "board"),
    (Permission.INVITE_COLLEAGUES, "People", "Invite a colleague, end an account.", "people"),
    (Permission.MANAGE_PARTNERS, "Settings", "Organisations, phone lines, wording, accounts.", "admin:index"),
    (Permission.SEE_MESSAGE_QUEUE, "Messages", "Whether every message has left.", "message_queue"),
    (Permission.SEE_ACCESS_LOG, "Access log", "Who looked at what, and when.", "access_log"),
)


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """What this is, whom to ring now, how a referral works; for people with a role their next step comes first."""
    user = request.user
    has_role = user.is_authenticated and user.role is not None
    context = {"has_role": has_role, "next_steps": next_steps(user), "help_lines": help_lines()}
    if not has_role:
        context |= _for_strangers()
    return render(request, "awareness/home.html", context)


def _for_strangers() -> dict:
    signs = list(listed(shown().signs().in_order()))
    return {
        "places": [row for row in signs if row.content.subject not in EXPLOITATION_CODES],
        "kinds": [row for row in signs if row.content.subject in EXPLOITATION_CODES],
        "news": listed(shown().news().newest()[:NEWS_ON_HOME]),
    }


def next_steps(user: User) -> list[dict[str, str]]:
    """Return the ways on for `user` as cards (`components/cards.html`); none for a stranger or an ended account."""
    if not user.is_authenticated or user.role is None:
        return []
    return [
        {"title": title, "text": text, "url": url}
        for permission, title, text, name in NEXT_STEPS
        if user.may(permission) and (url := _address(name))
    ]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:  # a page that another app does not offer
        return ""
