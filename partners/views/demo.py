"""The demonstration's own pages: sign in as anybody, and read the mail. They exist in a demo on this machine only."""

import re
from collections.abc import Callable
from email import policy
from email.message import MIMEPart
from email.parser import BytesParser
from functools import wraps
from pathlib import Path

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from partners.access import public
from partners.demo import DEMO_BY_KEY, DEMO_PEOPLE, is_demo
from partners.models import User

SHOWN = 200
MAIL_NAME = re.compile(r"\d{10,25}-[0-9a-f]{8}")


def demo_only(view: Callable) -> Callable:
    """Hide a view (404) outside a demo on this machine. It needs no sign-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        if not is_demo(request):
            raise Http404
        return view(request, *args, **kwargs)

    return public(never_cache(guarded))


@demo_only
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Offer the demo people, one click each."""
    return render(request, "partners/demo.html", {"demo_people": DEMO_PEOPLE})


@demo_only
@require_POST
def demo_sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in as a demo person, as if a code and a second step had been shown."""
    if key not in DEMO_BY_KEY:
        raise Http404
    user = get_object_or_404(User, email=DEMO_BY_KEY[key].email)
    logout(request)  # whoever was signed in here before
    for method in ("code", "mfa"):
        record_authentication(request, user, method)
    return perform_login(request, Login(user=user))


def _mails() -> list[Path]:
    """Return the kept mails, newest first: their names begin with the time."""
    directory = Path(settings.DEMO_MAIL_DIR) if settings.DEMO_MAIL_DIR else None
    if directory is None or not directory.is_dir():
        return []
    return sorted((path for path in directory.glob("*.eml") if MAIL_NAME.fullmatch(path.stem)), reverse=True)


def _read(path: Path, *, headers_only: bool = False) -> MIMEPart:
    with path.open("rb") as file:
        return BytesParser(policy=policy.default).parse(file, headersonly=headers_only)


def _summary(path: Path) -> dict:
    mail = _read(path, headers_only=True)
    return {
        "name": path.stem,
        "to": mail.get("X-Envelope-To", mail["To"]),
        "subject": mail["Subject"],
        "at": getattr(mail["Date"], "datetime", None),
    }


@demo_only
@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """List the mail that the demo has sent."""
    return render(request, "partners/demo_mail.html", {"mails": [_summary(path) for path in _mails()[:SHOWN]]})


@demo_only
@require_safe
def demo_mail_message(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail; its links can be followed."""
    path = next((path for path in _mails() if path.stem == name), None)
    if path is None:
        raise Http404
    try:
        body = _read(path).get_body(preferencelist=("plain",))
        text = body.get_content() if body else ""
    except (LookupError, UnicodeError) as error:
        raise BadRequest from error
    return render(request, "partners/demo_mail_message.html", {"mail": _summary(path), "text": text})
