"""A passkey in software: answers WebAuthn's questions as a browser with a key would, and can be told to lie."""

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG


@dataclass
class SoftwareKey:
    """One key pair for one site."""

    host: str = "testserver"
    origin: str = "https://testserver"
    checks_owner: bool = True
    id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""

    def _flags(self) -> int:
        return FLAG.UP | (FLAG.UV if self.checks_owner else 0)

    def _client_data(self, kind: str, options: dict) -> CollectedClientData:
        return CollectedClientData.create(kind, options["publicKey"]["challenge"], self.origin)

    def register(self, options: dict) -> dict:
        """Answer creation options."""
        self.user_handle = options["publicKey"]["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(sha256(self.host.encode()), self._flags() | FLAG.AT, 0, attested)
        return self._answer(
            {
                "clientDataJSON": websafe_encode(self._client_data("webauthn.create", options)),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            }
        )

    def authenticate(self, options: dict) -> dict:
        """Answer request options."""
        client_data = self._client_data("webauthn.get", options)
        data = AuthenticatorData.create(sha256(self.host.encode()), self._flags(), 0)
        signature = self.key.sign(data + client_data.hash, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client_data),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self.user_handle,
            }
        )

    def _answer(self, response: dict) -> dict:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {"credProps": {"rk": True}},
        }


def spoilt(text: str) -> str:
    """The same bytes with the last one changed, in WebAuthn's base64."""
    data = bytearray(websafe_decode(text))
    data[-1] ^= 1
    return websafe_encode(bytes(data))
