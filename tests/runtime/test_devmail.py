"""The demo's mail server keeps mail as files, for its owner only, and listens to this machine only."""

import os
import smtplib
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.runtime.demo import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    number = free_port()
    environment = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{number}", "DEMO_MAIL_DIR": str(tmp_path / "mail")}
    with subprocess.Popen([sys.executable, "-m", "config.devmail"], cwd=ROOT, env=environment) as server:
        yield number
        server.terminate()
        assert server.wait(10) == 0


def connect(port: int) -> smtplib.SMTP:
    for _ in range(500):
        try:
            return smtplib.SMTP("127.0.0.1", port, timeout=5)
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("the mail server does not answer")


def test_a_mail_becomes_a_private_file_with_its_envelope(port: int, tmp_path: Path) -> None:
    with connect(port) as client:
        for number in (1, 2):
            mail = EmailMessage()
            mail["Subject"] = f"Referral {number} – waiting"
            mail["To"] = "team@council.example.org"
            mail.set_content("Grüße. A link.")
            client.send_message(mail, "referrals@partnership.example.org", ["duty@council.example.org"])
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
    kept = message_from_bytes(files[0].read_bytes(), policy=EmailMessage().policy)
    assert kept["X-Envelope-To"] == "duty@council.example.org"
    assert "Referral 1" in kept["Subject"]
    assert "Grüße" in kept.get_body().get_content()


@pytest.mark.parametrize("url", ["smtp://0.0.0.0:1025", "smtp://mail.example.org:25", "smtp://:1025"])
def test_it_refuses_an_address_that_others_can_reach(url: str, tmp_path: Path) -> None:
    environment = os.environ | {"EMAIL_URL": url, "DEMO_MAIL_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "config.devmail"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "loopback" in ended.stderr
