"""Has this session shown a passkey or a TOTP code? (security, 5.6)"""

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether the person signed in, or re-authenticated, with a passkey, TOTP or recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request))
