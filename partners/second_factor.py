"""The second step of sign-in: has this session shown one, does this person own one, and what is drawn to set one up.

A passkey, a TOTP code or a recovery code counts; an e-mailed code does not (security, 5.6; ADR 0002).
"""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from partners.models import User

#: What a person can own. Recovery codes come with them and are no factor of their own.
FACTORS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether the person signed in, or re-authenticated, with a passkey, TOTP or recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def owns_second_factor(user: User) -> bool:
    """Return whether `user` has set up a passkey or an authenticator app."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()
