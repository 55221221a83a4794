"""Sign-in by an e-mailed code: what allauth leaves to us.

- Nobody has a password, nobody signs up: an account is made by invitation.
- The code is derived from a random ticket and the secret key. The session, a row in the database, holds the ticket
  only: a stolen copy of the table signs nobody in (security, threat 26).
- It lives for 15 minutes, not for allauth's 3: mail to NHS and council addresses is scanned and often takes minutes.
  It has 8 digits and 3 attempts, counted in PostgreSQL, and at most 12 codes an hour go to one address.
- Whether an address is known is not shown. A person without an account, or whose account has ended, gets a mail that
  says so when the address is at a partner's domain; strangers elsewhere get none, so that nobody can use this page to
  send mail to others.
- A second step is asked for by the page that needs one (`partners/middleware.py`), not at sign-in: a lead without a
  phone in reach can still log a referral (ADR 0002).
"""

import secrets
from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac

from partners.channels import DeliveryFailed, Email, Letter
from partners.models import ErrorCode, Membership, Organisation, Partnership, User
from partners.roles import Permission
from partners.standing import standing_problem
from partners.views.errors import standing_stop

CODE_DIGITS = 8

#: Where a person begins who did not ask for a page: the first permission they have decides.
START_PAGES = (
    (Permission.TRIAGE, "admin:index"),
    (Permission.MANAGE_ACCOUNTS, "admin:index"),
    (Permission.WRITE_REFERRAL, "my_referrals"),
    (Permission.SEE_ACCESS_LOG, "access_log"),
)


def code_for(ticket: str) -> str:
    """Return the sign-in code of a ticket, eight digits; "" (which no code matches) for the empty ticket."""
    if not ticket:
        return ""
    digest = salted_hmac("partners.sign_in.code", ticket, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:16], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def start_page(user: User) -> str:
    """Return the address of the page on which `user` begins."""
    return reverse(next((name for permission, name in START_PAGES if user.may(permission)), "home"))


def write_to_stranger(email: str) -> None:
    """Answer a request for a code from an address without a working account, so that it takes as long as any other.

    At a partner's domain a mail says how to get an account. Elsewhere the mail server is only greeted. Raises
    DeliveryFailed when it does not work, as for a known address.
    """
    domain = email.rpartition("@")[2].lower()
    if Organisation.objects.filter(email_domains__contains=[domain]).exists():
        SignInAdapter().send_mail("account/email/no_account", email, {})
        return
    Email().greet()


class AccountBackend(BaseBackend):
    """Finds the account of a session, also when it is suspended: the person is told so, and loses nothing they typed.

    `partners.middleware.StandingMiddleware` lets such an account do nothing else. There are no passwords, so there is
    nothing to authenticate here.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return the account, active or not, with its membership in the same query: every request asks for both."""
        try:
            membership = Membership.objects.active().select_related("user", "organisation").get(user=user_id)
        except Membership.DoesNotExist:
            return User.objects.filter(pk=user_id).first()
        membership.user.membership = membership
        return membership.user


class SignInAdapter(DefaultAccountAdapter):
    """Our answers to allauth's questions."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "The code is not right. Check the newest mail and type its 8 digits",
        "too_many_login_attempts": "There were too many attempts. Wait a few minutes and start again",
        "rate_limited": "There were too many attempts. Wait a few minutes and start again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: accounts are made by invitation."""
        return False

    def get_login_stages(self) -> list[str]:
        """The code is the only stage; the second step is asked for by the pages that need it."""
        return ["allauth.account.stages.LoginByCodeStage"]

    def generate_login_code(self) -> str:
        """Return a ticket; `code_for` makes the code of it. A code that is sent again is the same code: with slow mail
        the first one often arrives after the second was asked for, and must still work.
        """
        return getattr(context.request, "sign_in_ticket", "") or secrets.token_urlsafe(24)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a sign-in mail at once and not through the outbox: whoever waits for it must hear if it cannot leave.

        It goes the way of all our mail, encrypted off this machine. Raises DeliveryFailed when it was not accepted; a
        line that broke at the very end has probably delivered it.
        """
        more = {"partnership": Partnership.current()}
        if ticket := context.get("code"):
            code = code_for(ticket)
            more["code"] = f"{code[:4]} {code[4:]}"
        mail = self.render_mail(template_prefix, email, more)
        way = Email()
        try:
            way.send(way.compose(Letter(id=uuid4(), to=email, subject=mail.subject, body=mail.body)))
        except DeliveryFailed as failure:
            if failure.code != ErrorCode.AMBIGUOUS:
                raise

    def send_notification_mail(self, *args, **kwargs) -> None:
        """Send nothing: notices about an account are messages of the outbox (`partners/accounts.py`)."""

    def pre_login(self, request: HttpRequest, user: User, **kwargs) -> HttpResponse | None:
        """Stop somebody who may do nothing here. They have shown who they are, so they are told why."""
        if problem := standing_problem(user):
            clear_login(request)
            return standing_stop(request, problem)
        return None

    def post_login(self, request: HttpRequest, user: User, **kwargs) -> HttpResponse:
        """Forget the address once the person is in: the session names nobody."""
        response = super().post_login(request, user, **kwargs)
        records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {key: value for key, value in record.items() if key != "email"} for record in records
        ]
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where a person begins who did not ask for a page."""
        return start_page(request.user)

    def get_reauthentication_methods(self, user: User) -> list[dict]:
        """Ask for a passkey first where there is one: it cannot be given away on the phone."""
        methods = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: "webauthn" not in method["id"])
