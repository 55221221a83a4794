"""Forms about accounts: signing in, the second step, and the people of an organisation."""

import hashlib
from collections.abc import Callable

import structlog
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter as second_factors
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.cache import cache

from partners.formfields import PlainTextField
from partners.models import User
from partners.roles import INVITABLE_BY_LEAD, ROLE_LABELS, Role
from partners.sealing import CannotOpen
from partners.second_factor import open_secret, seal_secret
from partners.sign_in import CODE_DIGITS, code_for
from partners.standing import standing_problem

log = structlog.get_logger(__name__)

#: What each role is for, in words for the person who gives it.
ROLE_HINTS = {
    Role.REFERRER: "Logs referrals and sees what became of their own.",
    Role.LEAD: "Does the same, sees where the organisation's referrals stand, works on hand-overs, looks after people.",
    Role.RESPONDER: "Works on referrals that are handed over to the organisation.",
    Role.VIEWER: "Sees figures only, never a referral.",
}
INVITABLE = [role for role in Role if role in INVITABLE_BY_LEAD]

code_widget = forms.TextInput(
    attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"}
)


class SignInForm(RequestLoginCodeForm):
    """Asks for the address. `user` is whom the code is for, or None; nothing shown to anybody depends on it."""

    email = forms.EmailField(
        label="Your work e-mail address",
        help_text="The address at which your organisation’s lead invited you.",
        error_messages={
            "required": "Enter your work e-mail address",
            "invalid": "Enter an e-mail address in the right form, like name@example.org",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}),
    )
    _user: User | None = None

    def clean_email(self) -> str:
        """Find the account, if it may still be used. Counts the request against the address."""
        email = super().clean_email().lower()
        if self._user is not None and standing_problem(self._user):
            self._user = None
        return email

    @property
    def user(self) -> User | None:
        """Whom the code is for."""
        return self._user


class CodeForm(ConfirmLoginCodeForm):
    """Asks for the e-mailed code."""

    code = forms.CharField(
        label="Sign-in code",
        help_text=f"{CODE_DIGITS} digits, for example 1234 5678.",
        max_length=40,
        error_messages={
            "required": "Enter the code from the e-mail",
            "max_length": f"The code has {CODE_DIGITS} digits",
        },
        widget=code_widget,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.expected_code = code_for(self.expected_code)  # the session holds the ticket


class TotpForm(ActivateTOTPForm):
    """Asks for the first code of a new authenticator app."""

    code = forms.CharField(
        label="Code from the app",
        help_text="6 digits. A new code comes every 30 seconds.",
        max_length=40,
        error_messages={"required": "Enter the code that your app shows now"},
        widget=code_widget,
    )

    def __init__(self, *args, user: User, **kwargs):
        """Take the secret of this attempt from the session, where it lies sealed; make one at the first visit.

        It stays the same while the person tries, so that a page loaded again does not void what they scanned.
        """
        self.user = user
        forms.Form.__init__(self, *args, **kwargs)
        session = context.request.session
        try:
            self.secret = open_secret(user, session.get(SECRET_SESSION_KEY, ""))
        except CannotOpen:
            self.secret = generate_totp_secret()
            session[SECRET_SESSION_KEY] = seal_secret(user, self.secret)


class Unforged:
    """Turns whatever the WebAuthn library says of a malformed or forged answer into an error of the form.

    It raises a dozen kinds of exception (KeyError, struct.error, InvalidSignature ...), of which allauth expects two.
    """

    def _checked(self, check: Callable):
        try:
            return check()
        except Exception as error:
            if getattr(error, "code", "incorrect_code") != "incorrect_code":
                raise  # too many attempts
            log.warning("passkey_refused", error=type(error).__name__)
            raise forms.ValidationError("The passkey was not accepted. Try again, or use another way") from error


class PasskeySignInForm(Unforged, LoginWebAuthnForm):
    """The browser's answer when a passkey signs in by itself."""

    def clean_credential(self) -> Authenticator:
        """Return the passkey that answered."""
        return self._checked(super().clean_credential)


class ShowPasskeyForm(Unforged, ReauthenticateWebAuthnForm):
    """The browser's answer when a passkey is the second step."""

    def clean_credential(self) -> Authenticator:
        """Return the passkey that answered."""
        return self._checked(super().clean_credential)


class PasskeyForm(Unforged, AddWebAuthnForm):
    """Names a new passkey; the browser puts the passkey itself into a hidden field."""

    name = forms.CharField(
        label="Name of this passkey",
        help_text="So that you know it again, for example “Work laptop”.",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    passwordless = None  # not a question: every passkey here is one

    def clean(self) -> dict:
        """Refuse a key that did not check its owner (by PIN, finger or face): it has to stand for both steps."""
        self.cleaned_data["passwordless"] = True
        return self._checked(super().clean)


class SecondStepForm(ReauthenticateForm):
    """Asks for a code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label="Code from your authenticator app",
        help_text="6 digits. Without your phone, type one of your recovery codes instead.",
        max_length=40,
        error_messages={"required": "Enter the code that your app shows now"},
        widget=code_widget,
    )

    def clean_code(self) -> str:
        """Check the code; refuse one that was used already. allauth forgets used ones after 30 seconds, but with room
        for a slow clock a code is good for 90."""
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            used = hashlib.sha256(f"{self.user.pk}|{normalize_user_code(code)}".encode()).hexdigest()
            if not cache.add(f"second-step-used:{used}", 1, timeout=120):
                raise second_factors().validation_error("incorrect_code")
        return code


class InviteForm(forms.Form):
    """Asks whom to invite, and as what."""

    full_name = PlainTextField(
        label="Full name",
        subject="Full name",
        max_length=120,
        error_messages={"required": "Enter the full name of the person"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label="Work e-mail address",
        error_messages={
            "required": "Enter the work e-mail address of the person",
            "invalid": "Enter an e-mail address in the right form, like name@example.org",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    job_title = PlainTextField(
        label="Job title (optional)",
        subject="Job title",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label="What will this person do here?",
        choices=[(role.value, ROLE_LABELS[role]) for role in INVITABLE],
        error_messages={"required": "Choose what the person will do here"},
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    """Asks for another role."""

    role = forms.ChoiceField(
        label="What will this person do here from now on?",
        choices=[(role.value, ROLE_LABELS[role]) for role in INVITABLE],
        error_messages={"required": "Choose what the person will do here"},
        widget=forms.RadioSelect,
    )


class EndMembershipForm(forms.Form):
    """Confirms the end of a membership. The box is asked for when it is the organisation's last lead."""

    last_lead = forms.BooleanField(
        label="I know that afterwards nobody in the organisation can invite people or end accounts",
        error_messages={"required": "Tick the box to confirm, or invite another lead first"},
    )

    def __init__(self, *args, is_last_lead: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not is_last_lead:
            del self.fields["last_lead"]
