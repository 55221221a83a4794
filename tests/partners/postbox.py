"""The mail of sign-in, kept instead of sent."""

from types import SimpleNamespace

import pytest

from partners.channels import Email

mail = SimpleNamespace(outbox=[])


def keep_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on mail is composed as always and put into `mail.outbox` instead of being handed to a server."""
    mail.outbox.clear()

    def send(way: Email, composed) -> None:
        kept = SimpleNamespace(
            to=composed["To"], subject=composed["Subject"], body=composed.get_content(), whole=composed
        )
        mail.outbox.append(kept)

    monkeypatch.setattr(Email, "send", send)
    monkeypatch.setattr(Email, "greet", lambda way: None)
