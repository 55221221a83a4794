"""The second step of sign-in: has this session shown one, does this person own one, and how its secrets are kept.

A passkey, a TOTP code or a recovery code counts; an e-mailed code does not (security, 5.6; ADR 0002). The secrets of
authenticator apps and recovery codes are sealed to the account they belong to: a copy of the table signs nobody in,
and a secret copied to another account's row does not open.
"""

import base64
import binascii
import itertools
from collections.abc import Iterator
from uuid import UUID, uuid5

import segno
import structlog
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from partners.models import Partnership, User
from partners.roles import needs_second_factor
from partners.sealing import CannotOpen, seal, unseal

log = structlog.get_logger(__name__)

#: What a person can own. Recovery codes come with them and are no factor of their own.
FACTORS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)

_TABLE = Authenticator._meta.db_table
_ACCOUNTS = UUID("6f0cbe3c-6f8b-4d37-8f0e-0c6f6a5f7a11")  # any fixed UUID: account ids become UUIDs in its space
_SECRETS = ("secret", "seed")  # where allauth keeps what `encrypt` returned


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether the person signed in, or re-authenticated, with a passkey, TOTP or recovery code."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def owns_second_factor(user: User) -> bool:
    """Return whether `user` has set up a passkey or an authenticator app."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def seal_secret(user: User, text: str) -> str:
    """Seal a secret of `user`'s second step. Returns `<key id>.<base64>`."""
    sealed = seal(_TABLE, uuid5(_ACCOUNTS, str(user.pk)), text)
    return f"{sealed.kid}.{base64.b64encode(sealed.blob).decode()}"


def open_secret(user: User, text: str) -> str:
    """Return what `seal_secret` sealed for `user`. Raises `partners.sealing.CannotOpen`."""
    kid, _, blob = text.rpartition(".")
    try:
        return unseal(_TABLE, uuid5(_ACCOUNTS, str(user.pk)), kid, base64.b64decode(blob, validate=True))
    except binascii.Error as error:
        raise CannotOpen("the secret is not as it was written") from error


def sealed_secrets() -> Iterator[tuple[Authenticator, str]]:
    """Return each sealed secret as the row that holds it and the name it has there."""
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_related("user").iterator():
        yield from ((row, name) for name in _SECRETS if name in row.data)


def key_ids_in_use() -> set[str]:
    """Return the ids of the sealing keys without which somebody's second step would not work."""
    return {row.data[name].rpartition(".")[0] for row, name in sealed_secrets()}


def reseal_secrets(kid: str) -> int:
    """Seal again under the current key what is not sealed under it (`kid`); return how many secrets that were.

    A secret that does not open stays as it is.
    """
    changed = 0
    for row, name in sealed_secrets():
        if row.data[name].rpartition(".")[0] == kid:
            continue
        try:
            row.data[name] = seal_secret(row.user, open_secret(row.user, row.data[name]))
        except CannotOpen:
            continue
        row.save(update_fields=["data"])
        changed += 1
    return changed


def qr_picture(text: str) -> dict[str, object]:
    """Return a QR code of `text` as `size` (modules a side) and `path` (the data of one SVG path).

    A path and not a picture: allauth's data: URI is blocked by our policy, and an SVG of segno's would need the door
    for unescaped text.
    """
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=4))
    runs = []
    for y, row in enumerate(rows):
        x = 0
        for dark, group in itertools.groupby(row):
            length = len(list(group))
            if dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return {"size": len(rows), "path": "".join(runs)}


class SecondFactorAdapter(DefaultMFAAdapter):
    """Our answers to allauth.mfa's questions."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "The code is not right. Type the newest code, without delay",
        "cannot_delete_authenticator": "Your role needs a second step. Set up another one first, then remove this one",
    }

    def get_totp_issuer(self) -> str:
        """Name the service in the authenticator app."""
        return Partnership.current().service_name

    def build_totp_svg(self, url: str) -> str:
        """Draw nothing: the page draws `qr_picture`."""
        return ""

    def encrypt(self, text: str) -> str:
        """Seal a secret to the account of the request: everybody sets up their own second step only."""
        return seal_secret(context.request.user, text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret. Raises ValidationError when it does not open, so that the form says so."""
        try:
            return open_secret(context.request.user, encrypted_text)
        except CannotOpen:
            log.exception("second_factor_cannot_be_opened", user_id=context.request.user.pk)
            raise ValidationError("This second step cannot be checked. Use another one, or ask a coordinator") from None

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last second step of a role that needs one: else whoever reads the mail could set one up."""
        user = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return not needs_second_factor(user.role) or others.exists()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 (allauth's name)
        """Name a new passkey."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the service in the browser's window; the id is the host of the request, checked by ALLOWED_HOSTS."""
        return super().get_public_key_credential_rp_entity() | {"name": Partnership.current().service_name}

    def get_public_key_credential_user_entity(self, user: User) -> dict:
        """Name the person in their own browser's window."""
        return super().get_public_key_credential_user_entity(user) | {"display_name": user.get_full_name()}
