"""The way in and out: an address, a code, or a passkey; and the page after signing out."""

import structlog
from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginByCodeStage
from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import ConfirmLoginCodeView, LogoutView, RequestLoginCodeView
from allauth.core import ratelimit
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from partners.access import own_account, public
from partners.channels import DeliveryFailed
from partners.demo import DEMO_PEOPLE, is_demo
from partners.forms import CodeForm, PasskeySignInForm, SignInForm
from partners.sessions import note_seen
from partners.sign_in import write_to_stranger

log = structlog.get_logger(__name__)


def not_sent(request: HttpRequest, failure: DeliveryFailed) -> HttpResponse:
    """The mail server did not take the code: say so, and whom to ring (503)."""
    log.error("sign_in_mail_failed", error=failure.code.value)
    return render(request, "account/code_not_sent.html", status=503)


# Each step of the throttle is a transaction of its own: inside the request's, the row of a hospital's one address
# would stay locked while the mail server answers, and everybody there would wait for each other.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SignInView(RequestLoginCodeView):
    """Ask for the e-mail address and send the code. The answer is the same for every address."""

    form_class = SignInForm
    template_name = "account/sign_in.html"

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Send the code, or what a stranger gets instead."""
        try:
            response = super().form_valid(form)
            if form.user is None:
                write_to_stranger(form.cleaned_data["email"])
        except DeliveryFailed as failure:
            return not_sent(self.request, failure)
        return response

    def _redirect_to_pending_stage(self, request: HttpRequest, stage) -> HttpResponse:
        """Back to the page for the code, with where the person wants to go."""
        return redirect(self.passthrough_next_url(super()._redirect_to_pending_stage(request, stage).url))

    def get_context_data(self, **kwargs) -> dict:
        """Add the demo people, in a demo, and why the last session ended."""
        demo = DEMO_PEOPLE if is_demo(self.request) else ()
        ended = {"idle": "idle", "age": "age"}.get(self.request.GET.get("ended", ""))
        return super().get_context_data(**kwargs) | {"demo_people": demo, "ended": ended}


@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator(login_stage_required(stage=LoginByCodeStage.key, redirect_urlname="account_login"), name="dispatch")
class CodeView(ConfirmLoginCodeView):
    """Ask for the code."""

    form_class = CodeForm
    template_name = "account/code.html"

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Say why the person is back at the first page when the code is too old."""
        response = super().dispatch(request, *args, **kwargs)
        if self._process is None:
            messages.warning(request, "The code was good for 15 minutes. Ask for a new one.")
        return response

    def form_valid(self, form) -> HttpResponse:
        """Sign in or send the code again."""
        try:
            return super().form_valid(form)
        except DeliveryFailed as failure:
            return not_sent(self.request, failure)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Count attempts in PostgreSQL before looking: the count in the session alone could be outrun in parallel.

        A stranger's are counted as well, by the session: else the count would say which addresses are known.
        """
        ticket = self._process.code
        counted = ticket or request.session.session_key
        if self._action == "resend":
            request.sign_in_ticket = ticket
            if self._process.user is None:
                return self._again_for_a_stranger()
        elif not ratelimit.consume(request, action="confirm_login_code", key=counted):
            self._process.abort()
            messages.error(request, "That was the third wrong code. Ask for a new one.")
            return redirect("account_login")
        return super().post(request, *args, **kwargs)

    def _again_for_a_stranger(self) -> HttpResponse:
        try:
            write_to_stranger(self._process.state["email"])
        except DeliveryFailed as failure:
            return not_sent(self.request, failure)
        self._process.record_resend()
        self._process.persist()
        return redirect(self.passthrough_next_url(reverse("account_confirm_login_code")))

    def get_context_data(self, **kwargs) -> dict:
        """Add for how long the code is good."""
        return super().get_context_data(**kwargs) | {"minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60}


class PasskeySignInView(LoginWebAuthnView):
    """Sign in with a passkey alone: it is something one has and something one is or knows, in one."""

    form_class = PasskeySignInForm

    def form_invalid(self, form) -> HttpResponse:
        """Back to the sign-in page with a sentence."""
        messages.error(self.request, "This passkey is not known here, or it took too long. Use a code instead.")
        return redirect(passthrough_next_redirect_url(self.request, reverse("account_login"), "next"))


class SignOutView(LogoutView):
    """Sign out, and tell the browser to forget what it kept of this site."""

    template_name = "account/sign_out.html"

    def post(self, *args, **kwargs) -> HttpResponse:
        """End the session."""
        response = super().post(*args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


@public
@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """Confirm that the person is signed out."""
    return render(request, "account/signed_out.html")


@own_account
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Renew the session: the button of the warning before an idle sign-out."""
    note_seen(request)
    return HttpResponse(status=204)
