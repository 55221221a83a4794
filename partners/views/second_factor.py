"""One's own second step: set it up, show it, change it; and the list of places where one is signed in.

allauth does the work. Here are the pages, in plain words, and what this service adds: a record of every change, a
notice to the person, the end of all other sessions, and a new session key.
"""

from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as second_factors
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.base.views import IndexView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    ListWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from partners.access import own_account
from partners.accounts import note_second_step
from partners.browsers import browser_name
from partners.forms import PasskeyForm, SecondStepForm, ShowPasskeyForm, TotpForm
from partners.models import AccountAct
from partners.roles import Permission, needs_second_factor
from partners.second_factor import owns_second_factor, qr_picture
from partners.sessions import end_other_sessions, renew_key
from partners.sign_in import start_page

AFTERWARDS = "after_second_step"  # session key: the page that asked for the second step


def _afterwards(request: HttpRequest) -> str:
    return request.session.get(AFTERWARDS) or start_page(request.user)


@own_account
@never_cache
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where a page sends people for the second step: to show it, or to set one up first."""
    wanted = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        wanted = ""
    if owns_second_factor(request.user):
        method = get_adapter().get_reauthentication_methods(request.user)[0]
        return redirect(f"{method['url']}?{urlencode({'next': wanted or start_page(request.user)})}")
    request.session[AFTERWARDS] = wanted
    needed, may_refer = needs_second_factor(request.user.role), request.user.may(Permission.WRITE_REFERRAL)
    return render(request, "mfa/set_up.html", {"needed": needed, "may_refer": may_refer})


class NewFactor:
    """What follows when a second step was set up: it counts as shown, and everything else is signed out."""

    factor_type: str

    def form_valid(self, form) -> HttpResponse:
        """Keep it, and go on to the recovery codes when they are new."""
        response = super().form_valid(form)
        request = self.request
        added = Authenticator.objects.filter(user=request.user, type=self.factor_type).latest("pk")
        post_authentication(request, added, reauthenticated=True)
        end_other_sessions(request)
        note_second_step(by=request.user, act=AccountAct.SECOND_STEP_ADDED)
        return response


class LostFactor:
    """What follows when a second step was removed."""

    def form_valid(self, form) -> HttpResponse:
        """Remove it."""
        response = super().form_valid(form)
        end_other_sessions(self.request)
        note_second_step(by=self.request.user, act=AccountAct.SECOND_STEP_REMOVED)
        return response


class SetUpAppView(NewFactor, ActivateTOTPView):
    """Set up an authenticator app."""

    factor_type = Authenticator.Type.TOTP
    form_class = TotpForm
    template_name = "mfa/app_set_up.html"

    def get_context_data(self, **kwargs) -> dict:
        """Add the picture to scan, and the key in groups of four to type."""
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        return context | {"qr": qr_picture(context["totp_url"]), "key": " ".join(groups)}


class RemoveAppView(LostFactor, DeactivateTOTPView):
    """Remove the authenticator app."""

    template_name = "mfa/app_remove.html"


class SetUpPasskeyView(NewFactor, AddWebAuthnView):
    """Set up a passkey."""

    factor_type = Authenticator.Type.WEBAUTHN
    form_class = PasskeyForm
    template_name = "mfa/passkey_set_up.html"

    def get_context_data(self, **kwargs) -> dict:
        """Ask the browser for a passkey that stands alone (allauth's own options are for a mere second factor)."""
        context = super().get_context_data(**kwargs)
        context["js_data"] = {"creation_options": begin_registration(self.request.user, True)}
        return context


class PasskeysView(ListWebAuthnView):
    """The person's passkeys."""

    template_name = "mfa/passkeys.html"


class RemovePasskeyView(LostFactor, RemoveWebAuthnView):
    """Remove a passkey."""

    template_name = "mfa/passkey_remove.html"

    def form_valid(self, form) -> HttpResponse:
        """Remove it, unless it is the last second step of somebody whose role needs one."""
        if not second_factors().can_delete_authenticator(self.object):
            messages.error(self.request, second_factors().error_messages["cannot_delete_authenticator"])
            return HttpResponseRedirect(reverse("mfa_list_webauthn"))
        return super().form_valid(form)


class ShowOnce:
    """A page that asks for the second step again."""

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Send people without a second step to set one up."""
        if not owns_second_factor(request.user):
            return redirect("second_factor")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs) -> dict:
        """Add whether the person can go on without it."""
        may_refer = self.request.user.may(Permission.WRITE_REFERRAL)
        return super().get_context_data(**kwargs) | {"may_refer": may_refer}

    def form_valid(self, form) -> HttpResponse:
        """Go on where the person wanted to go, with a new session key."""
        response = super().form_valid(form)
        renew_key(self.request)
        return response


class ShowCodeView(ShowOnce, ReauthenticateView):
    """Ask for a code of the app, or a recovery code."""

    form_class = SecondStepForm
    template_name = "mfa/show_code.html"


class ShowPasskeyView(ShowOnce, ReauthenticateWebAuthnView):
    """Ask for the passkey."""

    form_class = ShowPasskeyForm
    template_name = "mfa/show_passkey.html"

    def form_invalid(self, form) -> HttpResponse:
        """Show the page again with a sentence."""
        messages.error(self.request, "The passkey was not accepted. Try again, or use another way.")
        return self.render_to_response(self.get_context_data(form=form))


class RecoveryCodesView(ViewRecoveryCodesView):
    """Show the recovery codes, once."""

    template_name = "mfa/recovery_codes.html"

    def get_context_data(self, **kwargs) -> dict:
        """Add where the person goes from here."""
        return super().get_context_data(**kwargs) | {"afterwards": _afterwards(self.request)}


class NewRecoveryCodesView(GenerateRecoveryCodesView):
    """Make new recovery codes; the old ones end."""

    template_name = "mfa/recovery_codes_new.html"


class SecurityView(IndexView):
    """How one signs in: second steps, recovery codes, places where one is signed in."""

    template_name = "mfa/index.html"


class SessionsView(ListUserSessionsView):
    """Where one is signed in, and the button that ends it everywhere else."""

    template_name = "usersessions/sessions.html"

    def get_context_data(self, **kwargs) -> dict:
        """Add the browser of each session in words."""
        context = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.browser = browser_name(session.user_agent)
        return context

    def form_valid(self, form) -> HttpResponse:
        """End every session but this one."""
        end_other_sessions(self.request)
        messages.success(self.request, "You are signed out everywhere else.")
        return HttpResponseRedirect(reverse("usersessions_list"))
